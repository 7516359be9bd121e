import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate with its key, in PEM, and the SHA-256 of it. */
export interface Certificate {
  cert: string;
  key: string;
  fingerprint: string;
}

/** An authority of the test's own. */
export interface Authority {
  cert: string;
  /** A certificate for these names. `expired`: its life ended years ago. */
  issue(names: readonly string[], life: "valid" | "expired"): Certificate;
}

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
}

function certificateOf(cert: string, key: string): Certificate {
  const printed = openssl("x509", "-in", cert, "-noout", "-fingerprint", "-sha256");
  const fingerprint = /=([0-9A-F:]+)/.exec(printed)![1]!.replaceAll(":", "").toLowerCase();
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8"), fingerprint };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A certificate that vouches for itself. */
export function selfSigned(folder: string, name: string): Certificate {
  const [key, cert] = [join(folder, "self.key"), join(folder, "self.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  openssl("req", "-x509", ...newKey, "-days", "30", ...subject, "-keyout", key, "-out", cert);
  return certificateOf(cert, key);
}

/** Makes an authority in `folder`. */
export function createAuthority(folder: string): Authority {
  const at = (name: string) => join(folder, name);
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "30",
    "-subj",
    "/CN=Test Authority",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  writeFileSync(at("index.txt"), "");
  writeFileSync(at("ca.cnf"), configuration(folder));
  let count = 0;
  return {
    cert: readFileSync(at("ca.pem"), "utf8"),
    issue: (names, life) => {
      count += 1;
      const [key, request, cert] = [at(`${count}.key`), at(`${count}.csr`), at(`${count}.pem`)];
      const altNames = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
      openssl("req", ...newKey, "-subj", `/CN=${names[0]}`, "-addext", altNames, "-keyout", key, "-out", request);
      const dates =
        life === "valid" ? ["-days", "30"] : ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
      openssl(
        "ca",
        "-batch",
        "-config",
        at("ca.cnf"),
        "-notext",
        "-rand_serial",
        ...dates,
        "-in",
        request,
        "-out",
        cert,
      );
      return certificateOf(cert, key);
    },
  };
}

function configuration(folder: string): string {
  return `
[ca]
default_ca = own
[own]
database = ${folder}/index.txt
new_certs_dir = ${folder}
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
policy = any
rand_serial = yes
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;
}
