import type { Catalogue, CredentialEntry, Role, TenantEntry } from "#catalogue/index.ts";
import { base32, type Clock, type Entropy, Failure, type Instant, isFailure, type TenantId } from "#core/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import type { Access, Identity, Presented, Secret, SignedIn } from "./access.ts";
import { checkEmail } from "./email.ts";
import { checkPassphrase, createPassphrases, type Passphrases } from "./passphrases.ts";
import { covers } from "./roles.ts";
import { createTurns } from "./turns.ts";

/** What access is built on. */
export interface AccessParts {
  catalogue: Pick<
    Catalogue,
    | "tenants"
    | "people"
    | "personByEmail"
    | "addPerson"
    | "addCredential"
    | "credential"
    | "takeCredential"
    | "sweepCredentials"
  >;
  keyring: Pick<KeyRing, "fingerprint">;
  clock: Pick<Clock, "now">;
  entropy: Entropy;
  /** Argon2id at its real costs when left out. */
  passphrases?: Passphrases;
}

/** A claim link lives this long: time to copy it from a terminal to a browser, no longer. */
const claimMinutes = 30;
/** A session lives this long, a working day with its breaks, and is not prolonged. */
const sessionHours = 12;
/** What a token begins with, so that people and secret scanners know one when they see it. */
const tokenPrefix = "mun_live_";
/** Passphrases being worked out at once, each in 19 MiB of memory, and how many more may wait for their turn. */
const passphrasesAtOnceMax = 2;
const passphrasesWaitingMax = 32;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** 160 bits cannot be guessed, and are 32 characters without padding. */
const secretBytes = 20;

