/** English words about who sends to a connector. */
export const senders = {
  heading: "Who may send",
  permitted: "Permitted addresses",
  permittedHint:
    "One address or range a line, such as 192.0.2.0/24. With none and no provider, anyone who knows the journal address may send.",
  providers: "Permitted providers",
  providerHint: (count: number, asOf: string) => `${count} ranges, as of ${asOf}`,
  source: "Source",
  ranges: "Show the ranges",
  requireTls: "Take mail under TLS only",
  certificate: "Client certificate (SHA-256)",
  certificateHint: "Leave empty to ask for none.",
  copies: "Envelope of plain copies",
  copiesHint:
    "Only for connectors of type Standard, and only what your own servers write: anyone can forge a header field.",
  envelopeHeaders: "Header fields that name recipients",
  envelopeHeadersHint: "Such as X-Envelope-To, X-Original-To or Delivered-To, separated by commas.",
  subAddress: "Read recipients from sub-addresses, as journal+person=example.org@…",
  badRange: (range: string) => `${range} is no address or range.`,

  peers: "Who came",
  open: "Open to every address",
  openHint: "Anyone who knows the journal address may send mail to it. Permit the addresses of your mail servers.",
  allowTo: "The other side must let its mail servers reach",
  door: (addresses: string, port: number) => `${addresses}, TCP port ${port}`,
  doorTls: { first: "TLS from the first byte", starttls: "STARTTLS", none: "no TLS" },
  certificateEnds: (days: number) =>
    days < 0
      ? "The certificate has ended"
      : days === 1
        ? "The certificate ends in 1 day"
        : `The certificate ends in ${days} days`,
  delivered: "Delivered mail",
  turnedAway: "Turned away; their mail waits with them",
  refused: "Refused for good (5xx)",
  nobody: "Nobody so far.",
  columns: { address: "Address", name: "Name", tls: "TLS", times: "Times", last: "Last", why: "Why", action: "Action" },
  clear: "in clear",
  lacking: {
    source: "not on the list of permitted addresses",
    tls: "came in clear, TLS is needed",
    login: "did not log in",
    certificate: "did not show the certificate",
  },
  allow: "Allow this",
  allowOf: (address: string) => `Allow this: ${address}`,
  forgotten: (count: number) => `${count} more were not kept.`,

  login: "Login of senders",
  loginNone: "Senders need no login.",
  loginAsked: (user: string) => `Senders must log in as ${user}, under TLS.`,
  makeLogin: "Make a login",
  renewLogin: "Make a new password",
  dropLogin: "Ask for no login",
  password: "Password, shown this once",

  recipes: "What to do on the other side",
  system: "What runs your mail?",
  fidelity: (grade: string) => `Fidelity ${grade}`,
  copyCode: (step: number) => `Copy step ${step}`,
};
