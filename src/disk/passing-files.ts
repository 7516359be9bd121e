import type { FileSystem, OpenFile } from "./file-system.ts";

/** The same files; `passed` is told how many bytes each call has read or written, when it is done. */
export function passingFiles(files: FileSystem, passed: (bytes: number) => void): FileSystem {
  const told = <Facts extends { bytesRead: number } | { bytesWritten: number }>(facts: Facts): Facts => {
    passed("bytesRead" in facts ? facts.bytesRead : facts.bytesWritten);
    return facts;
  };
  const watched = (file: OpenFile): OpenFile => ({
    ...file,
    write: async (...args) => told(await file.write(...args)),
    writev: async (...args) => told(await file.writev(...args)),
    read: async (...args) => told(await file.read(...args)),
  });
  return { ...files, open: async (...args) => watched(await files.open(...args)) };
}
