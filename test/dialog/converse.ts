import type { Instant, ReceiptId } from "#core/index.ts";
import type { Refusal, TakenMail } from "#smtp/effect.ts";
import { type SmtpLimits, smtpLimits } from "#smtp/index.ts";
import { Session } from "#smtp/session.ts";
import type { Intake } from "#spool/index.ts";
import { MemoryIntake, type SpoolStep } from "./memory-intake.ts";

/** What came of a conversation. */
export interface Outcome {
  /** Everything that was said to the peer. */
  said: string;
  accepted: { mail: TakenMail; bytes: Buffer }[];
  abandoned: number;
  /** Everything that was answered 5xx. */
  refusals: Refusal[];
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
    /** Whether STARTTLS and AUTH can be done; TLS is on after the turn that asks for it, and every password is right. */
    canSecure?: boolean;
    canLogIn?: boolean;
  } = {},
): Outcome {
  const { cut = (turn) => [turn], limits = {}, intake = new MemoryIntake(), failing } = options;
  const { canSecure = false, canLogIn = false } = options;
  const outcome: Outcome = { said: "", accepted: [], abandoned: 0, refusals: [], isClosed: false };
  const session = new Session({
    hostname: "archive.test",
    limits: { ...smtpLimits, ...limits },
    intake,
    isSecure: false,
    canSecure,
    canLogIn,
    peer: () => ({ address: "192.0.2.7", tls: null, certificate: null }),
    now: () => 0 as Instant,
    refused: (refusal) => outcome.refusals.push(refusal),
  });
  let isSecuring = false;
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
        case "secure":
          isSecuring = true;
          break;
        case "authenticate":
          session.authenticated(effect.user, "yes");
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
    if (isSecuring && !outcome.isClosed) {
      isSecuring = false;
      session.secured();
      carryOut();
    }
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
