import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MiB, type TenantId } from "#core/index.ts";
import { openSqliteCatalogue } from "../../src/catalogue/sqlite.ts";
import { openEmbeddedSearch } from "../../src/search/embedded.ts";
import { testFolder } from "../support/folder.ts";

const tenant = "main" as TenantId;

test("the catalogue answers what was asked before, between and after room is made, and nothing once it is closed", async (context) => {
  const catalogue = await openSqliteCatalogue({ directory: join(testFolder(context), "catalogue") });
  const before = catalogue.tenants();
  catalogue.makeRoom(64 * MiB);
  const between = catalogue.tenants();
  catalogue.makeRoom(200 * MiB);
  assert.deepEqual([await before, await between, await catalogue.tenants()], [[], [], []]);
  const closed = catalogue.close();
  catalogue.makeRoom(64 * MiB);
  await closed;
  catalogue.makeRoom(64 * MiB);
});

test("the search index answers what was asked before, between and after room is made, and nothing once it is closed", async (context) => {
  const search = await openEmbeddedSearch({ directory: join(testFolder(context), "search") });
  const before = search.indexedTo(tenant);
  search.makeRoom(64 * MiB);
  const between = search.indexedTo(tenant);
  search.makeRoom(200 * MiB);
  assert.deepEqual([await before, await between, await search.indexedTo(tenant)], [0, 0, 0]);
  const closed = search.close();
  search.makeRoom(64 * MiB);
  await closed;
  search.makeRoom(64 * MiB);
});
