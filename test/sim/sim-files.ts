import { dirname } from "node:path";
import type { FileSystem, OpenFile } from "../../src/disk/file-system.ts";
import { seeded } from "../support/bytes.ts";

/** What a disk writes whole or not at all, in bytes; and what an operating system keeps and writes back at once. */
const sectorBytes = 512;
const pageBytes = 4096;

/** The power failed. Whatever was asked of the files then, and everything after, throws this. */
export class PowerCut extends Error {
  readonly code = "POWER-CUT";
}

/** One write since the last sync: how the file was then. */
interface Write {
  start: number;
  bytes: Buffer;
}

interface FileNode {
  kind: "file";
  /** What programs see. */
  live: Buffer;
  size: number;
  /** What is on the platter. */
  durable: Buffer;
  /** Written since the last sync, oldest first. */
  dirty: Write[];
}

/** One change of a directory since its last sync. */
type Entry = { name: string; node: Node | undefined };

interface DirectoryNode {
  kind: "directory";
  live: Map<string, Node>;
  durable: Map<string, Node>;
  /** Each a change that happens whole: a rename is one change of two names. */
  dirty: Entry[][];
}

type Node = FileNode | DirectoryNode;

/** Calls that change something; each is one step at which the power may fail. */
export type StepKind =
  | "commit"
  | "make"
  | "write"
  | "sync"
  | "syncDirectory"
  | "link"
  | "rename"
  | "unlink"
  | "mkdir"
  | "rmdir";
export type CallKind = StepKind | "open" | "read";

/** What becomes of changes that were not synced when the power fails. */
export type Damage =
  /** None of them is kept. */
  | { kind: "drop" }
  /** File contents are kept, changes of directories are not. */
  | { kind: "directories" }
  /** Each sector, page and name is kept or lost by chance, in any order. */
  | { kind: "chance"; seed: number };

/** A call that is to fail. */
export interface Fault {
  calls: readonly CallKind[];
  /** Only calls on paths that contain this. */
  path?: string;
  /** Which matching call fails first, from 1, and how many in a row. */
  nth: number;
  times: number;
  code: string;
}

/** Files that can lose power: what programs see and what is on the platter are kept apart. */
export interface SimFiles extends FileSystem {
  /** Changes so far: steps at which the power can fail. */
  readonly steps: number;
  /** Kind and path of every step so far, for comparing runs. */
  readonly trace: readonly string[];
  readonly isCut: boolean;
  /** Files and directories open now. */
  readonly openHandles: number;
  /** Calls of every kind so far: while it grows, someone is at work. */
  readonly calls: number;
  /** A step of something else that fails with the power, such as a database's transaction. */
  step(kind: "commit", name: string): void;
  /** The power fails before the `step`th change from now (1 is the next); 0 fails now. */
  cutAt(step: number): void;
  /** The files as a new start finds them after the power failed. This one stays as it is. */
  afterPowerCut(damage: Damage): SimFiles;
  /** The files as a new start finds them after the process was killed: nothing is lost, nothing was synced either. */
  afterKill(): SimFiles;
  fail(fault: Fault): void;
  clearFaults(): void;
  /** From now on a sync says that it is done and does nothing, as a drive with a lying cache. */
  lieAboutSyncs(): void;
  /** How many calls a fault has failed. */
  readonly faultsMet: number;
  /** The volume holds this many bytes of file contents. */
  capacity: number;
  readonly usedBytes: number;
  /** Changes one bit of the file, also on the platter, as a bad cell would. */
  flipBit(path: string, at: number): void;
  /** Every file, by path. */
  paths(): string[];
}

function failureOf(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code });
}

function directoryNode(entries: Map<string, Node> = new Map()): DirectoryNode {
  return { kind: "directory", live: entries, durable: new Map(entries), dirty: [] };
}

function fileNode(content: Buffer): FileNode {
  return { kind: "file", live: content, size: content.length, durable: Buffer.from(content), dirty: [] };
}

function placed(content: Buffer, { start, bytes }: Write): Buffer {
  const end = start + bytes.length;
  const grown = end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : content;
  bytes.copy(grown, start);
  return grown;
}

/** What of `older` a write over it leaves: a page is held once, so what stood there before can never be written back again. */
function outside(older: Write, { start, bytes }: Write): Write[] {
  const before = older.bytes.subarray(0, Math.max(0, start - older.start));
  const from = Math.min(older.bytes.length, Math.max(0, start + bytes.length - older.start));
  const after = { start: older.start + from, bytes: older.bytes.subarray(from) };
  return [{ start: older.start, bytes: before }, after].filter((left) => left.bytes.length > 0);
}

