import { decodePart, type MailReading } from "#mail/index.ts";
import type { DerivedEntity } from "#smime/index.ts";
import { readTnef, type TnefMessage } from "#tnef/index.ts";
import type { EntityDescription } from "./describe.ts";
import { digestOf } from "./digest.ts";

/** Parts of one message that are read as TNEF; each may hold many messages. */
const tnefPartsMax = 20;

const tnefTypes = new Set(["application/ms-tnef", "application/vnd.ms-tnef"]);

/** A message that lay in a winmail.dat: its parts are the files in it. */
export interface TnefEntity extends EntityDescription {
  /** The part it lay in, with the place inside after a slash: `2/` is the outermost message, `2/1` one nested in it. */
  path: string;
  /** Whether the winmail.dat itself lay in something that was encrypted. */
  isDecrypted: boolean;
}

/** Whether a message has parts that Outlook wrapped, by the parts it is listed with. */
export function mayHaveTnef(parts: readonly { type: string; filename: string | null }[]): boolean {
  return parts.some(isTnefPart);
}

function isTnefPart({ type, filename }: { type: string; filename: string | null }): boolean {
  return tnefTypes.has(type) || /^win(mail|dat).{0,20}\.dat$/i.test(filename ?? "");
}

/** A message of a winmail.dat with the place it lay in. */
interface PlacedTnef {
  prefix: string;
  message: TnefMessage;
  isDecrypted: boolean;
  defects: string[];
}

/** What S/MIME opened in a message, as TNEF is looked for in it. */
type Opened = Pick<DerivedEntity, "path" | "bytes" | "reading" | "isDecrypted">;

/** Messages in the winmail.dat parts of a message or entity, outermost first. Time and memory are linear in the parts. */
function openTnef(
  bytes: Buffer,
  reading: Pick<MailReading, "parts">,
  place = { prefix: "", isDecrypted: false },
): PlacedTnef[] {
  const wrapped = reading.parts.filter((part) => !part.isContainer && isTnefPart(part)).slice(0, tnefPartsMax);
  return wrapped.flatMap((part) => {
    const { messages, defects } = readTnef(decodePart(bytes, part));
    return messages.map((message, index) => ({
      ...{ prefix: `${place.prefix}${part.path}/`, message, isDecrypted: place.isDecrypted },
      // Damage is of the stream: it is told once, of its outermost message.
      defects: index === 0 ? [...new Set(defects)] : [],
    }));
  });
}

function openAll(bytes: Buffer, reading: Pick<MailReading, "parts">, entities: readonly Opened[]): PlacedTnef[] {
  return [
    ...openTnef(bytes, reading),
    ...entities.flatMap((entity) =>
      openTnef(entity.bytes, entity.reading, { prefix: `${entity.path}/`, isDecrypted: entity.isDecrypted }),
    ),
  ];
}

/** What lies in the winmail.dat parts of a message and of what S/MIME opened in it. Never throws on mail. */
export function allTnef(bytes: Buffer, reading: Pick<MailReading, "parts">, entities: readonly Opened[]): TnefEntity[] {
  return openAll(bytes, reading, entities).map(({ prefix, message, isDecrypted, defects }) => ({
    ...entityOf(prefix, message),
    ...{ defects, isDecrypted },
  }));
}

/** The file that {@link allTnef} lists under `path`, with its bytes; null when there is none. */
export function tnefFile(
  bytes: Buffer,
  reading: Pick<MailReading, "parts">,
  entities: readonly Opened[],
  path: string,
): { bytes: Uint8Array; filename: string | null; isDecrypted: boolean } | null {
  for (const { prefix, message, isDecrypted } of openAll(bytes, reading, entities)) {
    for (const [index, attachment] of message.attachments.entries()) {
      if (attachment.kind === "message" || filePath(prefix, message, index) !== path) continue;
      return { bytes: attachment.bytes, filename: attachment.name === "" ? null : attachment.name, isDecrypted };
    }
  }
  return null;
}

function filePath(prefix: string, message: TnefMessage, index: number): string {
  return `${prefix}${message.path === "" ? "" : `${message.path}.`}${index + 1}`;
}

function entityOf(prefix: string, message: TnefMessage): Omit<TnefEntity, "defects" | "isDecrypted"> {
  const people = (role: string) =>
    message.people.filter((one) => one.role === role).map(({ name, address }) => ({ name, address }));
  const parts: TnefEntity["parts"] = [];
  for (const [index, attachment] of message.attachments.entries()) {
    if (attachment.kind === "message") continue;
    parts.push({
      path: filePath(prefix, message, index),
      type: attachment.type,
      filename: attachment.name === "" ? null : attachment.name,
      bytes: attachment.bytes.length,
      sha256: digestOf(attachment.bytes),
    });
  }
  return {
    path: prefix + message.path,
    headers: {
      ...{ from: people("from"), to: people("to"), cc: people("cc"), bcc: people("bcc") },
      ...{ subject: message.subject, messageId: null, date: null },
    },
    parts,
    text: message.text,
  };
}
