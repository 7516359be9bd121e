import { inflateSync } from "node:zlib";
import type { Instant } from "#core/index.ts";
import { decodePart, type MailReading, readMessage } from "#mail/index.ts";
import { elementAt } from "./ber.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import { type Cms, type Enveloped, readCms, readContent, type Signed } from "./cms.ts";
import { isCmsPart, type SignedForms, signedParts } from "./cms-parts.ts";
import { type Effort, fullEffort, hasLeft, spend, spendAll } from "./effort.ts";
import { contentCipherByOid, contentTypes } from "./oids.ts";
import { openEnvelope, type RecipientName, recipientNames } from "./open-envelope.ts";
import type { DecryptionKey } from "./private-key.ts";
import { judgeSignature, type SignatureReading, type SignatureState, worseSignature } from "./signature.ts";

/** What encryption and signatures made of a message, in one word. */
export type SmimeState =
  | SignatureState
  | "compressed"
  | "encrypted-decrypted"
  | "encrypted-no-key"
  | "encrypted-bad-key"
  | "unsupported-alg"
  | "corrupt";

/** What lay inside a CMS object: a MIME entity, derived from the original and never in its place. */
export interface DerivedEntity {
  /** Parts it lay in, outermost first, with `/` between what lay inside one another: `1.2/1`. The whole of one is "". */
  path: string;
  /** The entity, header and body, as it came out. */
  bytes: Buffer;
  reading: MailReading;
  /** Whether it was encrypted on its way in, so that who may see the original need not be allowed to see it. */
  isDecrypted: boolean;
  /** False where the ciphertext could have been changed unnoticed (CBC): it is shown with that warning. */
  isAuthenticated: boolean;
}

/** Everything understood of the S/MIME of one message. */
export interface SmimeReading {
  state: SmimeState;
  /** The content cipher of the first envelope, as people write it, else its identifier; null when nothing is encrypted. */
  algorithm: string | null;
  /** Who the first envelope is for, as certificates are named; bounded. */
  recipients: RecipientName[];
  /** The key that opened the first envelope, by the SHA-256 of its certificate; null when none did. */
  key: string | null;
  /** The worst of the signatures; null when nothing is signed, or the signed thing could not be opened. */
  signature: SignatureReading | null;
  entities: DerivedEntity[];
  /** Who the envelopes are for that no key opened; bounded. */
  unopened: RecipientName[];
  /** Whether something was left unread because of a limit. */
  isCut: boolean;
}

/** What S/MIME is read with. */
export interface SmimeTools {
  keys: readonly DecryptionKey[];
  /** Certificates of trusted authorities, DER. */
  authorities: readonly Buffer[];
  /** When the mail was taken in. */
  at: Instant;
}

/**
 * Opens what is encrypted, judges what is signed, unfolds what is compressed, anywhere in the message and inside one
 * another. Never throws on mail; keeps no key. Null when the message has no S/MIME.
 *
 * @see RFC 8551, RFC 5652
 */
export function readSmime(bytes: Buffer, reading: MailReading, tools: SmimeTools): SmimeReading | null {
  const opening = new Opening(tools);
  opening.open(bytes, reading);
  return opening.result();
}

type Failure = Extract<SmimeState, "encrypted-no-key" | "encrypted-bad-key" | "unsupported-alg" | "corrupt">;

/** Where something lies, and what is known of the way there. */
type Place = Pick<DerivedEntity, "path" | "isDecrypted" | "isAuthenticated">;

/** One message being opened: a list of entities that grows while it is read, so that nothing is nested in our own calls. */
class Opening {
  readonly #tools: SmimeTools;
  readonly #entities: DerivedEntity[] = [];
  readonly #unopened: RecipientName[] = [];
  readonly #effort: Effort = fullEffort();
  /** Read with the first signature. */
  #authorities: ReadCertificate[] | null = null;
  #isCut = false;
  #envelope: Enveloped | null = null;
  #key: string | null = null;
  #failure: Failure | null = null;
  #signature: SignatureReading | null = null;
  #isCompressed = false;

  constructor(tools: SmimeTools) {
    this.#tools = tools;
  }

  open(bytes: Buffer, reading: MailReading): void {
    this.#readParts(bytes, reading, { path: "", isDecrypted: false, isAuthenticated: true }, true);
    for (let index = 0; index < this.#entities.length; index += 1) {
      const entity = this.#entities[index]!;
      this.#readParts(entity.bytes, entity.reading, entity, false);
    }
  }

  result(): SmimeReading | null {
    const state = this.#state();
    if (state === null) return null;
    const envelope = this.#envelope;
    return {
      state,
      algorithm: envelope === null ? null : nameOf(envelope),
      recipients: envelope === null ? [] : recipientNames(envelope),
      key: this.#key,
      signature: this.#signature,
      entities: this.#entities,
      unopened: this.#unopened,
      isCut: this.#isCut || this.#effort.isSpent,
    };
  }

