/** The flag of a receipt whose message is a journal report that came back and was journaled again; receipts are counted by it. */
export const loopFlag = "journal_loop";
