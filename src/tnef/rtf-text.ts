import { decodeCodePage } from "./code-page.ts";
import { rtfDepthMax, textCharsMax } from "./limits.ts";

/** What RTF says: the HTML it was made from where it carries that, else its text. Bounded by `textCharsMax`. */
export interface RtfReading {
  kind: "html" | "text";
  text: string;
}

interface Group {
  /** Inside a destination that is no text, such as a font table. */
  isHidden: boolean;
  /** Inside `\htmlrtf`: what was added for readers of RTF, beside the HTML. */
  isForRtf: boolean;
  /** Code page of octets written as `\'hh`. */
  page: number;
  /** Characters that stand in for one written as `\u`. */
  substitutes: number;
  font: number;
}

/** Destinations whose content is no text of the mail. */
const hiddenWords = new Set(
  (
    "fonttbl colortbl stylesheet info pict object objdata filetbl listtable listoverridetable revtbl rsidtbl generator " +
    "themedata colorschememapping datastore latentstyles header footer headerl headerr footerl footerr fldinst " +
    "xmlnstbl mmathpr bkmkstart bkmkend pgdsctbl"
  ).split(" "),
);

const characters: Readonly<Record<string, string>> = {
  par: "\n",
  line: "\n",
  sect: "\n",
  page: "\n",
  row: "\n",
  cell: "\t",
  tab: "\t",
  lquote: "\u2018",
  rquote: "\u2019",
  ldblquote: "\u201c",
  rdblquote: "\u201d",
  bullet: "\u2022",
  endash: "\u2013",
  emdash: "\u2014",
  emspace: "\u2003",
  enspace: "\u2002",
  zwj: "\u200d",
  zwnj: "\u200c",
};

/** Code pages of fonts by their `\fcharset` ([MS-RTF] 1.9.1, font table). */
const pageByCharset: Readonly<Record<number, number>> = {
  77: 10000,
  128: 932,
  129: 949,
  134: 936,
  136: 950,
  161: 1253,
  162: 1254,
  163: 1258,
  177: 1255,
  178: 1256,
  186: 1257,
  204: 1251,
  222: 874,
  238: 1250,
};

