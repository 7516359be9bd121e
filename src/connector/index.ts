/** Connectors: what is configured of each, how it does, and which mail it lets in. It knows no transport. */
export { ConnectorConflict } from "./connector-conflict.ts";
export type {
  Connectors,
  ConnectorView,
} from "./connectors.ts";
export { createConnectors } from "./create-connectors.ts";
export { createDirectory, destinationOf } from "./directory.ts";
export { type Doorway, type MailDoor, type MailReach, placeOfDoor } from "./mail-door.ts";
export { keepDaysOf, verifyText } from "./mailbox-settings.ts";
export { PeerBook } from "./peer-book.ts";
export { openPeerBook } from "./peer-file.ts";
export type { PeerFacts, PeerLists } from "./peer-lines.ts";
export { providerRanges } from "./provider-ranges.ts";
export { recipesFor } from "./recipes/recipes-for.ts";
