import type { Listing, RecordTable, UidlState } from "#pop3/index.ts";
import { type Finding, failed, passed, warned } from "./report.ts";
import type { MailboxUnderTest } from "./test-mailbox.ts";

/** What earlier runs remember of the mailbox, by key: `u:` and the unique id. */
export type KnownMessages = Pick<RecordTable, "get" | "kinds">;

/** What is in the mailbox, whether it can be told apart, and whether its ids are those that earlier runs saw. */
export function listFinding(
  stat: { messages: number; bytes: number },
  listing: Listing,
  { keeps, messageBytesMax, known }: Pick<MailboxUnderTest, "keeps" | "messageBytesMax" | "known">,
): Finding {
  // Not spread into Math.max: a mailbox may have more messages than a call may have arguments.
  const largest = listing.messages.reduce((most, { listBytes }) => Math.max(most, listBytes ?? 0), 0);
  const evidence = [
    `${stat.messages} messages, ${stat.bytes} octets, the largest ${largest}`,
    `unique ids: ${listing.uidls}`,
  ];
  if (listing.messages.length !== stat.messages)
    return failed(
      [...evidence, `LIST names ${listing.messages.length}`],
      "The server does not agree with itself on what is in the mailbox.",
      "look into the server's log, and rebuild its index of this mailbox",
    );
  const ids = idsFinding(listing, known, evidence);
  if (keeps && listing.uidls !== "usable" && stat.messages > 0)
    return failed(
      ids?.evidence ?? evidence,
      "Mail is to stay on the server, and cannot be told apart there.",
      "repair UIDL",
    );
  if (largest > messageBytesMax)
    return warned("B", evidence, "The largest message is larger than we take; the others go on.", "take it out");
  return ids ?? passed(...evidence);
}

/** What is wrong with the ids; null when nothing is. None of it loses mail or takes any twice: it costs work. */
function idsFinding({ messages, uidls }: Listing, known: KnownMessages, evidence: readonly string[]): Finding | null {
  if (messages.length === 0) return null;
  const unnamed = messages.filter(({ uidl }) => uidl === null).length;
  const told = (count: string, meaning: string, fix: string) => warned("B", [...evidence, count], meaning, fix);
  if (uidls === "doubled")
    return told(
      `${unnamed} messages have an id that another has too, or none`,
      "Two messages with one id cannot be told apart by it: such messages are fetched and known by their content.",
      "repair UIDL: each message needs an id of its own",
    );
  if (uidls === "missing")
    return told(
      `${unnamed} of ${messages.length} messages have no id`,
      "Without an id a message is fetched each time, to be known by its content.",
      "switch UIDL on, or repair it",
    );
  const listed = messages.map((message) => ({ message, state: known.get(`u:${message.uidl}`)?.state }));
  const taken = listed.flatMap(({ message, state }) =>
    state !== undefined && "capture" in state ? [{ message, state }] : [],
  );
  const reused = taken.filter(({ message, state }) => message.listBytes !== state.capture.listBytes).length;
  if (reused > 0)
    return told(
      `${reused} ids were those of messages of another size`,
      "Ids are used again for other messages: such a message is fetched and compared before anything is deleted.",
      "repair UIDL: an id must never be used again",
    );
  const back = taken.filter(({ state: { kind } }) => kind === "deleted" || kind === "gone").length;
  if (back > 0)
    return told(
      `${back} messages are back that were deleted or gone`,
      "The server keeps what it was told to delete; nothing is taken twice.",
      "look for a setting that keeps deleted mail, and for a backup that was restored",
    );
  if (listed.some(({ state }) => state !== undefined)) return null;
  let kept = 0;
  for (const [key, kind] of known.kinds()) if (key.startsWith("u:") && isKept(kind)) kept += 1;
  if (kept === 0) return null;
  return told(
    `${kept} messages are known here, and none of their ids is listed`,
    "All ids have changed: the mailbox was rebuilt or moved. Messages are known by their content, and none is taken twice.",
    "nothing has to be done here; find out whether the mailbox was rebuilt, or somebody else empties it",
  );
}

/** Whether the message was taken and should still be there. */
function isKept(kind: UidlState["kind"]): boolean {
  return kind === "spooled" || kind === "archived" || kind === "delete-pending";
}
