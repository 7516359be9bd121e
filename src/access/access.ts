import type { Role, TenantEntry } from "#catalogue/index.ts";
import type { Instant, TenantId } from "#core/index.ts";

/** Who asks, and for which tenant. Every request that is not public has exactly one. */
export interface Identity {
  /** `local`: through the server's own socket, which only the administrator of the machine can open. */
  kind: "person" | "token" | "local";
  tenant: TenantId;
  role: Role;
  /** Id of the person who signed in; null otherwise. */
  person: string | null;
  /** The person's e-mail, the token's label, or "local administrator". */
  label: string;
}

/** What a request shows to be let in. */
export type Presented =
  | { kind: "session"; secret: string }
  | { kind: "token"; secret: string }
  /** `tenant` as the request names it; null when it names none. */
  | { kind: "local"; tenant: string | null };

/** A secret that was just made. It is shown once: only its fingerprint is kept. */
export interface Secret {
  secret: string;
  expiresAt: Instant;
}

/** Someone who has just signed in, with the secret for the session cookie. */
export interface SignedIn {
  session: Secret;
  identity: Identity;
}

/**
 * Who may come in, and with what.
 *
 * Throws {@link Failure}: `CLAIM-USED`, `CLAIM-CLOSED`, `AUTH-REJECTED`, `AUTH-BUSY` (later), `AUTH-FORBIDDEN`,
 * `EMAIL-BAD`, `EMAIL-TAKEN`, `PASSPHRASE-SHORT`, `PASSPHRASE-LONG`, `TENANT-UNKNOWN`, `TENANT-UNSTATED`, and what the
 * catalogue throws.
 */
export interface Access {
  /** Makes the secret of a claim link, valid for 30 minutes and for one use. */
  createClaim(tenant: TenantId): Promise<Secret>;
  /** Whether the tenant has a person, so that no claim can be made any more. */
  isClaimed(tenant: TenantId): Promise<boolean>;
  /** Whether this claim could be used now; changes nothing. */
  checkClaim(secret: string): Promise<{ kind: "valid"; expiresAt: Instant } | { kind: "used" }>;
  /** Makes the first person of the claim's tenant, an admin, and signs them in. The claim is used up. */
  claim(request: { secret: string; email: string; passphrase: string }): Promise<SignedIn>;
  /** Takes the same time for a wrong passphrase and an unknown e-mail, and says the same. */
  signIn(request: { email: string; passphrase: string }): Promise<SignedIn>;
  /** Ends the session. May be repeated. */
  signOut(secret: string): Promise<void>;
  /** Who this is; undefined when the secret is unknown, revoked or expired. */
  authenticate(presented: Presented): Promise<Identity | undefined>;
  /** Makes a token for scripts, worth no more than its maker. */
  createToken(maker: Identity, request: { role: Role; label: string; expiresInDays: number }): Promise<Secret>;
  /** Tenants that `identity` may know of: all of them through the local socket, else its own. */
  tenantsOf(identity: Identity): Promise<TenantEntry[]>;
}
