import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { failureStatus } from "#api/failure-status.ts";
import { commands } from "#cli/commands.ts";
import type { Failure, Retry } from "#core/index.ts";
import { defectMeanings } from "#core/index.ts";
import { type Allowance, beyondAllowances, type Finding, noComplaints } from "./tidy/complaints.ts";
import { type Import, importsOf } from "./tidy/imports.ts";
import { placeOf, projectFiles, root, textOf, viewsOf } from "./tidy/sources.ts";

// The house's rules as tests: import direction, banned calls, documents in step, dead weight, tools. When one complains, the
// message says where and how to mend it; an allowance needs a reason, and goes when it is no longer used.

const files = projectFiles();
const isTest = (file: string) => /\.test\.tsx?$/.test(file);
const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !isTest(file));
const scripted = files.filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && !file.endsWith(".generated.ts"));
const imports = sources.flatMap(importsOf);

// 1. Import direction

/** From the composition root down. A module may import those below it, and those beside it as long as there is no cycle. */
const layers: readonly (readonly string[])[] = [
  ["server"],
  ["api", "cli", "demo"],
  ["archive", "backup", "collector", "connector", "decryption", "extraction", "access", "import"],
  ["smtp", "pop3", "spool", "pack", "catalogue", "search", "blob", "keyring", "escrow", "disk", "thread"],
  ["mail", "smime", "tnef", "outlook", "journal", "query"],
  ["core"],
];
const modules = layers.flat();
const layerOf = (module: string) => layers.findIndex((layer) => layer.includes(module));
const moduleOf = (file: string) => file.split("/")[1]!;

/** Implementations of seams, which `src/server/` may name by file. */
const adapters = [
  "src/blob/folder.ts",
  "src/catalogue/sqlite.ts",
  "src/disk/real.ts",
  "src/keyring/file-key-ring.ts",
  "src/keyring/key-file.ts",
  "src/pop3/file-uidls.ts",
  "src/search/embedded.ts",
  "src/spool/file-spool.ts",
];

/** Where bytes and entries are kept: for `api` and `cli` there are only use cases. */
const storageModules = ["spool", "pack", "catalogue", "search", "blob", "keyring", "escrow", "disk", "thread"];

/** Modules that never do I/O, with the parts of Node.js they may use: functions of bytes and nothing else. */
const pureModules: Readonly<Record<string, readonly string[]>> = {
  core: [],
  mail: ["node:buffer"],
  journal: [],
  tnef: [],
  outlook: [],
  query: [],
  // Ciphers and compression are functions of bytes.
  smime: ["node:crypto", "node:zlib"],
};

/** Imports of src/ that leave their module for another. */
const crossing = imports.filter(
  (one): one is Import & { target: string } =>
    one.target?.startsWith("src/") === true && moduleOf(one.target) !== moduleOf(one.from),
);

test("ARCHITECTURE.md states the layers and describes every module", () => {
  const page = textOf("ARCHITECTURE.md").replace(/\s+/g, " ");
  const stated = layers.map((layer) => layer.join(", ")).join(" → ");
  const found = [...new Set(sources.map(moduleOf))];
  noComplaints(
    [
      ...(page.includes(`\`${stated}\``) ? [] : [`ARCHITECTURE.md: does not say \`${stated}\``]),
      ...modules.filter((name) => !page.includes(`| \`${name}\` |`)).map((name) => `ARCHITECTURE.md: lacks ${name}`),
      ...found.filter((name) => !modules.includes(name)).map((name) => `src/${name}: has no layer`),
      ...modules.filter((name) => !found.includes(name)).map((name) => `src/${name}: has a layer and no files`),
    ],
    "Keep the code map, its import direction and `layers` here the same.",
  );
});

test("modules import downwards only", () => {
  // The command line opens an archive in its own process when none is running: the one way up.
  const mayGoUp = ({ from, target }: { from: string; target: string }) =>
    moduleOf(from) === "cli" && moduleOf(target) === "server";
  noComplaints(
    crossing
      .filter((one) => layerOf(moduleOf(one.target)) < layerOf(moduleOf(one.from)) && !mayGoUp(one))
      .map(({ place, specifier, from }) => `${place}: ${moduleOf(from)} imports ${specifier} from a layer above it`),
    "Move the shared part down, or let the upper module hand it in as an argument.",
  );
});

