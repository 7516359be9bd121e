import {
  constants,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import { children, contents, der, elementAt, firstChildren, oidOf, tags } from "./ber.ts";
import { type Algorithm, algorithmOf, type Recipient } from "./cms.ts";
import { agreementDigestByOid, digestByOid, keyTransports, keyWrapByOid } from "./oids.ts";
import type { DecryptionKey } from "./private-key.ts";

/** The content key, or why this recipient gives none. `failed` is all that is ever said of a key that did not fit. */
export type ContentKey = { kind: "key"; key: Buffer } | { kind: "unsupported" } | { kind: "failed" };

/**
 * The content key for one recipient. With RSA v1.5 a wrong private key does not fail: OpenSSL answers with bytes made up
 * for it, so only what then opens can be trusted, and no caller can be made an oracle.
 *
 * @see RFC 3370 §4.2, RFC 8017 §7, RFC 5753
 */
export function contentKey(recipient: Recipient, key: DecryptionKey): ContentKey {
  try {
    if (recipient.kind === "transport") return transported(recipient.algorithm, recipient.encryptedKey, key.privateKey);
    if (recipient.kind === "agreement") return agreed(recipient, key);
  } catch {
    // What OpenSSL refuses says nothing that anyone outside may learn.
    return { kind: "failed" };
  }
  return { kind: "unsupported" };
}

function transported(algorithm: Algorithm, encryptedKey: Buffer, privateKey: KeyObject): ContentKey {
  if (privateKey.asymmetricKeyType !== "rsa") return { kind: "failed" };
  if (algorithm.oid === keyTransports.rsa) {
    return {
      kind: "key",
      key: privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, encryptedKey),
    };
  }
  if (algorithm.oid !== keyTransports.rsaOaep) return { kind: "unsupported" };
  const oaep = oaepOf(algorithm);
  if (oaep === null) return { kind: "unsupported" };
  const options = {
    key: privateKey,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: oaep.digest,
    ...(oaep.label.length > 0 ? { oaepLabel: oaep.label } : {}),
  };
  return { kind: "key", key: privateDecrypt(options, encryptedKey) };
}

/** The parameters of OAEP: digest [0], mask generation [1], label [2]; SHA-1 and no label where they are absent. */
function oaepOf({ parameters }: Algorithm): { digest: string; label: Buffer } | null {
  let digest: string | undefined = "sha1";
  let maskDigest: string | undefined = "sha1";
  let label: Buffer = Buffer.alloc(0);
  for (const part of parameters === null ? [] : children(parameters)) {
    const [inside] = firstChildren(part, 1);
    if (part.tag === tags.context0) digest = digestByOid.get(algorithmOf(inside ?? null)?.oid ?? "");
    if (part.tag === tags.context1) {
      maskDigest = digestByOid.get(algorithmOf(algorithmOf(inside ?? null)?.parameters ?? null)?.oid ?? "");
    }
    if (part.tag === tags.context2) {
      const [, source] = firstChildren(inside ?? null, 2);
      if (source) label = Buffer.from(contents(source));
    }
  }
  // Node.js has one setting for both digests; nobody was seen to send two.
  return digest === undefined || maskDigest !== digest ? null : { digest, label };
}

function agreed(recipient: Extract<Recipient, { kind: "agreement" }>, key: DecryptionKey): ContentKey {
  const digest = agreementDigestByOid.get(recipient.algorithm.oid);
  const wrap = algorithmOf(recipient.algorithm.parameters);
  const wrapping = wrap === null ? undefined : keyWrapByOid.get(wrap.oid);
  if (digest === undefined || wrap === null || wrapping === undefined || recipient.point === null) {
    return { kind: "unsupported" };
  }
  if (key.privateKey.asymmetricKeyType !== "ec") return { kind: "failed" };
  const secret = diffieHellman({ privateKey: key.privateKey, publicKey: onCurveOf(key.publicKey, recipient.point) });
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(wrapping.bytes * 8);
  const material = recipient.userKeyingMaterial;
  const information = der(
    0x30,
    wrap.encoded,
    ...(material === null ? [] : [der(0xa0, der(0x04, material))]),
    der(0xa2, der(0x04, bits)),
  );
  const wrappingKey = derive(digest, secret, information, wrapping.bytes);
  const unwrap = wrapping.cipher === "aes" ? unwrapAes : unwrapDes3;
  return { kind: "key", key: unwrap(wrappingKey, recipient.encryptedKey) };
}

/** The sender's point as a public key on the curve of the recipient's certificate, which is the curve it must be on. */
function onCurveOf(publicKey: Buffer, point: Buffer): KeyObject {
  const [algorithm] = firstChildren(elementAt(publicKey), 1);
  if (!algorithm || oidOf(firstChildren(algorithm, 1)[0] ?? null) === null) throw new Error("no curve");
  const info = der(0x30, algorithm.source.subarray(algorithm.start, algorithm.next), der(0x03, Buffer.of(0), point));
  return createPublicKey({ key: info, format: "der", type: "spki" });
}

/** The key derivation of ANSI X9.63: digests of secret, counter and information, one after the other. */
function derive(digest: string, secret: Buffer, information: Buffer, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  let have = 0;
  for (let counter = 1; have < bytes; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(digest).update(secret).update(number).update(information).digest();
    blocks.push(block);
    have += block.length;
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

function unwrapAes(key: Buffer, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv(`id-aes${key.length * 8}-wrap`, key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

/** @see RFC 3217 §3.2 */
function unwrapDes3(key: Buffer, wrapped: Buffer): Buffer {
  const outer = decryptDes3(key, Buffer.from("4adda22c79e82105", "hex"), wrapped).reverse();
  const inner = decryptDes3(key, outer.subarray(0, 8), outer.subarray(8));
  const contentKey = inner.subarray(0, inner.length - 8);
  const checksum = createHash("sha1").update(contentKey).digest().subarray(0, 8);
  if (!checksum.equals(inner.subarray(inner.length - 8))) throw new Error("checksum");
  return contentKey;
}

function decryptDes3(key: Buffer, iv: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv("des-ede3-cbc", key, iv);
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}
