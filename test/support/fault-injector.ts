// Loaded before the server with --import, in every thread: stops the process, or fails a call, at a chosen system call.
// MUNIMENT_TEST_FAULT is `kill:before|after:POINT:N` or `fail:CODE:POINT:N`, where POINT is one of the points below and N
// counts its calls in a thread, from 1.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync } from "node:sqlite";

const [action = "", detail = "", point = "", count = "0"] = (process.env.MUNIMENT_TEST_FAULT ?? "").split(":");
const wanted = Number(count);
let calls = 0;

/** Which place of the product a path belongs to. */
function place(path: string): string {
  if (/\/spool(\/|$)/.test(path)) return "spool";
  if (/\/blobs(\/|$)/.test(path)) return "pack";
  return "other";
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal arrives before the next instruction matters; nothing may go on meanwhile.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

async function at<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (name !== point) return work();
  calls += 1;
  if (calls !== wanted) return work();
  if (action === "fail") throw Object.assign(new Error(`${detail}: injected`), { code: detail });
  if (detail === "before") die();
  const result = await work();
  die();
  return result;
}

const pathByHandle = new WeakMap<object, string>();
/** Handles whose writes are syncs too. */
const durableHandles = new WeakSet<object>();
const original = { open: fs.open, link: fs.link, rename: fs.rename, unlink: fs.unlink };

async function open(...args: Parameters<typeof fs.open>): ReturnType<typeof fs.open> {
  const handle = await original.open(...args);
  pathByHandle.set(handle, String(args[0]));
  if (typeof args[1] === "number" && (args[1] & fs.constants.O_DSYNC) !== 0) durableHandles.add(handle);
  return handle;
}

const sample = await original.open("/dev/null", "r");
const prototype = Object.getPrototypeOf(sample) as Record<
  string,
  (this: object, ...args: unknown[]) => Promise<unknown>
>;
await sample.close();

/** A directory is opened without an extension in its name; a file of ours has one or is unfinished. */
function kindOf(path: string): string {
  return /\.(spool|pack|json)$|unfinished/.test(path) ? "" : "directory-";
}

for (const [method, word] of [
  ["datasync", "sync"],
  ["sync", "sync"],
  ["writev", "write"],
  ["write", "write"],
] as const) {
  const plain = prototype[method] as (this: object, ...args: unknown[]) => Promise<unknown>;
  prototype[method] = function (...args) {
    const path = pathByHandle.get(this) ?? "";
    const point = `${place(path)}.${kindOf(path)}`;
    const work = () => at(point + word, () => plain.apply(this, args));
    return word === "write" && durableHandles.has(this) ? at(`${point}sync`, work) : work();
  };
}

Object.assign(fs, {
  open,
  link: (from: string, to: string) => at(`${place(to)}.name`, () => original.link(from, to)),
  rename: (from: string, to: string) => at(`${place(to)}.name`, () => original.rename(from, to)),
  unlink: (path: string) => at(`${place(path)}.unlink`, () => original.unlink(path)),
});
syncBuiltinESMExports();

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql: string) {
  // location() gives the path as a string; the product gives it no other kind.
  const name = (this.location() ?? "").includes("/search/") ? "search.commit" : "catalogue.commit";
  if (!/^commit/i.test(sql) || name !== point) return exec.call(this, sql);
  calls += 1;
  if (calls !== wanted) return exec.call(this, sql);
  if (action === "fail")
    throw Object.assign(new Error("disk I/O error: injected"), { code: "ERR_SQLITE_ERROR", errcode: 10 });
  if (detail === "before") die();
  exec.call(this, sql);
  die();
};
