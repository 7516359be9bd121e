import {
  type AuditBreak,
  type AuditDraft,
  type AuditEntry,
  type AuditPage,
  type Catalogue,
  checkAudit,
} from "#catalogue/index.ts";
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

/** The newest entry of an audit log: whoever keeps it elsewhere can show later that nothing was cut off. */
export type AuditHead = Pick<AuditEntry, "seq" | "hash">;

/** What a check of an audit log found. */
export interface AuditVerification {
  entries: number;
  head: AuditHead | null;
  /** The oldest first. */
  breaks: AuditBreak[];
}

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
  /**
   * Reads the whole log and checks that every entry follows from the one before it.
   *
   * @param noted a head that was noted earlier, which must still be in it
   */
  verify(tenant: TenantId, noted: AuditHead | null): Promise<AuditVerification>;
  /** The newest entry; null for an empty log. */
  head(tenant: TenantId): Promise<AuditHead | null>;
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
    verify: (tenant, noted) => verified(catalogue, tenant, noted),
    async head(tenant) {
      const [newest] = await catalogue.audit(tenant, { before: null, limit: 1 });
      return newest === undefined ? null : { seq: newest.seq, hash: newest.hash };
    },
  };
}

/** Entries that are read at once. */
const pageMax = 1_000;

async function verified(
  catalogue: Pick<Catalogue, "audit">,
  tenant: TenantId,
  noted: AuditHead | null,
): Promise<AuditVerification> {
  const check = checkAudit();
  let head: AuditHead | null = null;
  let entries = 0;
  let isNotedThere = noted === null;
  for (let before: number | null = null; ; ) {
    const page: AuditEntry[] = await catalogue.audit(tenant, { before, limit: pageMax });
    check.take(page);
    entries += page.length;
    const [newest] = page;
    if (head === null && newest !== undefined) head = { seq: newest.seq, hash: newest.hash };
    isNotedThere ||= page.some(({ seq, hash }) => seq === noted?.seq && hash === noted.hash);
    const last = page.at(-1);
    if (last === undefined || page.length < pageMax) break;
    before = last.seq;
  }
  const breaks = check.end();
  if (noted !== null && !isNotedThere) breaks.push(lostHead(noted, head));
  return { entries, head, breaks };
}

function lostHead({ seq }: AuditHead, head: AuditHead | null): AuditBreak {
  const end = head?.seq ?? 0;
  return end < seq
    ? {
        seq,
        kind: "missing",
        words: `the log ends at entry ${end}, but entry ${seq} was there: the newest were taken out`,
      }
    : { seq, kind: "changed", words: `entry ${seq} is not the one that was noted: the log was written anew` };
}

function moreText(untold: number): string | null {
  return untold === 0 ? null : `after ${untold} more that were not entered one by one`;
}
