/** Connectors: what is configured of each, how it does, and which mail it lets in. It knows no transport. */
export { ConnectorConflict } from "./connector-conflict.ts";
export type {
  ConnectorChanges,
  Connectors,
  ConnectorView,
  NewConnector,
  ServiceStatus,
} from "./connectors.ts";
export { type ConnectorParts, createConnectors } from "./create-connectors.ts";
export { createDirectory, type Directory } from "./directory.ts";
