import { readFile } from "node:fs/promises";
import type { Clock, Log } from "#core/index.ts";
import { Failure, failureFacts } from "#core/index.ts";
import { type Certificate, readCertificate } from "#smtp/index.ts";

/** A certificate that is kept up to date with its files. */
export interface CertificateFiles {
  /** The last good one, for handshakes that begin now. */
  current(): Certificate;
  /** Reads the files now. May be repeated; never rejects: what cannot be used is logged and the last good one stays. */
  reload(): Promise<void>;
  /** Ends the watch. */
  stop(): Promise<void>;
}

/** How often the files are looked at, in milliseconds: they are small, and a renewal is days ahead of its need. */
export const certificateCheckMs = 30_000;
/** Days before the end at which the log speaks up: time to renew, time to worry, time to act. */
const expiryWarningDays: readonly number[] = [21, 7, 1];

/**
 * Reads a certificate chain and its key, and again whenever the files change. Sessions under way keep what they have.
 *
 * Logs `tls.certificate-changed`, `tls.certificate-failure` once for each content that cannot be used, and
 * `tls.certificate-expiring` once for each of {@link expiryWarningDays}, `tls.certificate-expired` at last.
 * @throws `TLS-CERTIFICATE` when there is no usable certificate at first
 */
export async function watchCertificate(
  paths: { certificate: string; key: string },
  { clock, log }: { clock: Clock; log: Log },
): Promise<CertificateFiles> {
  let content = await contentOf(paths);
  let current = readCertificate(content.chain, content.key);
  let warnedDays = Infinity;
  let lastTrouble = "";

  const reload = async () => {
    try {
      const found = await contentOf(paths);
      if (!found.chain.equals(content.chain) || !found.key.equals(content.key)) {
        current = readCertificate(found.chain, found.key);
        content = found;
        warnedDays = Infinity;
        log("tls.certificate-changed", factsOf(current));
      }
      lastTrouble = "";
    } catch (error) {
      const { code, message } = failureFacts(error);
      // Chain and key are two files, so one is seen without the other for a moment; the next look finds both.
      if (message !== lastTrouble) log("tls.certificate-failure", { code, message });
      lastTrouble = message;
    }
    warn();
  };
  const warn = () => {
    const daysLeft = (current.validUntil - clock.now()) / dayMs;
    const reached = [...expiryWarningDays, 0].filter((days) => daysLeft <= days).at(-1);
    if (reached === undefined || reached >= warnedDays) return;
    warnedDays = reached;
    const event = reached === 0 ? "tls.certificate-expired" : "tls.certificate-expiring";
    log(event, { ...factsOf(current), daysLeft: Math.floor(daysLeft) });
  };

  warn();
  const stopping = new AbortController();
  const watched = (async () => {
    for (;;) {
      await clock.sleep(certificateCheckMs, stopping.signal);
      if (stopping.signal.aborted) return;
      await reload();
    }
  })();
  return {
    current: () => current,
    reload,
    async stop() {
      stopping.abort();
      await watched;
    },
  };
}

const dayMs = 24 * 60 * 60 * 1_000;

function factsOf({ subject, sha256, validUntil }: Certificate): Record<string, unknown> {
  return { subject, sha256, validUntil: new Date(validUntil).toISOString() };
}

async function contentOf(paths: { certificate: string; key: string }): Promise<{ chain: Buffer; key: Buffer }> {
  try {
    const [chain, key] = await Promise.all([readFile(paths.certificate), readFile(paths.key)]);
    return { chain, key };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure("TLS-CERTIFICATE", "never", `cannot read certificate and key: ${message}`, { cause: error });
  }
}
