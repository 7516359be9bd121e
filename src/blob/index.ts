/** BlobStore: write-once bytes under names never reused. It knows names and bytes, nothing of packs or tenants. */
export { type BlobName, type BlobStore, isBlobName } from "./blob-store.ts";
