import { join } from "node:path";

/** Where everything of an installation lies below its data folder. */
export interface DataFolder {
  root: string;
  keyFile: string;
  /** Folder of the escrowed keys, a file a tenant. */
  escrow: string;
  settings: string;
  spool: string;
  blobs: string;
  catalogue: string;
  search: string;
  run: string;
  lock: string;
  owner: string;
  scrub: string;
  peers: string;
  /** Uploaded files, until they are imported. */
  uploads: string;
  pop3: string;
}

/** The places below `root`. Nothing is looked at or made. */
export function dataFolder(root: string): DataFolder {
  const run = join(root, "run");
  return {
    root,
    keyFile: join(root, "keys", "keyring.json"),
    escrow: join(root, "keys", "escrow"),
    settings: join(root, "muniment.yaml"),
    spool: join(root, "spool"),
    blobs: join(root, "blobs"),
    catalogue: join(root, "catalogue"),
    search: join(root, "search"),
    run,
    lock: join(run, "lock.sqlite"),
    owner: join(run, "owner.json"),
    scrub: join(run, "scrub.json"),
    peers: join(run, "peers.json"),
    uploads: join(run, "uploads"),
    pop3: join(root, "pop3"),
  };
}
