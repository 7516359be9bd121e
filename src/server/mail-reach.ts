import { networkInterfaces } from "node:os";
import type { Doorway, MailReach } from "#connector/index.ts";
import type { Certificate } from "#smtp/index.ts";

/** A listener as it was opened. */
export interface Door {
  host: string;
  port: number;
  isTlsFirst: boolean;
}

/** How the listeners are reached. A listener on all addresses is reached under those of this machine. */
export function reachOf(name: string | null, doors: readonly Door[], certificate: Certificate | null): MailReach {
  return {
    name,
    doorways: doors.map(({ host, port, isTlsFirst }): Doorway => {
      const tls = isTlsFirst ? "first" : certificate === null ? "none" : "starttls";
      return { addresses: anyAddress.has(host) ? ownAddresses(host) : [host], port, tls };
    }),
    certificate:
      certificate === null
        ? null
        : { subject: certificate.subject, sha256: certificate.sha256, validUntil: certificate.validUntil },
  };
}

const anyAddress: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function ownAddresses(host: string): string[] {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family, scopeid }) => !internal && !scopeid && (host === "::" || family === "IPv4"))
    .map(({ address }) => address);
  return found.length === 0 ? [host] : found;
}
