import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** The project's folder. */
export const root = resolve(import.meta.dirname, "../..");

/** Every file that is or would be committed, relative to {@link root}, in name order. */
export function projectFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
  const names = listed.split("\0").filter((name) => name !== "");
  return [...new Set(names)]
    .filter((name) => existsSync(join(root, name)) && statSync(join(root, name)).isFile())
    .sort();
}

/** The text of a file of the project; bytes that are no UTF-8 become replacement characters. */
export function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** `file:line` of an offset in `text`, as editors and terminals open it. */
export function placeOf(file: string, text: string, at: number): string {
  return `${file}:${text.slice(0, at).split("\n").length}`;
}

/** A TypeScript or JavaScript source in three views of the same length; what a view leaves out is blank in it. */
export interface Views {
  /** Neither comments nor what stands in strings, templates and regular expressions. */
  code: string;
  /** Everything but comments. */
  uncommented: string;
  /** Comments alone. */
  comments: string;
}

const viewsByText = new Map<string, Views>();

/** The views of a source. A string or regular expression ends with its line, so text in JSX confuses one line at most. */
export function viewsOf(text: string): Views {
  let views = viewsByText.get(text);
  if (views === undefined) {
    views = split(text);
    viewsByText.set(text, views);
  }
  return views;
}

function split(text: string): Views {
  const blank = text.replace(/[^\n]/g, " ");
  const parts = { code: "", uncommented: "", comments: "" };
  const take = (end: number, kind: "code" | "literal" | "comment") => {
    parts.code += kind === "code" ? text.slice(at, end) : blank.slice(at, end);
    parts.uncommented += kind === "comment" ? blank.slice(at, end) : text.slice(at, end);
    parts.comments += kind === "comment" ? text.slice(at, end) : blank.slice(at, end);
    at = end;
  };
  let at = 0;
  /** For each template we are inside of, how many braces of its present `${}` are open. */
  const templates: number[] = [];
  while (at < text.length) {
    const char = text[at]!;
    const two = text.slice(at, at + 2);
    if (two === "//") take(endOf(text, at, /\n/g), "comment");
    else if (two === "/*") take(endOf(text, at + 2, /\*\//g, 2), "comment");
    else if (char === '"' || char === "'") {
      take(at + 1, "code");
      take(endOf(text, at, char === '"' ? /(?<!(?<!\\)(?:\\\\)*\\)"|\n/g : /(?<!(?<!\\)(?:\\\\)*\\)'|\n/g), "literal");
    } else if (char === "/" && beginsRegex(parts.code)) {
      take(at + 1, "code");
      const body = /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*/y;
      body.lastIndex = at;
      body.exec(text);
      take(body.lastIndex, "literal");
      take(Math.min(at + 1, text.length), "code");
      continue;
    } else if (char === "`" || (char === "}" && templates.at(-1) === 0)) {
      if (char === "}") templates.pop();
      take(at + 1, "code");
      const end = endOf(text, at, /(?<!(?<!\\)(?:\\\\)*\\)(?:`|\$\{)/g);
      take(end, "literal");
      if (text[at] === "$") {
        take(at + 2, "code");
        templates.push(0);
      } else take(Math.min(at + 1, text.length), "code");
      continue;
    } else {
      if (templates.length > 0 && char === "{") templates[templates.length - 1]!++;
      if (templates.length > 0 && char === "}") templates[templates.length - 1]!--;
      take(at + 1, "code");
      continue;
    }
    if (char === '"' || char === "'") take(Math.min(at + 1, text.length), "code");
  }
  return parts;
}

function endOf(text: string, from: number, ending: RegExp, length = 0): number {
  ending.lastIndex = from;
  const found = ending.exec(text);
  return found === null ? text.length : found.index + length;
}

/** A slash after a value divides; after an operator, an opening bracket or a keyword it begins a regular expression. */
function beginsRegex(before: string): boolean {
  const end = before.slice(-80).trimEnd();
  return end === "" || /[(,=:[!&|?{};+\-*%~^]$|(?:=>|\b(?:return|typeof|case|of|in|await|yield|throw))$/.test(end);
}
