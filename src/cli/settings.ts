import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { nearest } from "./nearest.ts";
import { usageFailure } from "./problem.ts";

/** An address to listen on. Port 0 lets the system choose. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** What a command goes by, wherever it was said. */
export interface Settings {
  /** Absolute path of the archive's folder. */
  data: string;
  /** Where the API and console listen; null when they do not. */
  http: ListenAddress | null;
  /** Where journal mail is received; null when it is not. */
  smtp: ListenAddress | null;
  /** Where journal mail is received under TLS from the first byte; null when it is not. */
  smtps: ListenAddress | null;
  /** PEM files with the certificate chain of the mail listeners and its key, absolute; null when they have no TLS. */
  tls: { certificate: string; key: string } | null;
  /** The name other mail servers reach this one by; null when none is set. */
  mailName: string | null;
  /** Ranges of addresses whose PROXY header is believed. */
  proxyFrom: readonly string[];
  /** Whether connectors may name hosts on this machine and in private networks. */
  allowPrivateHosts: boolean;
  /** Absolute paths of folders that the console may import from. */
  importFolders: readonly string[];
  /** The tenant that commands are about; null when the archive has only one. */
  tenant: string | null;
  /** The file whose first line protects the archive's key; null when the key file is unprotected. */
  passphraseFile: string | null;
}

/** One setting under its names: the flag `--NAME`, the variable and, but for `data`, the key in `DIR/muniment.yaml`. */
export interface SettingSpec {
  name: Exclude<keyof Settings, "tls" | "importFolders"> | "tlsCert" | "tlsKey" | "importFolder";
  flag: string;
  variable: string;
  fallback: string | null;
  text: string;
}

/** Every setting. A flag wins over the environment, that over `DIR/muniment.yaml`, and that over the default. */
export const settingSpecs: readonly SettingSpec[] = [
  { name: "data", flag: "--data", variable: "MUNIMENT_DATA", fallback: "./data", text: "folder of the archive" },
  {
    name: "http",
    flag: "--http",
    variable: "MUNIMENT_HTTP",
    fallback: "127.0.0.1:8080",
    text: "address of the console and the API, or off",
  },
  {
    name: "smtp",
    flag: "--smtp",
    variable: "MUNIMENT_SMTP",
    fallback: "127.0.0.1:2525",
    text: "address that receives journal mail, or off",
  },
  {
    name: "smtps",
    flag: "--smtps",
    variable: "MUNIMENT_SMTPS",
    fallback: "off",
    text: "address that receives journal mail under TLS from the first byte, or off",
  },
  {
    name: "tlsCert",
    flag: "--tls-cert",
    variable: "MUNIMENT_TLS_CERT",
    fallback: null,
    text: "PEM file with the certificate chain of both mail addresses",
  },
  {
    name: "tlsKey",
    flag: "--tls-key",
    variable: "MUNIMENT_TLS_KEY",
    fallback: null,
    text: "PEM file with the certificate's key",
  },
  {
    name: "mailName",
    flag: "--mail-name",
    variable: "MUNIMENT_MAIL_NAME",
    fallback: null,
    text: "name by which other mail servers reach the mail addresses",
  },
  {
    name: "proxyFrom",
    flag: "--proxy-from",
    variable: "MUNIMENT_PROXY_FROM",
    fallback: null,
    text: "ranges of the proxies before the mail addresses, which must send a PROXY header",
  },
  {
    name: "allowPrivateHosts",
    flag: "--allow-private-hosts",
    variable: "MUNIMENT_ALLOW_PRIVATE_HOSTS",
    fallback: "off",
    text: "let connectors reach hosts on this machine and in private networks",
  },
  {
    name: "importFolder",
    flag: "--import-folder",
    variable: "MUNIMENT_IMPORT_FOLDERS",
    fallback: null,
    text: "folders that the console may import from, with : between them",
  },
  {
    name: "tenant",
    flag: "--tenant",
    variable: "MUNIMENT_TENANT",
    fallback: null,
    text: "tenant, if there are several",
  },
  {
    name: "passphraseFile",
    flag: "--passphrase-file",
    variable: "MUNIMENT_PASSPHRASE_FILE",
    fallback: null,
    text: "file whose first line protects the archive's key",
  },
];

/**
 * Settles every setting from flags, environment and `DIR/muniment.yaml`.
 *
 * Throws `SETTING-INVALID`, naming the setting, where it was said and what would be right.
 * @param flags options as given, by setting name
 */
export async function readSettings(
  flags: Partial<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): Promise<Settings> {
  const [data, ...others] = settingSpecs;
  const folder = resolve(said(data!, flags, environment, {}).value ?? "");
  const file = join(folder, "muniment.yaml");
  const fromFile = await readSettingsFile(file);
  const values = new Map(others.map((spec) => [spec.name, said(spec, flags, environment, fromFile, file)]));
  return Object.freeze({
    data: folder,
    http: listenAddress(values.get("http")!),
    smtp: listenAddress(values.get("smtp")!),
    ...secureSettings(values.get("smtps")!, values.get("tlsCert")!, values.get("tlsKey")!),
    mailName: hostNameOf(values.get("mailName")!),
    proxyFrom: await addressRangesOf(values.get("proxyFrom")!),
    allowPrivateHosts: switchOf(values.get("allowPrivateHosts")!),
    importFolders: foldersOf(values.get("importFolder")!),
    tenant: values.get("tenant")!.value,
    passphraseFile: values.get("passphraseFile")!.value ?? (await credentialFile(environment)),
  });
}

