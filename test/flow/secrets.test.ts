import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TenantId } from "#core/index.ts";
import type { CertifiedKey } from "#smime/index.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { withEpoch, withKit, withTenant } from "../../src/keyring/key-changes.ts";
import { changeKeyFile, createKeyFile } from "../../src/keyring/key-file.ts";
import { kitLines } from "../../src/keyring/recovery-kit.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
import { corpusKey, encryptedMail } from "../smime/encrypted-mail.ts";
import { munimentHere } from "../support/command-line.ts";
import { testFolder } from "../support/folder.ts";
import { someTime } from "../support/key-file.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient, sendAll } from "../support/smtp-client.ts";
import { filesBelow } from "../support/snapshot.ts";

/** A secret by name, in every form it might be written down in. */
type Forms = [name: string, forms: Buffer[]][];

function formsOf(name: string, secret: Uint8Array): Forms[number] {
  const bytes = Buffer.from(secret);
  const texts = [bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")];
  return [name, [bytes, ...texts.map((text) => Buffer.from(text)), Buffer.from(texts[0]!.toUpperCase())]];
}

/** A key file as people export it: the key encrypted under a passphrase, its certificate beside it. */
function encryptedPem({ privateKey, certificate }: CertifiedKey, passphrase: string): string {
  const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
  const sealed = key.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase });
  return `${sealed}${new X509Certificate(certificate).toString()}`;
}

/** Which secrets stand in these bytes. */
function found(bytes: Buffer, secrets: Forms): string[] {
  return secrets.filter(([, forms]) => forms.some((form) => bytes.includes(form))).map(([name]) => name);
}

/** Which secrets stand in the files of a folder, and in which. */
function foundBelow(folder: string, secrets: Forms): string[] {
  return filesBelow(folder).flatMap((name) =>
    found(readFileSync(join(folder, name)), secrets).map((secret) => `${secret} in ${name}`),
  );
}

