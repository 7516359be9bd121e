import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type Box, talkPop3 } from "../../src/demo/mailbox-talk.ts";
import { systemClock } from "../../src/server/system.ts";
import { sha256 } from "./bytes.ts";
import { answerHere } from "./here.ts";
import { mailOf } from "./mailbox.ts";

/** What goes on beside SMTP while a server is killed: a mailbox is drained, a folder imported, the archive searched. */
export interface MixedLoad {
  port: number;
  /** Digests of messages that are gone from the mailbox or that an import said were archived: the archive must hold them. */
  owed: Set<string>;
  /** Messages still in the mailbox. */
  readonly left: number;
  /** One round of it, over when the server is gone; what the server could not answer is no failure here. */
  round(round: number, connector: string): Promise<void>;
  close(): Promise<void>;
}

const login = { user: "u1", password: "pw1" };
const mailsEach = 25;

/** Only the server that is killed may work on the archive: a command that opened it itself would archive what the kill left. */
const noServer = () => Promise.reject(new Error("the server is gone"));

/** Starts the mailbox; `folder` takes the files to import, `data` is the archive. */
export async function openMixedLoad(folder: string, data: string): Promise<MixedLoad> {
  const owed = new Set<string>();
  let count = 0;
  // A message leaves the mailbox at QUIT alone: from then on the archive is the only one who has it.
  let messages: Box["messages"] = [];
  const box: Box = {
    get messages() {
      return messages;
    },
    set messages(left) {
      for (const { bytes } of messages.filter((message) => !left.includes(message))) owed.add(sha256(bytes));
      messages = left;
    },
    refusal: (user, password) => (user === login.user && password === login.password ? null : "[AUTH] wrong"),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    talkPop3(socket, box);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  /**
   * Asks until the server does not answer, with pauses: this process also reads what SMTP sessions are answered, and when it is
   * busy itself it knows of each 250 too late for the kill to fall between that and the archive.
   */
  async function again(pauseMs: number, ask: (turn: number) => Promise<unknown>): Promise<void> {
    try {
      for (let turn = 0; ; turn += 1) {
        await ask(turn);
        await systemClock.sleep(pauseMs);
      }
    } catch {
      // The server is gone, or too busy to say: neither is lost mail.
    }
  }

  async function importOnce(round: number, turn: number): Promise<void> {
    const source = join(folder, "imported", `${round}-${turn}`);
    mkdirSync(source, { recursive: true });
    const mails = Array.from({ length: 5 }, (_, index) => mailOf(`import ${round} ${turn} ${index}`, 3_000));
    for (const [index, bytes] of mails.entries()) writeFileSync(join(source, `${index}.eml`), bytes);
    await answerHere(["import", source, "--data", data], noServer);
    for (const bytes of mails) owed.add(sha256(bytes));
  }

  return {
    port: (server.address() as { port: number }).port,
    owed,
    get left() {
      return messages.length;
    },
    async round(round, connector) {
      for (let index = 0; index < mailsEach; index += 1) {
        count += 1;
        messages.push({ uidl: `mixed-${count}`, bytes: mailOf(`mailbox ${count}`, 2_000) });
      }
      await Promise.all([
        again(300, () => answerHere(["connectors", "run", connector, "--data", data], noServer)),
        again(200, (turn) => importOnce(round, turn)),
        again(200, (turn) =>
          answerHere(["search", turn % 2 === 0 ? "line" : `round ${round}`, "--data", data], noServer),
        ),
      ]);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
