/** One event, one line: a dotted name and fields. Never message content, subjects or secrets. */
export type Log = (event: string, fields: Record<string, unknown>) => void;
