import type { TenantId } from "#core/index.ts";
import type { KeyRing } from "#keyring/index.ts";

/** Texts that are sealed by a tenant's key, in base64, as the catalogue keeps them. Throws what the key ring throws. */
export function sealedTexts(keyRing: Pick<KeyRing, "sealSecret" | "openSecret">): {
  seal(tenant: TenantId, context: string, text: string): Promise<string>;
  open(tenant: TenantId, context: string, sealed: string): Promise<string>;
} {
  return {
    seal: async (tenant, context, text) =>
      Buffer.from(await keyRing.sealSecret(tenant, context, Buffer.from(text))).toString("base64"),
    open: async (tenant, context, sealed) =>
      Buffer.from(await keyRing.openSecret(tenant, context, Buffer.from(sealed, "base64"))).toString("utf8"),
  };
}
