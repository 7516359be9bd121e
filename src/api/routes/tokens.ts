import { identityOf, type Routes } from "../routing.ts";
import { NewToken, Token } from "../schemas/access.ts";
import { timeText } from "../times.ts";

/** Days a token lives when nothing is said: long enough to be of use, short enough to be renewed on purpose. */
const tokenDaysDefault = 90;

/** Secrets for scripts. */
export const tokenRoutes: Routes = (api, { access, audit }) => {
  api.post(
    "/tokens",
    {
      config: { permission: "tokens:write" },
      schema: {
        operationId: "createToken",
        summary: "Make a token; it is shown this once",
        tags: ["access"],
        body: NewToken,
        response: { 201: Token },
      },
    },
    async (request, reply) => {
      const { role, label = "token", expiresInDays = tokenDaysDefault } = request.body;
      const token = await access.createToken(identityOf(request), { role, label, expiresInDays });
      await audit.note(identityOf(request), "token.create", [], `${role}: ${label}`);
      return reply.code(201).send({ token: token.secret, role, expiresAt: timeText(token.expiresAt) });
    },
  );
};
