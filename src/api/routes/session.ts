import { Type } from "typebox";
import { type Access, type Identity, permissionsByRole } from "#access/index.ts";
import { Failure, isFailure } from "#core/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import { Claim, ClaimCheck, ClaimQuery, Session, SignIn } from "../schemas/access.ts";
import { clearSessionCookie, sessionSecretOf, setSessionCookie } from "../session-cookie.ts";
import { timeText } from "../times.ts";

const tags = ["access"];

/** Claiming the archive, signing in and out. */
export const sessionRoutes: Routes = (api, { access, audit, isHttps }) => {
  api.get(
    "/claim",
    {
      config: { public: true },
      schema: {
        operationId: "checkClaim",
        summary: "Whether a claim link can be used; 410 when not",
        tags,
        querystring: ClaimQuery,
        response: { 200: ClaimCheck },
      },
    },
    async (request) => {
      const check = await access.checkClaim(request.query.token);
      if (check.kind === "used") throw new Failure("CLAIM-USED", "never", "this claim link was used or has expired");
      return { valid: true, expiresAt: timeText(check.expiresAt) };
    },
  );

  api.post(
    "/claim",
    {
      config: { public: true },
      schema: {
        operationId: "claim",
        summary: "Become the archive's first administrator",
        tags,
        body: Claim,
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      const { token, email, passphrase } = request.body;
      const signedIn = await access.claim({ secret: token, email, passphrase });
      await audit.note(signedIn.identity, "claim", []);
      setSessionCookie(reply, signedIn.session, isHttps);
      return reply.code(201).send(await sessionJson(access, signedIn.identity));
    },
  );

  api.post(
    "/session",
    {
      config: { public: true },
      schema: { operationId: "signIn", summary: "Sign in", tags, body: SignIn, response: { 201: Session } },
    },
    async (request, reply) => {
      const signedIn = await access.signIn(request.body).catch((error: unknown) => {
        if (isFailure(error, "AUTH-REJECTED")) audit.noteRefused(request.body.email);
        throw error;
      });
      await audit.note(signedIn.identity, "session.begin", []);
      setSessionCookie(reply, signedIn.session, isHttps);
      return reply.code(201).send(await sessionJson(access, signedIn.identity));
    },
  );

  api.get(
    "/session",
    {
      config: { permission: "session" },
      schema: { operationId: "getSession", summary: "Who I am", tags, response: { 200: Session } },
    },
    async (request) => sessionJson(access, identityOf(request)),
  );

  api.delete(
    "/session",
    {
      config: { permission: "session" },
      schema: { operationId: "signOut", summary: "Sign out", tags, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const secret = sessionSecretOf(request, isHttps);
      if (secret !== null) {
        await access.signOut(secret);
        await audit.note(identityOf(request), "session.end", []);
      }
      clearSessionCookie(reply, isHttps);
      return reply.code(204).send(null);
    },
  );
};

async function sessionJson(access: Access, identity: Identity) {
  const { tenant, role, label, kind } = identity;
  const known = await access.tenantsOf(identity);
  return {
    user: {
      email: kind === "person" ? label : null,
      label,
      role,
      permissions: [...permissionsByRole[role]],
      tenant: { id: tenant, name: known.find(({ id }) => id === tenant)?.name ?? tenant },
    },
  };
}
