/** BlobStore: write-once bytes under names never reused. It knows names and bytes, nothing of packs or tenants. */
export type { BlobFacts, BlobName, BlobStore } from "./blob-store.ts";
