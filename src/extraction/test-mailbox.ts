import type { Clock } from "#core/index.ts";
import {
  addressProblem,
  type Dial,
  openSession,
  Pop3Failure,
  type Pop3Server,
  type Pop3Session,
  Transcript,
} from "#pop3/index.ts";
import { ageFinding, fetchHeaders } from "./age-step.ts";
import { type KnownMessages, listFinding } from "./list-step.ts";
import { fetchSamples, type Sample, tryDelete, typeFinding } from "./mailbox-steps.ts";
import {
  changesSince,
  type Finding,
  failed,
  gradeOf,
  letterOf,
  mailboxSteps,
  notRun,
  passed,
  type StepName,
  type StepReport,
  stepOf,
  type TestFacts,
  type TestReport,
} from "./report.ts";
import {
  clearFinding,
  greetingFinding,
  loginFinding,
  problemFinding,
  stepOfProblem,
  tlsFinding,
} from "./server-steps.ts";
import { type Scratch, writeFinding } from "./write-step.ts";

/** The mailbox that is tested, and what the connector wants of it. */
export interface MailboxUnderTest {
  server: Pop3Server;
  /** Of the connector's settings. */
  version: number;
  type: "eej" | "standard";
  maxAgeDays: number | null;
  /** Whether mail stays on the server for some time. */
  keeps: boolean;
  messageBytesMax: number;
  /** What earlier runs remember of it. */
  known: KnownMessages;
}

/** What a test works with. */
export interface MailboxTestParts {
  dial: Dial;
  clock: Clock;
  /** The addresses of a name. @throws Pop3Failure `no-such-host` */
  resolve(host: string): Promise<string[]>;
  scratch: Scratch;
  /** The last test that passed. */
  lastPassed: Pick<TestReport, "at" | "facts"> | null;
}

const namesInOrder: readonly StepName[] = mailboxSteps;
/** Newest lines of a test's transcript. */
const transcriptLinesMax = 200;

/**
 * Walks the eleven steps and tells each as it ends. Nothing is deleted: the one DELE is taken back by RSET, and a session that
 * breaks before that deletes nothing either (RFC 1939 §6). Whatever goes wrong is in the report.
 *
 * @param told hears every step once, in the order in which they ended
 */
export async function testMailbox(
  mailbox: MailboxUnderTest,
  parts: MailboxTestParts,
  told: (step: StepReport) => void,
  signal: AbortSignal,
): Promise<TestReport> {
  const { clock, lastPassed } = parts;
  const walk = new Walk(mailbox, parts, told);
  const at = clock.now();
  const begunMs = clock.elapsedMs();
  try {
    await walk.all(signal);
  } catch (error) {
    if (!(error instanceof Pop3Failure)) throw error;
  }
  await walk.own();
  const steps = walk.finished();
  const { host, port } = mailbox.server;
  return {
    ...{ at, ms: Math.round(clock.elapsedMs() - begunMs), grade: gradeOf(steps), steps },
    passed: steps.every(({ ok }) => ok),
    changed: lastPassed === null ? [] : changesSince(lastPassed.facts, walk.facts),
    comparedWith: lastPassed?.at ?? null,
    ...{ deleted: 0, facts: walk.facts, letter: letterOf(`${host}:${port}`, at, steps) },
    transcript: walk.transcript.lines(),
  };
}

/** One walk through the steps. A step that throws has been told as failed, and ends the walk. */
class Walk {
  readonly facts: TestFacts;
  readonly transcript: Transcript;
  readonly #mailbox: MailboxUnderTest;
  readonly #parts: MailboxTestParts;
  readonly #told: (step: StepReport) => void;
  readonly #steps = new Map<StepName, StepReport>();

  constructor(mailbox: MailboxUnderTest, parts: MailboxTestParts, told: (step: StepReport) => void) {
    this.#mailbox = mailbox;
    this.#parts = parts;
    this.#told = told;
    this.transcript = new Transcript(parts.clock, transcriptLinesMax);
    const { version } = mailbox;
    this.facts = { version, addresses: [], certificate: null, banner: null, capabilities: [], messages: null };
  }

