import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder in which the OpenSSL command line makes keys and S/MIME objects for tests. */
export interface OpenSsl {
  folder: string;
  file(name: string): string;
  read(name: string): Buffer;
  write(name: string, content: string | Buffer): void;
  /** Runs one command in the folder. Throws with what it said when it fails. */
  run(...args: string[]): Buffer;
  /** Makes `NAME.key` and `NAME.crt`, issued by the authority `ca`. `algorithm` as `openssl req -newkey` takes it. */
  certify(name: string, ...algorithm: string[]): void;
  remove(): void;
}

/** An authority `ca.crt`, and a workplace for its certificates. */
export function openSsl(): OpenSsl {
  const folder = mkdtempSync(join(tmpdir(), "muniment-smime-"));
  const file = (name: string) => join(folder, name);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const names = (name: string) => [
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-subj",
    `/CN=${name}/emailAddress=${name}@test.example`,
  ];
  run("req", "-x509", "-newkey", "rsa:2048", ...names("ca"), "-out", "ca.crt", "-days", "3650");
  writeFileSync(
    file("mail.ext"),
    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nextendedKeyUsage=emailProtection\n",
  );
  return {
    folder,
    file,
    read: (name) => readFileSync(file(name)),
    write: (name, content) => writeFileSync(file(name), content),
    run,
    certify(name, ...algorithm) {
      run("req", "-new", ...algorithm, ...names(name), "-out", `${name}.csr`);
      const issue = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "mail.ext"];
      run("x509", "-req", "-in", `${name}.csr`, ...issue, "-out", `${name}.crt`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