test("no passphrase, key or kit is in the data folder, the log, an error, an export, the environment or the command line", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const path = join(data, "keys", "keyring.json");
  const passphrase = "a planted passphrase, long enough to be found";
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, `${passphrase}\n`);
  const word = ["--passphrase-file", passphraseFile];

  // The same steps as init and the keys commands, over known randomness: what they make can be looked for.
  const entropy = createSimEntropy(77);
  const disk = createRealDisk();
  let kit: Buffer = Buffer.alloc(0);
  await createKeyFile(disk, path, passphrase, entropy, someTime);
  const access = { kind: "passphrase", passphrase } as const;
  const keys = await changeKeyFile(disk, path, access, entropy, async (fresh) => {
    const main = "main" as TenantId;
    const made = withKit(
      withEpoch(withTenant(fresh, main, entropy, someTime), main, entropy, someTime),
      entropy,
      someTime,
    );
    kit = made.secret;
    return { keys: made.keys, proofs: [] };
  });
  const secrets: Forms = [
    ["passphrase", [Buffer.from(passphrase), Buffer.from(Buffer.from(passphrase).toString("base64").slice(0, 40))]],
    formsOf("root key", keys.root.key),
    formsOf("spool secret", keys.spool),
    formsOf("fingerprint secret", keys.fingerprints),
    ...[...keys.tenants.values()].flat().map(({ epoch, key }) => formsOf(`tenant key ${epoch}`, key)),
    formsOf("kit", kit),
    ...kitLines(kit).map((line): Forms[number] => [`kit line ${line[0]}`, [Buffer.from(line.slice(3))]]),
  ];
  const bob = corpusKey("Bob");
  const { d } = createPrivateKey({ key: bob.key.privateKey, format: "der", type: "pkcs8" }).export({ format: "jwk" });
  const word2 = "the planted passphrase of a key file";
  const keyFile = join(folder, "planted.pem");
  writeFileSync(keyFile, encryptedPem(bob.key, word2));
  secrets.push(formsOf("private key", bob.key.privateKey), formsOf("private exponent", Buffer.from(d!, "base64url")), [
    "key file's passphrase",
    [word2, Buffer.from(word2).toString("base64")].map((text) => Buffer.from(text)),
  ]);
  assert.equal(secrets.length, 14);

  await munimentJson(["init", "--data", data, ...word]);
  const server = await startServer(data, "-v", ...word);
  context.after(() => server.kill());
  await addConnector(data, "standard", "s@archive.example");
  await sendAll(server.smtpPort, "s@archive.example", [
    Buffer.from("From: anna@example.com\r\nSubject: one\r\n\r\nbody\r\n"),
    Buffer.from("no header at all\r\n"),
  ]);
  const mail = encryptedMail("what only the key shows", bob.key.certificate);
  await sendAll(server.smtpPort, "s@archive.example", [mail]);
  const refused = await SmtpClient.open(server.smtpPort);
  await assert.rejects(refused.send("nobody@archive.example", Buffer.from("x\r\n")), /550/);
  await refused.quit();
  await settled(data);
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
  for (const [path, authorization] of [
    ["/api/v1/messages?q=*", `Bearer ${token}`],
    ["/api/v1/messages?q=*", `Bearer ${token}x`],
    ["/api/v1/messages?q=%28", `Bearer ${token}`],
  ] as const)
    await (await fetch(`http://${server.http}${path}`, { headers: { authorization } })).text();
  const exports = join(folder, "export");
  const opened = join(folder, "opened");
  const importing = ["keys", "import", keyFile, "--data", data, "--passphrase-stdin"];
  const said = [
    await muniment(importing, `${word2}!\n`),
    await muniment([...importing, "--json"], `${word2}\n`),
    await muniment(["search", "is:encrypted-decrypted", "--data", data, "--json"]),
    await muniment(["audit", "list", "--data", data, "--json"]),
    await muniment(["export", "*", "--data", data, "--out", opened, "--form", "both"]),
    await muniment(["export", "*", "--data", data, "--out", exports]),
    await munimentHere(["keys", "list", "--data", data, "--json"]),
    await munimentHere(["keys", "rotate", "--data", data, ...word]),
  ];
  const process = ["environ", "cmdline"].map((name) => readFileSync(`/proc/${server.pid}/${name}`));
  assert.ok(process[1]?.includes("serve"));
  assert.equal(await server.stop(), 0);
  writeFileSync(join(folder, "wrong"), `${passphrase}!\n`);
  said.push(
    await munimentHere(["status", "--data", data, "--passphrase-file", join(folder, "wrong")]),
    await munimentHere(["inspect", "spool", "--data", data, ...word]),
    await munimentHere(["keys", "rotate", "--root", "--data", data, ...word, "--json"]),
    await munimentHere(["keys", "recover", "--kit-stdin", "--data", data, ...word], kitLines(kit).join("\n").slice(1)),
  );
  assert.deepEqual(
    said.map(({ code }) => code),
    [12, 0, 0, 0, 0, 0, 0, 11, 12, 0, 0, 2],
  );

  assert.match(server.stderr(), /"level":30/, "the log is at level info");
  assert.deepEqual(found(Buffer.from(server.stderr()), secrets), []);
  for (const bytes of process) assert.deepEqual(found(bytes, secrets), []);
  for (const { stdout, stderr } of said)
    assert.deepEqual(found(Buffer.concat([stdout, Buffer.from(stderr)]), secrets), []);
  assert.ok(filesBelow(data).length >= 5 && filesBelow(exports).length === 4);
  assert.equal(filesBelow(opened).length, 5, "the decrypted form is there");
  assert.deepEqual(
    [data, exports, opened].map((place) => foundBelow(place, secrets)),
    [[], [], []],
  );

  // The same search finds what is there: an unprotected key file holds its root key in clear.
  const open = join(folder, "open");
  await createKeyFile(disk, join(open, "keyring.json"), null, createSimEntropy(77), someTime);
  assert.deepEqual(foundBelow(open, secrets), ["root key in keyring.json"]);
});
