import type { Mailbox } from "#core/index.ts";

/** The people of a shipyard that does not exist, its partners, and the addresses behind which several of them stand. */
export const ada: Mailbox = { name: "Ada Lindqvist", address: "ada.lindqvist@harbour.example" };
export const bruno: Mailbox = { name: "Bruno Keller", address: "bruno.keller@harbour.example" };
export const chidi: Mailbox = { name: "Chidi Okafor", address: "chidi.okafor@harbour.example" };
export const dana: Mailbox = { name: "דנה וייס", address: "dana.weiss@harbour.example" };
export const eve: Mailbox = { name: "Eve Moreau", address: "eve.moreau@harbour.example" };
export const farid: Mailbox = { name: "فريد حداد", address: "farid.haddad@harbour.example" };
export const greta: Mailbox = { name: "Greta Nyman", address: "greta.nyman@harbour.example" };
export const hugo: Mailbox = { name: "Hugo Park", address: "hugo.park@harbour.example" };
export const ines: Mailbox = { name: "Inês Duarte", address: "ines.duarte@kestrel.example" };
export const jonas: Mailbox = { name: "Jonas Brandt", address: "jonas.brandt@northpier.example" };

export const crewList: Mailbox = { name: "Crew", address: "crew@harbour.example" };
export const support: Mailbox = { name: "Support", address: "support@harbour.example" };

export const staff: readonly Mailbox[] = [ada, bruno, chidi, dana, eve, farid, greta, hugo];
export const partners: readonly Mailbox[] = [ines, jonas];
