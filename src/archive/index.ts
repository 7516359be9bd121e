/**
 * The product's main loop: spool → unwrap → pack → catalogue → search, and reading back what it wrote.
 *
 * Start here to understand the product; docs/flow.md tells the same in words.
 */
export type * from "./use-cases.ts";
