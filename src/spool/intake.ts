import type { Destination } from "#core/index.ts";
import type { SpoolState, SpoolWriter } from "./spool.ts";

/** Who offers mail, as far as the transport can tell. */
export interface Sender {
  /** IP address, without a port. */
  address: string;
  /** What it calls itself. */
  helo: string | null;
  /** TLS version and cipher, or null in clear. */
  tls: string | null;
  /** Who logged in, or null. */
  user: string | null;
  /** SHA-256 of the certificate it showed, or null. */
  certificate: string | null;
}

/** What a sender lacks that may be had later: its address on the list, TLS, a login, the right certificate. */
export type Lacking = "source" | "tls" | "login" | "certificate";

/** What becomes of mail for one recipient address. */
export type Admission =
  | { kind: "admitted"; destination: Destination }
  /** Not a journal address of ours, ever: 550. */
  | { kind: "refused"; reason: string }
  /** Ours, but not now (paused, disabled, starting): 451. */
  | { kind: "deferred"; reason: string }
  /** Ours, but not from this sender as it is. It is put right by either side, so it is 451 too. */
  | { kind: "unpermitted"; lacking: Lacking; destination: Destination };

/** What a transport may ask of us. */
export interface Intake {
  /** Decides about one recipient address, at RCPT TO. No I/O; may be repeated. */
  admit(recipient: string, sender: Sender): Admission;
  /** Whether a transfer may begin now. */
  state(): SpoolState;
  /** Begins an item; 250 only after its `commit` resolved. */
  open(): SpoolWriter;
}
