import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure } from "#core/index.ts";
import type { ServerDoor } from "./server-door.ts";
import { type SessionOptions, withArchive } from "./session.ts";
import { readSettings } from "./settings.ts";
import { socketAddress, socketPathBytesMax } from "./socket-address.ts";

const answer: RequestListener = (_, response) => response.setHeader("content-type", "application/json").end('{"n":1}');

async function dataFolder(t: TestContext): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "muniment-session-"));
  await mkdir(join(data, "run"));
  t.after(() => rm(data, { recursive: true, force: true }));
  return data;
}

async function listen(data: string, listener: RequestListener = answer): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketAddress(data), resolve));
  return server;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** A server module whose `openArchive` listens on the socket, or first fails as often as told. */
function doorOf(failures: Failure[], events: string[]): () => Promise<ServerDoor> {
  const openArchive: ServerDoor["openArchive"] = async ({ data, listen: listeners }) => {
    const failure = failures.shift();
    events.push(failure?.code ?? "opened");
    if (failure !== undefined) throw failure;
    assert.deepEqual(listeners, { http: null, smtp: null, socket: socketAddress(data) });
    const server = await listen(data);
    const closing = async () => {
      events.push("closed");
      await close(server);
    };
    const spool = { resumed: 0, warnings: [], damagedOnSpool: 0 };
    const facts = { http: null, smtp: null, smtps: null, claimUrl: null, ...spool };
    const nothing = async () => undefined;
    return { ...facts, reload: nothing, drained: nothing, close: closing };
  };
  return async () => ({ openArchive }) as ServerDoor;
}

async function optionsFor(data: string, more: Partial<SessionOptions>): Promise<SessionOptions> {
  const never = new AbortController().signal;
  return { settings: await readSettings({ data }, {}), signal: never, hurry: never, isVerbose: false, ...more };
}

const lockedFailure = () => new Failure("ARCHIVE-LOCKED", "later", "in use");

test("a server that has the archive open is used, and nothing is opened here", async (t) => {
  const data = await dataFolder(t);
  const server = await listen(data);
  const events: string[] = [];
  const options = await optionsFor(data, { load: doorOf([], events) });
  assert.deepEqual(await withArchive(options, (client) => client.get("/status")), { n: 1 });
  assert.deepEqual(events, []);
  await close(server);
});

test("without a server the archive is opened here, and closed also after a failure", async (t) => {
  const data = await dataFolder(t);
  const events: string[] = [];
  const options = await optionsFor(data, { load: doorOf([], events) });
  assert.deepEqual(await withArchive(options, (client) => client.get("/status")), { n: 1 });
  await assert.rejects(
    withArchive(options, async () => {
      throw new Error("work failed");
    }),
    { message: "work failed" },
  );
  assert.deepEqual(events, ["opened", "closed", "opened", "closed"]);
});

test("a process that holds the archive without listening is waited for", async (t) => {
  const data = await dataFolder(t);
  const events: string[] = [];
  const options = await optionsFor(data, { load: doorOf([lockedFailure()], events) });
  assert.deepEqual(await withArchive(options, (client) => client.get("/status")), { n: 1 });
  assert.deepEqual(events, ["ARCHIVE-LOCKED", "opened", "closed"]);
});

test("after 10 s of waiting the lock is the answer, up to then it is not", async (t) => {
  const data = await dataFolder(t);
  const events: string[] = [];
  const times = [0, 10_000, 10_001];
  const load = doorOf([lockedFailure(), lockedFailure(), lockedFailure()], events);
  const options = await optionsFor(data, { load, now: () => times.shift()! });
  await assert.rejects(
    withArchive(options, async () => undefined),
    { code: "ARCHIVE-LOCKED" },
  );
  assert.equal(events.length, 2);
});

test("any other failure to open is not waited for", async (t) => {
  const events: string[] = [];
  const load = doorOf([new Failure("ARCHIVE-MISSING", "never", "none here")], events);
  const options = await optionsFor(await dataFolder(t), { load });
  await assert.rejects(
    withArchive(options, async () => undefined),
    { code: "ARCHIVE-MISSING" },
  );
  assert.deepEqual(events, ["ARCHIVE-MISSING"]);
});

test("when the server stops in between, the archive is opened here and the work goes on", async (t) => {
  const data = await dataFolder(t);
  const server = await listen(data);
  const events: string[] = [];
  const options = await optionsFor(data, { load: doorOf([], events) });
  await withArchive(options, async (client) => {
    await client.get("/status");
    await close(server);
    assert.deepEqual(await Promise.all([client.get("/status"), client.get("/status")]), [{ n: 1 }, { n: 1 }]);
  });
  assert.deepEqual(events, ["opened", "closed"]);
});

test("a long path of the socket is given relative to the working directory", () => {
  const data = (length: number) => "/" + "d".repeat(length - "/".length - "/run/muniment.sock".length);
  assert.equal(socketAddress(data(socketPathBytesMax)), data(socketPathBytesMax) + "/run/muniment.sock");
  assert.equal(socketAddress(data(socketPathBytesMax + 1), data(socketPathBytesMax + 1)), "run/muniment.sock");
  assert.throws(() => socketAddress(data(socketPathBytesMax + 1), "/elsewhere"), { code: "SOCKET-PATH" });
});
