import { type Draft, type Property, types } from "#tnef/index.ts";

/** One property of an item: what it is called is a number ([MS-OXPROPS]), what its value means is its type's affair. */
export interface OutlookProperty {
  id: number;
  /** [MS-OXCDATA] §2.11.1. */
  type: number;
  value: Buffer;
}

/** A mail, contact or whatever else Outlook keeps, with everything that is in it. */
export interface OutlookItem {
  properties: OutlookProperty[];
  recipients: OutlookProperty[][];
  attachments: OutlookAttachment[];
}

/** A file in an item, or another item. */
export interface OutlookAttachment {
  properties: OutlookProperty[];
  /** The item that is attached; null for a file. */
  item: OutlookItem | null;
}

/** Properties that are looked at here ([MS-OXPROPS]). */
export const ids = {
  subject: 0x0037,
  submittedAt: 0x0039,
  transportHeaders: 0x007d,
  deliveredAt: 0x0e06,
  messageId: 0x1035,
  references: 0x1039,
  inReplyTo: 0x1042,
  createdAt: 0x3007,
  internetPage: 0x3fde,
  locale: 0x3ff1,
  messagePage: 0x3ffd,
} as const;

/** What mail is read from, as the reader of Outlook's properties takes it. */
export function draftOf(item: OutlookItem): Draft {
  const properties = mapOf(item.properties);
  return {
    page: pageOf(properties),
    properties,
    recipients: item.recipients.map(mapOf),
    values: new Map(),
    attachments: item.attachments.map((attachment) => ({
      properties: mapOf(attachment.properties),
      values: new Map(),
      item: attachment.item === null ? null : draftOf(attachment.item),
    })),
  };
}

function mapOf(properties: readonly OutlookProperty[]): Map<number, Property> {
  return new Map(properties.map(({ id, type, value }) => [id, { id, type, values: [value] }]));
}

/** Code pages of 8-bit text by the language of the one who wrote it, where Windows has another than 1252 for it. */
const pageByLanguage: Readonly<Record<number, number>> = {
  1: 1256,
  2: 1251,
  5: 1250,
  8: 1253,
  13: 1255,
  14: 1250,
  17: 932,
  18: 949,
  21: 1250,
  24: 1250,
  25: 1251,
  26: 1250,
  27: 1250,
  30: 874,
  31: 1254,
  34: 1251,
  35: 1251,
  36: 1250,
  37: 1257,
  38: 1257,
  39: 1257,
  42: 1258,
};
/** Chinese is written in two ways: by the country the locale names. */
const simplifiedChinese: ReadonlySet<number> = new Set([0x0804, 0x1004]);
const chinese = 0x04;
/** What mail was sent in and the code page that Windows has for the same letters. */
const pageByInternetPage: Readonly<Record<number, number>> = {
  20866: 1251,
  21866: 1251,
  28592: 1250,
  28595: 1251,
  28597: 1253,
  28598: 1255,
  28599: 1254,
  50220: 932,
  50221: 932,
  50222: 932,
  50225: 949,
  51932: 932,
  51949: 949,
};

/** The code page of an item's 8-bit text: as it says, as its language has it, or as it was sent. */
function pageOf(properties: ReadonlyMap<number, Property>): number {
  const number = (id: number) => {
    const value = properties.get(id)?.values[0];
    return value !== undefined && value.length >= 4 ? value.readUInt32LE(0) : null;
  };
  const stated = number(ids.messagePage);
  if (stated !== null && stated !== 0) return stated;
  const internet = number(ids.internetPage);
  const byInternet = internet === null ? undefined : pageByInternetPage[internet];
  if (byInternet !== undefined) return byInternet;
  const locale = number(ids.locale);
  if (locale === null) return internet ?? 1252;
  const language = locale & 0x3ff;
  if (language === chinese) return simplifiedChinese.has(locale & 0xffff) ? 936 : 950;
  return pageByLanguage[language] ?? internet ?? 1252;
}

/** The time of a property in ms since 1970, null where there is none or it is out of all reason. */
export function timeOf(property: OutlookProperty | undefined): number | null {
  if (property === undefined || property.type !== types.time || property.value.length < 8) return null;
  // 100 ns since 1601 (FILETIME).
  const ms = Number(property.value.readBigUInt64LE(0) / 10_000n) - 11_644_473_600_000;
  return ms > -2_208_988_800_000 && ms < 253_402_300_800_000 ? ms : null;
}
