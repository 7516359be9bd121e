import { type Static, Type } from "typebox";
import { Count, named, oneOf, orNull, strictObject, Time } from "./shared.ts";

const range = Type.String({ maxLength: 64, description: "an address or a CIDR range" });

/** Who may send to a connector, as it is changed: what is left out stays. */
export const SmtpChanges = strictObject(
  {
    permitted: Type.Optional(Type.Array(range, { maxItems: 1000, description: "with none, and no provider: anyone" })),
    presets: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100, description: "provider ids" })),
    requireTls: Type.Optional(Type.Boolean()),
    certificate: Type.Optional(
      orNull(Type.String({ maxLength: 200, description: "SHA-256 of the certificate the sender must show" })),
    ),
  },
  { title: "SmtpChanges" },
);

/** What a connector believes of plain copies, as it is changed. */
export const EnvelopeRulesChanges = strictObject(
  {
    envelopeHeaders: Type.Optional(
      Type.Array(Type.String({ maxLength: 100 }), {
        maxItems: 100,
        description: "header fields that name envelope recipients",
      }),
    ),
    subAddress: Type.Optional(
      Type.Boolean({ description: "whether name+person=domain@… in RCPT TO names a recipient" }),
    ),
  },
  { title: "EnvelopeRulesChanges" },
);

export const SmtpSettings = named("SmtpSettings", {
  permitted: Type.Array(Type.String()),
  presets: Type.Array(Type.String()),
  requireTls: Type.Boolean(),
  hasLogin: Type.Boolean({ description: "whether senders must log in, with the journal address and its password" }),
  certificate: orNull(Type.String()),
  isOpen: Type.Boolean({ description: "whether mail is taken from any address" }),
});

export const EnvelopeRules = named("EnvelopeRules", {
  envelopeHeaders: Type.Array(Type.String()),
  subAddress: Type.Boolean(),
});

export const Allowance = strictObject({ range }, { title: "Allowance" });

export const ConnectorLogin = named("ConnectorLogin", {
  user: Type.String(),
  password: Type.String({ description: "shown this once" }),
});

export const ProviderRangesList = named("ProviderRangesList", {
  data: Type.Array(
    named("ProviderRanges", {
      id: Type.String(),
      title: Type.String(),
      ranges: Type.Array(Type.String()),
      source: Type.String(),
      asOf: Type.String({ description: "of when this snapshot is" }),
    }),
  ),
});

const peer = {
  address: Type.String(),
  helo: orNull(Type.String()),
  tls: orNull(Type.String({ description: "null in clear" })),
  times: Count,
  firstAt: Time,
  lastAt: Time,
};

const RefusedPeer = named("RefusedPeer", {
  ...peer,
  command: Type.String(),
  reply: Type.String(),
  reason: Type.String(),
});

export const MailReach = named("MailReach", {
  name: orNull(Type.String()),
  doorways: Type.Array(
    named("Doorway", {
      addresses: Type.Array(Type.String()),
      port: Type.Integer(),
      tls: oneOf(["first", "starttls", "none"]),
    }),
  ),
  certificate: orNull(
    named("MailCertificate", {
      subject: Type.String(),
      sha256: Type.String(),
      validUntil: Time,
      daysLeft: Type.Integer({ description: "whole days; below 0 once it has ended" }),
    }),
  ),
});
export type MailReach = Static<typeof MailReach>;

export const ConnectorPeers = named("ConnectorPeers", {
  reach: MailReach,
  delivered: Type.Array(
    named("DeliveredPeer", { ...peer, user: orNull(Type.String()), certificate: orNull(Type.String()) }),
  ),
  turnedAway: Type.Array(
    named("TurnedAwayPeer", {
      ...peer,
      lacking: oneOf(["source", "tls", "login", "certificate"], "what it was told 451 for"),
    }),
  ),
  refused: Type.Array(RefusedPeer, { description: "what was answered 5xx" }),
  forgotten: Type.Integer({ minimum: 0, description: "lines given up for others" }),
});
export type ConnectorPeers = Static<typeof ConnectorPeers>;

export const RefusalList = named("RefusalList", {
  data: Type.Array(RefusedPeer, { description: "5xx that concern no connector, newest first" }),
});

export const RecipeList = named("RecipeList", {
  data: Type.Array(
    named("Recipe", {
      id: Type.String(),
      title: Type.String(),
      fidelity: oneOf(["A", "B", "C"], "how much of the envelope is captured: all, some, the header only"),
      sentence: Type.String(),
      before: Type.Array(Type.String(), { description: "what this connector must be set to first" }),
      steps: Type.Array(Type.Object({ text: Type.String(), code: orNull(Type.String()) })),
      warnings: Type.Array(Type.String()),
    }),
  ),
});
