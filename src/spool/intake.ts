import type { Destination } from "#core/index.ts";
import type { SpoolState, SpoolWriter } from "./spool.ts";

/** What becomes of mail for one recipient address. */
export type Admission =
  | { kind: "admitted"; destination: Destination }
  /** Not a journal address of ours, ever: 550. */
  | { kind: "refused"; reason: string }
  /** Ours, but not now (paused, disabled, starting): 451. */
  | { kind: "deferred"; reason: string };

/** What a transport may ask of us. */
export interface Intake {
  /** Decides about one recipient address, at RCPT TO. No I/O; may be repeated. */
  admit(recipient: string): Admission;
  /** Whether a transfer may begin now. */
  state(): SpoolState;
  /** Begins an item; 250 only after its `commit` resolved. */
  open(): SpoolWriter;
}
