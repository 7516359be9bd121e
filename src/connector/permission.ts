import type { ConnectorEntry, SmtpSettings } from "#catalogue/index.ts";
import { foldAddress } from "#core/index.ts";
import { type AddressRanges, addressRanges } from "#smtp/index.ts";
import type { Lacking, Sender } from "#spool/index.ts";
import { rangesOfProvider } from "./provider-ranges.ts";

/** The settings of a connector that anyone may send to. */
export const openToAll: Readonly<SmtpSettings> = {
  permitted: [],
  presets: [],
  requireTls: false,
  login: null,
  certificate: null,
};

/** Who may send to one connector, ready to be asked. */
export interface Permission {
  /** Whether its list names this address; false when it has no list. */
  lists(address: string): boolean;
  /** What the sender lacks, the first of it; null when it may send. */
  lackOf(sender: Sender): Lacking | null;
}

/**
 * The permission that a connector's settings give. All that is set must hold.
 *
 * @throws `ADDRESS-RANGE` when a range is none
 */
export function permissionOf(entry: Pick<ConnectorEntry, "smtp" | "journalEmailAddress">): Permission {
  const { permitted, presets, requireTls, login, certificate } = entry.smtp ?? openToAll;
  const ranges: AddressRanges | null =
    permitted.length + presets.length === 0
      ? null
      : addressRanges([...permitted, ...presets.flatMap((id) => rangesOfProvider(id) ?? [])]);
  const user = foldAddress(entry.journalEmailAddress);
  return {
    lists: (address) => ranges?.has(address) === true,
    lackOf(sender) {
      if (ranges !== null && !ranges.has(sender.address)) return "source";
      // A login and a certificate are shown under TLS, so TLS is what is lacking first.
      const needsTls = requireTls || login !== null || certificate !== null;
      if (needsTls && sender.tls === null) return "tls";
      if (login !== null && (sender.user === null || foldAddress(sender.user) !== user)) return "login";
      if (certificate !== null && sender.certificate !== certificate) return "certificate";
      return null;
    },
  };
}