  /** Every step in the order of the table; those that were not come to are told now. */
  finished(): StepReport[] {
    for (const [at, name] of mailboxSteps.entries())
      if (!this.#steps.has(name)) this.#tell(notRun(name, at + 1, "an earlier step failed"));
    return mailboxSteps.flatMap((name) => this.#steps.get(name) ?? []);
  }

  /** Our own disk, which can be tried whatever the server does. */
  async own(): Promise<void> {
    await this.#step("write", () => writeFinding(this.#parts.scratch));
  }

  async all(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    await this.#step("dns", async () => {
      const { host, addresses } = this.#mailbox.server;
      this.facts.addresses = (await this.#parts.resolve(host)).sort();
      const ranges = this.facts.addresses.map((address) => addressProblem(address, addresses));
      const [address, range] = [this.facts.addresses[0], ranges[0]];
      if (address !== undefined && range != null && ranges.every((one) => one !== null))
        throw new Pop3Failure({ kind: "address-refused", host, address, range });
      return passed(...this.facts.addresses);
    });
    const session = await this.#opened(signal);
    try {
      const { keeps, type, maxAgeDays } = this.#mailbox;
      const listing = await this.#stepWith("list", async () => {
        const stat = await session.stat();
        this.facts.messages = stat.messages;
        const found = await session.listing();
        return { value: found, finding: listFinding(stat, found, this.#mailbox) };
      });
      const samples = await this.#stepWith("sample", async () => {
        const found = await fetchSamples(session, listing);
        return { value: found.samples as Sample[], finding: found.finding };
      });
      await this.#step("type", async () => typeFinding(samples, type));
      await this.#step("age", async () => {
        const headers = await fetchHeaders(session, listing);
        return ageFinding(headers, samples, maxAgeDays, clock.now());
      });
      await this.#step("delete", () => tryDelete(session, listing, this.facts.messages ?? 0, keeps));
      await session.quit();
    } finally {
      session.abort();
    }
  }

  /** The four steps up to the login, which are one call of the client: the dial tells two of them, the rest is read off. */
  async #opened(signal: AbortSignal): Promise<Pop3Session> {
    const { clock, dial } = this.#parts;
    const { server } = this.#mailbox;
    let connectedMs = clock.elapsedMs();
    const traced: Dial = {
      connect: async (to) => {
        const begunMs = clock.elapsedMs();
        const connected = await dial.connect(to);
        connectedMs = clock.elapsedMs();
        const from = "localAddress" in connected.stream ? `our address: ${String(connected.stream.localAddress)}` : "";
        this.#note("tcp", connectedMs - begunMs, passed(...[connected.peer, from].filter(Boolean)));
        return connected;
      },
      secure: async (over) => {
        const begunMs = clock.elapsedMs();
        const secured = await dial.secure(over);
        this.facts.certificate = secured.facts.fingerprint;
        this.#note("tls", clock.elapsedMs() - begunMs, tlsFinding(secured.facts, server.host, clock.now()));
        connectedMs = clock.elapsedMs();
        return secured;
      },
    };
    try {
      const session = await openSession(server, { dial: traced, clock, transcript: this.transcript }, signal);
      if (server.tls === "none") this.#note("tls", 0, clearFinding());
      this.facts.capabilities = [...session.capabilities.argumentsByTag.keys()];
      this.#greeted(greetingFinding(this.#banner(), session, server));
      this.#note("login", clock.elapsedMs() - connectedMs, loginFinding(server));
      return session;
    } catch (error) {
      if (!(error instanceof Pop3Failure)) throw error;
      const name = stepOfProblem(error.problem);
      if (name === "login") {
        if (server.tls === "none") this.#note("tls", 0, clearFinding());
        this.#greeted(passed(`banner: ${this.#banner() ?? "none"}`));
      }
      if (name === "tls" && server.tls === "starttls") this.#greeted(passed(`banner: ${this.#banner() ?? "none"}`));
      this.#note(name, clock.elapsedMs() - connectedMs, problemFinding(error.problem, server));
      throw error;
    }
  }

  #greeted(finding: Finding): void {
    this.facts.banner = this.#banner();
    const greeted = this.transcript.lines().find(({ from }) => from === "S");
    const connected = this.transcript.lines().find(({ text }) => text.startsWith("connected to"));
    this.#note("greeting", (greeted?.atMs ?? 0) - (connected?.atMs ?? 0), finding);
  }

  /** The server's first line. A time or a process in it would differ each time, so what stands in angle brackets is left out. */
  #banner(): string | null {
    const line = this.transcript.lines().find(({ from }) => from === "S");
    return line === undefined ? null : line.text.replace(/<[^>]*>/g, "<…>");
  }

  async #step(name: StepName, work: () => Promise<Finding>): Promise<void> {
    await this.#stepWith(name, async () => ({ value: undefined, finding: await work() }));
  }

  async #stepWith<T>(name: StepName, work: () => Promise<{ value: T; finding: Finding }>): Promise<T> {
    const { clock } = this.#parts;
    const begunMs = clock.elapsedMs();
    try {
      const { value, finding } = await work();
      this.#note(name, clock.elapsedMs() - begunMs, finding);
      return value;
    } catch (error) {
      const isServer = error instanceof Pop3Failure;
      const words = error instanceof Error ? error.message : String(error);
      const finding = isServer
        ? problemFinding(error.problem, this.#mailbox.server)
        : failed([words], "This is our own trouble.", "");
      this.#note(name, clock.elapsedMs() - begunMs, finding);
      throw error;
    }
  }

  #note(name: StepName, ms: number, finding: Finding): void {
    this.#tell(stepOf(name, namesInOrder.indexOf(name) + 1, ms, finding));
  }

  #tell(step: StepReport): void {
    // A second attempt at an address, or TLS on it, says nothing new.
    if (this.#steps.has(step.name)) return;
    this.#steps.set(step.name, step);
    this.#told(step);
  }
}
