// Makes a fresh clone ready: installs packages, builds the console, and for tests installs the Debian packages they start.
// Plain JavaScript, since it runs before the pinned Node.js is there: Node.js 18 or later suffices.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);

/** What tests start, by the program that shows it is installed. */
const engines = [
  { program: "/usr/bin/chromium", packages: ["chromium"], why: "drives the console's tests" },
  {
    program: "/usr/sbin/dovecot",
    packages: ["dovecot-core", "dovecot-pop3d"],
    why: "holds the mailboxes of the POP3 tests",
  },
  { program: "/usr/bin/openssl", packages: ["openssl"], why: "makes the certificates of the POP3 tests" },
];

function run(command, args, more = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...more });
  if (error || status !== 0)
    throw new Error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ` (exit ${status})`}`);
}

function newestBelow(path) {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== "dist" && name !== "node_modules")
    .reduce((newest, name) => Math.max(newest, newestBelow(join(path, name))), 0);
}

/** Whether `product` is missing or older than one of its sources. */
function isStale(product, sources) {
  if (!existsSync(join(root, product))) return true;
  const made = statSync(join(root, product)).mtimeMs;
  return sources.some((source) => newestBelow(join(root, source)) > made);
}

function installPackages() {
  // A link is another tree's folder: installing through it would empty that.
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  if (!isStale("node_modules/.muniment-installed", ["package-lock.json", "package.json"])) return;
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(join(root, "node_modules/.muniment-installed"), "");
}

function buildConsole() {
  if (!isStale("console/dist/index.html", ["console", "package-lock.json"])) return;
  run(join(root, "node_modules/.bin/node"), [
    "node_modules/vite/bin/vite.js",
    "build",
    "console",
    "--logLevel",
    "warn",
  ]);
}

function installEngines() {
  const missing = engines.filter(({ program }) => !existsSync(program));
  if (missing.length === 0) return;
  const packages = missing.flatMap((engine) => engine.packages);
  try {
    run("apt-get", ["update", "-qq"]);
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch (error) {
    const list = missing.map(({ packages, why }) => `  ${packages.join(" ")}: ${why}`).join("\n");
    throw new Error(
      `the tests need Debian packages that are not installed:\n${list}\ninstall them with: apt-get install ${packages.join(" ")}\n(${error.message})`,
    );
  }
}

try {
  installPackages();
  buildConsole();
  if (wanted.includes("--test")) installEngines();
} catch (error) {
  console.error(`prepare: ${error.message}`);
  process.exit(1);
}
