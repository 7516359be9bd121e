import type { MessageEntry } from "./entries.ts";

/** What stands as the defect of a message that was stored unread, since what reads or stores it failed. */
export const unreadDefect = "unread";

/** Whether a message was stored unread. */
export function isUnread({ defects }: Pick<MessageEntry, "defects">): boolean {
  return defects.includes(unreadDefect);
}
