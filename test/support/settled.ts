import { systemClock } from "../../src/server/system.ts";
import { answerHere } from "./here.ts";

/** The numbers of `status`. */
export interface Status {
  received: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
  messages: number;
  searchable: number;
  /** Numbers of the archive's last change that the search index covers, and of the last there is. */
  index: { coveredTo: number; lastChange: number };
}

/** Between two looks: the archive steps back behind whoever keeps the processor busy, so looking must not. */
const lookMs = 20;

/** Asks the server, or the archive itself where none is running, until nothing is in progress and everything is searchable. */
export async function settled(data: string): Promise<Status> {
  for (;;) {
    const status = await answerHere<Status>(["status", "--data", data]);
    const { coveredTo, lastChange } = status.index;
    if (status.processing === 0 && coveredTo === lastChange) return status;
    await systemClock.sleep(lookMs);
  }
}
