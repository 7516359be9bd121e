import type { OpeningTools } from "#archive/index.ts";
import type { TenantId } from "#core/index.ts";
import type { OpeningKeys } from "#escrow/index.ts";
import { decryptionKey } from "#smime/index.ts";

/** The opened keys of tenants, kept because reading a private key takes longer than reading a mail. */
export interface KeyCache {
  of(tenant: TenantId): Promise<OpeningTools>;
  /** The next call asks again, and so does one that is under way. */
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
    async of(tenant) {
      for (;;) {
        const reading = known.get(tenant) ?? read(tenant);
        known.set(tenant, reading);
        try {
          const tools = await reading;
          // Forgotten while it was read: what is given after a call to forget is never from before it.
          if (known.get(tenant) === reading) return tools;
        } catch (error) {
          if (known.get(tenant) === reading) known.delete(tenant);
          throw error;
        }
      }
    },
    forget: (tenant) => known.delete(tenant),
  };
}
