import type { FastifyRequest } from "fastify";
import { allows, type Presented } from "#access/index.ts";
import { Failure } from "#core/index.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { sessionSecretOf } from "./session-cookie.ts";

/**
 * The hook that lets a request in or not, and says who asks.
 *
 * A route without a permission that is not public either lets nobody in. The tenant comes from the identity; only the
 * local administrator names one.
 */
export function createGate(dependencies: ApiDependencies): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.is404) return;
    const { permission, public: isPublic } = request.routeOptions.config;
    const presented = presentedBy(request, dependencies);
    if (isUnsafe(request.method) && (presented === null || presented.kind === "session")) refuseCrossSite(request);
    if (isPublic === true) return;
    const identity = presented === null ? undefined : await dependencies.access.authenticate(presented);
    if (identity === undefined) throw new Failure("AUTH-REQUIRED", "never", "sign in, or send a valid token");
    const isAllowed = permission !== undefined && (identity.kind === "local" || allows(identity.role, permission));
    if (!isAllowed) {
      throw new Failure(
        "AUTH-FORBIDDEN",
        "never",
        `the role ${identity.role} may not do this (${permission ?? "nobody may"})`,
      );
    }
    request.identity = identity;
  };
}

/** What the request shows. A token is stated on purpose, so it goes before a cookie, which browsers just send. */
export function presentedBy(request: FastifyRequest, dependencies: ApiDependencies): Presented | null {
  if (dependencies.isLocal(request.raw)) {
    const named = request.headers["x-muniment-tenant"];
    return { kind: "local", tenant: typeof named === "string" ? named : null };
  }
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return { kind: "token", secret: bearer };
  const secret = sessionSecretOf(request, dependencies.isHttps);
  return secret === null ? null : { kind: "session", secret };
}

function isUnsafe(method: string): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

/**
 * Refuses what another site makes a browser send. Browsers always say where an unsafe request comes from (Fetch
 * Metadata, else Origin); what says neither is no browser and has no cookies that it did not put there itself.
 */
function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  const origin = request.headers.origin;
  const isOwn =
    site !== undefined
      ? site === "same-origin" || site === "none"
      : origin === undefined || hostOf(origin) === request.host;
  if (!isOwn) throw new Failure("AUTH-CROSS-SITE", "never", "this request comes from another site");
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
