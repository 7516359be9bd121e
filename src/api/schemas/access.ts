import { type Static, Type } from "typebox";
import { listOf, named, orNull, RoleWord, strictObject, Time } from "./shared.ts";

const Tenant = named("Tenant", { id: Type.String(), name: Type.String() });
export const TenantList = listOf("TenantList", Tenant);

export const Session = named("Session", {
  user: named("User", {
    email: orNull(Type.String({ description: "null for a token and for the local socket" })),
    label: Type.String({ description: "e-mail, label of the token, or local administrator" }),
    role: RoleWord,
    permissions: Type.Array(Type.String()),
    tenant: Tenant,
  }),
});
export type Session = Static<typeof Session>;

export const ClaimQuery = strictObject({ token: Type.String({ maxLength: 200 }) });
export const ClaimCheck = named("ClaimCheck", { valid: Type.Boolean(), expiresAt: Time });

const email = Type.String({ maxLength: 254 });
const passphrase = Type.String({ maxLength: 1024, description: "at least 12 characters when it is chosen" });

export const Claim = strictObject({ token: Type.String({ maxLength: 200 }), email, passphrase }, { title: "Claim" });
export const SignIn = strictObject({ email, passphrase }, { title: "SignIn" });

export const NewToken = strictObject(
  {
    role: RoleWord,
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, default: 90 })),
  },
  { title: "NewToken" },
);
export const Token = named("Token", {
  token: Type.String({ description: "shown this once" }),
  role: RoleWord,
  expiresAt: Time,
});
