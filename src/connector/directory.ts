import type { Catalogue, ConnectorEntry } from "#catalogue/index.ts";
import { type Destination, foldAddress } from "#core/index.ts";
import type { Admission, Sender } from "#spool/index.ts";
import { addressForms } from "./journal-address.ts";
import { type LoginFingerprint, loginText } from "./login.ts";
import { type Permission, permissionOf } from "./permission.ts";

/** Which mail is let in, answered at once from what `refresh` last read. */
export interface Directory {
  /**
   * Decides about one recipient: admitted for the journal address of an enabled connector, also with sub-addressing
   * (`name+anything@domain`); deferred while that connector is disabled, and for everyone until the first `refresh`;
   * unpermitted when the connector does not take mail from this sender as it is; refused else.
   */
  admit(recipient: string, sender: Sender): Admission;
  /** Whether an enabled connector lists this address among those that mail is expected from. */
  expects(address: string): boolean;
  /** Whether this is the login of an enabled connector: its journal address and the password made for it. */
  knowsLogin(user: string, password: string): boolean;
  /** Whether any enabled connector asks for a login. */
  hasLogins(): boolean;
  /** The connectors to whose journal addresses' domain this recipient belongs: whose trouble a mistyped one is. */
  nearTo(recipient: string): Pick<ConnectorEntry, "tenant" | "id">[];
  /** Reads the connectors anew. When it throws, the last good state stays in force. Of several calls the last one wins. */
  refresh(): Promise<void>;
}

interface Known {
  entry: ConnectorEntry;
  permission: Permission;
}

/**
 * A directory of the SMTP connectors of every tenant.
 *
 * @param fingerprint what passwords are kept as
 */
export function createDirectory(
  catalogue: Pick<Catalogue, "connectors">,
  fingerprint: LoginFingerprint = () => "",
): Directory {
  let byAddress: ReadonlyMap<string, Known> | null = null;
  let enabled: readonly Known[] = [];
  let reading = Promise.resolve();

  const read = async () => {
    const connectors = await catalogue.connectors("every");
    const known = connectors
      .filter(({ transport }) => transport === "smtp")
      .map((entry) => ({ entry, permission: permissionOf(entry) }));
    byAddress = new Map(known.map((one) => [foldAddress(one.entry.journalEmailAddress), one]));
    enabled = known.filter(({ entry }) => entry.enabled);
  };

  return {
    admit(recipient, sender) {
      if (byAddress === null) return { kind: "deferred", reason: "the server is starting" };
      const addresses = byAddress;
      const found = addressForms(recipient)
        .map((form) => addresses.get(form))
        .find((one) => one !== undefined);
      if (found === undefined) return { kind: "refused", reason: "no such journal address" };
      if (!found.entry.enabled) return { kind: "deferred", reason: "this connector is disabled" };
      const destination = destinationOf(found.entry);
      const lacking = found.permission.lackOf(sender);
      return lacking === null ? { kind: "admitted", destination } : { kind: "unpermitted", lacking, destination };
    },

    expects: (address) => enabled.some(({ permission }) => permission.lists(address)),

    knowsLogin(user, password) {
      const found = byAddress?.get(foldAddress(user))?.entry;
      const login = found?.smtp?.login ?? null;
      return found?.enabled === true && login !== null && fingerprint(loginText(found.id, password)) === login;
    },

    hasLogins: () => enabled.some(({ entry }) => (entry.smtp?.login ?? null) !== null),

    nearTo(recipient) {
      const domain = domainOf(recipient);
      return [...(byAddress?.values() ?? [])]
        .filter(({ entry }) => domain !== "" && domainOf(entry.journalEmailAddress) === domain)
        .map(({ entry: { tenant, id } }) => ({ tenant, id }));
    },

    refresh() {
      // One after the other, so that an older reading never replaces a newer one.
      reading = reading.then(read, read);
      return reading;
    },
  };
}

/** Where the mail of a connector is booked, and what is believed of its envelope. */
export function destinationOf({
  tenant,
  id,
  type,
  maxAgeDays,
  rules,
  journalEmailAddress,
}: ConnectorEntry): Destination {
  const headers = (rules?.envelopeHeaders ?? []).map((name) => name.toLowerCase());
  const subAddressOf = rules?.subAddress === true ? journalEmailAddress : null;
  return {
    ...{ tenant, connector: id, type, maxAgeDays },
    ...(headers.length === 0 && subAddressOf === null ? {} : { envelope: { headers, subAddressOf } }),
  };
}

function domainOf(address: string): string {
  const folded = foldAddress(address);
  const at = folded.lastIndexOf("@");
  return at < 0 ? "" : folded.slice(at + 1);
}
