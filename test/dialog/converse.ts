import type { Instant, ReceiptId } from "#core/index.ts";
import { type SmtpLimits, smtpLimits } from "#smtp/index.ts";
import { Session, type TakenMail } from "#smtp/session.ts";
import type { Intake } from "#spool/index.ts";
import { MemoryIntake, type SpoolStep } from "./memory-intake.ts";

/** What came of a conversation. */
export interface Outcome {
  /** Everything that was said to the peer. */
  said: string;
  accepted: { mail: TakenMail; bytes: Buffer }[];
  abandoned: number;
  isClosed: boolean;
}

/**
 * Has a conversation with the bare protocol machine.
 *
 * Each turn is what a peer sends without waiting; it is handed over in the pieces that `cut` makes of it.
 */
export function converse(
  turns: readonly Buffer[],
  options: {
    cut?: (turn: Buffer) => readonly Buffer[];
    limits?: Partial<SmtpLimits>;
    intake?: Intake;
    /** The step at which the spool fails every time. */
    failing?: SpoolStep;
  } = {},
): Outcome {
  const { cut = (turn) => [turn], limits = {}, intake = new MemoryIntake(), failing } = options;
  const session = new Session({
    hostname: "archive.test",
    limits: { ...smtpLimits, ...limits },
    intake,
    now: () => 0 as Instant,
  });
  const outcome: Outcome = { said: "", accepted: [], abandoned: 0, isClosed: false };
  let item: Buffer[] | null = null;

  const carryOut = () => {
    for (let effect = session.next(); effect !== null; effect = session.next()) {
      if (outcome.isClosed) throw new Error("an effect after close");
      if (effect.kind === failing) {
        item = null;
        session.failed("fault");
        continue;
      }
      switch (effect.kind) {
        case "reply":
          outcome.said += effect.text + "\r\n";
          break;
        case "open":
          if (item !== null) throw new Error("opened twice");
          item = [];
          break;
        case "write":
          if (item === null) throw new Error("written without an item");
          item.push(Buffer.from(effect.piece));
          break;
        case "commit":
          if (item === null) throw new Error("committed without an item");
          outcome.accepted.push({ mail: effect.mail, bytes: Buffer.concat(item) });
          item = null;
          session.committed(`rcp_${outcome.accepted.length}` as ReceiptId);
          break;
        case "abandon":
          if (item === null) throw new Error("abandoned without an item");
          item = null;
          outcome.abandoned += 1;
          break;
        case "close":
          if (item !== null) throw new Error("closed with an item left open");
          outcome.isClosed = true;
          break;
      }
    }
  };

  session.greet();
  carryOut();
  for (const turn of turns) {
    for (const piece of cut(turn)) {
      session.take(piece);
      carryOut();
    }
    if (session.quiet()) carryOut();
  }
  return outcome;
}

/** The turns of a peer that waits where it must: after EHLO, and after DATA for 354. */
export function mailTurns(body: Buffer): Buffer[] {
  return [
    Buffer.from("EHLO client.test\r\n"),
    Buffer.from("MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nDATA\r\n"),
    body,
  ];
}