test("no module imports itself through others", () => {
  const below = new Map(modules.map((module) => [module, new Set<string>()]));
  const place = new Map<string, string>();
  for (const one of crossing) {
    below.get(moduleOf(one.from))?.add(moduleOf(one.target));
    place.set(`${moduleOf(one.from)} ${moduleOf(one.target)}`, one.place);
  }
  // Modules that import none, or that none imports, lie on no cycle; taken away again and again, they leave the cycles.
  for (let before = -1; before !== below.size; ) {
    before = below.size;
    for (const [module, targets] of below) {
      for (const target of targets) if (!below.has(target)) targets.delete(target);
      const isImported = [...below.values()].some((others) => others.has(module));
      if (targets.size === 0 || !isImported) below.delete(module);
    }
  }
  noComplaints(
    [...below].flatMap(([from, targets]) =>
      [...targets].map((to) => `${place.get(`${from} ${to}`)}: ${from} imports ${to}, which leads back to it`),
    ),
    "Break the cycle: move what both need down a layer.",
  );
});

test("a module is entered by its index.ts, and adapters are named only in src/server/", () => {
  const isByIndex = ({ specifier }: Import) => /^#[a-z0-9]+\/index\.ts$/.test(specifier);
  const isAdapterInServer = ({ from, target }: Import) =>
    moduleOf(from) === "server" && target !== null && adapters.includes(target);
  const named = new Set(crossing.filter(isAdapterInServer).map(({ target }) => target));
  noComplaints(
    [
      ...crossing
        .filter((one) => !isByIndex(one) && !isAdapterInServer(one))
        .map(({ place, specifier }) => `${place}: enters a module by ${specifier}`),
      ...imports
        .filter(
          ({ specifier, from }) =>
            specifier.startsWith("#") && moduleOf(`src/${specifier.slice(1)}`) === moduleOf(from),
        )
        .map(({ place, specifier }) => `${place}: names its own module ${specifier}`),
      ...adapters.filter((file) => !named.has(file)).map((file) => `${file}: is listed as an adapter and not named`),
    ],
    "Outside a module import `#module/index.ts`, inside it by relative path; add to its index.ts what others need.",
  );
});

test("core imports no module, and pure modules nothing that does I/O", () => {
  const pure = imports.filter(({ from }) => moduleOf(from) in pureModules);
  const used = new Set(pure.map(({ from, specifier }) => `${moduleOf(from)} ${specifier}`));
  noComplaints(
    [
      ...pure
        .filter(
          ({ from, specifier }) => specifier.startsWith("node:") && !pureModules[moduleOf(from)]!.includes(specifier),
        )
        .map(({ place, from, specifier }) => `${place}: ${moduleOf(from)} is pure and imports ${specifier}`),
      ...crossing
        .filter(({ from }) => moduleOf(from) === "core")
        .map(({ place, specifier }) => `${place}: core imports ${specifier}`),
      ...Object.entries(pureModules).flatMap(([module, allowed]) =>
        allowed
          .filter((specifier) => !used.has(`${module} ${specifier}`))
          .map((specifier) => `src/${module}: may import ${specifier} and does not; remove it from \`pureModules\``),
      ),
    ],
    "Let the caller do the I/O and hand in bytes.",
  );
});

test("api and cli import nothing but types from storage", () => {
  noComplaints(
    crossing
      .filter(({ from }) => ["api", "cli"].includes(moduleOf(from)))
      .filter(({ target, kind }) => storageModules.includes(moduleOf(target)) && kind !== "type")
      .map(({ place, specifier }) => `${place}: imports ${specifier} as a value`),
    "Ask a use case of archive, connector or access, or write `import type`.",
  );
});

