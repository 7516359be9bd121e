import { Failure, fold, foldAddress, type TenantId } from "#core/index.ts";
import type { ConnectorEntry, PersonEntry } from "./entries.ts";

/**
 * Checks that a new or edited connector takes no name of another.
 *
 * @param others connectors that may stand in the way; its own stored entry among them does no harm
 * @throws Failure `CATALOGUE-CONFLICT`
 */
export function checkConnectorIsFree(connector: ConnectorEntry, others: readonly ConnectorEntry[]): void {
  const address = foldAddress(connector.journalEmailAddress);
  for (const other of others) {
    if (other.id === connector.id) continue;
    if (foldAddress(other.journalEmailAddress) === address) {
      throw conflict(`another connector has the journal address ${connector.journalEmailAddress}`);
    }
    if (other.tenant === connector.tenant && other.description === connector.description) {
      throw conflict(`another connector of tenant ${connector.tenant} has the description "${connector.description}"`);
    }
  }
}

/**
 * Checks that `connector` may replace the entry `stored`.
 *
 * @throws Failure `CATALOGUE-CONFLICT` when there is none in its tenant, or its version is not the one before
 */
export function checkConnectorVersion(connector: ConnectorEntry, stored: ConnectorEntry | undefined): void {
  if (stored === undefined || stored.tenant !== connector.tenant) {
    throw conflict(`tenant ${connector.tenant} has no connector ${connector.id}`);
  }
  if (stored.version !== connector.version - 1) {
    throw conflict(
      `connector ${connector.id} is at version ${stored.version}, so it cannot become ${connector.version}`,
    );
  }
}

/** A person's id or e-mail is taken. */
export function personTaken(email: string): Failure {
  return conflict(`there is a person with the e-mail ${email} already`);
}

/** A credential of this kind has the same fingerprint. */
export function credentialTaken(kind: string): Failure {
  return conflict(`there is a ${kind} with the same fingerprint already`);
}

/** A connector's id is taken. */
export function connectorTaken(id: string): Failure {
  return conflict(`there is a connector ${id} already`);
}

/** History is kept of connectors that there are. */
export function missingConnector(id: string): Failure {
  return conflict(`there is no connector ${id}`);
}

/** A unique name or address is taken, or a version is not the expected one. */
function conflict(message: string): Failure {
  return new Failure("CATALOGUE-CONFLICT", "never", message);
}

/** No such tenant. */
export function missingTenant(tenant: TenantId): Failure {
  return new Failure("CATALOGUE-MISSING", "never", `there is no tenant "${tenant}"`);
}

/** The connectors of one tenant by description as people read it; of several, tenant by tenant. */
export function inListOrder(connectors: ConnectorEntry[]): ConnectorEntry[] {
  return connectors.sort(
    (a, b) =>
      order(a.tenant, b.tenant) ||
      order(fold(a.description), fold(b.description)) ||
      order(a.description, b.description) ||
      order(a.id, b.id),
  );
}

/** People by address as it is compared. */
export function inAddressOrder(people: PersonEntry[]): PersonEntry[] {
  return people.sort((a, b) => order(foldAddress(a.email), foldAddress(b.email)));
}

/** Compares by code unit; for ids that is byte order, as the engines sort them. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
