import { isTenantId, type PackId, type Sha256, type TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/** One pack of a backup; `bytes` and `sha256` are those of its bytes in the backup. */
export interface ListedPack {
  tenant: TenantId;
  pack: PackId;
  bytes: number;
  sha256: Sha256;
  /** Damaged in the archive already when it was copied. */
  damaged?: true;
  /** Not readable in the archive when it was to be copied; there is no file. */
  missing?: true;
}

/** The list's line for a pack. */
export function packLine(pack: ListedPack): string {
  return `${JSON.stringify(pack)}\n`;
}

function isListed(value: unknown): value is ListedPack {
  const { tenant, pack, bytes, sha256 } = (value ?? {}) as Partial<ListedPack>;
  const isNamed = isTenantId(String(tenant)) && /^pck_[0-9a-z]{26}$/.test(String(pack));
  return isNamed && typeof bytes === "number" && typeof sha256 === "string";
}

/** The packs of a list whose digest was compared before, in its order. What is no pack of ours is left out. */
export async function* listedPacks(bytes: Bytes): AsyncGenerator<ListedPack> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const value: unknown = JSON.parse(line);
      if (isListed(value)) yield value;
    }
  }
}

const order = (a: ListedPack, b: Pick<ListedPack, "tenant" | "pack">): number =>
  a.tenant === b.tenant ? (a.pack < b.pack ? -1 : Number(a.pack > b.pack)) : a.tenant < b.tenant ? -1 : 1;

/** Looks packs up in an earlier list; they are asked for in the list's own order, so that it is never held whole. */
export interface EarlierList {
  find(pack: Pick<ListedPack, "tenant" | "pack">): Promise<ListedPack | undefined>;
  close(): Promise<void>;
}

/** Looks up in a list that is read as far as it is asked for. */
export function createEarlierList(packs: AsyncGenerator<ListedPack>): EarlierList {
  let next: ListedPack | undefined;
  let isAtEnd = false;
  return {
    find: async (wanted) => {
      while (!isAtEnd && (next === undefined || order(next, wanted) < 0)) {
        const { value, done } = await packs.next();
        if (done === true) {
          isAtEnd = true;
          next = undefined;
        } else next = value;
      }
      return next !== undefined && order(next, wanted) === 0 ? next : undefined;
    },
    close: async () => {
      await packs.return(undefined);
    },
  };
}
