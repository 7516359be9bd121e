import type { AuditDraft, AuditEntry, AuditPage, Catalogue } from "#catalogue/index.ts";
import type { Clock, Log, TenantId } from "#core/index.ts";
import type { Identity } from "./access.ts";

/** Something worth an entry in the audit log; docs/formats/audit.md says when it is made and on what. */
export type AuditAction =
  | "claim"
  | "session.begin"
  | "session.refused"
  | "session.end"
  | "token.create"
  | "connector.add"
  | "connector.edit"
  | "connector.login"
  | "connector.run"
  | "domains.set"
  | "quarantine.retry"
  | "quarantine.accept"
  | "quarantine.discard"
  | "message.search"
  | "message.open"
  | "message.download"
  | "message.decrypted"
  | "export.begin"
  | "import.begin"
  | "keys.import"
  | "keys.trust"
  | "backup.make"
  | "archive.verify"
  | "search.rebuild";

/** The record of who did what. Throws what the catalogue throws. */
export interface Audit {
  /**
   * Resolves when the entry is durable; what must not happen unseen waits for that. Entries that come while others are
   * written share the next transaction.
   *
   * @param note the reason that was given, or what changed; never a secret
   */
  note(who: Identity, action: AuditAction, subjects: readonly string[], note?: string | null): Promise<void>;
  /**
   * Notes that somebody was not let in, in the log of the tenant the e-mail belongs to, or of the only one. It returns at
   * once, so that no answer takes longer for an e-mail that is known. Of a flood, some are entered and the rest is counted.
   */
  noteRefused(email: string): void;
  /** Resolves when everything noted so far is entered. */
  settled(): Promise<void>;
  /** Entries, newest first. */
  entries(tenant: TenantId, page: AuditPage): Promise<AuditEntry[]>;
}

/** What the audit log is built on. */
export interface AuditParts {
  catalogue: Pick<Catalogue, "addAudit" | "audit" | "personByEmail" | "tenants">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** Refusals entered one by one in a minute, for each tenant: more say nothing more, and would fill the disk. */
const refusalsMax = 20;
const minuteMs = 60_000;
/** Longest text that is kept of an e-mail that nobody has: somebody may have typed something else there. */
const emailMax = 254;

/** The audit log of each tenant, in the catalogue. */
export function createAudit({ catalogue, clock, log }: AuditParts): Audit {
  let waiting: { draft: AuditDraft; done: () => void; failed: (error: unknown) => void }[] = [];
  let writing: Promise<void> | null = null;
  const refusals = new Map<TenantId, { since: number; entered: number; untold: number }>();
  let refusing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const some = waiting;
      waiting = [];
      try {
        await catalogue.addAudit(some.map(({ draft }) => draft));
        for (const { done } of some) done();
      } catch (error) {
        for (const { failed } of some) failed(error);
      }
    }
    writing = null;
  }

  const enter = (draft: Omit<AuditDraft, "at">) =>
    new Promise<void>((done, failed) => {
      waiting.push({ draft: { ...draft, at: clock.now() }, done, failed });
      writing ??= write();
    });

  async function refused(email: string): Promise<void> {
    const person = await catalogue.personByEmail(email);
    const [first, ...others] = person === undefined ? (await catalogue.tenants()).map(({ id }) => id) : [person.tenant];
    // Of several tenants nobody can say whose it was; the server's own log has it.
    if (first === undefined || others.length > 0) return log("sign-in.refused", {});
    const now = clock.now();
    let counted = refusals.get(first);
    if (counted === undefined || now - counted.since >= minuteMs || now < counted.since) {
      counted = { since: now, entered: 0, untold: counted?.untold ?? 0 };
      refusals.set(first, counted);
    }
    if (counted.entered >= refusalsMax) {
      counted.untold += 1;
      return;
    }
    counted.entered += 1;
    const who = person?.email ?? email.slice(0, emailMax);
    const { untold } = counted;
    counted.untold = 0;
    await enter({
      tenant: first,
      kind: "unknown",
      who,
      action: "session.refused",
      subjects: [],
      note: moreText(untold),
    });
  }

  return {
    note: ({ tenant, kind, label }, action, subjects, note = null) =>
      enter({ tenant, kind, who: label, action, subjects: [...subjects], note }),
    noteRefused(email) {
      refusing = refusing
        .then(() => refused(email))
        .catch((error: unknown) => log("audit.failed", { action: "session.refused", error: String(error) }));
    },
    async settled() {
      await refusing;
      for (const [tenant, counted] of refusals) {
        if (counted.untold === 0) continue;
        const note = moreText(counted.untold);
        counted.untold = 0;
        await enter({ tenant, kind: "unknown", who: "", action: "session.refused", subjects: [], note });
      }
      await writing;
    },
    entries: (tenant, page) => catalogue.audit(tenant, page),
  };
}

function moreText(untold: number): string | null {
  return untold === 0 ? null : `after ${untold} more that were not entered one by one`;
}
