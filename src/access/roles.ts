import type { Role } from "#catalogue/index.ts";

/** Something one may be allowed to do. `session` is asking who one is, which everyone who is signed in may. */
export type Permission =
  | "session"
  | "connectors:read"
  | "connectors:write"
  | "messages:search"
  | "messages:read"
  | "status:read"
  /** What waits for a decision, by its facts; its content needs `messages:read`. */
  | "quarantine:read"
  /** To retry, to accept and to discard. */
  | "quarantine:decide"
  /** Who did what in the tenant. */
  | "audit:read"
  | "verify:run"
  | "search:rebuild"
  | "tokens:write"
  | "imports:write"
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
    "quarantine:read",
    "verify:run",
    "search:rebuild",
  ],
  admin: [
    "session",
    "connectors:read",
    "connectors:write",
    "messages:search",
    "messages:read",
    "status:read",
    "quarantine:read",
    "quarantine:decide",
    "audit:read",
    "verify:run",
    "search:rebuild",
    "tokens:write",
    "imports:write",
  ],
  compliance: [
    "session",
    "connectors:read",
    "messages:search",
    "messages:read",
    "status:read",
    "quarantine:read",
    "quarantine:decide",
    "audit:read",
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
