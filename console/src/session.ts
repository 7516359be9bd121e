import { getRouteApi } from "@tanstack/react-router";
import type { User } from "./api.generated.ts";

/** What the console asks before it offers something. The server decides; this only avoids dead ends. */
export type Permission =
  | "connectors:read"
  | "connectors:write"
  | "messages:search"
  | "messages:read"
  | "status:read"
  | "imports:write"
  | "quarantine:read"
  | "quarantine:decide"
  | "audit:read"
  | "keys:read"
  | "keys:write";

export function may(user: User, permission: Permission): boolean {
  return user.permissions.includes(permission);
}

const signedIn = getRouteApi("/signed-in");

/** The person who is signed in. Only inside the pages that need one. */
export function useUser(): User {
  return signedIn.useRouteContext().user;
}