  #state(): SmimeState | null {
    if (this.#failure !== null) return this.#failure;
    if (this.#key !== null) return "encrypted-decrypted";
    if (this.#signature !== null) return this.#signature.state;
    return this.#isCompressed ? "compressed" : null;
  }

  #readParts(bytes: Buffer, reading: MailReading, place: Place, isOutermost: boolean): void {
    for (const part of reading.parts) {
      const path = isOutermost ? part.path : `${place.path}/${part.path}`;
      const detached = signedParts(bytes, reading.parts, part);
      if (detached !== null) {
        if (!this.#mayOpen()) return;
        const cms = readCms(detached.signature);
        if (cms.kind === "signed") this.#judge(cms, detached.forms);
        else this.#failure ??= "corrupt";
      } else if (isCmsPart(part)) {
        const decoded = decodePart(bytes, part);
        this.#readObject(readCms(Buffer.from(decoded.buffer, decoded.byteOffset, decoded.length)), { ...place, path });
      }
    }
  }

  /** Follows CMS objects that lie directly in one another, without a MIME entity between. */
  #readObject(outermost: Cms, outermostPlace: Place): void {
    let cms = outermost;
    let place = outermostPlace;
    while (this.#mayOpen()) {
      const inside = this.#inside(cms, place);
      if (inside === null) return;
      if (!spend(this.#effort, "derivedBytes", inside.content.length)) return;
      place = inside.place;
      if (inside.contentType === contentTypes.data) {
        this.#entities.push({ ...place, bytes: inside.content, reading: readMessage(inside.content) });
        return;
      }
      const element = elementAt(inside.content);
      cms = element === null ? { kind: "broken" } : readContent(inside.contentType, element);
    }
  }

  #inside(cms: Cms, place: Place): { contentType: string; content: Buffer; place: Place } | null {
    switch (cms.kind) {
      case "enveloped":
        return this.#decrypt(cms, place);
      case "signed": {
        if (cms.content === null && cms.signers.length === 0) return null; // certificates on their way, and no message
        this.#judge(cms, null);
        return cms.content === null ? null : { contentType: cms.contentType, content: cms.content, place };
      }
      case "compressed": {
        const content = this.#unfold(cms.algorithm, cms.content);
        if (content === null) {
          this.#failure ??= cms.algorithm === zlibOid ? "corrupt" : "unsupported-alg";
          return null;
        }
        this.#isCompressed = true;
        return { contentType: cms.contentType, content, place };
      }
      case "other":
        this.#failure ??= "unsupported-alg";
        return null;
      case "broken":
        this.#failure ??= "corrupt";
        return null;
    }
  }

  #decrypt(envelope: Enveloped, place: Place): { contentType: string; content: Buffer; place: Place } | null {
    const isFirst = this.#envelope === null;
    this.#envelope ??= envelope;
    this.#isCut ||= envelope.isCut;
    const opened = openEnvelope(envelope, this.#tools.keys, this.#effort);
    if (opened.kind !== "opened") {
      this.#failure ??= failures[opened.kind];
      if (opened.kind !== "unsupported") this.#unopened.push(...recipientNames(envelope));
      return null;
    }
    if (isFirst) this.#key = opened.key;
    const isAuthenticated = place.isAuthenticated && envelope.authenticated !== null;
    return {
      contentType: envelope.contentType,
      content: opened.content,
      place: { path: place.path, isDecrypted: true, isAuthenticated },
    };
  }

  #judge(signed: Signed, forms: SignedForms | null): void {
    this.#authorities ??= this.#tools.authorities.flatMap((authority) => readCertificate(authority) ?? []);
    const reading = judgeSignature(signed, forms, this.#authorities, this.#tools.at, this.#effort);
    this.#signature = worseSignature(this.#signature, reading);
  }

  #mayOpen(): boolean {
    return spend(this.#effort, "layers");
  }

  /** What was compressed, or null when it is broken, a bomb, or compressed in a way that nobody here knows. */
  #unfold(algorithm: string, content: Buffer): Buffer | null {
    const effort = this.#effort;
    if (algorithm !== zlibOid || !hasLeft(effort, "derivedBytes")) return null;
    try {
      return inflateSync(content, { maxOutputLength: effort.derivedBytes });
    } catch (error) {
      if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") spendAll(effort, "derivedBytes");
      return null;
    }
  }
}

const failures: Record<"no-key" | "bad-key" | "unsupported", Failure> = {
  "no-key": "encrypted-no-key",
  "bad-key": "encrypted-bad-key",
  unsupported: "unsupported-alg",
};

const zlibOid = "1.2.840.113549.1.9.16.3.8";

function nameOf({ algorithm }: Enveloped): string {
  return contentCipherByOid.get(algorithm.oid)?.name ?? algorithm.oid;
}
