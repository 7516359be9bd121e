import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
} from "@tanstack/react-table";
import type { Connector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";
import { statusWords, worstFirst } from "./status.ts";

export const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

const helper = createColumnHelper<typeof features, Connector>();
const headers = text.journaling.columns;
const collator = new Intl.Collator(text.locale, { numeric: true });
/** Sorts a column by words, as people order them. */
const byWords = (words: (connector: Connector) => string) => ({
  sortFn: (one: { original: Connector }, other: { original: Connector }) =>
    collator.compare(words(one.original), words(other.original)),
});
/** Sorts a column by a number; what has none comes first. */
const byNumber = (number: (connector: Connector) => number) => ({
  sortFn: (one: { original: Connector }, other: { original: Connector }) =>
    number(one.original) - number(other.original),
});

/** The guide's nine columns in its order and words, then ours. */
export const columns = helper.columns([
  helper.accessor("description", { header: headers.description, ...byWords((c) => c.description) }),
  helper.accessor("enabled", { header: headers.enabled, ...byNumber((c) => Number(!c.enabled)) }),
  helper.accessor("journalEmailAddress", {
    header: headers.journalEmailAddress,
    ...byWords((c) => c.journalEmailAddress),
  }),
  helper.accessor("hostname", { header: headers.hostname, ...byWords((c) => c.hostname) }),
  helper.accessor("transport", { header: headers.transport, ...byWords((c) => c.transport) }),
  helper.accessor("type", { header: headers.type, ...byWords((c) => text.journaling.types[c.type]) }),
  helper.accessor("processingQueue", { header: headers.processingQueue, ...byNumber((c) => c.processingQueue) }),
  helper.accessor("pop3MailboxQueue", {
    header: headers.pop3MailboxQueue,
    ...byNumber((c) => c.pop3MailboxQueue ?? -1),
  }),
  helper.accessor("status", {
    header: headers.status,
    sortFn: (one: { original: Connector }, other: { original: Connector }) => worstFirst(one.original, other.original),
  }),
  helper.accessor("quarantined", { header: headers.quarantined, ...byNumber((c) => c.quarantined) }),
  helper.accessor("lastSuccessAt", {
    header: headers.lastSuccessAt,
    ...byNumber((c) => (c.lastSuccessAt === null ? 0 : Date.parse(c.lastSuccessAt))),
  }),
  helper.accessor("archived", { header: headers.archived, ...byNumber((c) => c.archived) }),
]);

/** A column of the table, as it stands in the address. */
export type ColumnId = keyof typeof headers;
export const columnIds = Object.keys(headers) as ColumnId[];
export const numberColumns: readonly string[] = ["processingQueue", "pop3MailboxQueue", "quarantined", "archived"];

/** `sort` of the address as table state: a column's id, with `-` in front for descending; worst first without one. */
export function sortingFrom(sort: string | undefined): SortingState {
  const id = sort?.replace(/^-/, "");
  const isColumn = columnIds.some((column) => column === id);
  return isColumn && id !== undefined ? [{ id, desc: sort !== id }] : [{ id: "status", desc: false }];
}

/** The address's `sort` after a click on a column: ascending, then descending, then back to worst first. */
export function nextSort(sort: string | undefined, column: string): string | undefined {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? undefined : column;
}

/** Whether every word of `filter` occurs in what the row says. */
export function matches(connector: Connector, filter: string): boolean {
  const row = [
    connector.description,
    connector.enabled ? text.journaling.enabled : text.journaling.disabled,
    connector.journalEmailAddress,
    connector.hostname,
    text.journaling.transports[connector.transport] ?? connector.transport,
    text.journaling.types[connector.type],
    statusWords(connector),
  ]
    .join("\n")
    .toLocaleLowerCase(text.locale);
  const words = filter.toLocaleLowerCase(text.locale).split(/\s+/);
  return words.every((word) => row.includes(word));
}
