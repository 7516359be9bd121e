import cookie from "@fastify/cookie";
import fastify, { LogController } from "fastify";
import { base32, Failure } from "#core/index.ts";
import { isConsolePage, serveConsole } from "./console.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { createGate } from "./gate.ts";
import { createLiveStreams } from "./live-streams.ts";
import { describeApi } from "./open-api.ts";
import { answerMalformed, problemOf, sendProblem } from "./problem.ts";
import { auditRoutes } from "./routes/audit.ts";
import { backupRoutes } from "./routes/backups.ts";
import { connectorRoutes } from "./routes/connectors.ts";
import { decryptionRoutes } from "./routes/decryption.ts";
import { eventRoutes } from "./routes/events.ts";
import { exportRoutes } from "./routes/exports.ts";
import { extractionTestRoutes } from "./routes/extraction-tests.ts";
import { fileImportRoutes } from "./routes/file-imports.ts";
import { healthRoutes } from "./routes/health.ts";
import { importRoutes } from "./routes/imports.ts";
import { mailDoorRoutes } from "./routes/mail-door.ts";
import { mailboxRoutes } from "./routes/mailboxes.ts";
import { messageRoutes } from "./routes/messages.ts";
import { openedRoutes } from "./routes/opened.ts";
import { ownDomainRoutes } from "./routes/own-domains.ts";
import { quarantineRoutes } from "./routes/quarantine.ts";
import { searchRoutes } from "./routes/search.ts";
import { sessionRoutes } from "./routes/session.ts";
import { statusRoutes } from "./routes/status.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { workRoutes } from "./routes/work.ts";
import { type Api, apiPrefix, keepRouteTable, type Routes, type SchemaTypes } from "./routing.ts";
import { useSecurityHeaders } from "./security-headers.ts";
import { compileValidator } from "./validation.ts";

/**
 * Largest JSON body in bytes: every one of our requests fits many times over, and nobody can fill the memory with one.
 */
export const jsonBytesMax = 64 * 1024;

const apiRoutes: Routes[] = [
  sessionRoutes,
  tokenRoutes,
  tenantRoutes,
  connectorRoutes,
  mailboxRoutes,
  extractionTestRoutes,
  mailDoorRoutes,
  eventRoutes,
  searchRoutes,
  messageRoutes,
  statusRoutes,
  workRoutes,
  backupRoutes,
  ownDomainRoutes,
  quarantineRoutes,
  decryptionRoutes,
  importRoutes,
  fileImportRoutes,
  exportRoutes,
  openedRoutes,
  auditRoutes,
];

/**
 * The HTTP server of the API and the console, ready and not listening.
 *
 * Every answer carries `x-trace-id`; every error is problem+json (RFC 9457) and shows no more than the failure's public
 * text. `close` ends the event streams and waits for the requests in flight.
 */
export async function createApi(dependencies: ApiDependencies): Promise<Api> {
  const app = fastify({
    loggerInstance: dependencies.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => base32(dependencies.entropy.bytes(10)),
    requestIdHeader: false,
    bodyLimit: jsonBytesMax,
    exposeHeadRoutes: false,
    // Its answer would be no problem+json; what still comes in while we close is answered as ever.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, querystringParser: parseQuery },
    frameworkErrors: (error, request, reply) => {
      reply.header("x-trace-id", request.id);
      sendProblem(reply, problemOf(error, request.id));
    },
    clientErrorHandler: answerMalformed,
  }).withTypeProvider<SchemaTypes>();

  keepRouteTable(app);
  app.setValidatorCompiler(compileValidator);
  app.decorateRequest("identity", null);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-trace-id", request.id);
    reply.header("cache-control", "no-store");
  });
  app.addHook("onResponse", async (request, reply) => {
    // The route, never the address: queries and claim links are nobody's business but the asker's.
    dependencies.logger.info(
      {
        traceId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        tenant: request.identity?.tenant ?? null,
      },
      "request",
    );
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.id);
    if (problem.status >= 500) dependencies.logger.error({ traceId: request.id, err: error }, "request failed");
    sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    if (dependencies.consoleDirectory !== null && isConsolePage(request)) return reply.sendFile("index.html");
    throw new Failure("ROUTE-UNKNOWN", "never", `there is no ${request.method} here`);
  });

  await app.register(cookie);
  await useSecurityHeaders(app, dependencies.isHttps);
  await describeApi(app, dependencies.version);
  app.addHook("onRequest", createGate(dependencies));

  const streams = createLiveStreams(app);
  await app.register(
    async (scope) => {
      for (const routes of apiRoutes) {
        await scope.register(async (inner) => routes(inner.withTypeProvider<SchemaTypes>(), dependencies, streams));
      }
    },
    { prefix: apiPrefix },
  );
  await app.register(async (scope) => healthRoutes(scope.withTypeProvider<SchemaTypes>(), dependencies, streams));
  if (dependencies.consoleDirectory !== null) await serveConsole(app, dependencies.consoleDirectory);
  await app.ready();
  return app;
}

/** A query string as one value for each name; a name given twice becomes a list, which no schema of ours allows. */
function parseQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = query[name];
    query[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return query;
}
