/**
 * The demo: mail of a shipyard that does not exist, sent to a fresh archive on this machine over SMTP, as mail servers
 * would send it, and mail in a mailbox of its own that is fetched over POP3 and can be broken.
 *
 * It uses the archive from outside only, through its API and its listener; it knows nothing of how mail is kept.
 */
export { type DemoMailbox, openDemoMailbox } from "./mailbox.ts";
export { type DemoNews, runDemo, switchMailbox } from "./run-demo.ts";
