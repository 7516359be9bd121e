import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteOptions,
} from "fastify";
import type { Static, TSchema } from "typebox";
import type { Identity, Permission } from "#access/index.ts";
import { must } from "#core/index.ts";
import type { ApiDependencies } from "./dependencies.ts";
import type { LiveStreams } from "./live-streams.ts";

/** Where the API lives. */
export const apiPrefix = "/api/v1";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What one must be allowed to do to come here. A route has this or is `public`; with neither nobody comes in. */
    permission?: Permission;
    /** For everyone, also without signing in. */
    public?: boolean;
  }
  interface FastifyInstance {
    /** Every route with what it asks for, in the order they were added. */
    routeTable: readonly RouteAccess[];
  }
  interface FastifyRequest {
    /** Set by the gate for every route that is not public. */
    identity: Identity | null;
  }
}

/** What a route asks of those who come. */
export interface RouteAccess {
  method: string;
  url: string;
  /** `public` is for everyone; `nobody` is a route that forgot to say. */
  access: Permission | "public" | "nobody";
}

/** Notes every route that is added to `app` from now on. */
export function keepRouteTable(app: Api): void {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => {
    routes.push(route);
  });
  // Read only when asked for, since a hook nearer to the route may still change what it asks for.
  app.decorate("routeTable", {
    getter: () =>
      routes.flatMap(({ method, url, config }) => {
        const access = config?.permission ?? (config?.public === true ? "public" : "nobody");
        return [method].flat().map((one): RouteAccess => ({ method: one, url, access }));
      }),
  });
}

/** The types of requests and answers, taken from their schemas. */
export interface SchemaTypes extends FastifyTypeProvider {
  validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  serializer: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
}

/** The server as route files see it. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>;

/** Adds the routes of one resource. */
export type Routes = (api: Api, dependencies: ApiDependencies, streams: LiveStreams) => void;

/** Who asks; only for routes with a permission. */
export function identityOf(request: FastifyRequest): Identity {
  must(request.identity !== null, "a route that asks for the identity has a permission");
  return request.identity;
}
