import { relative } from "node:path";
import { Readable } from "node:stream";
import { spec, type TestEvent } from "node:test/reporters";

/** Enough for what differs; a report of a whole archive stays a line. */
const LONGEST_REASON = 1_200;

type Failure = Extract<TestEvent, { type: "test:fail" }>["data"];

/** Whether it failed for nothing but the tests inside of it. */
function isOfParts({ details }: Failure): boolean {
  return "failureType" in details.error && details.error.failureType === "subtestsFailed";
}

/** One line: where the test stands, its name, and what it said, its first words first. */
function lineOf({ file, line, name, details }: Failure): string {
  const { cause, message } = details.error;
  const said = cause instanceof Error ? cause.message : message;
  const reason = said
    .split("\n")
    .map((part) => part.trim())
    .filter(Boolean)
    .join(" | ");
  const where = file ? `${relative(process.cwd(), file)}:${line}` : "no file";
  return `failed: ${where} · ${name} · ${reason.slice(0, LONGEST_REASON)}`;
}

/**
 * The reporter of `npm test`: `node:test`'s own report, and when tests failed, a line for each behind everything else.
 * The own report ends with stacks and values that differ, so whoever keeps only the end of a long run
 * learns that something failed, and not what.
 */
export default async function* failuresLast(events: AsyncIterable<TestEvent>): AsyncGenerator<string | Buffer> {
  const failures: Failure[] = [];
  async function* remembering(): AsyncGenerator<TestEvent> {
    for await (const event of events) {
      if (event.type === "test:fail" && !isOfParts(event.data)) failures.push(event.data);
      yield event;
    }
  }
  yield* Readable.from(remembering()).pipe(spec());
  if (failures.length > 0) yield `\n${failures.map(lineOf).join("\n")}\n`;
}
