import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorId } from "#core/index.ts";
import { at, batchOf, type Context, messageEntry, receiptEntry } from "./catalogue-entries.ts";

export function talliesContract({ catalogue, newTenant }: Context): void {
  const [first, second] = ["con_aaaaaaaaaaaaaaaa", "con_bbbbbbbbbbbbbbbb"] as [ConnectorId, ConnectorId];

  test("are empty at first", async () => {
    assert.deepEqual(await catalogue().tallies(await newTenant()), { messages: 0, connectors: [] });
  });

  test("count every receipt in its settled state, by connector, over all days and batches", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    const day = 86_400_000;
    await catalogue().commit(
      tenant,
      batchOf(
        [a, b],
        [
          receiptEntry("r1", a, { connector: second, receivedAt: at(3 * day) }),
          receiptEntry("r2", a, { connector: first, receivedAt: at(2 * day), flags: ["journal_loop"] }),
          receiptEntry("r3", b, { connector: first, receivedAt: at(1 * day), state: "held", reason: "too_old" }),
        ],
      ),
    );
    await catalogue().commit(tenant, {
      ...batchOf(
        [],
        [
          receiptEntry("r4", b, { connector: first, receivedAt: at(1 * day + 5), flags: ["x", "journal_loop"] }),
          receiptEntry("r5", b, { connector: first, receivedAt: at(1 * day), state: "quarantined", reason: "x" }),
          receiptEntry("r1", a, { connector: second, receivedAt: at(9 * day) }),
        ],
      ),
      pack: null,
    });
    assert.deepEqual(await catalogue().tallies(tenant), {
      messages: 2,
      connectors: [
        {
          ...{ connector: first, archived: 1, duplicate: 1, quarantined: 1, held: 1, lastReceivedAt: at(2 * day) },
          ...{ looped: 2, lastLoopedAt: at(2 * day) },
        },
        {
          ...{ connector: second, archived: 1, duplicate: 0, quarantined: 0, held: 0, lastReceivedAt: at(3 * day) },
          ...{ looped: 0, lastLoopedAt: null },
        },
      ],
    });
  });

  test("add up to the receipts that are there", async () => {
    const tenant = await newTenant();
    const entries = Array.from({ length: 7 }, (_, index) => messageEntry(`tally ${index}`));
    const states = ["archived", "quarantined", "held", "archived", "archived"] as const;
    for (let round = 0; round < 4; round += 1) {
      const receipts = entries.flatMap((entry, index) =>
        Array.from({ length: 1 + ((index + round) % 3) }, (_, n) =>
          receiptEntry(`${round % 3}/${index}/${n}`, entry, {
            connector: (index + n) % 2 === 0 ? first : second,
            state: states[(index + round + n) % states.length]!,
            receivedAt: at((7 - index) * 5_000_000 - n - round),
          }),
        ),
      );
      await catalogue().commit(tenant, batchOf(entries, receipts));
    }
    const rows = await catalogue().messagesAfter(tenant, null, 100);
    const receipts = rows.flatMap((row) => row.receipts);
    const { messages, connectors } = await catalogue().tallies(tenant);
    assert.equal(messages, rows.length);
    assert.deepEqual(
      connectors,
      [first, second].map((connector) => {
        const own = receipts.filter((receipt) => receipt.connector === connector);
        const count = (state: string) => own.filter((receipt) => receipt.state === state).length;
        return {
          connector,
          archived: count("archived"),
          duplicate: count("duplicate"),
          quarantined: count("quarantined"),
          held: count("held"),
          lastReceivedAt: Math.max(...own.map((receipt) => receipt.receivedAt)),
          ...{ looped: 0, lastLoopedAt: null },
        };
      }),
    );
  });
}
