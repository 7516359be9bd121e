/** Connectors: what is configured of each, how it does, and which mail it lets in. It knows no transport. */
export { ConnectorConflict } from "./connector-conflict.ts";
export type {
  Connectors,
  ConnectorView,
} from "./connectors.ts";
export { createConnectors } from "./create-connectors.ts";
export { createDirectory } from "./directory.ts";
