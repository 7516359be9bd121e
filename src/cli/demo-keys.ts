import type { ReadStream } from "node:tty";

/**
 * Calls the function under each key that is pressed, until the returned function is called. Ctrl-C, which a terminal in
 * this mode no longer turns into a signal, counts as `q`. Does nothing when `input` is no terminal.
 */
export function listenForKeys(
  input: ReadStream,
  actions: Readonly<Record<"q" | "o" | "b" | "f", () => void>>,
): () => void {
  if (!input.isTTY) return () => undefined;
  const pressed = (piece: Buffer) => {
    for (const key of piece.toString("latin1").toLowerCase()) {
      if (key === "q" || key === "\x03") actions.q();
      else if (key === "o" || key === "b" || key === "f") actions[key]();
    }
  };
  input.setRawMode(true);
  input.on("data", pressed);
  return () => {
    input.off("data", pressed);
    input.setRawMode(false);
    input.pause();
  };
}
