import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** CRLF line ends throughout, as a sending mail server makes them. */
export function toCrlf(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1").replace(/\r\n|\r|\n/g, "\r\n");
  return Buffer.from(text.endsWith("\r\n") ? text : `${text}\r\n`, "latin1");
}

/** Dots at line starts doubled (RFC 5321 §4.5.2); `bytes` ends with CRLF. */
export function dotStuff(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(/(^|\r\n)\./g, "$1.."), "latin1");
}

/** What goes over the wire after 354: dots doubled and the final dot behind; `bytes` ends with CRLF. */
export function readyToSend(bytes: Buffer): Buffer {
  return Buffer.concat([dotStuff(bytes), Buffer.from(".\r\n")]);
}

/** One SMTP session of a test's own. */
export class SmtpClient {
  readonly #socket: Socket;
  #text = "";
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (piece: Buffer) => {
      this.#text += piece.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** @param from the address on loopback to come from */
  static async open(port: number, from = "127.0.0.1"): Promise<SmtpClient> {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from });
    const client = new SmtpClient(socket);
    await once(socket, "connect");
    await client.reply();
    await client.say("EHLO test.example");
    return client;
  }

  /** The next whole reply; rejects when the peer is gone. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.#isClosed) throw new Error("the server closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.reply();
  }

  /** Sends one message, already with CRLF line ends, and resolves with the reply after its end. */
  send(recipient: string, bytes: Buffer): Promise<string> {
    return this.sendReady(recipient, readyToSend(bytes));
  }

  /** As {@link send}, of what {@link readyToSend} made, so that the making is not timed. */
  async sendReady(recipient: string, stuffed: Buffer): Promise<string> {
    this.#socket.write(`MAIL FROM:<sender@test.example>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
    const replies = [await this.reply(), await this.reply(), await this.reply()];
    if (!replies[2]?.startsWith("354")) throw new Error(`refused: ${replies.join(" | ")}`);
    this.#socket.write(stuffed);
    return this.reply();
  }

  /** Writes bytes as they are, waiting while the peer is slow. */
  async raw(bytes: Buffer): Promise<void> {
    if (this.#socket.write(bytes)) return;
    const abort = new AbortController();
    const { signal } = abort;
    await Promise.race([once(this.#socket, "drain", { signal }), once(this.#socket, "close", { signal })]);
    abort.abort();
  }

  async quit(): Promise<void> {
    await this.say("QUIT").catch(() => undefined);
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Sends the messages over several sessions; throws when one is not answered 250. */
export async function sendAll(
  port: number,
  recipient: string,
  messages: readonly Buffer[],
  sessions = 8,
): Promise<void> {
  const queue = [...messages];
  await Promise.all(
    Array.from({ length: Math.min(sessions, messages.length) }, async () => {
      const client = await SmtpClient.open(port);
      try {
        for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
          const reply = await client.send(recipient, message);
          if (!reply.startsWith("250")) throw new Error(`not taken: ${reply}`);
        }
        await client.quit();
      } finally {
        client.destroy();
      }
    }),
  );
}
