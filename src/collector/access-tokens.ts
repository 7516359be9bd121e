import { createHash } from "node:crypto";
import type { OAuthSecrets, OAuthSettings } from "#catalogue/index.ts";
import type { ConnectorId } from "#core/index.ts";
import { fetchToken, type TokenSource } from "#pop3/index.ts";
import type { CollectorParts, MailboxConnector } from "./collector.ts";

/** A token is renewed so many milliseconds before its end, or half its life before it: a login must not meet the end. */
const renewBeforeMs = 5 * 60_000;
/** How long a token is used that does not say how long it is good for, in milliseconds. */
const unknownLifeMs = 5 * 60_000;
/** A token that is refused within so many milliseconds of being given is refused for another reason than its age. */
const freshMs = 60_000;

/** A token in memory. It is never written anywhere. */
interface Held {
  /** Of which settings and secrets it is. */
  of: string;
  token: string;
  gotMs: number;
  renewMs: number;
  endsMs: number | null;
}

/** What stands in the catalogue when an endpoint gave another refresh token. */
interface KeptRefreshToken {
  /** SHA-256 of the sealed secret it came from: when that is replaced, this is not used any more. */
  of: string;
  sealed: string;
}

/** Access tokens of all mailboxes that are logged in to by one. */
export interface AccessTokens {
  /** The tokens of one mailbox; the same mailbox is asked for once at a time. */
  sourceOf(connector: MailboxConnector, oauth: OAuthSettings): TokenSource;
}

type TokenTools = Pick<
  CollectorParts,
  "catalogue" | "dial" | "clock" | "addresses" | "secretOf" | "sealToken" | "openToken" | "log"
>;

/** Tokens that are fetched when they are first needed, kept in memory, and renewed before they end. */
export function createAccessTokens(parts: TokenTools): AccessTokens {
  const { catalogue, clock, log } = parts;
  const held = new Map<ConnectorId, Held>();
  /** Refresh tokens given in place of older ones, by what they came from: also when they could not be written down. */
  const renewed = new Map<string, string>();

  async function refreshTokenOf(connector: MailboxConnector, secrets: OAuthSecrets, of: string): Promise<string> {
    const known = renewed.get(of);
    if (known !== undefined) return known;
    const [entry] = await catalogue.history(connector.id, "token", 1);
    if (entry === undefined) return secrets.refreshToken;
    const kept = JSON.parse(entry.facts) as KeptRefreshToken;
    return kept.of === of ? await parts.openToken(connector, kept.sealed) : secrets.refreshToken;
  }

  async function keep(connector: MailboxConnector, of: string, refreshToken: string): Promise<void> {
    renewed.set(of, refreshToken);
    const { id, tenant } = connector;
    try {
      const kept: KeptRefreshToken = { of, sealed: await parts.sealToken(connector, refreshToken) };
      const entry = { connector: id, kind: "token", seq: 1, at: clock.now(), facts: JSON.stringify(kept) } as const;
      await catalogue.putHistory(entry, 1);
    } catch (error) {
      // The one before often goes on working; if not, the next login says so.
      log("collector.token_unkept_failed", { tenant, connector: id, message: String(error) });
    }
  }

  async function renew(connector: MailboxConnector, oauth: OAuthSettings, signal: AbortSignal): Promise<Held> {
    const of = sourceDigest(connector);
    const secrets = JSON.parse(await parts.secretOf(connector)) as OAuthSecrets;
    const refreshToken = oauth.grant === "refresh-token" ? await refreshTokenOf(connector, secrets, of) : "";
    const asked = { ...oauth, endpoint: oauth.tokenEndpoint, clientSecret: secrets.clientSecret, refreshToken };
    const given = await fetchToken(asked, parts, signal);
    if (oauth.grant === "refresh-token" && given.refreshToken !== null && given.refreshToken !== refreshToken)
      await keep(connector, of, given.refreshToken);
    const gotMs = clock.elapsedMs();
    const lifeMs = given.lifetimeMs ?? unknownLifeMs;
    return {
      ...{ of: settingsText(connector), token: given.accessToken, gotMs },
      renewMs: gotMs + lifeMs - Math.min(renewBeforeMs, lifeMs / 2),
      endsMs: given.lifetimeMs === null ? null : gotMs + given.lifetimeMs,
    };
  }

  return {
    sourceOf: (connector, oauth) => ({
      token: async (refused, signal) => {
        const before = held.get(connector.id);
        const nowMs = clock.elapsedMs();
        if (before?.of === settingsText(connector)) {
          const isFresh = nowMs - before.gotMs < freshMs;
          if (before.token === refused ? isFresh : nowMs < before.renewMs) return before.token;
        }
        const fresh = await renew(connector, oauth, signal);
        held.set(connector.id, fresh);
        return fresh.token;
      },
      leftMs: () => {
        const endsMs = held.get(connector.id)?.endsMs ?? null;
        return endsMs === null ? null : Math.max(0, endsMs - clock.elapsedMs());
      },
    }),
  };
}

function settingsText({ pop3 }: MailboxConnector): string {
  return JSON.stringify([pop3.user, pop3.oauth, pop3.sealedPassword]);
}

function sourceDigest({ pop3 }: MailboxConnector): string {
  return createHash("sha256").update(pop3.sealedPassword).digest("hex");
}
