/** The key of one run of the spool, by the salt that its segments name. */
type SpoolKey = (salt: Uint8Array) => Promise<Uint8Array>;

/** Remembers each run's key, so that it is derived once and not for each record. */
export function cachedKeys(spoolKey: SpoolKey): SpoolKey {
  const keys = new Map<string, Promise<Uint8Array>>();
  return (salt) => {
    const name = Buffer.from(salt).toString("hex");
    const key = keys.get(name) ?? spoolKey(salt);
    keys.set(name, key);
    return key;
  };
}
