import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageEntry, SmimeEntry } from "#catalogue/index.ts";
import type { MessageId } from "#core/index.ts";
import { at, batchOf, type Context, messageEntry, receiptEntry } from "./catalogue-entries.ts";

/** What the catalogue promises of what S/MIME made of messages. */
export function smimeContract({ catalogue, newTenant }: Context): void {
  const entryOf = (message: MessageEntry, more: Partial<SmimeEntry> = {}): SmimeEntry => ({
    message: message.id,
    state: "encrypted-no-key",
    algorithm: "AES-256-CBC",
    recipients: [{ issuer: "CN=ca", serial: "01" }],
    key: null,
    signature: null,
    isCut: false,
    derived: [],
    waitsFor: ["CN=ca 01", "CN=ca 02"],
    decidedAt: at(9),
    ...more,
  });
  const withMessages = async (...names: string[]) => {
    const tenant = await newTenant();
    const messages = names.map((name) => messageEntry(name));
    await catalogue().commit(
      tenant,
      batchOf(
        messages,
        messages.map((message) => receiptEntry(`r${message.id}`, message)),
      ),
    );
    return { tenant, messages: messages.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  };

  test("is kept as it was noted, and gives way to what is noted later", async () => {
    const { tenant, messages } = await withMessages("sa", "sb");
    const [first, second] = messages.map((message) => entryOf(message));
    await catalogue().noteSmime(tenant, [first!, second!]);
    await catalogue().noteSmime(tenant, [first!]);
    assert.deepEqual(await catalogue().smime(tenant, [first!.message]), [first]);
    const opened = { ...first!, state: "encrypted-decrypted", key: "ab", waitsFor: [] } as const;
    await catalogue().noteSmime(tenant, [{ ...opened, waitsFor: [] }]);
    assert.deepEqual(await catalogue().smime(tenant, [first!.message]), [opened]);
  });

  test("finds by recipient what waits, page by page, and nothing that was opened", async () => {
    const { tenant, messages } = await withMessages("wa", "wb", "wc");
    const [a, b, c] = messages.map((message) => entryOf(message));
    await catalogue().noteSmime(tenant, [a!, { ...b!, waitsFor: ["CN=ca 02"] }, c!]);
    const waiting = (after: MessageId | null, limit: number) =>
      catalogue().smimeWaitingFor(tenant, "CN=ca 02", after, limit);
    const counts = async (...recipients: string[]) =>
      (await catalogue().smimeWaitingCounts(tenant, recipients)).map(({ recipient, messages }) => [
        recipient,
        messages,
      ]);
    assert.deepEqual(await waiting(null, 2), [a!.message, b!.message]);
    assert.deepEqual(await waiting(b!.message, 2), [c!.message]);
    assert.deepEqual(await catalogue().smimeWaitingFor(tenant, "CN=ca 01", null, 9), [a!.message, c!.message]);
    assert.deepEqual(await catalogue().smimeWaitingFor(tenant, "CN=ca", null, 9), []);
    assert.deepEqual((await counts("CN=ca 02", "CN=none", "CN=ca 01", "CN=ca 01")).sort(), [
      ["CN=ca 01", 2],
      ["CN=ca 02", 3],
    ]);
    assert.deepEqual(await counts(), []);
    await catalogue().noteSmime(tenant, [{ ...a!, state: "encrypted-decrypted", key: "ab" }]);
    assert.deepEqual(await waiting(null, 9), [b!.message, c!.message]);
    assert.deepEqual(await catalogue().smimeTotals(tenant, 1), {
      states: [
        { state: "encrypted-decrypted", messages: 1 },
        { state: "encrypted-no-key", messages: 2 },
      ],
      opened: [{ key: "ab", messages: 1 }],
      waiting: [{ recipient: "CN=ca 02", messages: 2 }],
    });
  });

  test("messages to be read again stand at the end of the change sequence once more", async () => {
    const { tenant, messages } = await withMessages("ra", "rb");
    const last = await catalogue().lastChange(tenant);
    const unknown = messageEntry("never committed").id;
    assert.equal(await catalogue().readAgain(tenant, [messages[0]!.id, unknown]), last + 1);
    assert.deepEqual(await catalogue().changes(tenant, last, 9), [{ seq: last + 1, message: messages[0]!.id }]);
    assert.equal(await catalogue().lastChange(tenant), last + 1);
  });
}
