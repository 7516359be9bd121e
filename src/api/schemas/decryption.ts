import { type Static, Type } from "typebox";
import { Count, named, oneOf, strictObject, Time } from "./shared.ts";
import { ProblemLine, ProgressLine } from "./work.ts";

/** Longest key file in base64 characters: a PKCS#12 file has a few KiB for each key it holds. */
const fileCharactersMax = 16 * 1024 * 1024;

const fileField = Type.String({
  minLength: 1,
  maxLength: fileCharactersMax,
  contentEncoding: "base64",
  description: "the file in base64",
});

/** A key file to be taken in. */
export const NewKeyFile = strictObject(
  { file: fileField, passphrase: Type.String({ maxLength: 1024, description: "empty where the file has none" }) },
  { title: "NewKeyFile" },
);

/** Certificates to be trusted. */
export const NewAuthorities = strictObject({ file: fileField }, { title: "NewAuthorities" });

const Certificate = named("Certificate", {
  kind: oneOf(["key", "authority"]),
  id: Type.String({ description: "SHA-256 of the certificate" }),
  subject: Type.String(),
  issuer: Type.String(),
  serial: Type.String(),
  addresses: Type.Array(Type.String()),
  notBefore: Time,
  notAfter: Time,
  addedAt: Time,
  opened: Type.Integer({ minimum: 0, description: "messages that this key opened" }),
  waiting: Type.Integer({ minimum: 0, description: "messages that name this key and are not opened" }),
});
export type Certificate = Static<typeof Certificate>;

export const CertificateList = named("CertificateList", { certificates: Type.Array(Certificate) });

export const DecryptionKeys = named("DecryptionKeys", {
  certificates: Type.Array(Certificate),
  waiting: Type.Array(Type.Object({ recipient: Type.String(), messages: Count }), {
    description: "recipients of waiting mail that no key here belongs to",
  }),
  states: Type.Array(Type.Object({ state: Type.String(), messages: Count })),
});

/** One line of an import of keys. */
export const KeyImportLine = Type.Union(
  [
    ProgressLine,
    named("KeyImportResultLine", {
      result: named("KeyImportResult", {
        certificates: Type.Array(Certificate),
        opened: Type.Integer({ minimum: 0, description: "messages that were read again with these keys" }),
      }),
    }),
    ProblemLine,
  ],
  { title: "KeyImportLine" },
);
