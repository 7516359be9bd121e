// Loaded before the server with --import, in every thread: storing a mail that holds the poison's words throws, as a fault of
// our own would, while reading it and storing any other goes well.
import { type createHmac, Hmac } from "node:crypto";

/** The decoded attachment of a poisoned mail begins with these words. */
const poison = "poison-of-the-test";

const update = Hmac.prototype.update;
Hmac.prototype.update = function (this: ReturnType<typeof createHmac>, ...args: Parameters<typeof update>) {
  const data = args[0] as string | Uint8Array;
  if (typeof data !== "string" && Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(poison))
    throw new TypeError("injected: our own code fails on this mail");
  return update.apply(this, args);
} as typeof update;