/** What of a file is on the platter, by chance: each unit holds what it held before some of the writes. */
function chanceContent(node: FileNode, next: () => number): Buffer {
  const unit = next() < 0.5 ? sectorBytes : pageBytes;
  const share = [0, 0.2, 0.8, 1][Math.floor(next() * 4)] as number;
  const kept = new Map<number, number>();
  let content: Buffer = Buffer.from(node.durable);
  const sizes = [content.length];
  node.dirty.forEach(({ start, bytes }, index) => {
    for (let at = start; at < start + bytes.length; ) {
      const number = Math.floor(at / unit);
      const end = Math.min(start + bytes.length, (number + 1) * unit);
      if (!kept.has(number)) kept.set(number, next() < share ? Math.ceil(next() * node.dirty.length) : 0);
      if (index < (kept.get(number) as number))
        content = placed(content, { start: at, bytes: bytes.subarray(at - start, end - start) });
      at = end;
    }
    sizes.push(start + bytes.length);
  });
  // The size is written apart from the contents: it may be behind what was kept, or ahead of it over zeros.
  const size = sizes[Math.floor(next() * sizes.length)] as number;
  if (next() < 0.5 || size < node.durable.length) return content;
  return size <= content.length
    ? content.subarray(0, size)
    : Buffer.concat([content, Buffer.alloc(size - content.length)]);
}

function chanceEntries(node: DirectoryNode, next: () => number): Map<string, Node> {
  const share = [0, 0.3, 0.7, 1][Math.floor(next() * 4)] as number;
  const entries = new Map(node.durable);
  for (const change of node.dirty) if (next() < share) apply(entries, change);
  return entries;
}

function apply(entries: Map<string, Node>, change: readonly Entry[]): void {
  for (const { name, node } of change) {
    if (node === undefined) entries.delete(name);
    else entries.set(name, node);
  }
}

/** A copy of the tree as `keep` sees it; a file with two names stays one file. */
function copyTree(
  root: DirectoryNode,
  entriesOf: (node: DirectoryNode) => Map<string, Node>,
  copyFile: (node: FileNode) => FileNode,
): DirectoryNode {
  const copies = new Map<Node, Node>();
  const copy = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const made: Node = node.kind === "file" ? copyFile(node) : directoryNode();
    copies.set(node, made);
    if (node.kind === "directory" && made.kind === "directory")
      for (const [name, child] of entriesOf(node)) {
        made.live.set(name, copy(child));
        made.durable.set(name, copy(child));
      }
    return made;
  };
  return copy(root) as DirectoryNode;
}

/** A tree of files in memory with nothing in it. */
export function createSimFiles(): SimFiles {
  return filesOver(directoryNode(), Number.MAX_SAFE_INTEGER);
}