const token = /\\(?:'([0-9a-fA-F]{2})|([a-zA-Z]{1,32})(-?\d{1,10})? ?|([\s\S]))|([{}])|[\r\n]+|[^\\{}\r\n]+/y;

/**
 * Reads RTF of any octets: one forward scan, no recursion, never throws.
 *
 * @see [MS-OXRTFEX] §2.1.3 for HTML and plain text carried in RTF
 */
export function readRtf(rtf: Buffer): RtfReading {
  return new RtfReader(rtf.toString("latin1")).read();
}

class RtfReader {
  readonly #source: string;
  #group: Group = { isHidden: false, isForRtf: false, page: 1252, substitutes: 1, font: -1 };
  readonly #outer: Group[] = [];
  /** Groups open beyond those that are kept. */
  #tooDeep = 0;
  readonly #out: string[] = [];
  #length = 0;
  /** Octets in one code page that wait for the rest of their characters. */
  #octets: number[] = [];
  #octetPage = 1252;
  /** Code page of the document, for fonts that have none of their own. */
  #page = 1252;
  #toSkip = 0;
  #isHtml = false;
  #isStarred = false;
  #isInFonts = false;
  #deepOfFonts = 0;
  readonly #pageByFont = new Map<number, number>();

  constructor(source: string) {
    this.#source = source;
  }

  read(): RtfReading {
    const match = new RegExp(token);
    for (let found = match.exec(this.#source); found !== null; found = match.exec(this.#source)) {
      const [whole, octet, word, number, sign, brace] = found;
      if (octet !== undefined) this.#octet(Number.parseInt(octet, 16));
      else if (word !== undefined) this.#word(word.toLowerCase(), number === undefined ? null : Number(number));
      else if (sign !== undefined) this.#sign(sign);
      else if (brace === "{") this.#open();
      else if (brace === "}") this.#close();
      else if (whole[0] !== "\r" && whole[0] !== "\n") this.#plain(whole);
      if (this.#length >= textCharsMax) break;
    }
    this.#flush();
    const text = this.#out.join("").slice(0, textCharsMax).replaceAll("\0", "").toWellFormed();
    return { kind: this.#isHtml ? "html" : "text", text };
  }

  #open(): void {
    this.#flush();
    this.#toSkip = 0;
    if (this.#outer.length >= rtfDepthMax) {
      this.#tooDeep += 1;
      return;
    }
    this.#outer.push(this.#group);
    this.#group = { ...this.#group };
  }

  #close(): void {
    this.#flush();
    this.#toSkip = 0;
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
      return;
    }
    this.#group = this.#outer.pop() ?? this.#group;
    if (this.#isInFonts && this.#outer.length < this.#deepOfFonts) this.#isInFonts = false;
  }

  #sign(sign: string): void {
    if (sign === "*") this.#isStarred = true;
    else if (sign === "~") this.#put("\u00a0");
    else if (sign === "_") this.#put("\u2011");
    else if (sign === "\r" || sign === "\n") this.#put("\n");
    else if (sign === "\\" || sign === "{" || sign === "}") this.#plain(sign);
  }

  #word(word: string, number: number | null): void {
    const isStarred = this.#isStarred;
    this.#isStarred = false;
    const group = this.#group;
    if (word === "fromhtml") this.#isHtml = number !== 0;
    else if (word === "htmlrtf") {
      this.#flush();
      group.isForRtf = number !== 0;
    } else if (word === "htmltag" || word === "ud") group.isHidden = false;
    else if (word === "ansicpg" && number !== null) this.#page = group.page = number;
    else if (word === "uc" && number !== null) group.substitutes = Math.min(8, Math.max(0, number));
    else if (word === "u" && number !== null) {
      this.#put(String.fromCharCode(number & 0xffff));
      this.#toSkip = group.substitutes;
    } else if (word === "f" && number !== null) this.#font(number);
    else if (word === "fcharset" && number !== null) {
      const page = pageByCharset[number];
      if (this.#isInFonts && page !== undefined) this.#pageByFont.set(group.font, page);
    } else if (characters[word] !== undefined) this.#put(characters[word]);
    else if (isStarred || hiddenWords.has(word)) {
      this.#flush();
      group.isHidden = true;
      if (word === "fonttbl") {
        this.#isInFonts = true;
        this.#deepOfFonts = this.#outer.length;
      }
    }
  }

  #font(number: number): void {
    this.#flush();
    this.#group.font = number;
    if (this.#isInFonts) return;
    this.#group.page = this.#pageByFont.get(number) ?? this.#page;
  }

  #octet(octet: number): void {
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return;
    }
    if (this.#isSilent()) return;
    if (this.#octetPage !== this.#group.page) this.#flush();
    this.#octetPage = this.#group.page;
    this.#octets.push(octet);
  }

  /** Letters in the source. After the first half of a character in two octets they may be its second. */
  #plain(letters: string): void {
    const skipped = Math.min(this.#toSkip, letters.length);
    this.#toSkip -= skipped;
    if (this.#isSilent() || skipped === letters.length) return;
    if (this.#octets.length === 0) {
      this.#put(letters.slice(skipped));
      return;
    }
    for (const octet of Buffer.from(letters.slice(skipped, skipped + 1), "latin1")) this.#octets.push(octet);
    this.#flush();
    this.#put(letters.slice(skipped + 1));
  }

  #put(text: string): void {
    this.#flush();
    if (this.#isSilent()) return;
    this.#out.push(text);
    this.#length += text.length;
  }

  #flush(): void {
    if (this.#octets.length === 0) return;
    const text = decodeCodePage(Buffer.from(this.#octets), this.#octetPage);
    this.#octets = [];
    this.#out.push(text);
    this.#length += text.length;
  }

  #isSilent(): boolean {
    return this.#group.isHidden || this.#group.isForRtf;
  }
}
