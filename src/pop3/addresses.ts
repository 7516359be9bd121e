/** A stretch of addresses, as bytes of its first address and the length of the prefix in bits. */
interface Range {
  bytes: Uint8Array;
  bits: number;
}

/** Which addresses connectors may reach: those of the public internet and `allowed` networks in CIDR form, or any. */
export type AddressRule = { kind: "public"; allowed: readonly string[] } | { kind: "any" };

/**
 * Why a connector may not reach this address, in words; null when it may. Whatever is no address is refused.
 *
 * An IPv4 address in IPv6 clothes (mapped, 6to4, NAT64) is judged as the IPv4 address it reaches.
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries
 */
export function addressProblem(address: string, rule: AddressRule): string | null {
  const bytes = addressBytes(address);
  if (bytes === null) return "not an IP address";
  if (rule.kind === "any" || rule.allowed.some((network) => isInNetwork(bytes, network))) return null;
  const embedded = embeddedIpv4(bytes);
  if (embedded !== null && rule.allowed.some((network) => isInNetwork(embedded, network))) return null;
  const judged = embedded ?? bytes;
  for (const [network, name] of judged.length === 4 ? closedIpv4 : closedIpv6)
    if (isInNetwork(judged, network)) return name;
  return null;
}

/** Whether `text` is a network in CIDR form, or a single address. */
export function isNetwork(text: string): boolean {
  return rangeOf(text) !== null;
}

const closedIpv4: readonly [network: string, name: string][] = [
  ["0.0.0.0/8", "this host"],
  ["10.0.0.0/8", "a private address"],
  ["100.64.0.0/10", "a carrier's shared address"],
  ["127.0.0.0/8", "a loopback address"],
  ["169.254.0.0/16", "a link-local address"],
  ["172.16.0.0/12", "a private address"],
  ["192.0.0.0/24", "a reserved address"],
  ["192.168.0.0/16", "a private address"],
  ["198.18.0.0/15", "a benchmarking address"],
  ["224.0.0.0/4", "a multicast address"],
  ["240.0.0.0/4", "a reserved address"],
];

const closedIpv6: readonly [network: string, name: string][] = [
  ["::/128", "this host"],
  ["::1/128", "a loopback address"],
  ["fc00::/7", "a private address"],
  ["fe80::/10", "a link-local address"],
  ["fec0::/10", "a site-local address"],
  ["ff00::/8", "a multicast address"],
  ["64:ff9b:1::/48", "a private translation address"],
  ["100::/64", "a discard address"],
];

/** Prefixes behind which an IPv4 address stands, and at which byte. */
const ipv4Carriers: readonly [network: string, at: number][] = [
  ["::ffff:0:0/96", 12],
  ["::ffff:0:0:0/96", 12],
  ["64:ff9b::/96", 12],
  ["2002::/16", 2],
];

function embeddedIpv4(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 4) return null;
  const carrier = ipv4Carriers.find(([network]) => isInNetwork(bytes, network));
  return carrier === undefined ? null : bytes.subarray(carrier[1], carrier[1] + 4);
}

function isInNetwork(bytes: Uint8Array, network: string): boolean {
  const range = rangeOf(network);
  if (range === null || range.bytes.length !== bytes.length) return false;
  for (let bit = 0; bit < range.bits; bit += 8) {
    const mask = range.bits - bit >= 8 ? 0xff : (0xff << (8 - (range.bits - bit))) & 0xff;
    if (((bytes[bit / 8]! ^ range.bytes[bit / 8]!) & mask) !== 0) return false;
  }
  return true;
}

function rangeOf(network: string): Range | null {
  const [address, prefix, ...more] = network.split("/");
  const bytes = addressBytes(address ?? "");
  if (bytes === null || more.length > 0) return null;
  if (prefix === undefined) return { bytes, bits: bytes.length * 8 };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bytes.length * 8) return null;
  return { bytes, bits: Number(prefix) };
}

/** The 4 or 16 bytes of an address in its ordinary spelling, zone left out; null for everything else, `0x7f.1` included. */
function addressBytes(text: string): Uint8Array | null {
  return text.includes(":") ? ipv6Bytes(text.replace(/%[0-9A-Za-z._-]+$/, "")) : ipv4Bytes(text);
}

function ipv4Bytes(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return Uint8Array.from(parts, Number);
}

function ipv6Bytes(text: string): Uint8Array | null {
  const last = text.slice(text.lastIndexOf(":") + 1);
  const ipv4 = last.includes(".") ? ipv4Bytes(last) : null;
  if (last.includes(".") && ipv4 === null) return null;
  const hex = (part: Uint8Array, at: number) => ((part[at]! << 8) | part[at + 1]!).toString(16);
  const plain = ipv4 === null ? text : `${text.slice(0, -last.length)}${hex(ipv4, 0)}:${hex(ipv4, 2)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = [...head!, ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  if (tail === undefined ? groups.length !== 8 : groups.length > 7) return null;
  const filled = [...head!, ...Array<string>(8 - groups.length).fill("0"), ...(tail ?? [])];
  return Uint8Array.from(
    filled.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}
