import { type Static, Type } from "typebox";
import { Count, named, Time } from "./shared.ts";

const tally = {
  received: Type.Integer({ minimum: 0, description: "the sum of the five that follow" }),
  archived: Count,
  duplicate: Count,
  quarantined: Count,
  held: Count,
  processing: Count,
};

export const ArchiveStatus = named("ArchiveStatus", {
  ...tally,
  unaccounted: Type.Integer({ description: "received less the five states; anything but 0 is a fault of ours" }),
  messages: Type.Integer({ minimum: 0, description: "different messages, each stored once" }),
  searchable: Count,
  connectors: Type.Array(
    named("ConnectorTally", { id: Type.String(), description: Type.String(), ...tally, oldestAgeSeconds: Count }),
  ),
  asOf: Time,
});
export type ArchiveStatus = Static<typeof ArchiveStatus>;

export const Health = named("Health", { status: Type.String() });
