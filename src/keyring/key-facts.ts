import type { Instant } from "#core/index.ts";
import { parseKeyFile } from "./key-file-text.ts";

/** What a key file tells without being opened. Nothing of it is secret; only opening the file proves it. */
export interface KeyFacts {
  /** Version of the file's format. */
  v: number;
  protection: "none" | "passphrase";
  /** Null times are unknown: files of version 1 kept none. */
  root: { epoch: number; madeAt: Instant | null };
  recoveryKit: { kit: string; madeAt: Instant; testedAt: Instant | null } | null;
  /** In byte order of their names, with every epoch of their key. */
  tenants: { tenant: string; epochs: { epoch: number; madeAt: Instant | null }[] }[];
}

/** @throws `KEY-DAMAGED`, `KEY-VERSION` */
export function readKeyFacts(bytes: Uint8Array): KeyFacts {
  const text = parseKeyFile(bytes);
  const protection = text.protection.kind;
  if (text.v === 1) {
    const tenants = Object.keys(text.tenants).sort();
    return {
      v: 1,
      protection,
      root: { epoch: 1, madeAt: null },
      recoveryKit: null,
      tenants: tenants.map((tenant) => ({ tenant, epochs: [{ epoch: 1, madeAt: null }] })),
    };
  }
  const { recovery, root } = text;
  return {
    v: text.v,
    protection,
    root,
    recoveryKit: recovery && { kit: recovery.kit, madeAt: recovery.madeAt, testedAt: recovery.testedAt },
    tenants: Object.entries(text.tenants)
      .map(([tenant, epochs]) => ({ tenant, epochs: epochs.map(({ epoch, madeAt }) => ({ epoch, madeAt })) }))
      .sort((one, next) => (one.tenant < next.tenant ? -1 : 1)),
  };
}
