import { type FailureFacts, failureFacts } from "#core/index.ts";
import { snapshotSqlite } from "./sqlite-snapshot.ts";

/** One snapshot, in a thread of its own: a copy of a large catalogue takes minutes, in which commits must go on. */
export default function run({ directory, target }: { directory: string; target: string }): FailureFacts | null {
  try {
    snapshotSqlite(directory, target);
    return null;
  } catch (error) {
    return failureFacts(error);
  }
}