/** Access by people, tokens and the local socket, with what is known of them in the catalogue. */
export function createAccess(parts: AccessParts): Access {
  const { catalogue, keyring, clock, entropy, passphrases = createPassphrases(entropy) } = parts;
  const passphraseTurn = createTurns(passphrasesAtOnceMax, passphrasesWaitingMax);
  const claimTurn = createTurns(1, passphrasesWaitingMax);
  // Compared with when there is no such person, so that nobody learns from the time it takes who has an account.
  const nobodysHash = passphrases.decoy();

  const isClaimed = async (tenant: TenantId) => (await catalogue.people(tenant)).length > 0;

  async function addSecret(
    prefix: string,
    lifeMs: number,
    facts: Pick<CredentialEntry, "kind" | "tenant" | "role" | "person" | "label">,
  ): Promise<Secret> {
    const now = clock.now();
    const secret = prefix + base32(entropy.bytes(secretBytes));
    const expiresAt = (now + lifeMs) as Instant;
    await catalogue.addCredential({
      ...facts,
      fingerprint: keyring.fingerprint(facts.kind, secret),
      createdAt: now,
      expiresAt,
    });
    return { secret, expiresAt };
  }

  async function live(kind: CredentialEntry["kind"], secret: string): Promise<CredentialEntry | undefined> {
    const found = await catalogue.credential(kind, keyring.fingerprint(kind, secret));
    return found !== undefined && isLive(found) ? found : undefined;
  }

  function isLive({ expiresAt }: CredentialEntry): boolean {
    return expiresAt === null || expiresAt > clock.now();
  }

  async function openSession(person: { id: string; email: string; tenant: TenantId; role: Role }): Promise<SignedIn> {
    const { id, email: label, tenant, role } = person;
    await catalogue.sweepCredentials(clock.now());
    const session = await addSecret("", sessionHours * hourMs, { kind: "session", tenant, role, person: id, label });
    return { session, identity: { kind: "person", tenant, role, person: id, label } };
  }

  /** Why a claim cannot be used. Without the claim the tenant is unknown, so "closed" then means all of them. */
  async function deadClaim(): Promise<Failure> {
    const tenants = await catalogue.tenants();
    const claimed = await Promise.all(tenants.map(({ id }) => isClaimed(id)));
    return tenants.length > 0 && claimed.every((truth) => truth) ? claimClosed() : claimUsed();
  }

  return {
    isClaimed,

    async createClaim(tenant) {
      return addSecret("", claimMinutes * minuteMs, {
        kind: "claim",
        tenant,
        role: "admin",
        person: null,
        label: "claim",
      });
    },

    async checkClaim(secret) {
      const claim = await live("claim", secret);
      if (claim === undefined || claim.expiresAt === null || (await isClaimed(claim.tenant))) return { kind: "used" };
      return { kind: "valid", expiresAt: claim.expiresAt };
    },

    async claim({ secret, email, passphrase }) {
      // Everything that may fail without using up the claim comes first.
      const seen = await live("claim", secret);
      if (seen === undefined) throw await deadClaim();
      checkEmail(email);
      checkPassphrase(passphrase);
      if ((await catalogue.personByEmail(email)) !== undefined) throw emailTaken();
      const passwordHash = await passphraseTurn(() => passphrases.hash(passphrase));
      // One after the other: of two claims at once, with different links, the second must see the first one's person.
      const person = await claimTurn(async () => {
        if (await isClaimed(seen.tenant)) throw claimClosed();
        const claim = await catalogue.takeCredential("claim", keyring.fingerprint("claim", secret));
        if (claim === undefined || !isLive(claim)) throw claimUsed();
        const { tenant, role } = claim;
        const id = "per_" + base32(entropy.bytes(10));
        await catalogue
          .addPerson({ id, tenant, email, role, passwordHash, createdAt: clock.now() })
          .catch(asEmailTaken);
        return { id, email, tenant, role };
      });
      return openSession(person);
    },

    async signIn({ email, passphrase }) {
      const person = await catalogue.personByEmail(email);
      const hash = person?.passwordHash ?? nobodysHash;
      const isRight = await passphraseTurn(() => passphrases.verify(passphrase, hash));
      if (person === undefined || !isRight) {
        throw new Failure("AUTH-REJECTED", "never", "the e-mail or the passphrase is wrong");
      }
      return openSession(person);
    },

    async signOut(secret) {
      await catalogue.takeCredential("session", keyring.fingerprint("session", secret));
    },

    async authenticate(presented) {
      if (presented.kind === "local") return localIdentity(await catalogue.tenants(), presented);
      const credential = await live(presented.kind, presented.secret);
      if (credential === undefined) return undefined;
      const { tenant, role, person, label } = credential;
      return { kind: presented.kind === "session" ? "person" : "token", tenant, role, person, label };
    },

    async createToken(maker, { role, label, expiresInDays }) {
      if (maker.kind !== "local" && !covers(maker.role, role)) {
        throw new Failure("AUTH-FORBIDDEN", "never", `a ${maker.role} cannot make a token for the role ${role}`);
      }
      const { tenant } = maker;
      return addSecret(tokenPrefix, expiresInDays * dayMs, { kind: "token", tenant, role, person: null, label });
    },

    async tenantsOf(identity) {
      const tenants = await catalogue.tenants();
      return identity.kind === "local" ? tenants : tenants.filter(({ id }) => id === identity.tenant);
    },
  };
}

/** Whoever can open the server's own socket could read its files as well: every permission, in the tenant they name. */
function localIdentity(tenants: readonly TenantEntry[], { tenant }: Presented & { kind: "local" }): Identity {
  if (tenant === null && tenants.length > 1) {
    throw new Failure("TENANT-UNSTATED", "never", "there are several tenants: name one with X-Muniment-Tenant");
  }
  const found = tenant === null ? tenants[0] : tenants.find(({ id }) => id === tenant);
  if (found === undefined) throw new Failure("TENANT-UNKNOWN", "never", "there is no such tenant");
  return { kind: "local", tenant: found.id, role: "admin", person: null, label: "local administrator" };
}

function claimUsed(): Failure {
  return new Failure("CLAIM-USED", "never", "this claim link was used or has expired");
}

function claimClosed(): Failure {
  return new Failure("CLAIM-CLOSED", "never", "the archive is claimed; ask its administrator for access");
}

function emailTaken(): Failure {
  return new Failure("EMAIL-TAKEN", "never", "there is a person with this e-mail already");
}

function asEmailTaken(error: unknown): never {
  throw isFailure(error, "CATALOGUE-CONFLICT") ? emailTaken() : error;
}
