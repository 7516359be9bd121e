import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { PeerCertificate } from "#core/index.ts";
import type { Certificate } from "./certificate.ts";

/** What is known of a connection under TLS. */
export interface SecureFacts {
  /** Version and cipher: `TLSv1.3 TLS_AES_256_GCM_SHA384`. */
  tls: string;
  /** The certificate the peer showed, or null. Nothing vouches for it but its fingerprint. */
  certificate: PeerCertificate | null;
}

/**
 * Puts TLS over a stream, on whose octets nobody else may have a hand any more.
 *
 * A certificate is asked for and need not be shown. A peer that negotiates another protocol than SMTP by ALPN is turned
 * away, since a browser was led here (cross-protocol attack).
 * @see RFC 7301 §3.2
 */
export function putTlsOver(plain: Duplex, { context }: Certificate): TLSSocket {
  const options = {
    isServer: true,
    secureContext: context,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNCallback: ({ protocols }: { protocols: string[] }) => protocols.find((name) => alpnNames.has(name)),
  };
  // The types know Socket only; any Duplex will do (Node.js, `new tls.TLSSocket(socket)`).
  return new TLSSocket(plain as never, options as ConstructorParameters<typeof TLSSocket>[1]);
}

/** Resolves when the handshake over `plain` is done, or with null when the connection ended before. */
export function handshakeOf(stream: TLSSocket, plain: Duplex): Promise<SecureFacts | null> {
  return new Promise((resolve) => {
    // Without this a peer that only closes its side would hold on to a handshake for ever.
    const ended = () => stream.destroy();
    const closed = () => resolve(null);
    stream.once("end", ended);
    // An end that came before any octet of TLS is told of by the stream below, if it was not told already.
    plain.once("end", ended);
    if (plain.readableEnded) stream.destroy();
    stream.once("close", closed);
    stream.once("secure", () => {
      stream.off("end", ended);
      plain.off("end", ended);
      stream.off("close", closed);
      resolve(factsOf(stream));
    });
  });
}

/** What Exim offers for mail; no other name of a mail protocol is registered that would come here. */
const alpnNames = new Set(["smtp", "esmtp"]);

function factsOf(stream: TLSSocket): SecureFacts {
  const shown = stream.getPeerX509Certificate();
  return {
    tls: `${stream.getProtocol() ?? "TLS"} ${stream.getCipher()?.standardName ?? "unknown"}`,
    certificate:
      shown === undefined
        ? null
        : {
            subject: shown.subject.replaceAll("\n", ", ").slice(0, subjectCharsMax),
            sha256: shown.fingerprint256.replaceAll(":", "").toLowerCase(),
          },
  };
}

/** Of a subject of the peer's making, so much is put on record. */
const subjectCharsMax = 500;
