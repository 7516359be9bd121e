import type { UidlMemory, UidlRecord } from "./uidl-memory.ts";

/** The memory that lasts as long as the process: the twin that tests run on. */
export function createMemoryUidls(): UidlMemory {
  const mailboxes = new Map<string, Map<string, UidlRecord>>();
  return {
    records: async (tenant, connector) => new Map(mailboxes.get(`${tenant}/${connector}`)),
    remember: async (tenant, connector, { records, forgotten }) => {
      const mailbox = mailboxes.get(`${tenant}/${connector}`) ?? new Map<string, UidlRecord>();
      mailboxes.set(`${tenant}/${connector}`, mailbox);
      for (const record of records) mailbox.set(record.key, record);
      for (const key of forgotten) mailbox.delete(key);
    },
    close: async () => {},
  };
}
