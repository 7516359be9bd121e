import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PartFacts, SmimeEntry } from "#catalogue/index.ts";
import { type Clock, Failure, type Sha256, type TenantId } from "#core/index.ts";
import type { MailReading } from "#mail/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import { type DecryptionKey, type DerivedEntity, mayHaveSmime, readSmime } from "#smime/index.ts";
import { type Description, describe } from "./describe.ts";
import { digestOf } from "./digest.ts";
import { partFacts } from "./part-facts.ts";
import { readMail } from "./readable-mail.ts";
import { createRetrieval, gather } from "./retrieve.ts";
import { smimeEntry } from "./smime-entry.ts";
import { allTnef, type TnefEntity } from "./tnef-entity.ts";

/** The keys and authorities of one tenant. */
export interface OpeningTools {
  keys: readonly DecryptionKey[];
  authorities: readonly Buffer[];
}

/** What is read of an archived message beside what the catalogue has of it. */
export interface ArchivedReading {
  /** For search: the message's text, and that of everything that was opened in it. */
  text: string;
  /** Names of attachments inside what was opened. */
  filenames: string[];
  /** Null when it has no S/MIME. */
  smime: SmimeEntry | null;
}

/** What lay inside an encrypted, signed or compressed part, read. */
export interface OpenedEntity extends Pick<DerivedEntity, "path" | "isDecrypted" | "isAuthenticated"> {
  sha256: Sha256;
  bytes: number;
  reading: Pick<MailReading, "headers" | "plain" | "text" | "html" | "defects">;
  parts: PartFacts[];
}

/** The bytes of an entity, and what must be known to hand them out. */
export interface EntityBytes {
  bytes: Uint8Array;
  sha256: Sha256;
  isDecrypted: boolean;
}

/** A message read again, with everything that opens in it. */
export interface OpenedMail {
  reading: MailReading;
  smime: SmimeEntry | null;
  entities: OpenedEntity[];
}

/**
 * Reads archived mail again, and opens what is encrypted in it.
 *
 * Everything may be repeated. Throws what {@link Retrieval} throws.
 */
export interface ArchivedReader {
  /** @param before what S/MIME made of it the last time: a signature that was judged is never judged better */
  read(tenant: TenantId, row: MessageRow, before: SmimeEntry | null): Promise<ArchivedReading>;
  open(tenant: TenantId, row: MessageRow, before: SmimeEntry | null): Promise<OpenedMail>;
  /** Everything understood of the message, with digests of its parts. */
  describe(tenant: TenantId, row: MessageRow, before: SmimeEntry | null): Promise<Description>;
  /** One opened entity with its bytes; throws `SMIME-NO-ENTITY` when nothing lies there or no key opens it. */
  entity(tenant: TenantId, row: MessageRow, path: string): Promise<EntityBytes>;
}

/** What the reader is built on. */
export interface ArchivedReaderParts {
  blobs: BlobStore;
  catalogue: Pick<ArchiveCatalogue, "messages" | "parts">;
  openKey: OpenPackKey;
  clock: Pick<Clock, "now">;
  /** The tenant's keys, and no other tenant's. */
  tools(tenant: TenantId): Promise<OpeningTools>;
}

/** A reader in the thread that calls it; reading and opening take that thread's time. */
export function createArchivedReader(parts: ArchivedReaderParts): ArchivedReader {
  const retrieval = createRetrieval(parts);

  async function readAll(tenant: TenantId, row: MessageRow) {
    const whole = await gather(retrieval.message(tenant, row), row.bytes);
    const mail = readMail(whole, row.sha256);
    const { bytes, reading } = mail;
    if (!mayHaveSmime(row.parts)) return { ...mail, smime: null };
    // As of intake: the answer must be the same whenever the mail is read again.
    const at = row.receipts[0]?.receivedAt ?? row.archivedAt;
    return { ...mail, smime: readSmime(bytes, reading, { ...(await parts.tools(tenant)), at }) };
  }

  return {
    async read(tenant, row, before) {
      const { bytes, reading, smime } = await readAll(tenant, row);
      const entities = smime?.entities ?? [];
      const inside = entities.map((entity) => entity.reading);
      const wrapped = allTnef(bytes, reading, entities);
      const found = [
        // A protected header may have another subject than the one outside; both are found.
        ...inside.flatMap(({ headers, text }) => [headers.subject, text]),
        ...wrapped.flatMap(({ headers, text }) => [headers.subject, ...peopleIn(headers), text]),
      ];
      return {
        text: [reading.text, ...found].join("\n"),
        filenames: [...inside, ...wrapped].flatMap((one) => one.parts.flatMap(({ filename }) => filename ?? [])),
        smime: smime === null ? null : smimeEntry(row.id, smime, before, parts.clock.now()),
      };
    },

    async open(tenant, row, before) {
      const { reading, smime } = await readAll(tenant, row);
      if (smime === null) return { reading, smime: null, entities: [] };
      return {
        reading,
        smime: smimeEntry(row.id, smime, before, parts.clock.now()),
        entities: smime.entities.map(openedEntity),
      };
    },

    async describe(tenant, row, before) {
      const { smime, ...mail } = await readAll(tenant, row);
      const opened = smime && {
        smime: smimeEntry(row.id, smime, before, parts.clock.now()),
        entities: smime.entities,
      };
      return describe(mail, opened);
    },

    async entity(tenant, row, path) {
      const { smime } = await readAll(tenant, row);
      const found = smime?.entities.find((entity) => entity.path === path);
      if (found !== undefined) {
        const { bytes, isDecrypted } = found;
        return { bytes, sha256: digestOf(bytes), isDecrypted };
      }
      throw new Failure("SMIME-NO-ENTITY", "never", `nothing was opened at "${path}" of ${row.id}`);
    },
  };
}

function peopleIn({ from, to, cc, bcc }: TnefEntity["headers"]): string[] {
  return [...from, ...to, ...cc, ...bcc].map(({ name, address }) => `${name} ${address}`);
}

function openedEntity({ path, bytes, reading, isDecrypted, isAuthenticated }: DerivedEntity): OpenedEntity {
  const { headers, plain, text, html, defects } = reading;
  return {
    ...{ path, isDecrypted, isAuthenticated, sha256: digestOf(bytes), bytes: bytes.length },
    reading: { headers, plain, text, html, defects },
    parts: reading.parts.filter((part) => !part.isContainer).map(partFacts),
  };
}
