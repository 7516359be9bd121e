/** Who may come in, with what, and what they may then do. It knows people, secrets and roles, nothing of HTTP. */
export type { Access, Identity, Presented, Secret, SignedIn } from "./access.ts";
export { type AccessParts, claimMinutes, createAccess, sessionHours, tokenPrefix } from "./create-access.ts";
export { createPassphrases, type Passphrases, passphraseCharactersMin } from "./passphrases.ts";
export { allows, covers, type Permission, permissionsByRole, roles } from "./roles.ts";
