/**
 * Escrow: the private keys that tenants gave to the archive so that it can read their encrypted mail.
 *
 * Sealed at rest, one file a tenant; there is no way to get a private key out again but the threads that open mail.
 */
export { createEscrow, type SecretSealer } from "./create-escrow.ts";
export type { Escrow, EscrowedCertificate, OpeningKeys } from "./escrow.ts";
