import { lookup } from "node:dns/promises";
import { isIP, connect as netConnect, type OnReadOpts, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getCACertificates, type TLSSocket, connect as tlsConnect } from "node:tls";
import { type Clock, KiB } from "#core/index.ts";
import { type AddressRule, addressProblem } from "./addresses.ts";
import { withDeadline } from "./deadline.ts";
import type { Pop3Limits } from "./limits.ts";
import { Pop3Failure } from "./problem.ts";
import { visible } from "./status-line.ts";
import { fingerprintOf, type TlsFacts, tlsFaultOf, type Verification } from "./trust.ts";

/** Octets that come in lie in buffers of this length: long enough to be mapped by themselves, see decision 23. */
const bufferBytes = 256 * KiB;
/** Least room for one read; what is left of a buffer is less. */
const readBytesMin = 64 * KiB;

interface Patience {
  limits: Readonly<Pop3Limits>;
  clock: Clock;
  signal: AbortSignal;
}

/** Connections to servers: the seam between the client and the network. */
export interface Dial {
  /**
   * Resolves `host` once and connects to the first of its addresses that answers; one that `addresses` refuses is never
   * tried, and the address really reached is checked again.
   *
   * @throws Pop3Failure `no-such-host`, `address-refused`, `unreachable`
   */
  connect(
    to: Patience & { host: string; port: number; addresses: AddressRule },
  ): Promise<{ stream: Duplex; peer: string }>;
  /** Makes TLS of a connected stream, 1.2 at least. @throws Pop3Failure `tls`, `timeout`; then the stream is destroyed */
  secure(
    over: Patience & { stream: Duplex; host: string; verify: Verification },
  ): Promise<{ stream: Duplex; facts: TlsFacts }>;
}

/**
 * The network of this machine.
 *
 * @param authorities further authorities in PEM that `strict` trusts, beside the system's
 */
export function networkDial(authorities: readonly string[] = []): Dial {
  return {
    connect: async ({ host, port, addresses, limits, clock, signal }) => {
      const late = () => new Pop3Failure({ kind: "unreachable", host, detail: "no answer in time" });
      const resolved = await withDeadline(clock, limits.connectTimeoutMs, signal, (s) => resolveHost(host, s), late);
      const refused = resolved.map((address) => addressProblem(address, addresses));
      const allowed = resolved.filter((_, at) => refused[at] === null);
      if (allowed.length === 0) throw refusal(host, resolved[0]!, refused[0]!);
      let failure: unknown;
      for (const address of allowed) {
        try {
          const work = (limit: AbortSignal) => open(host, address, port, limit);
          const socket = await withDeadline(clock, limits.connectTimeoutMs, signal, work, late);
          const reached = socket.remoteAddress ?? "unknown";
          const problem = addressProblem(reached, addresses);
          if (problem === null)
            return { stream: socket, peer: `${isIP(reached) === 6 ? `[${reached}]` : reached}:${port}` };
          socket.destroy();
          failure = refusal(host, reached, problem);
        } catch (error) {
          failure ??= error;
        }
      }
      throw failure;
    },
    secure: ({ stream, host, verify, limits, clock, signal }) =>
      withDeadline(
        clock,
        limits.tlsTimeoutMs,
        signal,
        (limit) => handshake(stream, host, verify, authorities, limit),
        () => new Pop3Failure({ kind: "timeout", step: "TLS handshake" }),
      ),
  };
}

function refusal(host: string, address: string, range: string): Pop3Failure {
  return new Pop3Failure({ kind: "address-refused", host, address, range });
}

/**
 * The addresses of a name, as the system has them. Its resolver cannot be interrupted; when we are out of patience its answer
 * is dropped.
 *
 * @throws Pop3Failure `no-such-host`
 */
