/** Which entries of the audit log are shown; days are the viewer's. */
export interface AuditFilter {
  who?: string;
  action?: string;
  subject?: string;
  since?: string;
  until?: string;
}

/** Every page of the console by name, to be spread into a router `Link` or passed to `navigate`. */
export const pages = {
  overview: () => ({ to: "/" }) as const,
  signIn: (back?: string) => ({ to: "/sign-in", search: back === undefined ? {} : { back } }) as const,
  journaling: () => ({ to: "/services/journaling" }) as const,
  newConnector: () => ({ to: "/services/journaling/new" }) as const,
  connector: (connectorId: string, more: { created?: string } = {}) =>
    ({ to: "/services/journaling/$connectorId", params: { connectorId }, search: more }) as const,
  quarantine: (reason?: string) =>
    ({ to: "/services/quarantine", search: reason === undefined ? {} : { reason } }) as const,
  audit: (filter: AuditFilter = {}) => ({ to: "/audit", search: filter }) as const,
  imports: () => ({ to: "/import" }) as const,
  keys: () => ({ to: "/keys" }) as const,
  search: (q?: string) => ({ to: "/search", search: q === undefined || q === "" ? {} : { q } }) as const,
  /** `q` is the search the reader came from, so that the way back is in the address too. */
  message: (messageId: string, q?: string) =>
    ({ to: "/messages/$messageId", params: { messageId }, search: q === undefined ? {} : { q } }) as const,
};
