import { isFailure } from "#core/index.ts";
import type { CertificateView } from "#decryption/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import {
  type Certificate,
  CertificateList,
  DecryptionKeys,
  KeyImportLine,
  NewAuthorities,
  NewKeyFile,
} from "../schemas/decryption.ts";
import { streamed } from "../schemas/shared.ts";
import { sendWork } from "../send-work.ts";
import { timeText } from "../times.ts";

const tags = ["decryption"];
/** Largest body in bytes: a key file of the largest allowed size and its passphrase, as JSON. */
const bodyBytesMax = 17 * 1024 * 1024;

/** The keys with which encrypted mail is opened. A private key goes in and never comes out. */
export const decryptionRoutes: Routes = (api, { decryption, audit, logger }, streams) => {
  api.get(
    "/decryption-keys",
    {
      config: { permission: "keys:read" },
      schema: {
        operationId: "listDecryptionKeys",
        summary: "Certificates whose keys open mail, trusted authorities, and what waits for a key",
        tags,
        response: { 200: DecryptionKeys },
      },
    },
    async (request) => {
      const { certificates, ...rest } = await decryption.list(identityOf(request).tenant);
      return { certificates: certificates.map(certificateJson), ...rest };
    },
  );

  api.post(
    "/decryption-keys",
    {
      bodyLimit: bodyBytesMax,
      config: { permission: "keys:write" },
      schema: {
        operationId: "importDecryptionKeys",
        summary: "Take in the keys of a PKCS#12 or PEM file, and open what waited for them",
        tags,
        body: NewKeyFile,
        response: streamed(
          "application/x-ndjson",
          "JSON lines: progress, then one result or one problem",
          KeyImportLine,
        ),
      },
    },
    (request, reply) => {
      const { file, passphrase } = request.body;
      const { tenant } = identityOf(request);
      return sendWork({ request, reply, logger, streams }, async (report) => {
        let isTaken = false;
        const note = (subjects: string[], text: string | null) =>
          audit.note(identityOf(request), "keys.import", subjects, text);
        const bytes = Buffer.from(file, "base64");
        try {
          const result = await decryption.importKeys(tenant, bytes, passphrase, report, async (certificates) => {
            isTaken = true;
            await note(certificates.map(nameOf), null);
          });
          return { ...result, certificates: result.certificates.map(certificateJson) };
        } catch (error) {
          if (!isTaken && isFailure(error)) await note([], `not taken in: ${error.code}`);
          throw error;
        }
      });
    },
  );

  api.post(
    "/trusted-authorities",
    {
      bodyLimit: bodyBytesMax,
      config: { permission: "keys:write" },
      schema: {
        operationId: "trustAuthorities",
        summary: "Trust the certificates of a PEM or DER file for signatures that are judged from now on",
        tags,
        body: NewAuthorities,
        response: { 200: CertificateList },
      },
    },
    async (request) => {
      const trusted = await decryption.trust(identityOf(request).tenant, Buffer.from(request.body.file, "base64"));
      await audit.note(identityOf(request), "keys.trust", trusted.map(nameOf));
      return { certificates: trusted.map(certificateJson) };
    },
  );
};

/** As a certificate is named in the audit log. */
function nameOf({ issuer, serial }: CertificateView): string {
  return `${issuer} ${serial}`;
}

function certificateJson({ notBefore, notAfter, addedAt, ...rest }: CertificateView): Certificate {
  return { ...rest, notBefore: timeText(notBefore), notAfter: timeText(notAfter), addedAt: timeText(addedAt) };
}
