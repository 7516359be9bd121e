import files from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Serves the built console from `directory`, for everyone: it holds nothing but our own code. */
export async function serveConsole(app: Pick<FastifyInstance, "register">, directory: string): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, public: true };
    });
    await scope.register(files, {
      root: directory,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // The build names its assets after their content; the page that names them must always be the newest.
        const isAsset = path.includes("/assets/");
        reply.header("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  });
}

/**
 * Whether an address that is no file is meant for the console, which has its own routes: a browser asking for a page,
 * and never anything under /api.
 */
export function isConsolePage(request: FastifyRequest): boolean {
  const isApi = /^\/api(?:[/?]|$)/.test(request.url);
  return request.method === "GET" && !isApi && (request.headers.accept ?? "").includes("text/html");
}
