/**
 * The SMTP receiver: one listener through which mail servers push mail to many connectors.
 *
 * `session.ts` is the protocol as a machine without sockets, `connection.ts` carries it over a stream and spools, and
 * `listener.ts` is the only file that knows of sockets. It knows envelopes and octets, not what mail is.
 */
export { type AddressRanges, addressIn, addressRanges } from "./address-ranges.ts";
export { type Certificate, readCertificate } from "./certificate.ts";
export type { PeerRefusal } from "./connection.ts";
export { Crowd } from "./crowd.ts";
export { type SmtpLimits, smtpLimits } from "./limits.ts";
export { type SmtpListener, type SmtpOptions, startSmtp } from "./listener.ts";