export async function resolveHost(host: string, signal: AbortSignal): Promise<string[]> {
  const given = Promise.withResolvers<never>();
  const giveUp = () => given.reject(new Pop3Failure({ kind: "no-such-host", host, detail: "no answer in time" }));
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const found = await Promise.race([lookup(host, { all: true, order: "verbatim" }), given.promise]);
    return found.map(({ address }) => address);
  } catch (error) {
    if (error instanceof Pop3Failure) throw error;
    const detail = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new Pop3Failure({ kind: "no-such-host", host, detail }, error);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/**
 * Reads one piece behind the other into buffers of 256 KiB. Without it each read has a buffer of 64 KiB of its own, which is
 * cut to what came: what is left of them lies about between other things in the C heap, and nothing fits into it.
 */
function gathering(take: (piece: Buffer) => boolean): OnReadOpts {
  let buffer = Buffer.allocUnsafeSlow(bufferBytes);
  const room = () => {
    if (buffer.length < readBytesMin) buffer = Buffer.allocUnsafeSlow(bufferBytes);
    return buffer;
  };
  return {
    buffer: room,
    callback: (bytes) => {
      const piece = buffer.subarray(0, bytes);
      buffer = buffer.subarray(bytes);
      return take(piece);
    },
  };
}

function open(host: string, address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // A dead peer holds the mailbox's lock; keep-alive finds it out.
    const alive = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
    const socket: Socket = netConnect({
      host: address,
      port,
      ...alive,
      onread: gathering((piece) => socket.push(piece)),
    });
    const giveUp = () => socket.destroy(new Error("given up"));
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    socket.once("connect", () => {
      signal.removeEventListener("abort", giveUp);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", giveUp);
      const detail = `${error.code ?? error.message} at ${address} port ${port}`;
      reject(new Pop3Failure({ kind: "unreachable", host, detail }, error));
    });
  });
}

function handshake(
  stream: Duplex,
  host: string,
  verify: Verification,
  authorities: readonly string[],
  signal: AbortSignal,
): Promise<{ stream: Duplex; facts: TlsFacts }> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      socket: stream,
      host,
      ...(isIP(host) === 0 ? { servername: host.replace(/\.$/, "") } : {}),
      minVersion: "TLSv1.2",
      // Judged below, before a single octet is sent: there the certificate can be named.
      rejectUnauthorized: false,
      ...(authorities.length > 0 ? { ca: [...getCACertificates("default"), ...authorities] } : {}),
    });
    const giveUp = () => socket.destroy(new Error("given up"));
    signal.addEventListener("abort", giveUp, { once: true });
    const fail = (failure: Pop3Failure) => {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      stream.destroy();
      reject(failure);
    };
    socket.once("secureConnect", () => {
      const facts = factsOf(socket, verify);
      if (verify.kind === "strict" && facts.verified !== "by-authority") {
        const code = String(socket.authorizationError ?? "not authorized");
        const { fault, detail } = tlsFaultOf({ code, message: code });
        return fail(new Pop3Failure({ kind: "tls", fault, detail: `${detail}; ${certificateText(socket, facts)}` }));
      }
      if (verify.kind === "pinned" && facts.verified !== "by-fingerprint") {
        const detail = `the certificate's SHA-256 is ${facts.fingerprint}`;
        return fail(new Pop3Failure({ kind: "tls", fault: "wrong-fingerprint", detail }));
      }
      signal.removeEventListener("abort", giveUp);
      socket.removeAllListeners("error");
      resolve({ stream: socket, facts });
    });
    socket.on("error", (error) => fail(new Pop3Failure({ kind: "tls", ...tlsFaultOf(error) }, error)));
    socket.once("close", () => {
      const detail = "the server closed the connection during the handshake";
      fail(new Pop3Failure({ kind: "tls", fault: "handshake-failed", detail }));
    });
  });
}

/** The certificate that was shown, so that whoever has to renew or replace it can find it. */
function certificateText(socket: TLSSocket, { names, validTo, fingerprint }: TlsFacts): string {
  const { issuer } = socket.getPeerCertificate();
  const by = visible(String(issuer?.CN ?? issuer?.O ?? "unknown"));
  return `the certificate SHA-256 ${fingerprint}, issued by ${by}, valid until ${visible(validTo)}, is for ${visible(names)}`;
}

function factsOf(socket: TLSSocket, verify: Verification): TlsFacts {
  const certificate = socket.getPeerCertificate();
  const fingerprint = fingerprintOf(certificate.fingerprint256 ?? "") ?? "";
  const isPinned = verify.kind === "pinned" && fingerprint !== "" && fingerprintOf(verify.sha256) === fingerprint;
  return {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().name,
    verified: isPinned ? "by-fingerprint" : verify.kind === "strict" && socket.authorized ? "by-authority" : "not",
    fingerprint,
    validTo: certificate.valid_to ?? "",
    names: certificate.subjectaltname ?? String(certificate.subject?.CN ?? ""),
  };
}
