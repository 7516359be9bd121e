import { type Static, Type } from "typebox";
import { MailReach } from "./mail-door.ts";
import { Count, named, orNull, Time } from "./shared.ts";

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
  index: Type.Object(
    { coveredTo: Count, lastChange: Count },
    { description: "numbers of the last change of the archive that the search index covers, and of the last there is" },
  ),
  connectors: Type.Array(
    named("ConnectorTally", { id: Type.String(), description: Type.String(), ...tally, oldestAgeSeconds: Count }),
  ),
  damage: Type.Array(Type.Object({ id: orNull(Type.String()), pack: Type.String(), place: Type.String() }), {
    description: "what the scrub or a verification found damaged and not mended since; the first of damagedPlaces",
  }),
  damagedPlaces: Type.Integer({ minimum: 0, description: "how many there are; more than a few are not listed" }),
  scrubbedAt: orNull(Time),
  opening: orNull(
    Type.Object({ done: Count, total: Count }, { description: "mail that waited for a key and is opened now" }),
  ),
  mail: MailReach,
  asOf: Time,
});
export type ArchiveStatus = Static<typeof ArchiveStatus>;

export const Health = named("Health", { status: Type.String() });
