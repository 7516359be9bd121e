import {
  Pop3Failure,
  type Pop3Problem,
  type Pop3Server,
  type Pop3Session,
  type TlsFacts,
  type TokenFault,
} from "#pop3/index.ts";
import { type Finding, failed, passed, type StepName, warned } from "./report.ts";

/** Days before its end from which a certificate is warned of: a renewal has to be arranged with others. */
export const certificateDaysWarned = 21;
const dayMs = 86_400_000;

/** The step that a problem of opening a session belongs to. */
export function stepOfProblem(problem: Pop3Problem): StepName {
  switch (problem.kind) {
    case "no-such-host":
    case "address-refused":
      return "dns";
    case "unreachable":
      return "tcp";
    case "tls":
    case "stls":
      return "tls";
    case "secret-withheld":
    case "no-mechanism":
    case "auth":
    case "token":
      return "login";
    default:
      if (problem.step === "greeting" || problem.step === "CAPA") return "greeting";
      return /^(?:TLS|STLS)/.test(problem.step) ? "tls" : "login";
  }
}

/** A problem of the server as a finding: its own words, what they mean, and who can help. */
export function problemFinding(problem: Pop3Problem, server: Pop3Server): Finding {
  const { meaning, fix } = adviceOn(problem, server);
  return failed([new Pop3Failure(problem).message], meaning, fix);
}

function adviceOn(problem: Pop3Problem, server: Pop3Server): { meaning: string; fix: string } {
  switch (problem.kind) {
    case "no-such-host":
      return { meaning: "The name cannot be found.", fix: "check the host name, or the DNS of this machine" };
    case "address-refused":
      return {
        meaning: "Connectors may not reach this address here.",
        fix: "use a public name, or start the server with --allow-private-hosts",
      };
    case "unreachable":
      return {
        meaning: "Nobody answers there. A refusal means that no server listens; silence is usually a firewall.",
        fix: "check host and port, and let this machine through the firewall",
      };
    case "tls":
      return { meaning: tlsMeanings[problem.fault], fix: "renew or correct the certificate, or choose whom to trust" };
    case "stls":
      return {
        meaning: "TLS was asked for and did not come about.",
        fix: "switch STLS on, or use implicit TLS on 995",
      };
    case "secret-withheld":
      return { meaning: "The password stays here.", fix: "protect the connection, or choose to send it all the same" };
    case "no-mechanism":
      return { meaning: "The server and we have no way to log in in common.", fix: "switch on USER or SASL PLAIN" };
    case "token":
      return tokenAdvice[problem.fault];
    case "auth":
      if (server.login.kind === "xoauth2") return refusedTokenAdvice;
      if (passwordless.test(server.host)) return passwordlessAdvice;
      return {
        meaning:
          problem.certainty === "stated"
            ? "The server refuses these credentials; the mailbox is neither busy nor locked."
            : "The server refuses the login and does not say why; most often the credentials are wrong.",
        fix: "enter the password again, and check that the account is allowed to use POP3",
      };
    case "in-use":
      return {
        meaning: "The mailbox is open in another program.",
        fix: "end the other session; the journal mailbox must have one reader only",
      };
    case "login-delay":
      return { meaning: "The server wants more time between logins.", fix: "wait, or make the interval longer" };
    case "sys-temp":
      return { meaning: "The server has a passing trouble.", fix: "wait; if it stays, look into the server's log" };
    case "sys-perm":
      return { meaning: "The server has a lasting trouble with this mailbox.", fix: "look into the server's log" };
    case "refused":
      return { meaning: "The server refuses, without saying why.", fix: "look into the server's log at this time" };
    case "protocol":
      return { meaning: "This is not what a POP3 server says.", fix: "check that the port is one for POP3" };
    case "timeout":
      return { meaning: "The server took too long.", fix: "look for load or a full disk on the server" };
    case "lost":
      return { meaning: "The connection broke.", fix: "look for a firewall that cuts, or a server that ends" };
  }
}

const refusedTokenAdvice = {
  meaning: "The token endpoint gives tokens, and the mailbox does not let them in.",
  fix:
    "check the user name, and give the application the right to this mailbox (Exchange Online: POP.AccessAsApp, a service " +
    "principal, and full access to the mailbox); POP3 must be switched on for it",
};

/** Providers that take no passwords for POP3 any more: Microsoft since October 2022, Google Workspace since March 2025. */
const passwordless =
  /(?:^|\.)(?:outlook\.office365\.com|outlook\.office\.com|pop\.gmail\.com|pop\.googlemail\.com)\.?$/i;
const passwordlessAdvice = {
  meaning: "This provider takes no passwords for POP3 any more.",
  fix: "log in by access token: set the connector's login to OAuth",
};

