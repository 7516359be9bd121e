/**
 * SearchIndex: derived from the catalogue and the packs, disposable, and answering in the same way in every engine.
 *
 * Every engine indexes the tokens of `columns.ts` and answers the conditions of `condition.ts`; it brings no analysis of
 * its own. The embedded engine keeps one SQLite file per tenant, `DIRECTORY/TENANT/index-1.sqlite`.
 */
export type { SearchDocument, SearchIndex } from "./search-index.ts";
