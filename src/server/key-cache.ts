import type { OpeningTools } from "#archive/index.ts";
import type { TenantId } from "#core/index.ts";
import type { OpeningKeys } from "#escrow/index.ts";
import { decryptionKey } from "#smime/index.ts";

/** The opened keys of tenants, kept because reading a private key takes longer than reading a mail. */
export interface KeyCache {
  of(tenant: TenantId): Promise<OpeningTools>;
  /** The next call asks again. */
  forget(tenant: TenantId): void;
}

/** A cache over `ask`; what failed is asked again. */
export function createKeyCache(ask: (tenant: TenantId) => Promise<OpeningKeys>): KeyCache {
  const known = new Map<TenantId, Promise<OpeningTools>>();

  async function read(tenant: TenantId): Promise<OpeningTools> {
    const { keys, authorities } = await ask(tenant);
    return {
      // What came from another thread lost its Buffers.
      keys: keys.flatMap(
        (key) =>
          decryptionKey({ certificate: Buffer.from(key.certificate), privateKey: Buffer.from(key.privateKey) }) ?? [],
      ),
      authorities: authorities.map((authority) => Buffer.from(authority)),
    };
  }

  return {
    of(tenant) {
      const reading = known.get(tenant) ?? read(tenant);
      known.set(tenant, reading);
      reading.catch(() => known.delete(tenant));
      return reading;
    },
    forget: (tenant) => known.delete(tenant),
  };
}
