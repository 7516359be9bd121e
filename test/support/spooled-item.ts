import type { ConnectorId, Instant, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { Arrival, SpooledItem, SpoolId } from "#spool/index.ts";
import { sha256 } from "./bytes.ts";

/** `bytes` as they lie on the spool, come by SMTP at `receivedAt` for a connector of tenant `acme` with these settings. */
export function spooledItem(
  bytes: Uint8Array,
  destination: Pick<Arrival["destination"], "type"> & Partial<Arrival["destination"]>,
  receivedAt = 0,
): SpooledItem {
  return {
    id: "0".repeat(32) as SpoolId,
    bytes: bytes.length,
    sha256: sha256(bytes) as Sha256,
    pieces: [],
    arrival: {
      receipt: "rcp_1" as ReceiptId,
      destination: {
        ...{ tenant: "acme" as TenantId, connector: "con_1" as ConnectorId, maxAgeDays: null },
        ...destination,
      },
      hop: {
        ...{ transport: "smtp", peer: "192.0.2.1:25", helo: "mx", tls: null, mailFrom: "", rcptTo: [] },
        ...{ uidl: null, begunAt: receivedAt as Instant },
      },
      sourceKey: null,
      receivedAt: receivedAt as Instant,
    },
  };
}
