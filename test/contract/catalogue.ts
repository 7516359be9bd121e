import { after, before, describe } from "node:test";
import type { Catalogue } from "#catalogue/index.ts";
import type { TenantId } from "#core/index.ts";
import { auditContract } from "./catalogue-audit.ts";
import { changesContract } from "./catalogue-changes.ts";
import { commitContract } from "./catalogue-commit.ts";
import { connectorsContract } from "./catalogue-connectors.ts";
import { decisionContract } from "./catalogue-decisions.ts";
import { at } from "./catalogue-entries.ts";
import { mergeContract } from "./catalogue-merge.ts";
import { partsContract } from "./catalogue-parts.ts";
import { peopleContract } from "./catalogue-people.ts";
import { readingContract } from "./catalogue-reading.ts";
import { smimeContract } from "./catalogue-smime.ts";
import { talliesContract } from "./catalogue-tallies.ts";
import { tenantsContract } from "./catalogue-tenants.ts";
import { textContract } from "./catalogue-text.ts";

/** Runs every promise of the Catalogue seam on one implementation; `open` gives an empty catalogue. */
export function catalogueContract(name: string, open: () => Promise<Catalogue>): void {
  describe(name, () => {
    let catalogue: Catalogue;
    before(async () => {
      catalogue = await open();
    });
    after(() => catalogue.close());

    // Tests share a catalogue and no tenant, so that none sees the mail of another.
    let tenantsMade = 0;
    const newTenant = async (): Promise<TenantId> => {
      tenantsMade += 1;
      const id = `tenant-${tenantsMade}` as TenantId;
      await catalogue.addTenant({ id, name: `Tenant ${tenantsMade}`, createdAt: at(0) });
      return id;
    };
    const context = { catalogue: () => catalogue, newTenant };
    describe("commit", () => commitContract(context));
    describe("reading", () => readingContract(context));
    describe("parts", () => partsContract(context));
    describe("merge", () => mergeContract(context));
    describe("change sequence", () => changesContract(context));
    describe("decisions", () => decisionContract(context));
    describe("S/MIME", () => smimeContract(context));
    describe("tallies", () => talliesContract(context));
    describe("tenants", () => tenantsContract(context));
    describe("connectors", () => connectorsContract(context));
    describe("people and credentials", () => peopleContract(context));
    describe("audit", () => auditContract(context));
    describe("text", () => textContract(context));
  });
}
