import type { FastifyReply, FastifyRequest } from "fastify";
import type { Secret } from "#access/index.ts";

/** Sets the cookie that carries a session. Scripts cannot read it and other sites cannot make a browser send it. */
export function setSessionCookie(reply: FastifyReply, session: Secret, isHttps: boolean): void {
  reply.setCookie(cookieName(isHttps), session.secret, {
    ...cookieRules(isHttps),
    expires: new Date(session.expiresAt),
  });
}

/** Tells the browser to forget the session. */
export function clearSessionCookie(reply: FastifyReply, isHttps: boolean): void {
  reply.clearCookie(cookieName(isHttps), cookieRules(isHttps));
}

/** The session's secret; null when the request has no such cookie. */
export function sessionSecretOf(request: FastifyRequest, isHttps: boolean): string | null {
  return request.cookies[cookieName(isHttps)] || null;
}

/** The `__Host-` prefix binds a cookie to this very host (RFC 6265bis §4.1.3.2), and needs https. */
function cookieName(isHttps: boolean): string {
  return isHttps ? "__Host-muniment" : "muniment_session";
}

function cookieRules(isHttps: boolean) {
  return { path: "/", httpOnly: true, sameSite: "strict" as const, secure: isHttps };
}
