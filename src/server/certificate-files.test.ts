import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Clock, Instant } from "#core/index.ts";
import { readCertificate } from "#smtp/index.ts";
import { certificateCheckMs, watchCertificate } from "./certificate-files.ts";

const dayMs = 86_400_000;
const fixture = (name: string) => new URL(`../../fixtures/tls/${name}.pem`, import.meta.url);

/** A folder with `first`, a clock that wakes sleepers on demand, and the log's lines. */
async function stage(t: TestContext, nowMs = 0) {
  const folder = await mkdtemp(join(tmpdir(), "muniment-tls-"));
  const paths = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const put = async (name: string) => {
    await copyFile(fixture(`${name}-cert`), paths.certificate);
    await copyFile(fixture(`${name}-key`), paths.key);
  };
  await put("first");
  const sleeping: { ms: number; wake: () => void }[] = [];
  const clock: Clock & { nowMs: number } = {
    nowMs,
    now: () => clock.nowMs as Instant,
    elapsedMs: () => clock.nowMs,
    sleep: (ms, signal) =>
      new Promise<void>((wake) => {
        sleeping.push({ ms, wake });
        signal?.addEventListener("abort", () => wake(), { once: true });
      }),
  };
  const lines: [string, Record<string, unknown>][] = [];
  const watch = async () => {
    const files = await watchCertificate(paths, { clock, log: (event, fields) => lines.push([event, fields]) });
    t.after(async () => {
      await files.stop();
      await rm(folder, { recursive: true, force: true });
    });
    return files;
  };
  return { paths, put, clock, sleeping, lines, watch };
}

test("a renewed certificate is taken at the next look", async (t) => {
  const { put, sleeping, lines, watch } = await stage(t);
  const files = await watch();
  assert.equal(files.current().subject, "CN=first.archive.test");
  await put("second");
  const look = sleeping.shift();
  assert.equal(look?.ms, certificateCheckMs);
  look?.wake();
  while (sleeping.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(files.current().subject, "CN=second.archive.test");
  assert.deepEqual(
    lines.map(([event]) => event),
    ["tls.certificate-changed"],
  );
});

test("files that cannot be used leave the last good certificate, and are logged once", async (t) => {
  const { paths, put, lines, watch } = await stage(t);
  const files = await watch();
  await writeFile(paths.certificate, "half");
  await files.reload();
  await files.reload();
  assert.equal(files.current().subject, "CN=first.archive.test");
  await rm(paths.key);
  await files.reload();
  assert.equal(lines.filter(([event]) => event === "tls.certificate-failure").length, 2);
  await put("second");
  await files.reload();
  assert.equal(files.current().subject, "CN=second.archive.test");
});

test("the end of a certificate is announced three weeks, a week and a day before, once each, and when it is there", async (t) => {
  const { validUntil } = readCertificate(await readFile(fixture("first-cert")), await readFile(fixture("first-key")));
  const { clock, lines, watch } = await stage(t, validUntil - 30 * dayMs);
  const files = await watch();
  for (const daysLeft of [22, 21.01, 21, 20, 7.01, 7, 6, 1.01, 1, 0.5, 0.01, 0, -1]) {
    clock.nowMs = validUntil - daysLeft * dayMs;
    await files.reload();
    await files.reload();
  }
  assert.deepEqual(
    lines.map(([event, { daysLeft }]) => [event, daysLeft]),
    [
      ["tls.certificate-expiring", 21],
      ["tls.certificate-expiring", 7],
      ["tls.certificate-expiring", 1],
      ["tls.certificate-expired", 0],
    ],
  );
});

test("without a usable certificate at first there is a failure", async (t) => {
  const { paths, watch } = await stage(t);
  await rm(paths.key);
  await assert.rejects(watch(), { code: "TLS-CERTIFICATE" });
});
