import type { SpoolId } from "#spool/index.ts";

/**
 * An item that failed alone this often, while other mail was stored, is at fault itself; when no other mail came to prove
 * that, as often as the second number says, which is about a minute.
 */
export const faultsMax = 2;
export const faultsMaxUnproved = 8;

/** What is remembered of an item whose batch failed for a fault of our own code. */
interface Suspicion {
  /** Most items of its next batch. */
  batchMax: number;
  /** How often it failed alone. */
  alone: number;
  /** How many batches had been stored when it first failed alone. */
  storedBefore: number;
}

/** Finds the item that makes batches fail, by halves. */
export interface FaultLedger {
  /** Most items of a batch that this one is in; no limit for one that is not suspected. */
  batchMax(id: SpoolId): number;
  /** A batch of these items failed. */
  note(ids: readonly SpoolId[]): void;
  /** A batch was stored, so that what fails is not everything. */
  noteStored(): void;
  /** Whether the item itself is at fault, as far as can be known. */
  isAtFault(id: SpoolId): boolean;
  forget(id: SpoolId): void;
}

/** A ledger without any suspicion; it is forgotten with the process, and found again by halves. */
export function createFaultLedger(): FaultLedger {
  const suspicions = new Map<SpoolId, Suspicion>();
  let stored = 0;
  return {
    batchMax: (id) => suspicions.get(id)?.batchMax ?? Number.POSITIVE_INFINITY,
    note: (ids) => {
      const batchMax = Math.max(1, Math.ceil(ids.length / 2));
      for (const id of ids) {
        const before = suspicions.get(id) ?? { batchMax, alone: 0, storedBefore: stored };
        const isAlone = ids.length === 1;
        const storedBefore = isAlone && before.alone === 0 ? stored : before.storedBefore;
        suspicions.set(id, { batchMax, alone: before.alone + (isAlone ? 1 : 0), storedBefore });
      }
    },
    noteStored: () => {
      stored += 1;
    },
    isAtFault: (id) => {
      const suspicion = suspicions.get(id);
      if (suspicion === undefined) return false;
      const isProved = stored > suspicion.storedBefore && suspicion.alone > faultsMax;
      return isProved || suspicion.alone > faultsMaxUnproved;
    },
    forget: (id) => {
      suspicions.delete(id);
    },
  };
}
