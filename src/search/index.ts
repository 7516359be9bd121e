/** SearchIndex: derived from the catalogue and the packs, disposable, and answering in the same way in every engine. */
export type { Hits, PageRequest, SearchDocument, SearchIndex } from "./search-index.ts";
