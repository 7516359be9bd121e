/**
 * The demo: mail of a shipyard that does not exist, sent to a fresh archive on this machine over SMTP, as mail servers
 * would send it.
 *
 * It uses the archive from outside only, through its API and its listener; it knows nothing of how mail is kept.
 */
export { type DemoNews, runDemo } from "./run-demo.ts";
