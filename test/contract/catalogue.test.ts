import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, type TestContext, test } from "node:test";
import type { Catalogue } from "#catalogue/index.ts";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import { openSqliteCatalogue } from "#catalogue/sqlite.ts";
import { openSqliteEngine } from "#catalogue/sqlite-engine.ts";
import { isFailure, type TenantId } from "#core/index.ts";
import { catalogueContract } from "./catalogue.ts";
import {
  at,
  batchOf,
  connectorEntry,
  everything,
  fails,
  messageEntry,
  receiptEntry,
  recipient,
} from "./catalogue-entries.ts";

const acme = "acme" as TenantId;
const globex = "globex" as TenantId;

catalogueContract("memory catalogue", async () => createMemoryCatalogue());

catalogueContract("sqlite catalogue", () => openSqliteCatalogue({ directory: newDirectory() }));

const root = mkdtempSync(join(tmpdir(), "muniment-"));
after(() => rmSync(root, { recursive: true }));

describe("sqlite catalogue on disk", () => {
  test("gives the same after it was closed and opened again", async (context) => {
    const directory = newDirectory();
    const first = await openSqliteCatalogue({ directory });
    await addTenants(first, acme, globex);
    await commit(first, acme, "a");
    await first.addConnector(connectorEntry(acme, "reopen"));
    const before = [await everything(first, acme), await first.tenants(), await first.connectors("every")];
    await first.close();

    const second = await opened(context, directory);
    assert.deepEqual(
      [await everything(second, acme), await second.tenants(), await second.connectors("every")],
      before,
    );
    await commit(second, acme, "b");
    assert.equal(await second.lastChange(acme), 2);
    assert.equal(await second.lastChange(globex), 0);
  });

  test("copies itself while it is written to: each tenant as it was at one moment, with all that was committed before", async (context) => {
    const directory = newDirectory();
    const catalogue = await opened(context, directory);
    await addTenants(catalogue, acme, globex);
    for (let count = 0; count < 20; count += 1) await commit(catalogue, acme, `before${count}`);
    const before = await catalogue.lastChange(acme);
    const copy = newDirectory();
    let isCopied = false;
    const copying = catalogue.snapshot(copy).then((outcome) => {
      isCopied = true;
      return outcome;
    });
    let meanwhile = 0;
    while (!isCopied) await commit(catalogue, acme, `meanwhile${meanwhile++}`);
    assert.equal(await copying, "written");
    assert.deepEqual(readdirSync(copy).sort(), ["installation.sqlite", "tenants"]);

    const restored = await opened(context, copy);
    assert.deepEqual(await restored.tenants(), await catalogue.tenants());
    const changes = await restored.lastChange(acme);
    assert.ok(changes >= before && changes <= before + meanwhile);
    assert.deepEqual(
      await restored.changes(acme, 0, 10_000),
      (await catalogue.changes(acme, 0, 10_000)).slice(0, changes),
    );
    assert.equal((await restored.tallies(acme)).messages, changes);
    // What was there under these names gives way to the next copy.
    assert.equal(await restored.close().then(() => catalogue.snapshot(copy)), "written");
    const again = await opened(context, copy);
    assert.deepEqual(await everything(again, acme), await everything(catalogue, acme));
  });

  test("a copy that cannot be made is a failure and leaves the catalogue as it was", async (context) => {
    const directory = newDirectory();
    const catalogue = await opened(context, directory);
    await addTenants(catalogue, acme);
    const target = join(newDirectory(), "file");
    writeFileSync(target, "no folder");
    await assert.rejects(catalogue.snapshot(target), (error) => isFailure(error, "CATALOGUE-FAULT"));
    await commit(catalogue, acme, "a");
    assert.equal(await catalogue.lastChange(acme), 1);
  });

  test("the twin in memory says that it has no files to copy", async () => {
    assert.equal(await createMemoryCatalogue().snapshot("/nowhere"), "unsupported");
  });

  test("leaves one file for the installation and one for each tenant", async () => {
    const directory = newDirectory();
    const catalogue = await openSqliteEngine(directory);
    await addTenants(catalogue, acme, globex);
    await commit(catalogue, acme, "a");
    await catalogue.close();
    assert.deepEqual(readdirSync(directory).sort(), ["installation.sqlite", "tenants"]);
    assert.deepEqual(readdirSync(join(directory, "tenants")).sort(), ["acme.sqlite", "globex.sqlite"]);
  });

  test("finishes what was called before closing, and refuses what is called after", async (context) => {
    const directory = newDirectory();
    const catalogue = await openSqliteCatalogue({ directory });
    await addTenants(catalogue, acme);
    const committing = commit(catalogue, acme, "a");
    await Promise.all([catalogue.close(), catalogue.close(), committing]);
    await fails(catalogue.tenants(), "CATALOGUE-FAULT");
    assert.equal((await (await opened(context, directory)).tallies(acme)).messages, 1);
  });

  test("works on more tenants than it holds files open", async (context) => {
    const directory = newDirectory();
    const catalogue = await openSqliteEngine(directory, 2);
    context.after(() => catalogue.close());
    const tenants = ["one", "two", "three"] as TenantId[];
    await addTenants(catalogue, ...tenants);
    for (const tenant of tenants) await commit(catalogue, tenant, tenant);
    for (const tenant of tenants) {
      const [row] = await catalogue.messagesAfter(tenant, null, 2);
      assert.equal(row?.id, messageEntry(tenant).id);
    }
    const openLogs = readdirSync(join(directory, "tenants")).filter((name) => name.endsWith("-wal"));
    assert.deepEqual(openLogs.sort(), ["three.sqlite-wal", "two.sqlite-wal"]);
  });

  test("lists recipients by folded address beside the address as written", async () => {
    const directory = newDirectory();
    const catalogue = await openSqliteEngine(directory);
    await addTenants(catalogue, acme);
    const message = messageEntry("a");
    const envelope = { sender: null, onBehalfOf: null, recipients: [recipient("SMTP:Zoë@Example.COM")] };
    await catalogue.commit(acme, batchOf([message], [receiptEntry("r1", message, { envelope })]));
    await catalogue.close();
    using database = new DatabaseSync(join(directory, "tenants/acme.sqlite"), { readOnly: true });
    const rows = database.prepare("select address, message, receipt from recipients where address_folded = ?");
    assert.deepEqual(
      rows.all("zoe@example.com").map((row) => ({ ...row })),
      [{ address: "SMTP:Zoë@Example.COM", message: message.id, receipt: "rcp_r1" }],
    );
  });

  test("has columns of ANSI types only", async () => {
    const directory = newDirectory();
    const catalogue = await openSqliteEngine(directory);
    await addTenants(catalogue, acme);
    await catalogue.close();
    for (const file of ["installation.sqlite", "tenants/acme.sqlite"]) {
      using database = new DatabaseSync(join(directory, file), { readOnly: true });
      const columns = database
        .prepare(
          "select t.name as tbl, c.name, c.type from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'",
        )
        .all();
      assert.ok(columns.length > 10);
      const strange = columns.filter(({ type }) => !["integer", "bigint", "text"].includes(String(type).toLowerCase()));
      assert.deepEqual(strange, []);
    }
  });

  test("shows another reader of the file each commit, through a write-ahead log", async (context) => {
    const directory = newDirectory();
    const catalogue = await openedEngine(context, directory);
    await addTenants(catalogue, acme);
    using database = new DatabaseSync(join(directory, "tenants/acme.sqlite"), { readOnly: true });
    assert.deepEqual({ ...database.prepare("pragma journal_mode").get() }, { journal_mode: "wal" });
    await commit(catalogue, acme, "a");
    assert.equal(database.prepare("select count(*) as count from messages").get()?.count, 1);
  });
});

