import { createTransport } from "nodemailer";
import type { Sample } from "./sample-mail.ts";

/** A mail server's sending side: hands mail to our listener as a stranger would. */
export interface Sender {
  /** Resolves once the mail was answered 250. Rejects with the listener's reply, or with what the network did. */
  send(mail: Pick<Sample, "mailFrom" | "bytes">, recipient: string): Promise<void>;
}

/** Longest wait for one answer: the listener is in this process, so only a broken one takes as long. */
const answerMs = 30_000;

/** A sender that connects anew for each mail, in clear: it never leaves this machine. */
export function createSender(host: string, port: number): Sender {
  const transport = createTransport({
    host,
    port,
    secure: false,
    ignoreTLS: true,
    name: "mail.harbour.example",
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ mailFrom, bytes }, recipient) {
      try {
        await transport.sendMail({
          envelope: { from: mailFrom, to: [recipient], use8BitMime: true },
          raw: Buffer.from(bytes),
        });
      } catch (error) {
        const { response } = error as { response?: unknown };
        if (typeof response !== "string") throw error;
        throw new Error(response, { cause: error });
      }
    },
  };
}
