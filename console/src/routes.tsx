import { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { sessionQuery } from "./api/queries.ts";
import { ApiProblem } from "./api.generated.ts";
import { FaultPage, NotFoundPage } from "./pages/fault.tsx";
import { pages } from "./paths.ts";
import { Shell } from "./shell/shell.tsx";

/** Retries what a moment may mend; an answer of the server that names a problem is final. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && error instanceof ApiProblem && error.problem.status >= 502,
      refetchOnWindowFocus: false,
    },
  },
});

/** The named search parameters that are there, as plain text: `q` must survive as typed, also when it is a number. */
const texts =
  <Key extends string>(...keys: Key[]) =>
  (search: Record<string, unknown>): { [Name in Key]?: string } =>
    Object.fromEntries(
      keys.map((key) => [key, search[key]]).filter(([, value]) => typeof value === "string" && value !== ""),
    );

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

const claim = createRoute({
  getParentRoute: () => root,
  path: "/claim",
  component: lazyRouteComponent(() => import("./pages/claim.tsx"), "ClaimPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: texts("back"),
  component: lazyRouteComponent(() => import("./pages/sign-in.tsx"), "SignInPage"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    const user = await context.queryClient.ensureQueryData(sessionQuery);
    if (user === null)
      throw redirect({ ...pages.signIn(location.href === "/" ? undefined : location.href), replace: true });
    return { user };
  },
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview.tsx"), "OverviewPage"),
});

const journaling = createRoute({
  getParentRoute: () => signedIn,
  path: "/services/journaling",
  validateSearch: texts("sort", "filter"),
  component: lazyRouteComponent(() => import("./pages/journaling/journaling.tsx"), "JournalingPage"),
});

const newConnector = createRoute({
  getParentRoute: () => signedIn,
  path: "/services/journaling/new",
  component: lazyRouteComponent(() => import("./pages/journaling/new-connector.tsx"), "NewConnectorPage"),
});

const connector = createRoute({
  getParentRoute: () => signedIn,
  path: "/services/journaling/$connectorId",
  validateSearch: texts("created"),
  component: lazyRouteComponent(() => import("./pages/journaling/connector.tsx"), "ConnectorPage"),
});

const quarantine = createRoute({
  getParentRoute: () => signedIn,
  path: "/services/quarantine",
  validateSearch: texts("reason"),
  component: lazyRouteComponent(() => import("./pages/quarantine/quarantine.tsx"), "QuarantinePage"),
});

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit",
  validateSearch: texts("who", "action", "subject", "since", "until"),
  component: lazyRouteComponent(() => import("./pages/audit/audit.tsx"), "AuditPage"),
});

const imports = createRoute({
  getParentRoute: () => signedIn,
  path: "/import",
  component: lazyRouteComponent(() => import("./pages/imports/imports.tsx"), "ImportsPage"),
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys",
  component: lazyRouteComponent(() => import("./pages/keys/keys.tsx"), "KeysPage"),
});

const search = createRoute({
  getParentRoute: () => signedIn,
  path: "/search",
  validateSearch: texts("q"),
  component: lazyRouteComponent(() => import("./pages/search/search.tsx"), "SearchPage"),
});

const message = createRoute({
  getParentRoute: () => signedIn,
  path: "/messages/$messageId",
  validateSearch: texts("tab", "view", "q"),
  component: lazyRouteComponent(() => import("./pages/message/message.tsx"), "MessagePage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    claim,
    signIn,
    signedIn.addChildren([
      overview,
      journaling,
      newConnector,
      connector,
      quarantine,
      audit,
      imports,
      keys,
      search,
      message,
    ]),
  ]),
  context: { queryClient },
  defaultErrorComponent: FaultPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const kept = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return kept.length === 0 ? "" : `?${new URLSearchParams(kept)}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
