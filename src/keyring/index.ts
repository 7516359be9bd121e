/** Root and tenant keys, which never leave this module, and the pack and spool keys made from them. */
export type { KeyRing, PackKey } from "./key-ring.ts";
