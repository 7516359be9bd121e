import { hkdfSync } from "node:crypto";
import { type Entropy, Failure, type TenantId } from "#core/index.ts";
import { nonceBytes, seal, unseal } from "./seal.ts";

/** The form in front of every sealed text; a reader that meets another one says so. */
const form = "1.";

function contextOf(tenant: TenantId, purpose: string): Buffer {
  return Buffer.from(`muniment.keys.text\0${tenant}\0${purpose}`);
}

function keyOf(tenantKey: Uint8Array): Uint8Array {
  return Buffer.from(hkdfSync("sha256", tenantKey, "", "muniment.text", 32));
}

/** Seals a secret that a person typed, see docs/formats/keys.md. A connector's few secrets are far below the bound of random nonces. */
export function sealText(
  entropy: Entropy,
  tenantKey: Uint8Array,
  { tenant, purpose }: { tenant: TenantId; purpose: string },
  text: string,
): string {
  const nonce = entropy.bytes(nonceBytes);
  const sealed = seal(keyOf(tenantKey), nonce, contextOf(tenant, purpose), Buffer.from(text));
  return form + Buffer.concat([nonce, sealed]).toString("base64");
}

/** @throws Failure `KEY-VERSION`, `KEY-WRONG` (never) */
export function openText(
  tenantKey: Uint8Array,
  { tenant, purpose }: { tenant: TenantId; purpose: string },
  sealed: string,
): string {
  if (!sealed.startsWith(form)) {
    throw new Failure(
      "KEY-VERSION",
      "never",
      `the secret for ${purpose} is sealed in a way this version does not know`,
      {
        publicText: "a secret was sealed by a newer version",
        effect: "nothing was written",
      },
    );
  }
  const bytes = Buffer.from(sealed.slice(form.length), "base64");
  const context = contextOf(tenant, purpose);
  const text = unseal(keyOf(tenantKey), bytes.subarray(0, nonceBytes), context, bytes.subarray(nonceBytes));
  if (text === undefined) {
    throw new Failure("KEY-WRONG", "never", `the key of tenant ${tenant} does not open the secret for ${purpose}`, {
      publicText: "this secret belongs to another installation; enter it again",
      effect: "nothing was written",
    });
  }
  return text.toString("utf8");
}
