import { createQuarantine, type Quarantine } from "#archive/index.ts";
import type { Catalogue, DecisionEntry } from "#catalogue/index.ts";
import type { Clock, Entropy } from "#core/index.ts";
import { Failure } from "#core/index.ts";

/** The quarantine on a catalogue without packs: it accepts and discards, and has nothing to read again. */
export function createSmallQuarantine(parts: { catalogue: Catalogue; clock: Clock; entropy: Entropy }): Quarantine {
  const { catalogue, clock } = parts;
  const absent = async () => {
    throw new Failure("PACK-DAMAGED", "never", "there are no packs here");
  };
  return createQuarantine({
    ...parts,
    archive: { original: absent, report: async () => undefined },
    settingsOf: async (tenant, id) => (await catalogue.connectors(tenant)).find((one) => one.id === id),
    record: async (tenant, requests) => {
      const decisions = requests.map(({ decision, receipt }): DecisionEntry => {
        const { archivedAt: _, seq: __, decision: ___, ...entry } = receipt;
        const isAccepted = decision.action === "accepted";
        const state = isAccepted || receipt.state === "duplicate" ? "archived" : receipt.state;
        return { ...decision, receipt: { ...entry, state }, facts: null };
      });
      const batch = { pack: null, parts: [], messages: [], receipts: [], decisions, archivedAt: clock.now() };
      await catalogue.commit(tenant, batch);
      return null;
    },
  });
}
