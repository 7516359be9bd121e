import { RecordTable } from "./record-table.ts";
import type { MailboxRecords, UidlMemory } from "./uidl-memory.ts";

/** The memory that lasts as long as the process: the twin that tests run on. */
export function createMemoryUidls(): UidlMemory {
  const mailboxes = new Map<string, MailboxRecords>();
  return {
    mailbox: async (tenant, connector) => {
      const name = `${tenant}/${connector}`;
      const mailbox = mailboxes.get(name) ?? { table: new RecordTable(), remember: async () => {} };
      mailboxes.set(name, mailbox);
      return mailbox;
    },
    close: async () => {},
  };
}
