/**
 * What reading one message may still cost. All of it counts down over everything in the message: a limit for each layer would
 * be multiplied by the layers, which a stranger chooses.
 */
export interface Effort {
  /** CMS objects that are opened; a triple-wrapped mail has three. */
  layers: number;
  /** Octets that may come out of it: compression multiplies, and every layer is a copy. */
  derivedBytes: number;
  /** Recipients that are compared with the keys. */
  recipients: number;
  /** Private-key operations. */
  keyTrials: number;
  /** Octets that are deciphered whole, also with keys that turn out wrong, or put through a digest. */
  workedBytes: number;
  /** Signers that are judged. */
  signers: number;
  /** Whether something was left because of one of these. */
  isSpent: boolean;
}

/** CMS objects that are opened in one message. */
export const layersMax = 50;

/** What one message may cost: a few seconds and a few hundred MiB at the very worst. */
export function fullEffort(): Effort {
  return {
    layers: layersMax,
    derivedBytes: 256 * 1024 * 1024,
    recipients: 2_000,
    keyTrials: 1_000,
    workedBytes: 2 * 1024 * 1024 * 1024,
    signers: 100,
    isSpent: false,
  };
}

type Kind = Exclude<keyof Effort, "isSpent">;

/** Takes `count` of one kind; false, and noted, when there is not as much left. */
export function spend(effort: Effort, kind: Kind, count = 1): boolean {
  if (effort[kind] < count) {
    effort.isSpent = true;
    return false;
  }
  effort[kind] -= count;
  return true;
}

/** Whether anything of one kind is left; noted when not. */
export function hasLeft(effort: Effort, kind: Kind): boolean {
  if (effort[kind] === 0) effort.isSpent = true;
  return effort[kind] > 0;
}

/** Takes all of one kind, for what would have taken more than there was: the next of its like must not cost as much again. */
export function spendAll(effort: Effort, kind: Kind): void {
  effort[kind] = 0;
  effort.isSpent = true;
}
