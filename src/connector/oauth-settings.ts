import type { OAuthSecrets, OAuthSettings } from "#catalogue/index.ts";
import { Failure } from "#core/index.ts";
import { endpointProblem } from "#pop3/index.ts";

/** What may be said of a login by access token; what is absent stays. The two secrets are only ever taken in. */
export interface OAuthChanges {
  grant?: OAuthSettings["grant"];
  tokenEndpoint?: string;
  clientId?: string;
  scope?: string;
  clientSecret?: string;
  refreshToken?: string;
}

/** Longest client id and scope in characters. */
const nameCharactersMax = 500;
/** Longest secret in characters: refresh tokens of Microsoft have some 2,000. */
export const oauthSecretCharactersMax = 8_000;

const microsoft = "login.microsoftonline.com";

/**
 * The scope that is asked for where none is named: at Microsoft, the right to read mailboxes by POP3. Elsewhere the endpoint
 * decides.
 *
 * @see https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
 */
function usualScope({ grant, tokenEndpoint }: Pick<OAuthSettings, "grant" | "tokenEndpoint">): string {
  if (new URL(tokenEndpoint).hostname !== microsoft) return "";
  return grant === "client-credentials"
    ? "https://outlook.office365.com/.default"
    : "https://outlook.office.com/POP.AccessAsUser.All offline_access";
}

/**
 * The settings with these changes, checked.
 *
 * @throws Failure `CON-MAILBOX` (never) naming what is wrong
 */
export function changedOAuth(before: OAuthSettings | undefined, changes: OAuthChanges): OAuthSettings {
  const grant = changes.grant ?? before?.grant ?? "client-credentials";
  const tokenEndpoint = (changes.tokenEndpoint ?? before?.tokenEndpoint ?? "").trim();
  const problem = endpointProblem(tokenEndpoint);
  if (problem !== null) throw wrong(`the token endpoint cannot be used: ${problem}`);
  const clientId = (changes.clientId ?? before?.clientId ?? "").trim();
  if (clientId === "" || clientId.length > nameCharactersMax || !/^[\x21-\x7e]+$/.test(clientId))
    throw wrong(`a client id has 1 to ${nameCharactersMax} characters without blanks`);
  const scope = (changes.scope ?? before?.scope ?? usualScope({ grant, tokenEndpoint })).trim();
  if (scope.length > nameCharactersMax || !/^[\x20-\x7e]*$/.test(scope))
    throw wrong(`a scope has at most ${nameCharactersMax} characters`);
  return { grant, tokenEndpoint, clientId, scope };
}

/**
 * The secrets that were given, checked; null when none was. All are given at once: what is sealed is not opened to be changed.
 *
 * @throws Failure `CON-MAILBOX` (never)
 */
export function givenOAuthSecrets(
  { grant }: Pick<OAuthSettings, "grant">,
  { clientSecret, refreshToken }: OAuthChanges,
): OAuthSecrets | null {
  if (clientSecret === undefined && refreshToken === undefined) return null;
  for (const secret of [clientSecret, refreshToken])
    if (secret !== undefined && (secret.length > oauthSecretCharactersMax || !/^[\x21-\x7e]*$/.test(secret)))
      throw wrong(
        `a client secret or refresh token has at most ${oauthSecretCharactersMax} characters, without blanks`,
      );
  if (grant === "client-credentials" && !clientSecret) throw wrong("client credentials need the client secret");
  if (grant === "client-credentials" && refreshToken) throw wrong("client credentials go without a refresh token");
  if (grant === "refresh-token" && !refreshToken)
    throw wrong("give the refresh token too: the secrets of a login are kept and replaced together");
  return { clientSecret: clientSecret ?? "", refreshToken: refreshToken ?? "" };
}

function wrong(message: string): Failure {
  return new Failure("CON-MAILBOX", "never", message, { effect: "nothing was changed" });
}
