/**
 * Durable intake: what was accepted and is not yet archived. Transports meet the product here.
 *
 * It knows bytes and arrivals, not what mail is. On disk: `DIR/spool/segment-N.spool`, see docs/formats/spool.md.
 */
export { cachedKeys } from "./cached-keys.ts";
export type { Admission, Intake, Lacking, Sender } from "./intake.ts";
export { readSpooled } from "./read.ts";
export { recoverSpool } from "./recovery.ts";
export type {
  Arrival,
  Spool,
  SpoolDamage,
  SpooledItem,
  SpoolId,
  SpoolState,
  SpoolWriter,
} from "./spool.ts";
