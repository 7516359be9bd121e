import type { ArchiveStatus as Status } from "#archive/index.ts";
import type { MailReach } from "#connector/index.ts";
import { type ConnectorId, importConnectorId } from "#core/index.ts";
import { reachJson } from "./mail-door-json.ts";
import type { ArchiveStatus } from "./schemas/status.ts";
import { timeText } from "./times.ts";

type Line = Status["connectors"][number];

/** Damaged places listed: the status goes to every console at each change, and verify names them all. */
const damageListedMax = 100;

/**
 * The equation of the archive, for the tenant and for each connector.
 *
 * @param names descriptions of the configured connectors. One that nothing came through yet is listed with noughts; one
 *   that is no longer known goes by its id
 * @param reach how the SMTP listeners are reached
 */
export function statusJson(status: Status, names: ReadonlyMap<ConnectorId, string>, reach: MailReach): ArchiveStatus {
  const lineById = new Map(status.connectors.map((line) => [line.connector, line]));
  const ids = new Set([...names.keys(), ...lineById.keys()]);
  const { archived, duplicate, quarantined, held, processing, received } = status;
  return {
    received,
    archived,
    duplicate,
    quarantined,
    held,
    processing,
    unaccounted: received - (archived + duplicate + quarantined + held + processing),
    messages: status.messages,
    searchable: status.searchable,
    index: status.index,
    connectors: [...ids].map((id) => lineJson(lineById.get(id) ?? emptyLine(id), names)),
    damage: status.damage.slice(0, damageListedMax).map(({ id, pack, place }) => ({ id, pack, place })),
    damagedPlaces: status.damage.length,
    scrubbedAt: status.scrubbedAt === null ? null : timeText(status.scrubbedAt),
    opening: status.opening && { done: status.opening.done, total: status.opening.total },
    mail: reachJson(reach, status.asOf),
    asOf: timeText(status.asOf),
  };
}

function lineJson(line: Line, names: ReadonlyMap<ConnectorId, string>) {
  const { connector, archived, duplicate, quarantined, held, processing, oldestAgeSeconds } = line;
  return {
    id: connector,
    description: names.get(connector) ?? (connector === importConnectorId ? "Import" : connector),
    received: archived + duplicate + quarantined + held + processing,
    archived,
    duplicate,
    quarantined,
    held,
    processing,
    oldestAgeSeconds,
  };
}

function emptyLine(connector: ConnectorId): Line {
  return {
    connector,
    archived: 0,
    duplicate: 0,
    quarantined: 0,
    held: 0,
    processing: 0,
    oldestAgeSeconds: 0,
    lastReceivedAt: null,
    looped: 0,
    lastLoopedAt: null,
  };
}
