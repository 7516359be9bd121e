/**
 * The search language: a text to a tree, and the one analyser that both documents and queries go through.
 *
 * Pure: it knows no engine, no catalogue and no clock. What a query means is decided here; how it is answered, in search/.
 */
export { addressToken, analyseAddress } from "./address.ts";
export { analyse, isUnspaced } from "./analyse.ts";
export { parseQuery } from "./parse.ts";
export type { Query, QueryField, QueryProblem } from "./query.ts";
