import type { MessageRow } from "#catalogue/index.ts";
import type { ReceiptId, TenantId } from "#core/index.ts";
import type { SimMail } from "./sim-mail.ts";

/** What a sender knows of one attempt: it was told 250, or 4xx, or nothing. */
export type Answer = "unknown" | "acknowledged" | "refused";

/** What was broken of the promise. */
export type Breach = "lost" | "altered" | "partial" | "invented" | "twice" | "catalogue" | "left over" | "false alarm";

/** A promise that did not hold: the one thing the simulation looks for. */
export class LedgerBroken extends Error {
  readonly breach: Breach;

  constructor(breach: Breach, detail: string) {
    super(`${breach}: ${detail}`);
    this.breach = breach;
  }
}

/** The senders' side of every attempt, kept apart from everything that may fail. */
export interface Ledger {
  begin(receipt: ReceiptId, mail: SimMail): void;
  answer(receipt: ReceiptId, answer: Answer): void;
  readonly attempts: ReadonlyMap<ReceiptId, { mail: SimMail; answer: Answer }>;
  count(answer: Answer): number;
  /** A ledger of its own with the same entries. */
  copy(): Ledger;
  /**
   * Compares with what a tenant's catalogue holds, whose bytes were verified: L1 to L3 and L5.
   *
   * @throws LedgerBroken
   */
  check(tenant: TenantId, rows: readonly MessageRow[]): void;
}

export function createLedger(entries: Iterable<[ReceiptId, { mail: SimMail; answer: Answer }]> = []): Ledger {
  const attempts = new Map([...entries].map(([receipt, entry]) => [receipt, { ...entry }]));
  const demand = (truth: boolean, breach: Breach, detail: string) => {
    if (!truth) throw new LedgerBroken(breach, detail);
  };
  return {
    attempts,
    begin: (receipt, mail) => attempts.set(receipt, { mail, answer: "unknown" }),
    answer: (receipt, answer) => {
      const attempt = attempts.get(receipt);
      if (attempt === undefined) throw new Error(`no attempt ${receipt}`);
      attempt.answer = answer;
    },
    count: (answer) => [...attempts.values()].filter((attempt) => attempt.answer === answer).length,
    copy: () => createLedger(attempts),
    check: (tenant, rows) => {
      const seen = new Set<ReceiptId>();
      const digests = new Set<string>();
      for (const { id, sha256, receipts } of rows) {
        demand(!digests.has(sha256), "twice", `two messages have the digest ${sha256}`);
        digests.add(sha256);
        demand(receipts.length > 0, "invented", `${id} has no receipt`);
        for (const { receipt, report } of receipts) {
          demand(!seen.has(receipt), "twice", `receipt ${receipt} stands twice`);
          seen.add(receipt);
          const mail = attempts.get(receipt)?.mail;
          if (mail === undefined || mail.tenant !== tenant)
            throw new LedgerBroken("invented", `nobody sent ${receipt} to ${tenant}`);
          demand(sha256 === mail.messageSha256, "altered", `${receipt} holds ${sha256}, not ${mail.messageSha256}`);
          const expected = mail.sha256 === mail.messageSha256 ? undefined : mail.sha256;
          demand(report?.sha256 === expected, "altered", `${receipt} has report ${report?.sha256}, not ${expected}`);
        }
      }
      for (const [receipt, { mail, answer }] of attempts)
        if (mail.tenant === tenant && answer === "acknowledged")
          demand(seen.has(receipt), "lost", `${receipt} of ${mail.bytes.length} bytes was acknowledged`);
    },
  };
}
