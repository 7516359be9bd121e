/** Who may come in, with what, and what they may then do. It knows people, secrets and roles, nothing of HTTP. */
export type { Access, Identity, Presented, Secret } from "./access.ts";
export { type Audit, createAudit } from "./audit.ts";
export { createAccess } from "./create-access.ts";
export { createPassphrases } from "./passphrases.ts";
export { allows, type Permission, permissionsByRole, roles } from "./roles.ts";
