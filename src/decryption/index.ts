/** The keys with which tenants' encrypted mail is opened: taken in, put to work, and shown with what they did. */
export { createDecryption } from "./create-decryption.ts";
export type { CertificateView, Decryption } from "./decryption.ts";
