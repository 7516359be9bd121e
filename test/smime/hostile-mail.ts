import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { SmimeReading } from "#smime/index.ts";
import { der } from "../../src/smime/ber.ts";
import { contentInfo, corpusKey, envelopedData, mailOf, oid, oids, recipientInfo } from "./encrypted-mail.ts";

// S/MIME that is made to be expensive or to deceive, for a tenant who has Bob's key.

/** One such mail. */
export interface HostileMail {
  name: string;
  bytes: Buffer;
  state: SmimeReading["state"];
  /** Whether something must be said to have been left unread. */
  isCut: boolean;
  /** Text that must be found in it, null where nothing opens. */
  text: string | null;
}

const { certificate } = corpusKey("Bob").key;
const corpus = join(import.meta.dirname, "../../../shared/corpus/smime-thunderbird");
const inner = Buffer.from("Content-Type: text/plain\r\n\r\nthe innermost words\r\n");
const integer = (value: number) => der(0x02, Buffer.of(value));
const junkKey = () => randomBytes(256);

const enveloped = (content: Buffer, more: Partial<Parameters<typeof envelopedData>[0]> = {}) =>
  contentInfo(oids.enveloped, envelopedData({ content, certificate, ...more }));

/** Envelopes lying directly in one another: in base64 each would be a third larger than what it holds. */
function nested(depth: number): Buffer {
  let sealed = envelopedData({ content: inner, certificate });
  for (let layer = 1; layer < depth; layer += 1) {
    sealed = envelopedData({ content: sealed, type: oids.enveloped, certificate });
  }
  return contentInfo(oids.enveloped, sealed);
}

function compressed(content: Buffer): Buffer {
  const inside = der(0x30, oids.data, der(0xa0, der(0x04, deflateSync(content))));
  return contentInfo(oids.compressed, der(0x30, integer(0), der(0x30, oids.zlib), inside));
}

/** A mail of many parts with the same object in each. */
function manyParts(cms: Buffer, count: number): Buffer {
  const part =
    "--b\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
    `${cms.toString("base64").replace(/.{76}/g, "$&\r\n")}\r\n`;
  return Buffer.from(
    `From: a@test.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(count)}--b--\r\n`,
  );
}

/** Content of an envelope as a string in pieces of one octet, which BER allows. */
function inPieces(count: number): Buffer {
  const pieces = Buffer.alloc(count * 3);
  for (let at = 0; at < pieces.length; at += 3) pieces.set([0x04, 0x01, at & 0xff], at);
  const sealed = der(0x30, oids.data, der(0x30, oids.aes256, der(0x04, Buffer.alloc(16))), der(0xa0, pieces));
  const recipients = der(0x31, recipientInfo(certificate, junkKey()));
  return contentInfo(oids.enveloped, der(0x30, integer(0), recipients, sealed));
}

/** A SignedData in which everything is there a hundred times, of a content of some size. */
function manySigners(contentBytes: number): Buffer {
  const signed = oid("2a864886f70d010702");
  const sha256 = der(0x30, oid("608648016503040201"));
  const facts = der(0x30, oid("2a864886f70d010101"));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signature = privateKey.export({ format: "der", type: "pkcs1" }).subarray(0, 256);
  const named = recipientInfo(certificate, Buffer.alloc(1));
  // The recipient's identity is written as a signer's is: issuer and serial number, second in its sequence.
  const identity = secondField(named);
  const signer = der(0x30, integer(1), identity, sha256, facts, der(0x04, signature));
  const content = der(0x30, oids.data, der(0xa0, der(0x04, Buffer.alloc(contentBytes, "A"))));
  const certificates = der(0xa0, ...Array.from({ length: 100 }, () => certificate));
  const signers = der(0x31, ...Array.from({ length: 100 }, () => signer));
  return contentInfo(signed, der(0x30, integer(1), der(0x31, sha256), content, certificates, signers));
}

function secondField(sequence: Buffer): Buffer {
  const lengthOf = (at: number): [head: number, length: number] => {
    const first = sequence[at + 1]!;
    if (first < 0x80) return [2, first];
    const count = first & 0x7f;
    return [2 + count, sequence.readUIntBE(at + 2, count)];
  };
  const begin = lengthOf(0)[0];
  const version = lengthOf(begin);
  const start = begin + version[0] + version[1];
  const field = lengthOf(start);
  return sequence.subarray(start, start + field[0] + field[1]);
}

/** Everything hostile. `scale` 1 is full size, for the soak; less makes what is long shorter. */
export function* hostileMail(scale: number): Generator<HostileMail> {
  const many = (count: number) => Math.max(1, Math.round(count * scale));
  const junk = (count: number) => Array.from({ length: count }, () => recipientInfo(certificate, junkKey()));
  const closed = { isCut: false, text: null };
  const open = { state: "encrypted-decrypted", isCut: false, text: "the innermost words" } as const;

  const crowd = many(100_000);
  const crowded = enveloped(inner, { before: junk(crowd) });
  yield {
    name: `${crowd} recipients of our name`,
    bytes: mailOf(crowded),
    state: "encrypted-bad-key",
    isCut: true,
    text: null,
  };
  const long = Buffer.concat([inner, Buffer.alloc(many(20_000_000), "words \r\n")]);
  const wrong = enveloped(long, { before: junk(990) });
  yield { name: "990 wrong keys before the right one", bytes: mailOf(wrong), ...open };
  yield { name: "50 nested envelopes", bytes: mailOf(nested(50)), ...open };
  yield { name: "51 nested envelopes", bytes: mailOf(nested(51)), ...open, isCut: true, text: null };
  const bomb = compressed(Buffer.alloc(300 * 1024 * 1024));
  yield { name: "compression bomb", bytes: mailOf(bomb), state: "corrupt", isCut: true, text: null };
  yield { name: "40 compression bombs", bytes: manyParts(bomb, 40), state: "corrupt", isCut: true, text: null };
  yield {
    name: "bomb in an envelope",
    bytes: mailOf(enveloped(bombEntity(bomb))),
    state: "corrupt",
    isCut: true,
    text: null,
  };
  yield {
    name: "pieces of one octet",
    bytes: mailOf(inPieces(many(20_000_000))),
    state: "encrypted-bad-key",
    ...closed,
  };
  const fields = contentInfo(
    oids.enveloped,
    der(0x30, integer(0), Buffer.alloc(many(40_000_000) & ~1, Buffer.of(5, 0))),
  );
  yield { name: "millions of fields", bytes: mailOf(fields), state: "corrupt", ...closed };
  const signers = manyParts(manySigners(many(2_000_000)), 40);
  yield { name: "100 signers in each of 40 parts", bytes: signers, state: "signed-bad", isCut: true, text: null };
  yield { name: "a lying smime-type", bytes: mailOf(enveloped(inner), "lies", "signed-data"), ...open };
  yield { name: "a lying smime-type of no such kind", bytes: mailOf(enveloped(inner), "lies", "certs-only"), ...open };
  const mismatch = readFileSync(join(corpus, "alice.dsig.SHA256.multipart.mismatch-econtent.eml"));
  yield {
    name: "a signature that carries other content",
    bytes: mismatch,
    state: "signed-bad",
    isCut: false,
    text: null,
  };
}

function bombEntity(bomb: Buffer): Buffer {
  return mailOf(bomb, "inside", "compressed-data");
}
