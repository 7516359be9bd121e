/** What a server says it can do (RFC 2449 §3). Empty when it knows no CAPA. */
export interface Capabilities {
  /** Tag in upper case, with its arguments as sent. */
  argumentsByTag: ReadonlyMap<string, string>;
  /** SASL mechanisms in upper case (RFC 5034). */
  mechanisms: ReadonlySet<string>;
  /** Seconds to wait between two logins (RFC 2449 §6.5); 0 when nothing is said. */
  loginDelaySeconds: number;
}

/** Reads the lines of CAPA; what is not understood is kept under its tag. */
export function readCapabilities(lines: readonly string[]): Capabilities {
  const argumentsByTag = new Map<string, string>();
  for (const line of lines) {
    const [tag, ...rest] = line.trim().split(/[ \t]+/);
    if (tag !== undefined && tag !== "") argumentsByTag.set(tag.toUpperCase(), rest.join(" "));
  }
  const mechanisms = new Set((argumentsByTag.get("SASL") ?? "").toUpperCase().split(" ").filter(Boolean));
  const delay = /^\d{1,6}/.exec(argumentsByTag.get("LOGIN-DELAY") ?? "");
  return { argumentsByTag, mechanisms, loginDelaySeconds: delay === null ? 0 : Number(delay[0]) };
}
