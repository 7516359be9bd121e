import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyHeaderBytesMax, readProxyHeader } from "./proxy-header.ts";

const signature = "\r\n\r\n\0\r\nQUIT\n";
const ipv4 = "\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x19";
const ipv6 =
  "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x07" + "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x01" + "\x12\x67\0\x19";

function binary(command: string, family: string, content: string): string {
  return signature + command + family + String.fromCharCode(content.length >> 8, content.length & 0xff) + content;
}

const source = { address: "192.0.2.7", port: 4711 };
const headers: [name: string, text: string, source: object | null][] = [
  ["version 1, IPv4", "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", source],
  ["version 1, IPv6", "PROXY TCP6 2001:DB8:0::7 2001:db8::1 4711 25\r\n", { address: "2001:db8::7", port: 4711 }],
  ["version 1, unknown", "PROXY UNKNOWN\r\n", null],
  ["version 1, unknown with addresses", "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", null],
  ["version 2, IPv4", binary("\x21", "\x11", ipv4), source],
  ["version 2, IPv4 with an extension", binary("\x21", "\x11", `${ipv4}\x04\0\x01\xff`), source],
  ["version 2, IPv6", binary("\x21", "\x21", ipv6), { address: "2001:db8::7", port: 4711 }],
  ["version 2, unspecified", binary("\x21", "\0", ""), null],
  ["version 2, local", binary("\x20", "\x11", ipv4), null],
  ["version 2, as long as may be", binary("\x21", "\x11", ipv4.padEnd(proxyHeaderBytesMax - 16, "\0")), source],
];

for (const [name, text, expected] of headers) {
  test(`reads ${name}, wherever it is cut, and nothing behind it`, () => {
    const octets = Buffer.from(`${text}EHLO x\r\n`, "latin1");
    for (let length = 0; length <= octets.length; length += 1) {
      const header = readProxyHeader(octets.subarray(0, length));
      if (length < text.length) assert.deepEqual(header, { kind: "more" }, `${length} octets`);
      else assert.deepEqual(header, { kind: "header", source: expected, bytes: text.length }, `${length} octets`);
    }
  });
}

const malformed: [name: string, text: string][] = [
  ["something else", "EHLO x\r\n"],
  ["something that begins alike", "PROXIMITY\r\n"],
  ["lower case", "proxy TCP4 192.0.2.7 198.51.100.1 4711 25\r\n"],
  ["a missing port", "PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n"],
  ["a port too high", "PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n"],
  ["an address of another family", "PROXY TCP4 2001:db8::7 198.51.100.1 4711 25\r\n"],
  ["a name instead of an address", "PROXY TCP4 localhost 198.51.100.1 4711 25\r\n"],
  ["a line without an end", `PROXY UNKNOWN ${"x".repeat(93)}`],
  ["version 3", binary("\x31", "\x11", ipv4)],
  ["an unknown command", binary("\x22", "\x11", ipv4)],
  ["UDP", binary("\x21", "\x12", ipv4)],
  ["a Unix socket", binary("\x21", "\x31", "x".repeat(216))],
  ["IPv4 addresses cut short", binary("\x21", "\x11", ipv4.slice(1))],
  ["IPv6 addresses cut short", binary("\x21", "\x21", ipv6.slice(1))],
  ["a header too long", binary("\x21", "\x11", ipv4.padEnd(proxyHeaderBytesMax - 15, "\0"))],
];

for (const [name, text] of malformed) {
  test(`does not take ${name} for a header`, () => {
    assert.equal(readProxyHeader(Buffer.from(text, "latin1")).kind, "malformed");
  });
}
