import { createDecipheriv } from "node:crypto";
import forge from "node-forge";
import { contents, firstChildren, integerOf, octets, tags } from "./ber.ts";
import type { Enveloped } from "./cms.ts";
import { contentCipherByOid } from "./oids.ts";

/**
 * The content of an envelope under `key`, or null when it does not open with it. Without authentication (CBC) a result
 * does not prove that the key was right, nor that nobody changed the content: the caller looks at what came out.
 *
 * @see RFC 5652 §6.3, RFC 5084 §3.2
 */
export function decryptContent(envelope: Enveloped, key: Buffer): Buffer | null {
  const cipher = contentCipherByOid.get(envelope.algorithm.oid);
  if (cipher === undefined) return null;
  try {
    if (cipher.kind === "rc2") return decryptRc2(envelope, key);
    if (cipher.cipher === null || key.length !== cipher.keyBytes) return null;
    return cipher.kind === "gcm" ? decryptGcm(envelope, cipher.cipher, key) : decryptCbc(envelope, cipher.cipher, key);
  } catch {
    return null;
  }
}

/** What deciphering the whole of it costs, in octets of AES: RC2 and 3DES take many times as long. */
export function cipherWork({ algorithm, ciphertext }: Enveloped): number {
  const cipher = contentCipherByOid.get(algorithm.oid);
  const slowness = cipher?.kind === "rc2" ? 64 : cipher?.cipher?.startsWith("des") ? 8 : 1;
  return ciphertext.length * slowness;
}

/**
 * Octets at the beginning of the content under `key`, not of its padding: enough to tell a wrong key without deciphering all
 * of a long content with it; no octets where the key cannot be one. Null where only the whole tells: it is short, or authenticated.
 */
export function decryptHead(envelope: Enveloped, key: Buffer, bytes: number): Buffer | null {
  if (envelope.authenticated !== null || envelope.ciphertext.length < shortBytes) return null;
  const cut = { ...envelope, ciphertext: envelope.ciphertext.subarray(0, bytes) };
  const cipher = contentCipherByOid.get(envelope.algorithm.oid);
  try {
    if (cipher?.kind === "rc2") return decryptRc2(cut, key, false) ?? nothing;
    if (cipher?.kind !== "cbc" || cipher.cipher === null || key.length !== cipher.keyBytes) return nothing;
    return decryptCbc(cut, cipher.cipher, key, false) ?? nothing;
  } catch {
    return nothing;
  }
}

/** What a key deciphers that cannot be one for this cipher. */
const nothing = Buffer.alloc(0);

/** Contents below this are deciphered whole at once. */
const shortBytes = 64 * 1024;

function decryptCbc({ algorithm, ciphertext }: Enveloped, cipher: string, key: Buffer, isWhole = true): Buffer | null {
  if (algorithm.parameters?.tag !== tags.octetString) return null;
  const decipher = createDecipheriv(cipher, key, octets(algorithm.parameters));
  decipher.setAutoPadding(isWhole);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

function decryptGcm(envelope: Enveloped, cipher: string, key: Buffer): Buffer | null {
  const { authenticated, algorithm, ciphertext } = envelope;
  if (authenticated === null) return null;
  const [nonce, length] = firstChildren(algorithm.parameters, 2);
  if (!nonce) return null;
  const authTagLength = length ? (integerOf(length) ?? 12) : 12;
  // A tag cut short to one octet would be guessed in a moment; NIST SP 800-38D allows no fewer than 12 here.
  if (authTagLength < 12 || authTagLength > 16 || authenticated.mac.length !== authTagLength) return null;
  const decipher = createDecipheriv(cipher as "aes-256-gcm", key, octets(nonce), { authTagLength });
  if (authenticated.attributes !== null) decipher.setAAD(authenticated.attributes);
  decipher.setAuthTag(authenticated.mac);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** RC2 is in mail of the last century only, and in no default build of OpenSSL any more. @see RFC 2268 */
function decryptRc2({ algorithm, ciphertext }: Enveloped, key: Buffer, isWhole = true): Buffer | null {
  const [version, iv] = firstChildren(algorithm.parameters, 2);
  const bits = rc2BitsByVersion.get(integerOf(version ?? null) ?? 0);
  if (bits === undefined || !iv || ciphertext.length > rc2BytesMax) return null;
  const decipher = forge.rc2.createDecryptionCipher(key.toString("latin1"), bits);
  decipher.start(contents(iv).toString("latin1"));
  decipher.update(forge.util.createBuffer(ciphertext.toString("latin1")));
  return decipher.finish(isWhole ? undefined : () => true) ? Buffer.from(decipher.output.getBytes(), "latin1") : null;
}

/** How RFC 2268 §6 writes effective key bits. */
const rc2BitsByVersion = new Map([
  [160, 40],
  [120, 64],
  [58, 128],
]);
/** Mail of that age was small, and this runs a thousand times slower than AES. */
const rc2BytesMax = 16 * 1024 * 1024;
