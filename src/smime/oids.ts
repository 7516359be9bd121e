/** Content types of CMS (RFC 5652 §4 and later, RFC 5083, RFC 3274). */
export const contentTypes = {
  data: "1.2.840.113549.1.7.1",
  signed: "1.2.840.113549.1.7.2",
  enveloped: "1.2.840.113549.1.7.3",
  compressed: "1.2.840.113549.1.9.16.1.9",
  authEnveloped: "1.2.840.113549.1.9.16.1.23",
} as const;

/** Ways to carry the content key (RFC 3370, RFC 8017). */
export const keyTransports = {
  rsa: "1.2.840.113549.1.1.1",
  rsaOaep: "1.2.840.113549.1.1.7",
} as const;

/** Digests by identifier, as Node.js names them (RFC 5754). */
export const digestByOid: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.2.5", "md5"],
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.4", "sha224"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/**
 * Digest of the key derivation of each ECDH scheme, standard and with cofactor; on the curves of S/MIME the cofactor is
 * one, so that the two are the same (RFC 5753 §7.1.4).
 */
export const agreementDigestByOid: ReadonlyMap<string, string> = new Map([
  ["1.3.133.16.840.63.0.2", "sha1"],
  ["1.3.132.1.11.0", "sha224"],
  ["1.3.132.1.11.1", "sha256"],
  ["1.3.132.1.11.2", "sha384"],
  ["1.3.132.1.11.3", "sha512"],
  ["1.3.133.16.840.63.0.3", "sha1"],
  ["1.3.132.1.14.0", "sha224"],
  ["1.3.132.1.14.1", "sha256"],
  ["1.3.132.1.14.2", "sha384"],
  ["1.3.132.1.14.3", "sha512"],
]);

/** Key wraps with the octets of their key (RFC 3565, RFC 3217). */
export const keyWrapByOid: ReadonlyMap<string, { bytes: number; cipher: "aes" | "des3" }> = new Map([
  ["2.16.840.1.101.3.4.1.5", { bytes: 16, cipher: "aes" }],
  ["2.16.840.1.101.3.4.1.25", { bytes: 24, cipher: "aes" }],
  ["2.16.840.1.101.3.4.1.45", { bytes: 32, cipher: "aes" }],
  ["1.2.840.113549.1.9.16.3.6", { bytes: 24, cipher: "des3" }],
]);

/** How content is encrypted: the name for people, and what it takes. */
export interface ContentCipher {
  name: string;
  keyBytes: number;
  kind: "cbc" | "gcm" | "rc2";
  /** As Node.js names it; null for RC2, which it does not have. */
  cipher: string | null;
}

const cbc = (name: string, cipher: string, keyBytes: number): ContentCipher => ({
  name,
  keyBytes,
  kind: "cbc",
  cipher,
});
const gcm = (bits: number): ContentCipher => ({
  name: `AES-${bits}-GCM`,
  keyBytes: bits / 8,
  kind: "gcm",
  cipher: `aes-${bits}-gcm`,
});

/** Content ciphers by identifier (RFC 8551 §2.7 and its forebears, RFC 5084). */
export const contentCipherByOid: ReadonlyMap<string, ContentCipher> = new Map([
  ["1.2.840.113549.3.7", cbc("3DES-CBC", "des-ede3-cbc", 24)],
  ["2.16.840.1.101.3.4.1.2", cbc("AES-128-CBC", "aes-128-cbc", 16)],
  ["2.16.840.1.101.3.4.1.22", cbc("AES-192-CBC", "aes-192-cbc", 24)],
  ["2.16.840.1.101.3.4.1.42", cbc("AES-256-CBC", "aes-256-cbc", 32)],
  ["2.16.840.1.101.3.4.1.6", gcm(128)],
  ["2.16.840.1.101.3.4.1.26", gcm(192)],
  ["2.16.840.1.101.3.4.1.46", gcm(256)],
  // The key's length is among the parameters of RC2.
  ["1.2.840.113549.3.2", { name: "RC2-CBC", keyBytes: 0, kind: "rc2", cipher: null }],
]);

/** Attributes of a signer (RFC 5652 §11). */
export const attributeTypes = { messageDigest: "1.2.840.113549.1.9.4" } as const;

/** A signature algorithm: the digest it names, or null where the signer's own digest is meant. */
export interface SignatureScheme {
  digest: string | null;
  isPss: boolean;
  /** Signs the bytes themselves, not a digest of them. */
  isPlain: boolean;
}

const scheme = (digest: string | null, more: Partial<SignatureScheme> = {}): SignatureScheme => ({
  digest,
  isPss: false,
  isPlain: false,
  ...more,
});

/** Signature algorithms by identifier (RFC 3370 §3, RFC 5754, RFC 4055, RFC 8419). */
export const signatureSchemeByOid: ReadonlyMap<string, SignatureScheme> = new Map([
  ["1.2.840.113549.1.1.1", scheme(null)],
  ["1.2.840.113549.1.1.4", scheme("md5")],
  ["1.2.840.113549.1.1.5", scheme("sha1")],
  ["1.2.840.113549.1.1.14", scheme("sha224")],
  ["1.2.840.113549.1.1.11", scheme("sha256")],
  ["1.2.840.113549.1.1.12", scheme("sha384")],
  ["1.2.840.113549.1.1.13", scheme("sha512")],
  ["1.2.840.113549.1.1.10", scheme(null, { isPss: true })],
  ["1.2.840.10045.2.1", scheme(null)],
  ["1.2.840.10045.4.1", scheme("sha1")],
  ["1.2.840.10045.4.3.1", scheme("sha224")],
  ["1.2.840.10045.4.3.2", scheme("sha256")],
  ["1.2.840.10045.4.3.3", scheme("sha384")],
  ["1.2.840.10045.4.3.4", scheme("sha512")],
  ["1.3.101.112", scheme(null, { isPlain: true })],
]);
