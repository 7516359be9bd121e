/**
 * HTTP and OpenAPI: one file per resource under routes/, its shapes under schemas/.
 *
 * It knows use cases, never a store; the console knows only this.
 */
export { createApi } from "./api.ts";
export type { ApiDependencies } from "./dependencies.ts";
