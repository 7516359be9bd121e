import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { acme, openBatches } from "../../test/support/batches.ts";
import { createOwnDomains, type OwnDomains, ownDomainsMax } from "./own-domains.ts";

const mail = (number: number) => Buffer.from(`Message-ID: <${number}@x.example>\r\n\r\n${number}\r\n`);

/** Own domains over a catalogue with some messages; `covered` is called for each slice that is to be indexed. */
async function withMessages(count: number, covered: (own: OwnDomains, slice: number) => Promise<void> | void) {
  const batches = await openBatches();
  for (let at = 0; at < count; at += 100)
    await batches.archive(Array.from({ length: Math.min(100, count - at) }, (_, index) => mail(at + index)));
  const { catalogue } = batches;
  const start = () => {
    let slices = 0;
    const own: OwnDomains = createOwnDomains({
      ...{ catalogue, log: () => undefined },
      indexer: () => ({
        covered: async () => {
          slices += 1;
          await covered(own, slices);
        },
      }),
    });
    return own;
  };
  return { catalogue, start };
}

test("all mail is put into the change sequence once more, and then is judged", async () => {
  const { catalogue, start } = await withMessages(250, () => undefined);
  const before = await catalogue.lastChange(acme);
  const steps: number[] = [];
  const result = await start().set(acme, ["B.example", "a.example", "b.example."], ({ done }) => steps.push(done));
  assert.deepEqual(result, { domains: ["a.example", "b.example"], messages: 250 });
  assert.deepEqual(steps, [100, 200, 250]);
  assert.equal(await catalogue.lastChange(acme), before + 250);
  assert.deepEqual(await catalogue.ownDomains(acme), { domains: ["a.example", "b.example"], isJudged: true });
});

test("what a stop interrupted is done at the next start, and not again at the one after", async () => {
  let isInterrupted = false;
  const { catalogue, start } = await withMessages(250, (own, slice) => {
    if (isInterrupted || slice < 2) return;
    isInterrupted = true;
    own.stop();
  });
  assert.equal((await start().set(acme, ["a.example"], () => undefined)).messages, 200);
  assert.deepEqual(await catalogue.ownDomains(acme), { domains: ["a.example"], isJudged: false });
  const own = start();
  assert.deepEqual(await own.of(acme), ["a.example"]);
  const before = await catalogue.lastChange(acme);
  await own.resume(acme);
  assert.equal(await catalogue.lastChange(acme), before + 250);
  assert.equal((await catalogue.ownDomains(acme)).isJudged, true);
  await own.resume(acme);
  assert.equal(await catalogue.lastChange(acme), before + 250);
});

test("a further call ends the one before, and the last domains are those that all mail is judged by", async () => {
  let further: Promise<unknown> | undefined;
  const { catalogue, start } = await withMessages(250, (own) => {
    further ??= own.set(acme, ["b.example"], () => undefined);
  });
  const first = await start().set(acme, ["a.example"], () => undefined);
  await further;
  assert.ok(first.messages < 250);
  assert.deepEqual(await catalogue.ownDomains(acme), { domains: ["b.example"], isJudged: true });
});

test("takes as many domains as are allowed, and none of more or of what is no domain", async () => {
  const { catalogue, start } = await withMessages(1, () => undefined);
  const many = (count: number) => Array.from({ length: count }, (_, index) => `d${index}.example`);
  const own = start();
  assert.equal((await own.set(acme, many(ownDomainsMax), () => undefined)).domains.length, ownDomainsMax);
  for (const domains of [many(ownDomainsMax + 1), ["a b"]])
    await assert.rejects(
      own.set(acme, domains, () => undefined),
      (error) => isFailure(error, "DOMAIN-MALFORMED"),
    );
  assert.equal((await catalogue.ownDomains(acme)).domains.length, ownDomainsMax);
});
