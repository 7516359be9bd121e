import { isIP, SocketAddress } from "node:net";
import { KiB } from "#core/index.ts";
import { plainAddress } from "./address-ranges.ts";

/** Whom a proxy speaks for; null when it speaks for itself (health checks) or cannot say. */
export type ProxySource = { address: string; port: number } | null;

/** What a connection's first octets are. */
export type ProxyHeader =
  /** Not all of it is there. */
  | { kind: "more" }
  /** The header, and how many octets it takes. */
  | { kind: "header"; source: ProxySource; bytes: number }
  | { kind: "malformed"; reason: string };

/** Longest header read: version 1 has 107 octets; of version 2, TLVs with a client certificate's names fit. */
export const proxyHeaderBytesMax = 4 * KiB;

/**
 * Reads a header of the PROXY protocol, version 1 or 2, from the first octets of a connection.
 *
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt §2.1, §2.2
 */
export function readProxyHeader(octets: Buffer): ProxyHeader {
  const begins = (mark: Buffer) => octets.subarray(0, mark.length).equals(mark.subarray(0, octets.length));
  if (begins(signature)) return octets.length < signature.length ? more : readBinary(octets);
  if (begins(word)) return octets.length < word.length ? more : readText(octets);
  return malformed("neither version 1 nor 2");
}

const more: ProxyHeader = { kind: "more" };
const word = Buffer.from("PROXY ");
const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** With its CRLF (§2.1). */
const textBytesMax = 107;

function malformed(reason: string): ProxyHeader {
  return { kind: "malformed", reason };
}

function readText(octets: Buffer): ProxyHeader {
  const end = octets.subarray(0, textBytesMax).indexOf("\r\n");
  if (end < 0) return octets.length < textBytesMax ? more : malformed("version 1 line without an end");
  const line = octets.toString("latin1", 0, end);
  const bytes = end + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: "header", source: null, bytes };
  const [, family, from = "", to = "", fromPort, toPort] =
    /^PROXY TCP([46]) (\S+) (\S+) ([0-9]{1,5}) ([0-9]{1,5})$/.exec(line) ?? [];
  const areAddresses = isIP(from) === Number(family) && isIP(to) === Number(family);
  if (!areAddresses || Number(fromPort) > portMax || Number(toPort) > portMax) return malformed("version 1 line");
  return { kind: "header", source: { address: canonical(from), port: Number(fromPort) }, bytes };
}

const portMax = 65_535;
/** Octets before the addresses of version 2. */
const fixedBytes = 16;

function readBinary(octets: Buffer): ProxyHeader {
  if (octets.length < fixedBytes) return more;
  const version = octets[12]! >> 4;
  const command = octets[12]! & 0xf;
  const bytes = fixedBytes + octets.readUInt16BE(14);
  if (version !== 2 || command > 1) return malformed("version or command");
  if (bytes > proxyHeaderBytesMax) return malformed("too long");
  if (octets.length < bytes) return more;
  // LOCAL: the proxy's own connection, whatever addresses stand there (§2.2).
  if (command === 0) return { kind: "header", source: null, bytes };
  const family = octets[13]!;
  switch (family) {
    case 0x11: // TCP over IPv4
      if (bytes < fixedBytes + 12) return malformed("addresses cut short");
      return {
        kind: "header",
        source: { address: octets.subarray(16, 20).join("."), port: octets.readUInt16BE(24) },
        bytes,
      };
    case 0x21: // TCP over IPv6
      if (bytes < fixedBytes + 36) return malformed("addresses cut short");
      return {
        kind: "header",
        source: { address: ipv6Of(octets.subarray(16, 32)), port: octets.readUInt16BE(48) },
        bytes,
      };
    case 0x00: // unspecified
      return { kind: "header", source: null, bytes };
    default:
      return malformed("not TCP over IPv4 or IPv6");
  }
}

function ipv6Of(octets: Buffer): string {
  return canonical(Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16)).join(":"));
}

/** An address in its one spelling (RFC 5952), which the system's own functions give. */
function canonical(address: string): string {
  if (isIP(address) === 4) return address;
  return plainAddress(new SocketAddress({ address, family: "ipv6" }).address);
}
