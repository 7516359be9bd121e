import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";

const program = "/usr/sbin/postfix";
const services = [
  "pickup unix n - n 60 1 pickup",
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "flush unix n - n 1000? 0 flush",
  "proxymap unix - - n - - proxymap",
  "error unix - - n - - error",
  "retry unix - - n - - error",
  "postlog unix-dgram n - n - 1 postlogd",
];

/** What a Postfix has besides what every one of ours has. */
export interface PostfixAdditions {
  /** Settings for main.cf that win over ours. */
  settings?: Readonly<Record<string, string>>;
  /** Lines for main.cf. */
  main?: string;
  /** Lines for master.cf. */
  master?: string;
  /** More files in its configuration folder, by name. */
  files?: Readonly<Record<string, string>>;
}

/** A Postfix of the caller's own. */
export interface Postfix {
  port: number;
  /** Tries everything that waits in its queue now. */
  flush(): void;
  /** Throws away what is on hold. */
  empty(): void;
  stop(): void;
}

/**
 * Starts a Postfix that takes mail on a free port of loopback and, unless told otherwise, puts it on hold: accepted, durable,
 * and nothing more.
 *
 * @param folder its settings, queue and data; in a folder that other users may enter, and to be removed by the caller
 * @param additions given the folder of its settings
 */
export async function startPostfix(
  folder: string,
  additions: (config: string) => PostfixAdditions = () => ({}),
): Promise<Postfix> {
  assert.ok(existsSync(program), "postfix is not installed: apt-get install postfix");
  const port = await freePort();
  const [config, queue, data] = ["config", "queue", "data"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [config, queue, data]) mkdirSync(path, { recursive: true });
  const { settings: more = {}, main = "", master = "", files = {} } = additions(config);
  execFileSync("chmod", ["755", folder, queue]);
  execFileSync("chown", ["postfix", data]);
  const settings = {
    compatibility_level: "3.6",
    queue_directory: queue,
    data_directory: data,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    myhostname: "postfix.test",
    mydestination: "",
    alias_maps: "",
    local_recipient_maps: "",
    local_transport: "error:none",
    default_process_limit: "200",
    smtpd_recipient_restrictions: "check_recipient_access static:HOLD, permit",
    mynetworks: "127.0.0.0/8",
    smtpd_relay_restrictions: "permit_mynetworks, reject",
    smtpd_peername_lookup: "no",
    smtpd_client_connection_count_limit: "0",
    smtpd_tls_security_level: "none",
    message_size_limit: "0",
    mailbox_size_limit: "0",
    in_flow_delay: "0",
    ...more,
  };
  writeFileSync(
    join(config, "main.cf"),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join("") + `${main}\n`,
  );
  const listener = `127.0.0.1:${port} inet n - n - 200 smtpd`;
  writeFileSync(join(config, "master.cf"), [listener, ...services, master, ""].join("\n"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(config, name), `${text}\n`);
  execFileSync(program, ["-c", config, "start"], { stdio: ["ignore", "ignore", "pipe"] });
  const stop = () => void spawnSync(program, ["-c", config, "stop"], { stdio: "ignore" });
  try {
    for (let tries = 1; !(await answers(port)); tries += 1)
      assert.ok(tries < triesMax, `postfix does not answer on port ${port}`);
  } catch (error) {
    stop();
    throw error;
  }
  const flush = () => void execFileSync(program, ["-c", config, "flush"], { stdio: "ignore" });
  const empty = () =>
    void execFileSync("/usr/sbin/postsuper", ["-c", config, "-d", "ALL", "hold"], { stdio: "ignore" });
  return { port, flush, empty, stop };
}

/** Each waits a second at most. */
const triesMax = 20;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
    socket.setTimeout(1_000, () => {
      socket.destroy();
      resolve(false);
    });
  });
}