describe("sqlite catalogue over damaged files", () => {
  test("does not open when the installation's file is damaged, and says so", async () => {
    const directory = newDirectory();
    await (await openSqliteEngine(directory)).close();
    writeFileSync(join(directory, "installation.sqlite"), "not a database ".repeat(1000));
    await failsClearly(openSqliteCatalogue({ directory }), /installation\.sqlite: the file is damaged .*; restore it/);
  });

  const harms: [string, (file: string) => void, RegExp][] = [
    [
      "damaged",
      (file) => writeFileSync(file, "not a database ".repeat(1000)),
      /acme\.sqlite: the file is damaged .*; rebuild/,
    ],
    ["gone", (file) => rmSync(file), /acme\.sqlite is gone or empty; rebuild/],
    ["empty", (file) => writeFileSync(file, ""), /acme\.sqlite is gone or empty; rebuild/],
    ["of a newer program", newerSchema, /written by a newer program/],
  ];
  for (const [what, harm, message] of harms) {
    test(`says that a tenant's file is ${what}, serves other tenants, and clears it on request`, async (context) => {
      const directory = newDirectory();
      const first = await openSqliteEngine(directory);
      await addTenants(first, acme, globex);
      await commit(first, acme, "a");
      await commit(first, globex, "b");
      await first.close();
      harm(join(directory, "tenants/acme.sqlite"));

      const catalogue = await openedEngine(context, directory);
      await failsClearly(catalogue.tallies(acme), message);
      await failsClearly(commit(catalogue, acme, "c"), message);
      assert.equal((await catalogue.tallies(globex)).messages, 1);
      await catalogue.clearArchive(acme);
      await commit(catalogue, acme, "c");
      assert.equal((await catalogue.tallies(acme)).messages, 1);
    });
  }

  test("keeps what a tenant's file holds when the installation's file was lost", async (context) => {
    const directory = newDirectory();
    const first = await openSqliteEngine(directory);
    await addTenants(first, acme);
    await commit(first, acme, "a");
    await first.close();
    rmSync(join(directory, "installation.sqlite"));
    const catalogue = await openedEngine(context, directory);
    await fails(catalogue.tallies(acme), "CATALOGUE-MISSING");
    await addTenants(catalogue, acme);
    assert.equal((await catalogue.tallies(acme)).messages, 1);
  });

  test("makes no file for a tenant that is not there", async (context) => {
    const directory = newDirectory();
    const catalogue = await openedEngine(context, directory);
    await fails(catalogue.tallies(acme), "CATALOGUE-MISSING");
    assert.equal(existsSync(join(directory, "tenants")), false);
  });
});

function newerSchema(file: string): void {
  using database = new DatabaseSync(file);
  database.exec("update schema_version set version = 1000");
}

async function failsClearly(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, "CATALOGUE-FAULT"));
    assert.match(error.message, message);
    assert.doesNotMatch(error.publicText, /\/|sqlite/);
    return true;
  });
}

async function addTenants(catalogue: Catalogue, ...tenants: TenantId[]): Promise<void> {
  for (const id of tenants) await catalogue.addTenant({ id, name: id, createdAt: at(0) });
}

async function commit(catalogue: Catalogue, tenant: TenantId, seed: string): Promise<void> {
  const message = messageEntry(seed);
  await catalogue.commit(tenant, batchOf([message], [receiptEntry(seed, message)]));
}

async function openedEngine(context: TestContext, directory: string): Promise<Catalogue> {
  const catalogue = await openSqliteEngine(directory);
  context.after(() => catalogue.close());
  return catalogue;
}

async function opened(context: TestContext, directory: string): Promise<Catalogue> {
  const catalogue = await openSqliteCatalogue({ directory });
  context.after(() => catalogue.close());
  return catalogue;
}

/** An empty directory, removed after all tests. */
function newDirectory(): string {
  return mkdtempSync(join(root, "catalogue-"));
}
