/**
 * Test Journal Extraction: the whole road of a connector's mail, tried step by step without changing anything, with what was
 * found, what it means and what to do.
 *
 * `test-mailbox.ts` walks the eleven steps of a mailbox, `test-door.ts` those of a connector that mail is pushed to.
 */
export { awaitCanary, type CanaryCall, canaryWord } from "./canary.ts";
export type { StepReport, TestReport } from "./report.ts";
export { type DoorCanary, testDoor } from "./test-door.ts";
export { type MailboxTestParts, testMailbox } from "./test-mailbox.ts";
