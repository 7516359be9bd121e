import type { Socket } from "node:net";

/** A message in the demo's mailbox. */
export interface BoxMessage {
  uidl: string;
  bytes: Buffer;
}

/** The mailbox that sessions share; a session sees what was in it when it began. */
export interface Box {
  messages: BoxMessage[];
  /** What is said to a login; null lets it in. */
  refusal(user: string, password: string): string | null;
}

/** Longest command in characters that is read (RFC 2449 §4 has 255): the demo's only client stays far below. */
const commandCharactersMax = 512;

/** Speaks POP3 with one client (RFC 1939), as far as a collector needs it. */
export function talkPop3(socket: Socket, box: Box): void {
  const session = new Session(box);
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.write("+OK Harbour Works mailbox ready\r\n");
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      socket.write(session.answer(line), "latin1");
      if (session.isOver) return void socket.end();
    }
    if (text.length > commandCharactersMax) socket.destroy();
  });
}

const ok = (text = "") => `+OK ${text}\r\n`;
const no = (text: string) => `-ERR ${text}\r\n`;
const list = (lines: readonly string[]) => `${ok()}${lines.map((line) => `${line}\r\n`).join("")}.\r\n`;

class Session {
  isOver = false;
  readonly #box: Box;
  readonly #messages: readonly BoxMessage[];
  readonly #marked = new Set<number>();
  #user = "";
  #isIn = false;

  constructor(box: Box) {
    this.#box = box;
    this.#messages = [...box.messages];
  }

  answer(line: string): string {
    const [verb = "", ...words] = line.split(" ");
    const word = words.join(" ");
    switch (verb.toUpperCase()) {
      case "CAPA":
        return list(["USER", "UIDL", "TOP", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE"]);
      case "USER":
        this.#user = word;
        return ok();
      case "PASS":
        return this.#logIn(word);
      case "QUIT":
        return this.#quit();
      default:
        return this.#isIn ? this.#work(verb.toUpperCase(), words) : no("log in first");
    }
  }

  #logIn(password: string): string {
    const refusal = this.#box.refusal(this.#user, password);
    this.#isIn = refusal === null;
    return refusal === null ? ok() : no(refusal);
  }

  /** Only now is anything deleted (RFC 1939 §6). */
  #quit(): string {
    this.isOver = true;
    const gone = new Set([...this.#marked].map((number) => this.#messages[number - 1]));
    this.#box.messages = this.#box.messages.filter((message) => !gone.has(message));
    return ok("bye");
  }

  #work(verb: string, words: readonly string[]): string {
    const numbered = this.#messages.flatMap((message, at) =>
      this.#marked.has(at + 1) ? [] : [{ number: at + 1, message }],
    );
    const asked = numbered.find(({ number }) => number === Number(words[0]))?.message;
    switch (verb) {
      case "NOOP":
        return ok();
      case "STAT":
        return ok(`${numbered.length} ${numbered.reduce((sum, { message }) => sum + message.bytes.length, 0)}`);
      case "LIST":
        return list(numbered.map(({ number, message }) => `${number} ${message.bytes.length}`));
      case "UIDL":
        return list(numbered.map(({ number, message }) => `${number} ${message.uidl}`));
      case "RSET":
        this.#marked.clear();
        return ok();
      case "RETR":
      case "TOP":
        return asked === undefined ? no("no such message") : `${ok()}${stuffed(asked.bytes, verb === "TOP")}`;
      case "DELE":
        if (asked === undefined) return no("no such message");
        this.#marked.add(Number(words[0]));
        return ok();
      default:
        return no("unknown command");
    }
  }
}

/** A message as it goes over the wire: dots doubled, and the end mark. */
function stuffed(bytes: Buffer, isHeaderOnly: boolean): string {
  const whole = bytes.toString("latin1");
  const head = whole.indexOf("\r\n\r\n");
  const text = isHeaderOnly && head >= 0 ? whole.slice(0, head + 4) : whole;
  const ended = text.endsWith("\r\n") ? text : `${text}\r\n`;
  return `${ended.replace(/^\./, "..").replaceAll("\r\n.", "\r\n..")}.\r\n`;
}
