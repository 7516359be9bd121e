import type { FastifyRequest } from "fastify";
import { allows } from "#access/index.ts";
import type { MessageRow } from "#catalogue/index.ts";
import { Failure, type MessageId, type TenantId } from "#core/index.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { identityOf } from "./routing.ts";

/** Whether whoever asks may see what was encrypted. */
export function mayDecrypt(request: FastifyRequest): boolean {
  return allows(identityOf(request).role, "messages:decrypted");
}

/** The message of the tenant by id; throws `MESSAGE-UNKNOWN`. */
export async function rowOf(archive: ApiDependencies["archive"], tenant: TenantId, id: string): Promise<MessageRow> {
  const row = await archive.message(tenant, id as MessageId);
  if (row === undefined) throw unknownMessage();
  return row;
}

/** The same for what never was and for what is another tenant's. */
export function unknownMessage(): Failure {
  return new Failure("MESSAGE-UNKNOWN", "never", "there is no such message");
}
