// Makes a fresh clone ready: installs packages, builds the console, and for tests installs the Debian packages they start.
// Plain JavaScript, since it runs before the pinned Node.js is there: Node.js 18 or later suffices.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);

/**
 * What tests start, by the file that shows it is installed. A package of `unpacked` is not installed but only unpacked below
 * `.engines/`, because it would put another out that is needed too; what it needs itself stands in `packages`,
 * and the system's user it runs as in `user`.
 */
const engines = [
  { program: "/usr/bin/chromium", packages: ["chromium"], why: "drives the console's tests" },
  {
    program: "/usr/sbin/dovecot",
    packages: ["dovecot-core", "dovecot-pop3d"],
    why: "holds the mailboxes of the POP3 tests",
  },
  { program: "/usr/bin/openssl", packages: ["openssl"], why: "makes the certificates of the tests" },
  { program: "/usr/bin/swaks", packages: ["swaks"], why: "sends mail as a test client" },
  {
    program: "/usr/share/doc/libnet-ssleay-perl/copyright",
    packages: ["libnet-ssleay-perl"],
    why: "TLS of swaks",
  },
  {
    program: "/usr/sbin/postfix",
    packages: ["postfix"],
    why: "sends mail in tests, and is what benchmarks compare with",
  },
  {
    program: join(root, ".engines/exim4-daemon-light/usr/sbin/exim4"),
    packages: ["libdb5.3", "libgnutls-dane0", "libidn12", "libidn2-0", "libnsl2", "libpcre2-8-0"],
    unpacked: "exim4-daemon-light",
    user: "Debian-exim",
    why: "sends mail by BDAT in tests; it cannot be installed beside postfix",
  },
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

/** Puts a package's files below `.engines/`, all or none, and runs nothing of it. */
function unpack(name) {
  const folder = join(root, ".engines");
  const making = join(folder, `${name}.part`);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  run("apt-get", ["download", "-qq", name], { cwd: making });
  const file = readdirSync(making).find((entry) => entry.endsWith(".deb"));
  run("dpkg", ["-x", file, "."], { cwd: making });
  rmSync(join(making, file));
  rmSync(join(folder, name), { recursive: true, force: true });
  renameSync(making, join(folder, name));
}

function addUser(name) {
  if (spawnSync("id", [name]).status === 0) return;
  run("useradd", ["--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", name]);
}

function installEngines() {
  const missing = engines.filter(({ program }) => !existsSync(program));
  if (missing.length === 0) return;
  const packages = missing.flatMap((engine) => engine.packages);
  try {
    run("apt-get", ["update", "-qq"]);
    // Another preparation on the same machine may have the package system locked for a while.
    run("apt-get", ["-o", "DPkg::Lock::Timeout=600", "install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    for (const { unpacked, user } of missing) {
      if (user !== undefined) addUser(user);
      if (unpacked !== undefined) unpack(unpacked);
    }
  } catch (error) {
    const list = missing
      .map(({ packages, unpacked = "", why }) => `  ${unpacked} ${packages.join(" ")}: ${why}`)
      .join("\n");
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
