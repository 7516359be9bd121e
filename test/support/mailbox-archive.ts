import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Client, createClient } from "#cli/client.ts";
import { socketAddress } from "#cli/socket-address.ts";
import { testFolder } from "./folder.ts";
import type { Drained } from "./mailbox.ts";
import { munimentJson, startServerWith, type TestServer } from "./server.ts";

/** A running server that may reach loopback, and its API without a process for each question. */
export interface MailboxArchive {
  folder: string;
  data: string;
  client: Client;
  /** `connectors run`, also when it ends with a problem. */
  drain(id: string): Promise<Drained>;
  connector(id: string): Promise<{ status: string; statusReason: string }>;
  /** What the server has said on standard error so far. */
  stderr(): string;
  /** Ends the server as a power button would, and starts it again. */
  restart(): Promise<void>;
}

/** Makes an archive and starts its server with `env`, ended with the test. */
export async function testMailboxArchive(
  context: TestContext,
  env: Record<string, string> = {},
): Promise<MailboxArchive> {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data]);
  const start = (): Promise<TestServer> => startServerWith(env, data, "--allow-private-hosts");
  let server = await start();
  const { signal } = new AbortController();
  const client = createClient({ address: socketAddress(data), tenant: null, signal, reach: async () => undefined });
  context.after(async () => {
    client.close();
    await server.stop();
  });
  return {
    folder,
    data,
    client,
    drain: async (id) => {
      for await (const line of client.lines<{ result: Drained }>(`/connectors/${id}/runs`)) return line.result;
      throw new Error("no answer");
    },
    connector: (id) => client.get(`/connectors/${id}`),
    stderr: () => server.stderr(),
    restart: async () => {
      await server.kill();
      server = await start();
    },
  };
}
