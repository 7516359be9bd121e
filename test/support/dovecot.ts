import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A Dovecot of the test's own on loopback, with one mailbox `u1`, password `pw1`. */
export interface Dovecot {
  pop3Port: number;
  pop3sPort: number;
  /** The self-signed certificate it shows, in PEM; it names `localhost`. */
  certificate: string;
  /** Puts messages into the mailbox, oldest first. */
  deliver(messages: readonly Uint8Array[]): void;
  /** How many messages are in the mailbox. */
  count(): number;
  /** Gives every message a new unique id, as a rebuilt mailbox has. */
  renameAll(): void;
  stop(): Promise<void>;
}

export const dovecotUser = { user: "u1", password: "pw1" };

/** A port of loopback that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function configuration(folder: string, ports: { pop3: number; pop3s: number }): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
protocols = pop3
listen = 127.0.0.1
log_path = ${folder}/dovecot.log
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 0
mail_location = maildir:${folder}/mail/%u/Maildir
pop3_uidl_format = %g
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${folder}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/mail/%u
}
service anvil {
  chroot =
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
`;
}

/** Starts Dovecot and resolves when it answers. @param folder its own, below one that everybody may enter */
export async function startDovecot(): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-dovecot-"));
  chmodSync(folder, 0o755);
  const ports = { pop3: await freePort(), pop3s: await freePort() };
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  execFileSync("openssl", [...request, "-addext", "subjectAltName=DNS:localhost", ...files], { stdio: "ignore" });
  writeFileSync(join(folder, "users"), `${dovecotUser.user}:{PLAIN}${dovecotUser.password}::::::\n`);
  writeFileSync(join(folder, "dovecot.conf"), configuration(folder, ports));
  const maildir = join(folder, "mail", dovecotUser.user, "Maildir");
  const nobody = Number(execFileSync("id", ["-u", "nobody"]).toString());
  const nogroup = Number(/:(\d+):/.exec(execFileSync("getent", ["group", "nogroup"]).toString())?.[1]);
  const own = (path: string) => chownSync(path, nobody, nogroup);
  for (const path of [
    "mail",
    "mail/u1",
    "mail/u1/Maildir",
    ...["cur", "new", "tmp"].map((one) => `mail/u1/Maildir/${one}`),
  ]) {
    mkdirSync(join(folder, path), { recursive: true });
    own(join(folder, path));
  }
  // In the foreground it is our child: it ends with us, and by its own pid.
  const child = spawn("dovecot", ["-F", "-c", join(folder, "dovecot.conf")], { stdio: "ignore" });
  await answering(child, ports.pop3, join(folder, "dovecot.log"));
  let delivered = 0;
  return {
    pop3Port: ports.pop3,
    pop3sPort: ports.pop3s,
    certificate: readFileSync(join(folder, "cert.pem"), "utf8"),
    deliver: (messages) => {
      for (const message of messages) {
        delivered += 1;
        const name = `${1_700_000_000 + delivered}.M${String(delivered).padStart(6, "0")}P1.test`;
        const path = join(maildir, "new", name);
        writeFileSync(path, message);
        own(path);
      }
    },
    // A message moves from new to cur, never back: in this order none is overlooked, and by its base name none counts twice.
    count: () =>
      new Set(["new", "cur"].flatMap((part) => readdirSync(join(maildir, part)).map((name) => name.split(":")[0])))
        .size,
    renameAll: () => {
      for (const part of ["cur", "new"])
        for (const name of readdirSync(join(maildir, part))) {
          const [base] = name.split(":");
          const bytes = readFileSync(join(maildir, part, name));
          const path = join(maildir, "new", `${base!.replace(/\.test.*$/, "")}R.test`);
          rmSync(join(maildir, part, name));
          writeFileSync(path, bytes);
          own(path);
        }
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** {@link startDovecot}, ended with the test. */
export async function testDovecot(test: TestContext): Promise<Dovecot> {
  const dovecot = await startDovecot();
  test.after(() => dovecot.stop());
  return dovecot;
}

async function answering(child: ChildProcess, port: number, log: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`dovecot ended: ${existsSync(log) ? readFileSync(log, "utf8") : "no log"}`);
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("data", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
