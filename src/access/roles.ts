import type { Role } from "#catalogue/index.ts";

/** Something one may be allowed to do. `session` is asking who one is, which everyone who is signed in may. */
export type Permission =
  | "session"
  | "connectors:read"
  | "connectors:write"
  | "messages:search"
  | "messages:read"
  | "status:read"
  | "verify:run"
  | "search:rebuild"
  | "tokens:write"
  | "imports:write"
  /** To see what is quarantined or held, without its content. */
  | "quarantine:read"
  | "quarantine:decide"
  /** Who did what in the tenant. */
  | "audit:read"
  | "keys:read"
  | "keys:write"
  /** To see what was encrypted, where one may see the message. */
  | "messages:decrypted"
  /** For no role: a backup holds every tenant's mail and is written to any path; only the local socket may ask for it. */
  | "backups:write";

/** Every role, from the widest to the narrowest. */
export const roles: readonly Role[] = ["admin", "compliance", "operator", "auditor", "user"];

/**
 * What each role may do. An operator keeps the machinery running and never sees content; a user has nothing here until
 * there is a view of one's own mail.
 */
export const permissionsByRole: Readonly<Record<Role, readonly Permission[]>> = {
  operator: [
    "session",
    "connectors:read",
    "connectors:write",
    "status:read",
    "verify:run",
    "search:rebuild",
    "quarantine:read",
  ],
  admin: [
    "session",
    "connectors:read",
    "connectors:write",
    "messages:search",
    "messages:read",
    "status:read",
    "verify:run",
    "search:rebuild",
    "tokens:write",
    "imports:write",
    "quarantine:read",
    "quarantine:decide",
    "audit:read",
    "keys:read",
    "keys:write",
    "messages:decrypted",
  ],
  compliance: [
    "session",
    "connectors:read",
    "messages:search",
    "messages:read",
    "messages:decrypted",
    "quarantine:read",
    "quarantine:decide",
    "audit:read",
    "keys:read",
    "status:read",
    "verify:run",
  ],
  auditor: [
    "session",
    "connectors:read",
    "messages:search",
    "messages:read",
    "status:read",
    "quarantine:read",
    "audit:read",
  ],
  user: ["session"],
};

/** Whether `role` includes `permission`. */
export function allows(role: Role, permission: Permission): boolean {
  return permissionsByRole[role].includes(permission);
}

/** Whether everything `inner` may do, `outer` may do too: a token must not be worth more than its maker. */
export function covers(outer: Role, inner: Role): boolean {
  return permissionsByRole[inner].every((permission) => allows(outer, permission));
}