/**
 * The passphrase that systemd hands to a service (`LoadCredential=muniment-passphrase:…`, systemd.exec(5)); null when it
 * hands none.
 */
async function credentialFile(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const folder = environment.CREDENTIALS_DIRECTORY;
  if (folder === undefined || folder === "") return null;
  const file = join(folder, "muniment-passphrase");
  const isThere = await stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  );
  return isThere ? file : null;
}

/** The passphrase file as an option of the server's functions, which leave it out where there is none. */
export function passphraseOption({ passphraseFile }: Settings): { passphraseFile?: string } {
  return passphraseFile === null ? {} : { passphraseFile };
}

/** Between folders, as in PATH: a comma may be in a folder's name. */
const folderSeparator = ":";

/** A value and the name under which it was given, for messages. */
interface Said {
  value: string | null;
  origin: string;
}

function said(
  spec: SettingSpec,
  flags: Partial<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  fromFile: Record<string, string>,
  file = "",
): Said {
  const flag = flags[spec.name];
  if (flag === true) return { value: "on", origin: spec.flag };
  if (Array.isArray(flag))
    return { value: flag.join(spec.name === "importFolder" ? folderSeparator : ","), origin: spec.flag };
  if (typeof flag === "string") return { value: flag, origin: spec.flag };
  const variable = environment[spec.variable];
  if (variable !== undefined && variable !== "") return { value: variable, origin: spec.variable };
  const written = fromFile[spec.name];
  if (written !== undefined) return { value: written, origin: `${spec.name} in ${file}` };
  return { value: spec.fallback, origin: `the default of ${spec.flag}` };
}

async function readSettingsFile(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    throw usageFailure(`cannot read ${file}: ${message}`, "SETTING-INVALID");
  }
  const { parse } = await import("yaml");
  return checkedSettings(yamlOf(parse, text, file), file);
}

function yamlOf(parse: (text: string) => unknown, text: string, file: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw usageFailure(`${file} is no YAML: ${message}`, "SETTING-INVALID");
  }
}

function checkedSettings(content: unknown, file: string): Record<string, string> {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw usageFailure(`${file} must hold settings, one a line, such as "http: 127.0.0.1:8080"`, "SETTING-INVALID");
  }
  const names: string[] = settingSpecs.map((spec) => spec.name).filter((name) => name !== "data");
  for (const [key, value] of Object.entries(content)) {
    if (!names.includes(key)) {
      const meant = nearest(key, names);
      const fix = meant === undefined ? `known are ${names.join(", ")}` : `did you mean ${meant}?`;
      throw usageFailure(`unknown setting ${key} in ${file}: ${fix}`, "SETTING-INVALID");
    }
    if (typeof value !== "string") {
      throw usageFailure(`${key} in ${file} must be text, in quotes where YAML needs them`, "SETTING-INVALID");
    }
  }
  return content as Record<string, string>;
}

/** TLS needs both files, and a listener that begins with TLS needs TLS. */
function secureSettings(smtps: Said, certificate: Said, key: Said): Pick<Settings, "smtps" | "tls"> {
  const address = listenAddress(smtps);
  if ((certificate.value === null) !== (key.value === null)) {
    const [given, lacking] = certificate.value === null ? [key, "--tls-cert"] : [certificate, "--tls-key"];
    throw usageFailure(`${given.origin} is given without ${lacking}`, "SETTING-INVALID");
  }
  if (certificate.value === null || key.value === null) {
    if (address === null) return { smtps: null, tls: null };
    throw usageFailure(`${smtps.origin} needs --tls-cert and --tls-key`, "SETTING-INVALID");
  }
  return { smtps: address, tls: { certificate: resolve(certificate.value), key: resolve(key.value) } };
}

/** It is said in the greeting and written into recipes, so it must be a plain host name. */
function hostNameOf({ value, origin }: Said): string | null {
  if (value === null) return null;
  if (value.length > 253 || !/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/.test(value))
    throw usageFailure(`${origin} is ${value}; it must be a host name such as archive.example.com`, "SETTING-INVALID");
  return value;
}

function switchOf({ value, origin }: Said): boolean {
  if (value === "on" || value === "1") return true;
  if (value === "off" || value === "0" || value === null) return false;
  throw usageFailure(`${origin} is ${value}; it must be on or off`, "SETTING-INVALID");
}

function foldersOf({ value }: Said): string[] {
  const folders = (value ?? "").split(folderSeparator).filter((folder) => folder !== "");
  return folders.map((folder) => resolve(folder));
}

async function addressRangesOf({ value, origin }: Said): Promise<string[]> {
  const texts = (value ?? "").split(/[\s,]+/).filter((text) => text !== "");
  if (texts.length === 0) return [];
  const { addressRanges } = await import("#smtp/index.ts");
  try {
    addressRanges(texts);
  } catch (error) {
    throw usageFailure(`${origin}: ${error instanceof Error ? error.message : String(error)}`, "SETTING-INVALID");
  }
  return texts;
}

/** An address as it is written: `host:port`, IPv6 in brackets. */
export function addressText({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function listenAddress({ value, origin }: Said): ListenAddress | null {
  if (value === null || value === "off") return null;
  const [, inBrackets, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || Number(port) > 65535) {
    throw usageFailure(`${origin} is ${value}; it must be HOST:PORT, [IPV6]:PORT or off`, "SETTING-INVALID");
  }
  return { host, port: Number(port) };
}
