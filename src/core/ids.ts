/** A string that has been checked to be one kind of name, so that two kinds cannot be mixed up. */
export type Branded<Brand extends string> = string & { readonly __brand: Brand };

/** An organisation whose mail is kept apart: lower-case letters, digits and hyphens, at most 63 characters. */
export type TenantId = Branded<"TenantId">;
/** A configured source of mail: `con_` and 16 base32 characters, or {@link importConnectorId}. */
export type ConnectorId = Branded<"ConnectorId">;
/** An archived message: `msg_` and the first 160 bits of its SHA-256 in base32. Equal bytes have equal ids. */
export type MessageId = Branded<"MessageId">;
/** One capture of a message: `rcp_` and 26 base32 characters. Minted before the spool, so a repeat is recognised. */
export type ReceiptId = Branded<"ReceiptId">;
/** A pack: `pck_` and 26 base32 characters, sortable by time of making. */
export type PackId = Branded<"PackId">;
/** A decoded body that is stored once per tenant: `prt_` and the first 160 bits of a keyed digest in base32. */
export type PartName = Branded<"PartName">;
/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Sha256 = Branded<"Sha256">;

/** The source that mail brought in by `import` is booked under. Never a journal flow. */
export const importConnectorId = "con_import" as ConnectorId;

const base32Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Crockford's base32, lower case, without padding; five bits a character, so text order is byte order. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= 5) {
      heldBits -= 5;
      text += base32Alphabet[(held >>> heldBits) & 31];
      held &= (1 << heldBits) - 1;
    }
  }
  if (heldBits > 0) text += base32Alphabet[(held << (5 - heldBits)) & 31];
  return text;
}

/** Whether `text` may name a tenant. */
export function isTenantId(text: string): text is TenantId {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** Whether `text` has the shape of a SHA-256 in hexadecimal; either case is accepted, callers lower it. */
export function isSha256(text: string): text is Sha256 {
  return /^[0-9a-f]{64}$/i.test(text);
}

/** The id of the message with this digest. The same digest always gives the same id. */
export function messageIdOf(digest: Sha256): MessageId {
  return ("msg_" + base32(Buffer.from(digest.slice(0, 40), "hex"))) as MessageId;
}

/** The name of the part with this keyed digest: HMAC-SHA-256 of its bytes under the tenant's part key. */
export function partNameOf(digest: Uint8Array): PartName {
  return ("prt_" + base32(digest.subarray(0, 20))) as PartName;
}

/**
 * As {@link timedId}, and greater than `previous` whatever the clock says: ids of one sequence sort by order of making.
 *
 * @param previous an id of this kind without its prefix; null for the first
 */
export function timedIdAfter(previous: string | null, atMs: number, random: Uint8Array): string {
  const id = timedId(atMs, random);
  return previous === null || id > previous ? id : timedId(msOfTimedId(previous) + 1, random);
}

/** Bits of an id of 26 characters that stand for its 16 bytes; the two below them are always 0. */
const idStep = 4n;

/**
 * An id without its prefix that sorts after `after` and before `before`, two such ids; null when there is none.
 *
 * @param random at least 6 bytes, so that two made between the same ids differ
 */
export function idBetween(after: string, before: string, random: Uint8Array): string | null {
  const start = numberOf(after);
  const room = (numberOf(before) - start) / idStep - 1n;
  if (room < 1n) return null;
  const chance = BigInt(`0x${Buffer.from(random.subarray(0, 6)).toString("hex")}`);
  let rest = start + idStep * (1n + (chance % room));
  let id = "";
  for (let place = 0; place < after.length; place += 1) {
    id = base32Alphabet[Number(rest & 31n)] + id;
    rest >>= 5n;
  }
  return id;
}

function numberOf(id: string): bigint {
  let number = 0n;
  for (const character of id) number = (number << 5n) | BigInt(base32Alphabet.indexOf(character));
  return number;
}

/** The milliseconds in an id made by {@link timedId}: its first 48 bits. */
export function msOfTimedId(id: string): number {
  return Number(numberOf(id.slice(0, 10)) >> 2n);
}

/**
 * An id that sorts by time of making: 48 bits of milliseconds and 80 bits from `random`.
 *
 * @param random at least 10 bytes
 */
export function timedId(atMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(atMs)), 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  return base32(bytes);
}
