import type { Dovecot } from "./dovecot.ts";
import { dovecotUser } from "./dovecot.ts";
import { muniment } from "./server.ts";

/** What `connectors run --json` answers. */
export interface Drained {
  seen: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  failed: number;
  left: number | null;
  problem: { code: string; words: string } | null;
}

/** What a test says of a mailbox, beside what suits most of them. */
export interface MailboxWish {
  port: number;
  host?: string;
  tls?: string;
  user?: string;
  password?: string;
  type?: "eej" | "standard";
  name?: string;
  more?: readonly string[];
}

/** Adds a connector for a mailbox on loopback, in clear unless told otherwise, that is left alone for an hour between runs. */
export async function addMailbox(data: string, wish: MailboxWish): Promise<{ id: string; hostname: string }> {
  const { host = "127.0.0.1", port, tls = "none", type = "standard", name = "mailbox", more = [] } = wish;
  const { user = dovecotUser.user, password = dovecotUser.password } = wish;
  const args = ["connectors", "add", "--data", data, "--transport", "pop3", "--type", type, "--description", name];
  const place = ["--address", `${name}@archive.example`, "--host", host, "--port", String(port), "--tls", tls];
  const ran = await muniment(
    [...args, ...place, "--user", user, "--password-stdin", "--interval", "1h", "--max-age", "off", ...more, "--json"],
    `${password}\n`,
  );
  if (ran.code !== 0) throw new Error(`connectors add ended with ${ran.code}: ${ran.stdout.toString()} ${ran.stderr}`);
  return JSON.parse(ran.stdout.toString()) as { id: string; hostname: string };
}

/** `connectors run`, also when it ends with a problem. */
export async function drainMailbox(data: string, id: string): Promise<{ code: number | null; drained: Drained }> {
  const { code, stdout, stderr } = await muniment(["connectors", "run", id, "--data", data, "--json"]);
  const line = stdout.toString().trim().split("\n").at(-1);
  if (line === undefined || line === "") throw new Error(`connectors run ended with ${code}: ${stderr}`);
  return { code, drained: JSON.parse(line) as Drained };
}

/** An ordinary mail. */
export function mailOf(subject: string, bytes = 200): Buffer {
  const head = `From: a@test.example\r\nTo: j@archive.example\r\nSubject: ${subject}\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n\r\n`;
  return Buffer.from(`${head}${".a line that begins with a dot\r\n".repeat(Math.ceil(bytes / 32))}`);
}

/** Puts messages into the mailbox and gives them back. */
export function delivered(dovecot: Dovecot, messages: readonly Buffer[]): readonly Buffer[] {
  dovecot.deliver(messages);
  return messages;
}