test("the command line loads the server only for commands that need it", () => {
  const reached = new Set<string>(["src/cli/main.ts"]);
  for (const file of reached) {
    for (const one of imports) {
      if (one.from === file && one.kind === "value" && one.target?.startsWith("src/")) reached.add(one.target);
    }
  }
  noComplaints(
    [...reached]
      .filter((file) => file.startsWith("src/server/"))
      .map((file) => `${file}: is loaded with src/cli/main.ts`),
    "Import it as a type, or lazily through src/cli/server-door.ts or in the file of a verb.",
  );
  assert.ok(reached.size > 10, "the walk from src/cli/main.ts went nowhere");
});

test("the console knows nothing in src/", () => {
  const inConsole = files.filter((file) => /^console\/.*\.tsx?$/.test(file)).flatMap(importsOf);
  noComplaints(
    inConsole
      .filter(({ target }) => target !== null && !target.startsWith("console/"))
      .map(({ place, specifier }) => `${place}: imports ${specifier}`),
    "The console uses the API through console/src/api.generated.ts.",
  );
  assert.ok(inConsole.length > 50);
});

// 2. Time, chance and I/O come through seams

const bannedCode: Readonly<Record<string, RegExp>> = {
  "Date.now": /\bDate\.now\b/g,
  "new Date()": /\bnew Date(?:\(\s*\)|(?!\s*\())(?!\w)|(?<!new )\bDate\(\s*\)/g,
  "Math.random": /\bMath\.random\b/g,
  "performance.now": /\bperformance\.now\b/g,
  timer: /\bset(?:Timeout|Interval)\b|\bAbortSignal\.timeout\b/g,
  "random bytes": /\b(?:randomBytes|randomUUID|randomInt|randomFill(?:Sync)?|getRandomValues)\b/g,
};
const bannedImports: Readonly<Record<string, RegExp>> = {
  "node:fs": /^node:fs(?:\/|$)/,
  "node:child_process": /^node:child_process$/,
  timer: /^node:timers/,
};

const allowances: readonly Allowance[] = [
  { where: "src/disk/file-system.ts", what: "node:fs", why: "the files below the Disk adapter" },
  {
    where: "src/disk/real.ts",
    what: "random bytes",
    why: "unfinished files are named so that two processes never meet",
  },
  { where: "src/catalogue/sqlite-file.ts", what: "node:fs", why: "the Catalogue adapter; SQLite wants a real folder" },
  { where: "src/catalogue/sqlite-snapshot.ts", what: "node:fs", why: "the Catalogue adapter copies its own files" },
  { where: "src/search/embedded-file.ts", what: "node:fs", why: "the SearchIndex adapter; SQLite wants a real folder" },
  { where: "src/search/embedded-engine.ts", what: "node:fs", why: "the SearchIndex adapter drops a tenant's folder" },
  { where: "src/import/", what: "node:fs", why: "its subject is files that lie outside the archive" },
  { where: "src/import/pst.ts", what: "timer", why: "gives up on a thread in which a reader of others hangs" },
  { where: "src/server/", what: "node:fs", why: "the composition root: lock, sockets, passphrase file" },
  { where: "src/server/system.ts", what: "Date.now", why: "the Clock adapter" },
  { where: "src/server/system.ts", what: "performance.now", why: "the Clock adapter" },
  { where: "src/server/system.ts", what: "timer", why: "the Clock adapter" },
  { where: "src/server/system.ts", what: "random bytes", why: "the Entropy adapter" },
  { where: "src/cli/", what: "node:fs", why: "reads settings and mail, writes exports: the operator's own files" },
  { where: "src/cli/", what: "performance.now", why: "progress bars and patience of a terminal" },
  { where: "src/cli/", what: "timer", why: "waits for a server, and between two looks at an import" },
];

test("time, chance, files and processes come through seams", () => {
  const findings: Finding[] = sources.flatMap((file) => {
    const text = textOf(file);
    const { code } = viewsOf(text);
    return Object.entries(bannedCode).flatMap(([what, pattern]) =>
      [...code.matchAll(pattern)].map(({ index }) => ({ file, place: placeOf(file, text, index), what })),
    );
  });
  for (const { from, place, specifier, kind } of imports) {
    const what = Object.keys(bannedImports).find((name) => bannedImports[name]!.test(specifier));
    if (what !== undefined && kind !== "type") findings.push({ file: from, place, what });
  }
  noComplaints(
    beyondAllowances(findings, allowances),
    "Take a Clock, an Entropy or a Disk as an argument; only an adapter or the terminal's side may be allowed more, with why.",
  );
});

// 3. Documents in step

test("docs/cli.md has no command that is not there", () => {
  // That every command, option and setting is in the page is tested beside the command line, in src/cli/program.test.ts.
  const page = textOf("docs/cli.md");
  const names: readonly string[] = commands.map(({ name }) => name);
  const headings = [...page.slice(page.indexOf("\n## Commands")).matchAll(/^### (.+)$/gm)].map((found) => found[1]!);
  noComplaints(
    headings
      .filter((name) => !names.includes(name))
      .map((name) => `docs/cli.md: describes ${name}, which is no command`),
    "Remove the section, or bring the command back in src/cli/commands.ts.",
  );
  assert.equal(headings.length, names.length);
});

test("every MUNIMENT_ variable is documented, and every documented one is read", () => {
  const pages = files.filter((file) => /^(?:docs\/.*|[A-Z]+)\.md$/.test(file));
  const users = files.filter((file) => /\.(?:ts|tsx|mjs)$|^bin\//.test(file));
  const variablesIn = (names: string[]) =>
    new Map(
      names.flatMap((file) => {
        const text = textOf(file);
        return [...text.matchAll(/\bMUNIMENT_[A-Z_]+\b/g)].map((found) => [found[0], placeOf(file, text, found.index)]);
      }),
    );
  const [documented, read] = [variablesIn(pages), variablesIn(users)];
  noComplaints(
    [
      ...[...read].filter(([name]) => !documented.has(name)).map(([name, place]) => `${place}: ${name} is in no page`),
      ...[...documented].filter(([name]) => !read.has(name)).map(([name, place]) => `${place}: nobody reads ${name}`),
    ],
    "Settings belong in docs/cli.md, what tests read in CONTRIBUTING.md.",
  );
});

/** Failure codes, with a place that makes each and what else is said there. */
function failuresMade(): { code: string; place: string; module: string; retry: Retry | undefined }[] {
  const made =
    /(?:\bnew (?:Failure|InvalidRequest)|\bsuper)\(\s*"([A-Z][A-Z0-9-]+)"(?:,\s*"(now|later|never)")?|\busageFailure\([^;]*"([A-Z-]+)"\)/g;
  const found = sources.flatMap((file) => {
    const text = textOf(file);
    return [...viewsOf(text).uncommented.matchAll(made)].map(({ 1: code, 2: retry, 3: usage, index }) => ({
      code: code ?? usage!,
      place: placeOf(file, text, index),
      module: moduleOf(file),
      retry: retry as Retry | undefined,
    }));
  });
  // Two kinds have codes that are not written out where they are made.
  const query = /code: ((?:"\w+"(?: \| )?)+);/.exec(textOf("src/query/query.ts"))?.[1] ?? "";
  const queryCodes = query.split(" | ").map((word) => `QUERY-${word.slice(1, -1).toUpperCase().replaceAll("_", "-")}`);
  assert.ok(queryCodes.length > 1, "the codes of QueryProblem in src/query/query.ts cannot be read");
  return [
    ...found,
    { code: "USAGE", place: "src/cli/problem.ts:1", module: "cli", retry: "never" },
    ...queryCodes.map((code) => ({ code, place: "src/query/query.ts:1", module: "query", retry: undefined })),
  ];
}

test("docs/failures.md explains every failure code, with its HTTP status, and no other", () => {
  const page = textOf("docs/failures.md");
  const statusByCode = new Map(
    [...page.matchAll(/^\| `([A-Z0-9-]+)` \| (\d{3}|–) \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm)].map((row) => [
      row[1]!,
      row[2]!,
    ]),
  );
  const made = failuresMade();
  // What only the command line, the demo or the start of a server makes is never told over HTTP.
  const isOverHttp = (module: string) => !["cli", "demo", "server", "smtp"].includes(module);
  const complaints = new Set<string>();
  for (const { code, place, module, retry } of made) {
    const stated = statusByCode.get(code);
    if (stated === undefined) complaints.add(`${place}: ${code} is not in docs/failures.md`);
    else if (isOverHttp(module) || stated !== "–") {
      // A query's problem is an InvalidRequest, which is always 400.
      const told = code.startsWith("QUERY-") ? 400 : failureStatus({ code, retry: retry ?? "never" } as Failure).status;
      if (stated !== String(told))
        complaints.add(`${place}: ${code} is told as ${told}, docs/failures.md says ${stated}`);
    }
  }
  for (const code of statusByCode.keys()) {
    if (!made.some((one) => one.code === code)) complaints.add(`docs/failures.md: nothing makes ${code}`);
  }
  const rows = [...page.matchAll(/^\| `[A-Z]/gm)].length;
  if (rows !== statusByCode.size) complaints.add("docs/failures.md: a code stands twice, or a row has not five cells");
  noComplaints(
    [...complaints],
    "Write one row: code, HTTP status, what happened, what it means for mail, what to do (src/api/failure-status.ts has the status).",
  );
});

test("docs/glossary.md lists every defect of a message in the words of the code", () => {
  const page = textOf("docs/glossary.md");
  const section = /\*\*Defects\*\*[\s\S]*?(?=\n\*\*|$)/.exec(page)?.[0] ?? "";
  const rows = Object.entries(defectMeanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const listed = section.split("\n").filter((line) => line.startsWith("| `"));
  noComplaints(
    [
      ...rows.filter((row) => !listed.includes(row)).map((row) => `docs/glossary.md: lacks ${row}`),
      ...listed.filter((row) => !rows.includes(row)).map((row) => `docs/glossary.md: has no defect to it: ${row}`),
    ],
    "Copy the row from here, or take it away; src/mail/defects.ts has the meanings.",
  );
});

test("docs/api.md is what the API says", () => script("scripts/api-doc.ts"));

test("the console's API client is what the API says", () => script("scripts/client.ts"));

// 4. Dead weight

/** A file that needs a table of contents is two subjects. */
const linesMax = 600;

test(`no file is longer than ${linesMax} lines`, () => {
  const written = files.filter((file) => /^(?:src|console\/src|test)\/.*\.(?:ts|tsx|css)$/.test(file));
  const findings = written
    .filter((file) => !file.endsWith(".generated.ts"))
    .map((file) => ({ file, lines: textOf(file).split("\n").length - 1 }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ file, lines }) => `${file}: ${lines} lines`);
  noComplaints(findings, "Find the second subject in it and give that a file of its own.");
});

test("no comment is a note to self", () => {
  const marks = /\b(?:TODO|FIXME|XXX|HACK)\b/g;
  const others = files.filter((file) => /\.(?:css|html|yml|sh)$|^bin\//.test(file));
  const found = (file: string, text: string, searched: string) =>
    [...searched.matchAll(marks)].map(({ 0: mark, index }) => `${placeOf(file, text, index)}: ${mark}`);
  noComplaints(
    [
      ...scripted.flatMap((file) => found(file, textOf(file), viewsOf(textOf(file)).comments)),
      ...others.flatMap((file) => found(file, textOf(file), textOf(file))),
    ],
    "Do it, or describe it in an issue; a comment says why something is as it is.",
  );
});

test("no file names a folder or a registry of one machine", () => {
  const folders = [root, homedir()].filter((path) => path.split("/").length > 2);
  const escaped = folders.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const path = new RegExp(
    String.raw`(?:(?<![\w./~-])|(?<=file:\/\/))(?:\/(?:home|root|work|Users)\/[\w.-]+${escaped.map((one) => `|${one}(?![\\w-])`).join("")})`,
    "g",
  );
  const registry =
    /https?:\/\/(?!registry\.npmjs\.org\/)[^/\s"'`]*(?:registry|artifact|nexus|verdaccio|npm)[^/\s"'`]*\//g;
  const lock = /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)[^"]*"/g;
  const searched = files.filter((file) => !file.startsWith("fixtures/") && !/\.(?:png|ico|woff2?|pack)$/.test(file));
  noComplaints(
    searched.flatMap((file) => {
      const text = textOf(file);
      const patterns = file === "package-lock.json" ? [lock] : [path, registry];
      return patterns.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(({ 0: found, index }) => `${placeOf(file, text, index)}: ${found}`),
      );
    }),
    "Make the path relative, or take it from the environment; resolve packages from the public registry.",
  );
});

/** Exports whose meaning stands elsewhere. */
const undocumentedAllowances: readonly Allowance[] = [
  {
    where: "src/api/schemas/",
    what: "no docstring",
    why: "each is described by title and descriptions in the OpenAPI document that is made of it",
  },
  { where: "src/demo/people.ts", what: "no docstring", why: "invented people: the name of the constant is the person" },
];

test("every export has a docstring", () => {
  const findings = sources.flatMap((file) => {
    const lines = textOf(file).split("\n");
    return lines.flatMap((line, at) => {
      const isExport =
        /^export (?:async )?(?:function|const|let|class|abstract class|interface|type \w+(?:<[^=]*>)? =)/;
      if (!isExport.test(line) || isDocumented(lines, at)) return [];
      return [{ file, place: `${file}:${at + 1}`, what: "no docstring" }];
    });
  });
  noComplaints(
    beyondAllowances(findings, undocumentedAllowances),
    "Say directly above what it promises: units, failures, whether it may be repeated, its source.",
  );
});

/** Directly under a docstring, or in a run of one-line constants that stands under one. */
function isDocumented(lines: readonly string[], at: number): boolean {
  const above = lines[at - 1] ?? "";
  if (above.endsWith("*/")) return true;
  return /^export const [^;]*;/.test(above) && /^export const /.test(lines[at]!) && isDocumented(lines, at - 1);
}

// 5. Tools, and what is installed

test("types are right in src, test, bench and scripts", () => tool("typescript/bin/tsc", "-p", "."));

test("types are right in the console", () => tool("typescript/bin/tsc", "-p", "console"));

test("format and lint are clean", () => tool("@biomejs/biome/bin/biome", "check"));

// By the build's own configuration a folder dist/ left by a build is known for what it was made from.
test("no file, export or dependency is unused", () =>
  tool("knip/bin/knip.js", "--treat-config-hints-as-errors", "-t", "tsconfig.build.json"));

/** Packages whose installation runs a script: nothing of ours may run code that nobody asked for. */
const installScripts: Readonly<Record<string, string>> = {
  "node_modules/node": "links the pinned Node.js itself into node_modules/.bin",
};

test("no package but the pinned Node.js runs a script when it is installed", () => {
  const lock = JSON.parse(textOf("package-lock.json")) as { packages: Record<string, { hasInstallScript?: boolean }> };
  const found = Object.keys(lock.packages).filter((name) => lock.packages[name]!.hasInstallScript === true);
  const allowed = Object.keys(installScripts);
  noComplaints(
    [
      ...found
        .filter((name) => !allowed.includes(name))
        .map((name) => `package-lock.json: ${name} has an install script`),
      ...allowed.filter((name) => !found.includes(name)).map((name) => `package-lock.json: ${name} has none any more`),
    ],
    "Choose a package without one; package.json's allowScripts lets only the pinned Node.js run its own.",
  );
});

function script(file: string): Promise<void> {
  return succeeds("--conditions=source", "--disable-warning=ExperimentalWarning", file, "--check");
}

function tool(file: string, ...args: string[]): Promise<void> {
  return succeeds(join("node_modules", file), ...args);
}

/** Runs a script with this very Node.js in the project's folder, and fails with what it printed unless it exits with 0. */
function succeeds(...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => printed.push(piece));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(new Error(`${args.join(" ")} ended with ${code}:\n${Buffer.concat(printed).toString("utf8").trim()}`));
    });
  });
}
