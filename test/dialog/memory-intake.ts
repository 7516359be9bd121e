import { createHash } from "node:crypto";
import { type ConnectorId, type Destination, Failure, type Sha256, type TenantId } from "#core/index.ts";
import type { Admission, Arrival, Intake, SpooledItem, SpoolId, SpoolState, SpoolWriter } from "#spool/index.ts";

/** One item the intake was asked to take for good. */
export interface TakenItem {
  arrival: Arrival;
  bytes: Buffer;
}

/** How a step of the spool fails, when it is told to. */
export type SpoolStep = "open" | "write" | "commit";

/**
 * An intake that keeps its items in memory and can be told to be full, suspect, slow or broken.
 *
 * It holds callers to the seam's promises: writing or committing after the end of an item throws.
 */
export class MemoryIntake implements Intake {
  readonly items: TakenItem[] = [];
  spoolState: SpoolState = { kind: "open" };
  /** Code of the failure that this step throws. */
  readonly failures = new Map<SpoolStep, string>();
  /** While set, writes and commits wait for it. */
  gate: Promise<void> | null = null;
  opened = 0;
  abandoned = 0;
  writes = 0;
  /** Every recipient that was asked about, in order. */
  readonly asked: string[] = [];

  admit(recipient: string): Admission {
    this.asked.push(recipient);
    return admissions.get(recipient) ?? { kind: "refused", reason: "no such address" };
  }

  state(): SpoolState {
    return this.spoolState;
  }

  open(): SpoolWriter {
    this.failAt("open");
    this.opened += 1;
    return new MemoryWriter(this, this.opened);
  }

  /** Items begun and neither committed nor abandoned: none may be left when a session has ended. */
  get unfinished(): number {
    return this.opened - this.items.length - this.abandoned;
  }

  failAt(step: SpoolStep): void {
    const code = this.failures.get(step);
    if (code !== undefined) throw new Failure(code, "later", `told to fail at ${step}`);
  }
}

class MemoryWriter implements SpoolWriter {
  readonly id: SpoolId;
  readonly #intake: MemoryIntake;
  readonly #pieces: Buffer[] = [];
  #hasEnded = false;

  constructor(intake: MemoryIntake, number: number) {
    this.#intake = intake;
    this.id = number.toString(16).padStart(32, "0") as SpoolId;
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#hasEnded) throw new Error("write after the end of an item");
    this.#intake.writes += 1;
    this.#pieces.push(Buffer.from(piece));
    await this.#intake.gate;
    this.#intake.failAt("write");
  }

  digest(): Sha256 {
    return createHash("sha256").update(Buffer.concat(this.#pieces)).digest("hex") as Sha256;
  }

  async commit(arrival: Arrival): Promise<SpooledItem> {
    if (this.#hasEnded) throw new Error("commit after the end of an item");
    await this.#intake.gate;
    this.#intake.failAt("commit");
    this.#hasEnded = true;
    const bytes = Buffer.concat(this.#pieces);
    this.#intake.items.push({ arrival, bytes });
    return { id: this.id, arrival, bytes: bytes.length, sha256: this.digest(), pieces: [] };
  }

  abandon(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#intake.abandoned += 1;
  }
}

const acme: Destination = destination("acme", "con_acmejournal00000");
const acmeSecond: Destination = destination("acme", "con_acmesecond000000");
/** Another tenant's connector that has the name of one of acme's. */
const twin: Destination = { ...acme, tenant: "twin" as TenantId };
const globex: Destination = destination("globex", "con_globexjournal000");

/** The journal addresses of the tests; every other recipient is refused. */
const admissions: ReadonlyMap<string, Admission> = new Map<string, Admission>([
  ["journal@acme.test", { kind: "admitted", destination: acme }],
  ["also@acme.test", { kind: "admitted", destination: acme }],
  ["second@acme.test", { kind: "admitted", destination: acmeSecond }],
  ["journal@globex.test", { kind: "admitted", destination: globex }],
  ["journal@twin.test", { kind: "admitted", destination: twin }],
  ["postmaster", { kind: "admitted", destination: acme }],
  ["with space@acme.test", { kind: "refused", reason: "quotes were lost" }],
  ['"with space"@acme.test', { kind: "admitted", destination: acme }],
  ["журнал@acme.test", { kind: "admitted", destination: acme }],
  ["journal@[192.0.2.1]", { kind: "admitted", destination: acme }],
  ["unlisted@acme.test", { kind: "unpermitted", lacking: "source", destination: acme }],
  ["secure@acme.test", { kind: "unpermitted", lacking: "tls", destination: acme }],
  ["login@acme.test", { kind: "unpermitted", lacking: "login", destination: acme }],
  ["certified@acme.test", { kind: "unpermitted", lacking: "certificate", destination: acme }],
  ["paused@acme.test", { kind: "deferred", reason: "paused" }],
]);

function destination(tenant: string, connector: string): Destination {
  return { tenant: tenant as TenantId, connector: connector as ConnectorId, type: "eej", maxAgeDays: 30 };
}
