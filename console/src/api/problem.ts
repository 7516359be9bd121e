import { ApiProblem, type Problem as ServerProblem } from "../api.generated.ts";
import { text } from "../text/index.ts";

/** One place in what was sent that the server objects to. */
export interface ProblemPlace {
  /** JSON pointer into the request body, such as `/journalEmailAddress`. */
  pointer?: string;
  /** Column in a query, from 0. */
  column?: number;
  detail: string;
  suggestion?: string;
}

/** What went wrong, told in the order people ask: what happened, is mail in danger, what now, how to report it. */
export interface Problem {
  title: string;
  /** More on what happened; may be empty. */
  detail: string;
  effect: string;
  todo: string;
  code: string;
  traceId: string | null;
  /** HTTP status; 0 when there was no answer. */
  status: number;
  places: ProblemPlace[];
}

/**
 * The problem behind anything that was thrown: one translator for every page.
 *
 * Codes that begin with `CONSOLE-` are ours: no answer, an answer that is none, or a fault of the console.
 */
export function problemOf(error: unknown): Problem {
  const words = text.problem;
  if (error instanceof ApiProblem) return translated(error.problem);
  if (isNoAnswer(error)) {
    return { ...own("CONSOLE-OFFLINE", words.unreachable, words.unreachableDetail), effect: words.unreachableEffect };
  }
  if (error instanceof SyntaxError) return own("CONSOLE-STRANGE", words.strange, words.strangeDetail);
  return own("CONSOLE-FAULT", words.inConsole, words.inConsoleDetail);
}

/** What the problem says about one field of the body, or undefined. */
export function fieldProblem(problem: Problem | undefined, field: string): string | undefined {
  return problem?.places.find((place) => place.pointer === `/${field}`)?.detail;
}

/** The problem as plain text, for a report to someone else. */
export function problemReport(problem: Problem): string {
  const { title, detail, effect, todo, code, traceId } = problem;
  return [title, detail, effect, todo, `${text.problem.code} ${code}`, traceId && `${text.problem.trace} ${traceId}`]
    .filter(Boolean)
    .join("\n");
}

/** The server's `title` names only the status, so what happened is its `detail`. */
function translated(problem: ServerProblem): Problem {
  const { code, status, detail, title, effect, traceId } = problem;
  return {
    code,
    status,
    title: sentence(detail || title),
    detail: "",
    effect: sentence(effect || text.problem.noEffect),
    todo: todoFor(code, status),
    traceId: traceId || null,
    places: (problem.errors ?? []).map((place) => ({ ...place, detail: sentence(place.detail) })),
  };
}

function own(code: string, title: string, detail: string): Problem {
  return {
    code,
    status: 0,
    title,
    detail,
    effect: text.problem.noEffect,
    todo: todoFor(code, 0),
    traceId: null,
    places: [],
  };
}

function todoFor(code: string, status: number): string {
  return text.problem.todoByCode[code] ?? text.problem.todoByStatus[status] ?? text.problem.todoElse;
}

/** Browsers throw a plain TypeError when there is no answer, and differ in its words. */
function isNoAnswer(error: unknown): boolean {
  return error instanceof TypeError && /failed to fetch|networkerror|load failed|network error/i.test(error.message);
}

/** Server texts are lower case without a full stop; on screen they stand alone. An operator stays as it is typed. */
function sentence(words: string): string {
  if (/^[\w-]+:/.test(words)) return words;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
