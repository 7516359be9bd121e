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

const comment = /\/\/.*|\/\*[\s\S]*?(?:\*\/|$)/y;
const string = /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/y;
/** From a backtick, or from the brace that ends a substitution, to the next substitution or the closing backtick. */
const templateText = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)?/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/?/y;

function split(text: string): Views {
  const views = { code: "", uncommented: "", comments: "" };
  /** For each template that we are inside of, how many braces of its present substitution are open. */
  const templates: number[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    const noted = matchAt(comment, text, at);
    const isTemplate = char === "`" || (char === "}" && templates.at(-1) === 0);
    const literal = isTemplate
      ? matchAt(templateText, text, at)
      : (matchAt(string, text, at) ?? (beginsRegex(views.code) ? matchAt(regularExpression, text, at) : undefined));
    const token = noted ?? literal ?? char;
    if (isTemplate) {
      if (char === "}") templates.pop();
      if (token.endsWith("${")) templates.push(0);
    } else if (token === "{" && templates.length > 0) templates.push(templates.pop()! + 1);
    else if (token === "}" && templates.length > 0) templates.push(templates.pop()! - 1);
    const isComment = noted !== undefined;
    views.code += isComment ? blank(token) : literal === undefined ? token : hollow(token);
    views.uncommented += isComment ? blank(token) : token;
    views.comments += isComment ? token : blank(token);
    at += token.length;
  }
  return views;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** A literal without its inside: its first and last character show that a value stands there. */
function hollow(literal: string): string {
  return literal.length < 3 ? literal : literal[0] + blank(literal.slice(1, -1)) + literal.at(-1);
}

/** A slash after a value divides; after an operator, an opening bracket or a keyword it begins a regular expression. */
function beginsRegex(before: string): boolean {
  const end = before.slice(-80).trimEnd();
  return end === "" || /[(,=:[!&|?{};+\-*%~^]$|(?:=>|\b(?:return|typeof|case|of|in|await|yield|throw))$/.test(end);
}
