import { BlockList, isIP } from "node:net";
import { Failure } from "#core/index.ts";

/** A set of IP addresses. */
export interface AddressRanges {
  /** Whether an address, as {@link plainAddress} writes it, is in one of the ranges. Anything else is in none. */
  has(address: string): boolean;
}

/**
 * The addresses of ranges in CIDR notation (`192.0.2.0/24`, `2001:db8::/32`); a plain address is a range of one.
 *
 * @throws `ADDRESS-RANGE` for anything else
 * @see RFC 4632 §3.1, RFC 4291 §2.3
 */
export function addressRanges(texts: readonly string[]): AddressRanges {
  const list = new BlockList();
  for (const text of texts) {
    const [, address = "", digits] = /^([0-9a-fA-F:.]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
    const family = isIP(address);
    const bitsMax = family === 4 ? 32 : 128;
    const bits = Number(digits ?? bitsMax);
    if (family === 0 || bits > bitsMax)
      throw new Failure("ADDRESS-RANGE", "never", `${text} is no range of addresses such as 192.0.2.0/24`);
    list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  }
  return {
    has(address) {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
    },
  };
}

/** An address in the spelling we use: an IPv4 peer of an IPv6 socket in its own. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, "");
}

/** `address:port`, IPv6 in brackets. */
export function addressAndPort(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** The address of `address:port`: what {@link addressAndPort} was given. */
export function addressIn(text: string): string {
  return text.replace(/:[0-9]+$/, "").replace(/^\[(.*)\]$/, "$1");
}
