import { attributesOf, tnefSignature } from "./attributes.ts";
import { type TnefDefect, tnefDefects } from "./defects.ts";
import { attributes, type Bounds, boundsWith, type Draft, messageOf, type TnefMessage } from "./item.ts";
import { nestedDepthMax, peopleMax, streamsMax } from "./limits.ts";
import { type Property, readProperties, take32 } from "./properties.ts";

/** Everything read of a TNEF stream; its nested messages follow the outermost. */
export interface TnefReading {
  messages: TnefMessage[];
  defects: TnefDefect[];
}

interface Work {
  stream: Buffer | Draft;
  path: string;
  depth: number;
}

/**
 * Reads a TNEF stream (winmail.dat) of any octets: never throws, changes none.
 *
 * Damage is named in `defects`, and all that can be had besides is read. Time and memory are linear in the length; depth,
 * counts and text are bounded by the constants of `limits.ts`. The same octets always give the same reading.
 * @see [MS-OXTNEF]
 */
export function readTnef(octets: Uint8Array): TnefReading {
  return readFrom(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
}

/**
 * Reads a message that is given as its properties, as Outlook's other formats keep it, with those attached to it: as
 * {@link readTnef} reads a stream, within the same bounds.
 */
export function readDraftItem(draft: Draft): TnefReading {
  return readFrom(draft);
}

function readFrom(outermost: Buffer | Draft): TnefReading {
  const { defects, note } = tnefDefects();
  const bounds = boundsWith(note);
  const messages: TnefMessage[] = [];
  const waiting: Work[] = [{ stream: outermost, path: "", depth: 0 }];
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
    if (messages.length >= streamsMax || work.depth > nestedDepthMax) {
      note("tnef_excess");
      break;
    }
    const { stream } = work;
    if (!Buffer.isBuffer(stream)) messages.push(readDraft(stream, work, bounds, waiting));
    else if (stream.length >= 6 && stream.readUInt32LE(0) === tnefSignature)
      messages.push(readDraft(draftOf(stream, bounds), work, bounds, waiting));
    else note("tnef_signature");
  }
  return { messages, defects };
}

function readDraft(draft: Draft, { path, depth }: Work, bounds: Bounds, waiting: Work[]): TnefMessage {
  return messageOf(draft, path, bounds, (nested, at) => waiting.push({ stream: nested, path: at, depth: depth + 1 }));
}

function draftOf(stream: Buffer, bounds: Bounds): Draft {
  const draft: Draft = { page: null, properties: new Map(), recipients: [], values: new Map(), attachments: [] };
  for (const attribute of attributesOf(stream)) {
    if (typeof attribute === "string") {
      bounds.note(attribute === "broken" ? "tnef_garbage" : "tnef_truncated");
      continue;
    }
    bounds.attributes -= 1;
    if (bounds.attributes < 0) {
      bounds.note("tnef_excess");
      break;
    }
    if (!attribute.isSound) bounds.note("tnef_checksum");
    if (attribute.isOfAttachment) takeOfAttachment(draft, attribute.id, attribute.data, bounds);
    else takeOfMessage(draft, attribute.id, attribute.data, bounds);
  }
  return draft;
}

function takeOfMessage(draft: Draft, id: number, data: Buffer, bounds: Bounds): void {
  if (id === attributes.codePage) {
    if (data.length >= 4) draft.page = data.readUInt32LE(0);
  } else if (id === attributes.properties) {
    for (const [key, property] of propertiesIn({ bytes: data, at: 0 }, bounds)) draft.properties.set(key, property);
  } else if (id === attributes.recipients) {
    const cursor = { bytes: data, at: 0 };
    const count = take32(cursor) ?? 0;
    for (let row = 0; row < count && cursor.at < data.length; row += 1) {
      if (draft.recipients.length >= peopleMax) {
        bounds.note("tnef_excess");
        break;
      }
      draft.recipients.push(propertiesIn(cursor, bounds));
    }
  } else draft.values.set(id, data);
}

function takeOfAttachment(draft: Draft, id: number, data: Buffer, bounds: Bounds): void {
  // Rendering data opens an attachment; a stream without it has one nevertheless.
  if (id === attributes.attachRendered || draft.attachments.length === 0) {
    bounds.attachments -= 1;
    if (bounds.attachments < 0) {
      bounds.note("tnef_excess");
      return;
    }
    draft.attachments.push({ properties: new Map(), values: new Map() });
  }
  if (bounds.attachments < 0) return;
  const last = draft.attachments.at(-1);
  if (last === undefined) return;
  if (id === attributes.attachment) last.properties = propertiesIn({ bytes: data, at: 0 }, bounds);
  else last.values.set(id, data);
}

function propertiesIn(cursor: { bytes: Buffer; at: number }, bounds: Bounds): Map<number, Property> {
  const { properties, isWhole } = readProperties(cursor, bounds.properties);
  bounds.properties -= properties.length;
  if (!isWhole) {
    bounds.note(bounds.properties > 0 ? "tnef_properties" : "tnef_excess");
    // What follows in this attribute cannot be found any more.
    cursor.at = cursor.bytes.length;
  }
  return new Map(properties.filter(({ id }) => id < 0x8000).map((property) => [property.id, property]));
}
