import { base32, type ConnectorId, type Entropy } from "#core/index.ts";

/** Makes of a text what is kept instead of it; the same text gives the same, and nobody finds the way back. */
export type LoginFingerprint = (text: string) => string;

/** Octets of chance in a password: 128 bits cannot be guessed, so a keyed digest is enough and costs a flood nothing. */
const passwordBytes = 16;

/** A new password for a sender's login. It is shown once. */
export function newPassword(entropy: Entropy): string {
  return base32(entropy.bytes(passwordBytes));
}

/** What of a connector's password is fingerprinted: the same password of two connectors looks different. */
export function loginText(connector: ConnectorId, password: string): string {
  return `${connector} ${password}`;
}
