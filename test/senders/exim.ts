import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { dotStuff } from "../support/smtp-client.ts";

const program = resolve(import.meta.dirname, "../../.engines/exim4-daemon-light/usr/sbin/exim4");
const user = "Debian-exim";

/** What Exim is to do: pass on what it is given, octet for octet, to one port of loopback. */
function configuration(folder: string, port: number): string {
  return `
exim_path = ${program}
primary_hostname = sender.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/exim.pid
keep_environment =
disable_ipv6
host_lookup =
received_header_text =
delivery_date_remove = false
envelope_to_remove = false
return_path_remove = false
message_size_limit = 0
smtp_accept_max_nonmail = 10000
local_from_check = false
trusted_users = root
untrusted_set_sender = *
queue_only
queue_run_in_order
acl_not_smtp_start = unchanged
acl_not_smtp = taken
begin acl
unchanged:
  accept control = suppress_local_fixups
taken:
  accept
begin routers
push:
  driver = manualroute
  transport = push
  route_data = 127.0.0.1
  self = send
begin transports
push:
  driver = smtp
  port = ${port}
  hosts_try_chunking = *
  message_linelength_limit = 1G
begin retry
* * F,1h,1s
`;
}

/** Sends messages with Exim, each by BDAT, and resolves with its log when its queue was run once. */
export async function sendWithExim(
  folder: string,
  port: number,
  recipient: string,
  messages: readonly Buffer[],
): Promise<string> {
  assert.ok(existsSync(program), "exim4-daemon-light is not unpacked: node scripts/prepare.mjs --test");
  for (const name of ["spool", "log"]) mkdirSync(join(folder, name), { recursive: true });
  // Exim runs as its own user, and takes its settings only from a file that is root's.
  execFileSync("chown", ["-R", user, join(folder, "spool"), join(folder, "log")]);
  execFileSync("chmod", ["755", folder]);
  const file = join(folder, "exim.conf");
  writeFileSync(file, configuration(folder, port), { mode: 0o644 });
  const batch = messages.map((message) =>
    Buffer.concat([
      Buffer.from(`MAIL FROM:<sender@test.example>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`),
      dotStuff(message),
      Buffer.from(".\r\n"),
    ]),
  );
  await run(["-C", file, "-bS"], Buffer.concat(batch));
  await run(["-C", file, "-q"], Buffer.alloc(0));
  return execFileSync("cat", [join(folder, "log", "mainlog")]).toString();
}

async function run(args: string[], input: Buffer): Promise<void> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, `exim ${args.join(" ")}: ${said}`);
}
