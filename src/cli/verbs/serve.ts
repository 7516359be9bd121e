import { exitCodes } from "../exit-codes.ts";
import { passphraseOption } from "../settings.ts";
import { socketAddress } from "../socket-address.ts";
import type { Verb } from "../verb.ts";

/**
 * Runs the archive until SIGINT or SIGTERM: one line on standard output when it is ready, its log on standard error.
 * SIGHUP reads the certificate's files again.
 */
export const serve: Verb = async ({ settings, terminal, signal, hurry, load }) => {
  const { data, http, smtp, smtps, tls, proxyFrom, mailName, allowPrivateHosts, importFolders } = settings;
  const { openArchive } = await load();
  const archive = await openArchive({
    data,
    ...passphraseOption(settings),
    listen: { http, smtp, smtps, socket: socketAddress(data) },
    ...(tls === null ? {} : { tls }),
    ...(mailName === null ? {} : { mailName }),
    proxies: proxyFrom,
    allowPrivateHosts,
    importFolders,
    logLevel: terminal.isVerbose ? "info" : "warn",
  });
  const reload = () => void archive.reload();
  process.on("SIGHUP", reload);
  try {
    for (const warning of archive.warnings) terminal.warn(warning);
    if (archive.resumed > 0)
      terminal.warn(
        `${archive.resumed} messages were accepted and not yet archived when the server last ended; archiving them now`,
      );
    if (archive.damagedOnSpool > 0)
      terminal.warn(`${archive.damagedOnSpool} places on the spool cannot be read; see: muniment inspect spool`);
    if (archive.claimUrl !== null) terminal.warn(`Claim this archive within 30 minutes: ${archive.claimUrl}`);
    await terminal.out(
      `ready http=${archive.http ?? "off"} smtp=${archive.smtp ?? "off"}${archive.smtps === null ? "" : ` smtps=${archive.smtps}`}\n`,
    );
    await aborted(signal);
  } finally {
    process.off("SIGHUP", reload);
    await archive.close(hurry);
  }
  return exitCodes.done;
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
