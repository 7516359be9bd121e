import type { IncomingMessage } from "node:http";
import type { FastifyBaseLogger } from "fastify";
import type { Access, Audit } from "#access/index.ts";
import type { ArchiveUseCases } from "#archive/index.ts";
import type { Backups } from "#backup/index.ts";
import type { Collector } from "#collector/index.ts";
import type { Connectors, MailDoor } from "#connector/index.ts";
import type { Clock, Entropy } from "#core/index.ts";
import type { Decryption } from "#decryption/index.ts";
import type { FileImports } from "#import/index.ts";

/** What the API is built on. It holds no state of its own. */
export interface ApiDependencies {
  archive: ArchiveUseCases;
  /** Imports that the server reads by itself. */
  fileImports: FileImports;
  backups: Backups;
  access: Access;
  audit: Audit;
  decryption: Decryption;
  connectors: Connectors;
  /** The mailboxes of connectors that have one. */
  collector: Collector;
  /** The SMTP side of the running server. */
  mail: MailDoor;
  clock: Clock;
  entropy: Entropy;
  logger: FastifyBaseLogger;
  /** Whether the request came in through the server's own Unix socket, which only its administrator can open. */
  isLocal(request: IncomingMessage): boolean;
  /** Whether mail can be taken and the archive be read: the answer of /readyz. */
  isReady(): boolean;
  /** Whether browsers reach us over https, so that the session cookie can be bound to it. */
  isHttps: boolean;
  /** Absolute path of the built console; null serves none. */
  consoleDirectory: string | null;
  /** The product's version, for the OpenAPI document. */
  version: string;
}
