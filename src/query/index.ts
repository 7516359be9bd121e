/** The search language: text to a tree. Pure; it knows no engine. */
export type { Query, QueryField, QueryParse, QueryProblem } from "./query.ts";
