import assert from "node:assert/strict";
import { test } from "node:test";
import { verdict } from "./verdict.ts";

type Status = Parameters<typeof verdict>[0];
type Connectors = Parameters<typeof verdict>[1];
const fine: Status = { received: 10, quarantined: 0, unaccounted: 0 };
const running = { description: "HQ", status: "running" } as const;
const waiting = { description: "New", status: "awaiting_initial_run" } as const;
const failing = { description: "Branch", status: "error" } as const;

test("names the worst thing first", () => {
  const table: [Status, Connectors, string, RegExp][] = [
    [{ ...fine, unaccounted: 1, quarantined: 2 }, [failing], "bad", /1 message is unaccounted/],
    [{ ...fine, quarantined: 2 }, [failing, running], "bad", /1 of 2 connectors in error: Branch/],
    [{ ...fine, quarantined: 2 }, [running], "warn", /2 messages need a look in quarantine/],
    [fine, [running, running], "good", /All 2 connectors running; nothing unaccounted/],
    [fine, [running, waiting], "good", /1 of 2 connectors running/],
    [fine, [], "idle", /nothing unaccounted/],
    [{ ...fine, received: 0 }, [], "fresh", /Nothing journaled yet/],
  ];
  for (const [status, connectors, tone, sentence] of table) {
    const said = verdict(status, connectors);
    assert.equal(said.tone, tone, said.sentence);
    assert.match(said.sentence, sentence);
  }
});
