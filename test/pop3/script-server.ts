import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { createServer as createTlsServer, type SecureContextOptions, TLSSocket } from "node:tls";

/** A message of a scripted mailbox. */
export interface ScriptMessage {
  /** Null: left out of UIDL. */
  uidl: string | null;
  bytes: Buffer;
  /** What LIST says, when it is not the truth. */
  listBytes?: number;
}

/** What a scripted server does instead of what it should; null for what it should. */
export type Misdeed =
  | { kind: "say"; bytes: string | Buffer }
  | { kind: "say-and-close"; bytes: string | Buffer }
  | { kind: "say-nothing" };

/** A POP3 server that misbehaves where its script says so. Its mailbox may be changed between sessions. */
export interface ScriptServer {
  port: number;
  messages: ScriptMessage[];
  /** Lines of CAPA; null refuses it. */
  capabilities: string[] | null;
  greeting: string;
  /** Asked before each command, in upper case up to its first space, and the whole line; `say` may be used later too. */
  misdeed: (verb: string, line: string, say: (bytes: string) => void) => Misdeed | null;
  /** Every line that clients said, over all sessions. */
  readonly heard: string[];
  /** Numbers of RETR served whole, by unique id or `?`. */
  readonly served: string[];
}

const ok = (text = "") => `+OK ${text}\r\n`;

/** The message as it goes over the wire: dots doubled, and the end mark. */
export function stuffed(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const whole = text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
  return Buffer.from(`${whole.replace(/^\./, "..").replaceAll("\r\n.", "\r\n..")}.\r\n`, "latin1");
}

/** Starts a server on loopback, ended with the test. `tls`: from the first octet, or for STLS. */
export async function testScriptServer(
  test: TestContext,
  tls?: { when: "implicit" | "stls"; context: SecureContextOptions },
): Promise<ScriptServer> {
  const script: ScriptServer = {
    port: 0,
    messages: [],
    capabilities: ["USER", "UIDL", "TOP", "PIPELINING"],
    greeting: "+OK script\r\n",
    misdeed: () => null,
    heard: [],
    served: [],
  };
  const sockets = new Set<Socket>();
  const welcome = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.write(script.greeting);
    converse(socket, script, tls?.when === "stls" ? tls.context : null);
  };
  const server: Server =
    tls?.when === "implicit" ? createTlsServer({ ...tls.context }, welcome) : createServer({ noDelay: true }, welcome);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  script.port = (server.address() as { port: number }).port;
  return script;
}

function converse(socket: Socket, script: ScriptServer, stls: SecureContextOptions | null): void {
  const messages = script.messages.map((message) => ({ ...message, isMarked: false }));
  let text = "";
  const take = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      script.heard.push(line);
      const verb = line.split(" ")[0]!.toUpperCase();
      const misdeed = script.misdeed(verb, line, (bytes) => socket.write(bytes));
      if (misdeed?.kind === "say") socket.write(misdeed.bytes);
      if (misdeed?.kind === "say-and-close") return void socket.end(misdeed.bytes, () => socket.destroySoon());
      if (misdeed !== null) continue;
      if (verb === "STLS" && stls !== null) {
        socket.off("data", take);
        socket.write(ok("begin"), () => converse(secured(socket, stls), script, null));
        return;
      }
      obey(verb, line);
    }
  };
  const obey = (verb: string, line: string) => {
    const number = Number(line.split(" ")[1]);
    const message = messages[number - 1];
    const there = messages.flatMap((one, at) => (one.isMarked ? [] : [{ ...one, number: at + 1 }]));
    const size = (one: ScriptMessage) => one.listBytes ?? one.bytes.length;
    switch (verb) {
      case "CAPA":
        socket.write(
          script.capabilities === null
            ? "-ERR what\r\n"
            : `${[ok(), ...script.capabilities.map((one) => `${one}\r\n`)].join("")}.\r\n`,
        );
        return;
      case "STAT":
        socket.write(ok(`${there.length} ${there.reduce((sum, one) => sum + size(one), 0)}`));
        return;
      case "LIST":
        socket.write(`${ok()}${there.map((one) => `${one.number} ${size(one)}\r\n`).join("")}.\r\n`);
        return;
      case "UIDL": {
        const lines = there.flatMap((one) => (one.uidl === null ? [] : [`${one.number} ${one.uidl}\r\n`]));
        socket.write(`${ok()}${lines.join("")}.\r\n`);
        return;
      }
      case "RETR":
      case "TOP": {
        if (message === undefined || message.isMarked) return void socket.write("-ERR no such message\r\n");
        const head = message.bytes.indexOf("\r\n\r\n");
        const bytes = verb === "TOP" && head >= 0 ? message.bytes.subarray(0, head + 4) : message.bytes;
        if (verb === "RETR") script.served.push(message.uidl ?? "?");
        socket.write(Buffer.concat([Buffer.from(ok()), stuffed(bytes)]));
        return;
      }
      case "DELE":
        if (message === undefined || message.isMarked) return void socket.write("-ERR no such message\r\n");
        message.isMarked = true;
        socket.write(ok());
        return;
      case "RSET":
        for (const one of messages) one.isMarked = false;
        socket.write(ok());
        return;
      case "QUIT":
        // Only now is anything deleted (RFC 1939 §6).
        script.messages = messages.filter((one) => !one.isMarked);
        socket.end(ok("bye"));
        return;
      default:
        socket.write(ok());
    }
  };
  socket.on("data", take);
}

function secured(socket: Socket, context: SecureContextOptions): TLSSocket {
  const tls = new TLSSocket(socket, { isServer: true, ...context });
  tls.on("error", () => {});
  return tls;
}