const tokenAdvice: Readonly<Record<TokenFault, { meaning: string; fix: string }>> = {
  unreachable: {
    meaning: "The token endpoint does not answer, so there is nothing to log in with.",
    fix: "check its address, and let this machine through the firewall",
  },
  "address-refused": {
    meaning: "Connectors may not reach the token endpoint's address here.",
    fix: "use a public name, or start the server with --allow-private-hosts",
  },
  "port-refused": {
    meaning: "Connectors may reach token endpoints on the ports of HTTPS only.",
    fix: "use an endpoint on port 443, or start the server with --allow-private-hosts",
  },
  tls: {
    meaning: "The token endpoint cannot be trusted; no secret was sent to it.",
    fix: "renew or correct its certificate; it is always verified",
  },
  client: {
    meaning: "The token endpoint does not know the application, or its secret is wrong or has expired.",
    fix: "make a new client secret, and enter it with the client id",
  },
  grant: {
    meaning: "The consent was taken back, or the refresh token has ended.",
    fix: "consent anew, and enter the new refresh token",
  },
  scope: {
    meaning: "The token endpoint does not give this application what it asks for.",
    fix: "correct the scope, and grant the permission for POP3 to the application",
  },
  refused: {
    meaning: "The token endpoint refuses, in a way of its own.",
    fix: "look up its error code, and correct client id, secret and scope",
  },
  busy: { meaning: "The token endpoint has a passing trouble, or is asked too often.", fix: "wait, and test again" },
  "not-an-answer": {
    meaning: "What answers there is no token endpoint.",
    fix: "check its address: it is the one that ends in /token, and it must not redirect",
  },
};

const tlsMeanings: Readonly<Record<Extract<Pop3Problem, { kind: "tls" }>["fault"], string>> = {
  expired: "The certificate has expired.",
  "not-yet-valid": "The certificate is not valid yet, or a clock is wrong.",
  "wrong-name": "The certificate is for another name than the one we connect to.",
  "self-signed": "The certificate is signed by itself, so nobody vouches for it.",
  "unknown-authority":
    "The certificate is from an authority that this machine does not know, or a part of its chain is missing.",
  revoked: "The certificate was revoked.",
  "wrong-fingerprint": "The certificate is not the one that this connector trusts.",
  "version-too-old": "The server speaks only TLS that is broken; 1.2 is the least.",
  "handshake-failed": "The handshake failed; often the port is not one for TLS.",
};

/** What a TLS connection is worth. */
export function tlsFinding(facts: TlsFacts, host: string, now: number): Finding {
  const ends = Date.parse(facts.validTo);
  const days = Number.isNaN(ends) ? null : Math.floor((ends - now) / dayMs);
  const evidence = [
    `${facts.version}, ${facts.cipher}`,
    `certificate for ${facts.names}, SHA-256 ${facts.fingerprint}`,
    ...(days === null ? [] : [`${days} days left`]),
  ];
  if (facts.verified === "not")
    return warned(
      "C",
      evidence,
      `Nobody vouches that this is ${host}.`,
      "choose strict verification, or pin the certificate",
    );
  if (days !== null && days < certificateDaysWarned)
    return warned("B", evidence, "The certificate ends soon; mail will not be fetched then.", "renew the certificate");
  return passed(...evidence);
}

/** No encryption, as it was chosen. */
export function clearFinding(): Finding {
  return warned("D", ["no encryption"], "The password and all mail go in clear.", "offer TLS, and choose it here");
}

/** How the login went: by what, and how long that is good for. */
export function loginFinding({ login }: Pop3Server): Finding {
  if (login.kind === "password") return passed(`logged in as ${login.user} by password`);
  const leftMs = login.source.leftMs();
  const left = leftMs === null ? "its end is not told" : `${Math.floor(leftMs / 60_000)} minutes left`;
  return passed(`logged in as ${login.user} by access token (XOAUTH2)`, left);
}

/** What the server says of itself. */
export function greetingFinding(banner: string | null, { capabilities }: Pop3Session, server: Pop3Server): Finding {
  const tags = [...capabilities.argumentsByTag.keys()];
  const evidence = [
    ...(banner === null ? [] : [`banner: ${banner}`]),
    `capabilities: ${tags.join(" ") || "none told"}`,
  ];
  if (capabilities.loginDelaySeconds > 0) evidence.push(`at least ${capabilities.loginDelaySeconds} s between logins`);
  if (tags.length > 0 && !tags.includes("UIDL"))
    return warned("B", evidence, `${server.host} offers no UIDL: mail cannot be kept on it.`, "switch UIDL on");
  return passed(...evidence);
}
