import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { readSettings } from "./settings.ts";

async function folderWith(t: TestContext, yaml: string | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-settings-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  if (yaml !== null) await writeFile(join(folder, "muniment.yaml"), yaml);
  return folder;
}

test("without anything said the defaults hold", async () => {
  assert.deepEqual(await readSettings({}, {}), {
    data: resolve("data"),
    http: { host: "127.0.0.1", port: 8080 },
    smtp: { host: "127.0.0.1", port: 2525 },
    smtps: null,
    tls: null,
    mailName: null,
    proxyFrom: [],
    allowPrivateHosts: false,
    importFolders: [],
    tenant: null,
    passphraseFile: null,
  });
});

test("a flag wins over the environment, that over the file, that over the default", async (t) => {
  const data = await folderWith(t, "http: 127.0.0.1:1\nsmtp: 127.0.0.1:1\ntenant: file\n");
  const environment = { MUNIMENT_DATA: data, MUNIMENT_HTTP: "127.0.0.1:2", MUNIMENT_SMTP: "127.0.0.1:2" };
  const settings = await readSettings({ http: "127.0.0.1:3" }, environment);
  assert.equal(settings.data, data);
  assert.equal(settings.http?.port, 3);
  assert.equal(settings.smtp?.port, 2);
  assert.equal(settings.tenant, "file");
  assert.equal((await readSettings({ data }, {})).http?.port, 1);
});

test("folders to import from are absolute, have a colon between them or an option each, and none is the default", async () => {
  const variable = { MUNIMENT_IMPORT_FOLDERS: "/srv/a,b:/srv/c:" };
  assert.deepEqual((await readSettings({}, variable)).importFolders, ["/srv/a,b", "/srv/c"]);
  const flags = { importFolder: ["/srv/d", "mail"] };
  assert.deepEqual((await readSettings(flags, variable)).importFolders, ["/srv/d", resolve("mail")]);
});

test("an empty variable says nothing", async () => {
  assert.equal((await readSettings({}, { MUNIMENT_TENANT: "" })).tenant, null);
});

test("an address is a host and a port, IPv6 in brackets, or off", async () => {
  const read: [string, unknown][] = [
    ["localhost:0", { host: "localhost", port: 0 }],
    ["[::1]:65535", { host: "::1", port: 65535 }],
    ["off", null],
  ];
  for (const [text, expected] of read) assert.deepEqual((await readSettings({ http: text }, {})).http, expected, text);
  for (const text of ["", "8080", ":8080", "localhost", "localhost:65536", "::1:80", "a b:80", "http://localhost:80"]) {
    await assert.rejects(readSettings({ http: text }, {}), { code: "SETTING-INVALID", message: /^--http is / }, text);
  }
});

test("a fault in the file names the file, the key and the fix", async (t) => {
  const faults: [string, RegExp][] = [
    ["htpp: 127.0.0.1:1\n", /unknown setting htpp in .*muniment\.yaml: did you mean http\?/],
    [
      "colour: red\n",
      /unknown setting colour .*: known are http, smtp, smtps, tlsCert, tlsKey, mailName, proxyFrom, allowPrivateHosts, importFolder, tenant, passphraseFile/,
    ],
    ["data: elsewhere\n", /unknown setting data/],
    ["http: 8080\n", /http in .* must be text/],
    ["http: nowhere\n", /http in .*muniment\.yaml is nowhere; it must be/],
    ["- http\n", /must hold settings/],
    ["http: [\n", /is no YAML/],
  ];
  for (const [yaml, message] of faults) {
    const data = await folderWith(t, yaml);
    await assert.rejects(readSettings({ data }, {}), { code: "SETTING-INVALID", message }, yaml);
  }
});

test("an empty file says nothing, and a folder that does not exist has none", async (t) => {
  assert.equal((await readSettings({ data: await folderWith(t, "") }, {})).http?.port, 8080);
  assert.equal((await readSettings({ data: "/nowhere/at/all" }, {})).http?.port, 8080);
});

test("systemd's credential is the passphrase file where none is named, and only when it is there", async (t) => {
  const credentials = await folderWith(t, null);
  const data = await folderWith(t, null);
  const environment = { MUNIMENT_DATA: data, CREDENTIALS_DIRECTORY: credentials };
  assert.equal((await readSettings({}, environment)).passphraseFile, null);
  const file = join(credentials, "muniment-passphrase");
  await writeFile(file, "secret\n");
  assert.equal((await readSettings({}, environment)).passphraseFile, file);
  assert.equal((await readSettings({ passphraseFile: "other" }, environment)).passphraseFile, "other");
  const named = { ...environment, MUNIMENT_PASSPHRASE_FILE: "third" };
  assert.equal((await readSettings({}, named)).passphraseFile, "third");
});

test("TLS needs a certificate and its key, and an address that begins with TLS needs both", async () => {
  const both = { tlsCert: "cert.pem", tlsKey: "key.pem" };
  const settings = await readSettings({ ...both, smtps: "0.0.0.0:465" }, {});
  assert.deepEqual(settings.tls, { certificate: resolve("cert.pem"), key: resolve("key.pem") });
  assert.deepEqual(settings.smtps, { host: "0.0.0.0", port: 465 });
  const environment = { MUNIMENT_TLS_CERT: "/c", MUNIMENT_TLS_KEY: "/k" };
  assert.deepEqual((await readSettings({}, environment)).tls, { certificate: "/c", key: "/k" });
  const wrong: [flags: object, message: RegExp][] = [
    [{ tlsCert: "cert.pem" }, /--tls-cert is given without --tls-key/],
    [{ tlsKey: "key.pem" }, /--tls-key is given without --tls-cert/],
    [{ smtps: "0.0.0.0:465" }, /--smtps needs --tls-cert and --tls-key/],
  ];
  for (const [flags, message] of wrong)
    await assert.rejects(readSettings(flags, {}), { code: "SETTING-INVALID", message });
});

test("ranges of proxies are given one by one, or in one text", async () => {
  const ranges = ["192.0.2.0/24", "2001:db8::/32"];
  assert.deepEqual((await readSettings({ proxyFrom: ranges }, {})).proxyFrom, ranges);
  assert.deepEqual((await readSettings({}, { MUNIMENT_PROXY_FROM: ranges.join(", ") })).proxyFrom, ranges);
  await assert.rejects(readSettings({ proxyFrom: ["everyone"] }, {}), { code: "SETTING-INVALID", message: /everyone/ });
});
