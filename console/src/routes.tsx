import { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { ApiProblem } from "./api.generated.ts";
import { sessionQuery } from "./api/queries.ts";
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

/** Search parameters as plain text: `q` must survive as typed, also when it looks like a number or is quoted. */
type RawSearch = Record<string, unknown>;
const words = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const present = <Key extends string>(key: Key, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

const claim = createRoute({
  getParentRoute: () => root,
  path: "/claim",
  component: lazyRouteComponent(() => import("./pages/claim.tsx"), "ClaimPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: RawSearch) => present("back", words(search["back"])),
  component: lazyRouteComponent(() => import("./pages/sign-in.tsx"), "SignInPage"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    const user = await context.queryClient.ensureQueryData(sessionQuery);
    if (user === null) throw redirect({ ...pages.signIn(location.href === "/" ? undefined : location.href), replace: true });
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
  validateSearch: (search: RawSearch) => ({
    ...present("sort", words(search["sort"])),
    ...present("filter", words(search["filter"])),
  }),
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
  validateSearch: (search: RawSearch) => present("created", words(search["created"])),
  component: lazyRouteComponent(() => import("./pages/journaling/connector.tsx"), "ConnectorPage"),
});

const search = createRoute({
  getParentRoute: () => signedIn,
  path: "/search",
  validateSearch: (raw: RawSearch) => present("q", words(raw["q"])),
  component: lazyRouteComponent(() => import("./pages/search/search.tsx"), "SearchPage"),
});

const message = createRoute({
  getParentRoute: () => signedIn,
  path: "/messages/$messageId",
  validateSearch: (raw: RawSearch) => ({
    ...present("tab", words(raw["tab"])),
    ...present("view", words(raw["view"])),
    ...present("q", words(raw["q"])),
  }),
  component: lazyRouteComponent(() => import("./pages/message/message.tsx"), "MessagePage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    claim,
    signIn,
    signedIn.addChildren([overview, journaling, newConnector, connector, search, message]),
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
