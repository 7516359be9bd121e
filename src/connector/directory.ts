import type { Catalogue, ConnectorEntry } from "#catalogue/index.ts";
import { foldAddress } from "#core/index.ts";
import type { Admission } from "#spool/index.ts";
import { addressForms } from "./journal-address.ts";

/** Which mail is let in, answered at once from what `refresh` last read. */
export interface Directory {
  /**
   * Decides about one recipient: admitted for the journal address of an enabled connector, also with sub-addressing
   * (`name+anything@domain`); deferred while that connector is disabled, and for everyone until the first `refresh`;
   * refused else.
   */
  admit(recipient: string): Admission;
  /** Reads the connectors anew. When it throws, the last good state stays in force. Of several calls the last one wins. */
  refresh(): Promise<void>;
}

/** A directory of the SMTP connectors of every tenant. */
export function createDirectory(catalogue: Pick<Catalogue, "connectors">): Directory {
  let byAddress: ReadonlyMap<string, ConnectorEntry> | null = null;
  let reading = Promise.resolve();

  const read = async () => {
    const connectors = await catalogue.connectors("every");
    const pushed = connectors.filter(({ transport }) => transport === "smtp");
    byAddress = new Map(pushed.map((entry) => [foldAddress(entry.journalEmailAddress), entry]));
  };

  return {
    admit(recipient) {
      if (byAddress === null) return { kind: "deferred", reason: "the server is starting" };
      const known = byAddress;
      const entry = addressForms(recipient)
        .map((form) => known.get(form))
        .find((found) => found !== undefined);
      if (entry === undefined) return { kind: "refused", reason: "no such journal address" };
      if (!entry.enabled) return { kind: "deferred", reason: "this connector is disabled" };
      const { tenant, id, type, maxAgeDays } = entry;
      return { kind: "admitted", destination: { tenant, connector: id, type, maxAgeDays } };
    },

    refresh() {
      // One after the other, so that an older reading never replaces a newer one.
      reading = reading.then(read, read);
      return reading;
    },
  };
}
