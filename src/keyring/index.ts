/**
 * Root and tenant keys, which never leave this module, and the pack, part and spool keys made from them.
 *
 * It knows secrets and what they are bound to, nothing of mail. The key file is described in docs/formats/keys.md.
 */
export { withEpoch, withKit, withKitTested, withNewRoot, withPassphrase } from "./key-changes.ts";
export { type KeyFacts, readKeyFacts } from "./key-facts.ts";
export type { KeyAccess, KeyFileContent } from "./key-file-content.ts";
export type { KeyRing, PackKey } from "./key-ring.ts";
export { kitLines, readKit } from "./recovery-kit.ts";
export { nonceBytes, sealedPieces, tagBytes, unseal } from "./seal.ts";