function filesOver(root: DirectoryNode, capacityAtStart: number): SimFiles {
  let steps = 0;
  let calls = 0;
  let cutBefore = Number.MAX_SAFE_INTEGER;
  let isCut = false;
  let isLying = false;
  let capacity = capacityAtStart;
  let usedBytes = 0;
  let opened = 0;
  let faultsMet = 0;
  let faults: (Fault & { met: number })[] = [];
  const trace: string[] = [];

  const namesOf = (path: string) => path.split("/").filter((name) => name !== "");

  function find(path: string): Node | undefined {
    let node: Node | undefined = root;
    for (const name of namesOf(path)) node = node?.kind === "directory" ? node.live.get(name) : undefined;
    return node;
  }

  function need(path: string, call: string): Node {
    const node = find(path);
    if (node === undefined) throw failureOf("ENOENT", call, path);
    return node;
  }

  function needDirectory(path: string, call: string): DirectoryNode {
    const node = need(path, call);
    if (node.kind !== "directory") throw failureOf("ENOTDIR", call, path);
    return node;
  }

  const parentOf = (path: string, call: string) => needDirectory(dirname(path), call);
  const nameOf = (path: string) => namesOf(path).at(-1) as string;

  /** Every call passes here first: power, then faults. */
  function call(kind: CallKind, path: string): void {
    calls += 1;
    if (isCut) throw new PowerCut(`${kind} ${path}: the power is off`);
    if (kind !== "open" && kind !== "read") {
      steps += 1;
      if (steps >= cutBefore) {
        isCut = true;
        throw new PowerCut(`${kind} ${path}: the power failed`);
      }
      trace.push(`${kind} ${path}`);
    }
    for (const fault of faults) {
      if (!fault.calls.includes(kind) || (fault.path !== undefined && !path.includes(fault.path))) continue;
      fault.met += 1;
      if (fault.met < fault.nth || fault.met >= fault.nth + fault.times) continue;
      faultsMet += 1;
      throw failureOf(fault.code, kind, path);
    }
  }

  function change(directory: DirectoryNode, ...entries: Entry[]): void {
    apply(directory.live, entries);
    directory.dirty.push(entries);
  }

  /** Takes as much of the bytes as the volume has room for; a full one takes none. */
  function writeTo(node: FileNode, path: string, bytes: Uint8Array, position: number): number {
    call("write", path);
    const room = Math.max(0, node.size - position) + Math.max(0, capacity - usedBytes);
    const taken = Math.min(bytes.length, room);
    if (taken === 0 && bytes.length > 0) throw failureOf("ENOSPC", "write", path);
    const end = position + taken;
    if (end > node.live.length) {
      const grown = Buffer.alloc(Math.max(end, node.live.length * 2, pageBytes));
      node.live.copy(grown, 0, 0, node.size);
      node.live = grown;
    }
    const written = Buffer.from(bytes.subarray(0, taken));
    written.copy(node.live, position);
    usedBytes += Math.max(0, end - node.size);
    node.size = Math.max(node.size, end);
    node.dirty.push({ start: position, bytes: written });
    return taken;
  }

  function syncNode(node: Node, path: string): void {
    if (isLying) {
      call(node.kind === "directory" ? "syncDirectory" : "sync", path);
      return;
    }
    if (node.kind === "directory") {
      try {
        call("syncDirectory", path);
      } catch (error) {
        if (!isCut) node.dirty = [];
        throw error;
      }
      node.durable = new Map(node.live);
      node.dirty = [];
      return;
    }
    try {
      call("sync", path);
    } catch (error) {
      // As Linux does: after a failed sync the pages count as clean, and no later sync writes them.
      if (!isCut) node.dirty = [];
      throw error;
    }
    for (const write of node.dirty) node.durable = placed(node.durable, write);
    node.dirty = [];
  }

  /** Makes one write durable, and no other: what a file opened as `durable` promises. */
  function syncWrite(node: FileNode, path: string): void {
    const write = node.dirty.at(-1) as Write;
    try {
      call("sync", path);
    } catch (error) {
      if (!isCut) node.dirty.pop();
      throw error;
    }
    if (isLying) return;
    node.durable = placed(node.durable, write);
    node.dirty.pop();
    node.dirty = node.dirty.flatMap((older) => outside(older, write));
  }

  function openNode(node: Node, path: string, isDurable = false): OpenFile {
    opened += 1;
    let isOpen = true;
    const file = (): FileNode => {
      if (node.kind !== "file") throw failureOf("EISDIR", "read", path);
      if (!isOpen) throw failureOf("EBADF", "read", path);
      return node;
    };
    return {
      write: async (bytes, offset, length, position) => ({
        bytesWritten: writeTo(file(), path, bytes.subarray(offset, offset + length), position),
      }),
      writev: async (pieces, position) => {
        const bytesWritten = writeTo(file(), path, Buffer.concat(pieces), position);
        if (isDurable) syncWrite(file(), path);
        return { bytesWritten };
      },
      read: async (into, offset, length, position) => {
        call("read", path);
        const { live, size } = file();
        return { bytesRead: live.copy(into, offset, position, Math.max(position, Math.min(size, position + length))) };
      },
      stat: async () => ({ size: file().size }),
      sync: async () => syncNode(node, path),
      datasync: async () => syncNode(node, path),
      close: async () => {
        if (!isOpen) throw failureOf("EBADF", "close", path);
        isOpen = false;
        opened -= 1;
        if (isCut) throw new PowerCut(`close ${path}: the power is off`);
      },
    };
  }

  const reachable = (): Map<string, FileNode> => {
    const found = new Map<string, FileNode>();
    const walk = (at: string, directory: DirectoryNode) => {
      for (const [name, node] of directory.live)
        if (node.kind === "file") found.set(`${at}/${name}`, node);
        else walk(`${at}/${name}`, node);
    };
    walk("", root);
    return found;
  };
  for (const node of new Set(reachable().values())) usedBytes += node.size;

  function release(node: Node): void {
    if (node.kind === "file" && ![...reachable().values()].includes(node)) usedBytes -= node.size;
  }

  return {
    get steps() {
      return steps;
    },
    trace,
    get isCut() {
      return isCut;
    },
    get openHandles() {
      return opened;
    },
    get faultsMet() {
      return faultsMet;
    },
    get capacity() {
      return capacity;
    },
    set capacity(bytes) {
      capacity = bytes;
    },
    get usedBytes() {
      return usedBytes;
    },
    get calls() {
      return calls;
    },
    step: call,
    cutAt: (step) => {
      cutBefore = steps + step;
      if (step === 0) isCut = true;
    },
    afterPowerCut: (damage) => {
      const next = seeded(damage.kind === "chance" ? damage.seed : 0);
      const contentOf = (node: FileNode): Buffer =>
        damage.kind === "chance"
          ? chanceContent(node, next)
          : damage.kind === "drop"
            ? Buffer.from(node.durable)
            : Buffer.from(node.live.subarray(0, node.size));
      const entriesOf = (node: DirectoryNode) =>
        damage.kind === "chance" ? chanceEntries(node, next) : new Map(node.durable);
      return filesOver(
        copyTree(root, entriesOf, (node) => fileNode(contentOf(node))),
        capacity,
      );
    },
    afterKill: () => {
      // Contents and names stay as they are seen, and what was not synced still is not.
      const files = new Map<FileNode, FileNode>();
      const fileOf = (node: FileNode): FileNode => {
        const made = files.get(node) ?? {
          ...node,
          live: Buffer.from(node.live),
          durable: Buffer.from(node.durable),
          dirty: [...node.dirty],
        };
        files.set(node, made);
        return made;
      };
      const directories = new Map<DirectoryNode, DirectoryNode>();
      const copy = (node: Node): Node => (node.kind === "file" ? fileOf(node) : directoryOf(node));
      const directoryOf = (node: DirectoryNode): DirectoryNode => {
        const known = directories.get(node);
        if (known !== undefined) return known;
        const made = directoryNode();
        directories.set(node, made);
        for (const [name, child] of node.live) made.live.set(name, copy(child));
        made.durable = new Map([...node.durable].map(([name, child]) => [name, copy(child)]));
        made.dirty = node.dirty.map((entries) =>
          entries.map(({ name, node: child }) => ({ name, node: child && copy(child) })),
        );
        return made;
      };
      return filesOver(directoryOf(root), capacity);
    },
    fail: (fault) => faults.push({ ...fault, met: 0 }),
    clearFaults: () => {
      faults = [];
    },
    lieAboutSyncs: () => {
      isLying = true;
    },
    flipBit: (path, at) => {
      const node = need(path, "flip");
      if (node.kind !== "file") throw failureOf("EISDIR", "flip", path);
      node.live[at] = (node.live[at] ?? 0) ^ 1;
      if (at < node.durable.length) node.durable[at] = (node.durable[at] ?? 0) ^ 1;
    },
    paths: () => [...reachable().keys()].sort(),

    open: async (path, flags) => {
      if (flags === "r" || flags === "r+" || flags === "durable") {
        call("open", path);
        return openNode(need(path, "open"), path, flags === "durable");
      }
      call("make", path);
      const directory = parentOf(path, "open");
      if (directory.live.has(nameOf(path))) throw failureOf("EEXIST", "open", path);
      const node = fileNode(Buffer.alloc(0));
      change(directory, { name: nameOf(path), node });
      return openNode(node, path);
    },
    link: async (existing, path) => {
      call("link", path);
      const node = need(existing, "link");
      const directory = parentOf(path, "link");
      if (directory.live.has(nameOf(path))) throw failureOf("EEXIST", "link", path);
      change(directory, { name: nameOf(path), node });
    },
    rename: async (from, to) => {
      call("rename", to);
      const node = need(from, "rename");
      const directory = parentOf(from, "rename");
      if (directory !== parentOf(to, "rename")) throw failureOf("EXDEV", "rename", to);
      const old = directory.live.get(nameOf(to));
      change(directory, { name: nameOf(to), node }, { name: nameOf(from), node: undefined });
      if (old !== undefined) release(old);
    },
    unlink: async (path) => {
      call("unlink", path);
      const node = need(path, "unlink");
      if (node.kind === "directory") throw failureOf("EISDIR", "unlink", path);
      change(parentOf(path, "unlink"), { name: nameOf(path), node: undefined });
      release(node);
    },
    mkdir: async (path) => {
      call("mkdir", path);
      const parent = parentOf(path, "mkdir");
      if (parent.live.has(nameOf(path))) throw failureOf("EEXIST", "mkdir", path);
      change(parent, { name: nameOf(path), node: directoryNode() });
    },
    rmdir: async (path) => {
      call("rmdir", path);
      if (needDirectory(path, "rmdir").live.size > 0) throw failureOf("ENOTEMPTY", "rmdir", path);
      change(parentOf(path, "rmdir"), { name: nameOf(path), node: undefined });
    },
    list: async (directory) => {
      call("open", directory);
      return [...needDirectory(directory, "list").live].map(([name, node]) => ({
        name,
        isDirectory: node.kind === "directory",
      }));
    },
    stat: async (path) => {
      call("open", path);
      const node = need(path, "stat");
      return { isFile: node.kind === "file", size: node.kind === "file" ? node.size : 0 };
    },
    freeBytes: async (path) => {
      call("open", path);
      return Math.max(0, Math.min(capacity, 2 ** 50) - usedBytes);
    },
  };
}
