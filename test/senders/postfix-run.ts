import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { addConnector, munimentJson, startServer, type TestServer } from "../support/server.ts";
import type { Status } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";
import { type Postfix, startPostfix } from "./postfix.ts";

const journal = "journal@archive.example";

interface Recipe {
  before: string[];
  steps: { code: string | null }[];
}

/**
 * Has a Postfix that was set up from the printed recipe, and nothing else, journal `count` messages with a Bcc recipient
 * each. Our server is away for `awayMs` in the middle, and comes back at the same port.
 */
export async function postfixRun(folder: string, count: number, awayMs: number): Promise<void> {
  const data = join(folder, "data");
  chmodSync(folder, 0o755); // Postfix has users of its own, which must get through to its folders
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server: TestServer | undefined = await startServer(data);
  const { smtpPort } = server;
  let postfix: Postfix | undefined;
  try {
    const { id } = await addConnector(data, "standard", journal);
    await munimentJson(["connectors", "edit", id, "--sub-address", "on", "--data", data]);
    const recipe = await munimentJson<Recipe>(["connectors", "recipe", id, "--for", "postfix", "--data", data]);
    assert.deepEqual(recipe.before, []);
    postfix = await startPostfix(join(folder, "postfix"), (config) => additionsOf(recipe, config));

    const half = Math.floor(count / 2);
    await sendMails(postfix.port, 0, half);
    await arrived(data, half);
    assert.equal(await server.stop(), 0);
    server = undefined;
    await sendMails(postfix.port, half, count);
    await setTimeout(awayMs);
    server = await startServer(data, "--smtp", `127.0.0.1:${smtpPort}`);
    postfix.flush();
    const status = await arrived(data, count);
    assert.equal(status.messages, count, "each message once");

    await findEach(server, data, count);
  } finally {
    postfix?.stop();
    await server?.stop();
  }
}

/** The recipe's files, with its folder instead of /etc/postfix; and what the mail of the test itself needs. */
function additionsOf({ steps }: Recipe, config: string) {
  const codes = steps.flatMap(({ code }) => (code === null ? [] : [code.replaceAll("/etc/postfix", config)]));
  const blockWith = (words: string) => {
    const found = codes.find((code) => code.includes(words));
    assert.ok(found, `the recipe has a block with ${words}`);
    return found;
  };
  const everyoneElse = {
    smtpd_recipient_restrictions: "permit",
    default_transport: "discard",
    queue_run_delay: "1s",
    minimal_backoff_time: "1s",
    maximal_backoff_time: "2s",
  };
  return {
    settings: everyoneElse,
    main: blockWith("recipient_bcc_maps"),
    master: ["discard unix - - n - - discard", blockWith("soft_bounce")].join("\n"),
    files: { muniment_bcc: blockWith("/^(.+)@") },
  };
}

const hiddenOf = (n: number) => `hidden-${n}+tag@example.org`;

async function sendMails(port: number, from: number, to: number): Promise<void> {
  const client = await SmtpClient.open(port);
  try {
    for (let n = from; n < to; n += 1) {
      for (const line of ["MAIL FROM:<ann@example.org>", "RCPT TO:<bob@example.org>", `RCPT TO:<${hiddenOf(n)}>`])
        assert.match(await client.say(line), /^250 /);
      assert.match(await client.say("DATA"), /^354 /);
      const mail = `From: ann@example.org\r\nTo: bob@example.org\r\nSubject: offer ${n}\r\n\r\nNumber ${n}.\r\n.`;
      assert.match(await client.say(mail), /^250 /);
    }
    await client.quit();
  } finally {
    client.destroy();
  }
}

/** Asks `status` until so many messages are archived and searchable. */
async function arrived(data: string, count: number): Promise<Status> {
  for (;;) {
    const status = await munimentJson<Status>(["status", "--data", data]);
    if (status.messages >= count && status.processing === 0 && status.searchable === status.messages) return status;
  }
}

interface Found {
  data: { id: string; subject: string }[];
}

async function findEach(server: TestServer, data: string, count: number): Promise<void> {
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
  const get = async (path: string): Promise<Response> => {
    const answer = await fetch(`http://${server.http}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(answer.status, 200, path);
    return answer;
  };
  let last = "";
  for (let n = 0; n < count; n += 1) {
    const query = new URLSearchParams({ q: `recipient:"${hiddenOf(n)}"` });
    const found = (await (await get(`/messages?${query}`)).json()) as Found;
    assert.deepEqual(
      found.data.map(({ subject }) => subject),
      [`offer ${n}`],
      hiddenOf(n),
    );
    last = found.data[0]?.id ?? "";
  }
  const message = (await (await get(`/messages/${last}`)).json()) as {
    envelope: { sender: string; recipients: { address: string; source: string }[] };
  };
  assert.equal(message.envelope.sender, "ann@example.org");
  assert.deepEqual(
    message.envelope.recipients.map(({ address, source }) => `${address} ${source}`).sort(),
    ["bob@example.org hop", `${hiddenOf(count - 1)} hop`].sort(),
  );
  const bytes = await (await get(`/messages/${last}/raw`)).text();
  assert.equal(bytes.includes("hidden-"), false, "no header shows the Bcc recipient");
}
