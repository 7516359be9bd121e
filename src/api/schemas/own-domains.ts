import { Type } from "typebox";
import { Count, named, strictObject } from "./shared.ts";
import { ProblemLine, ProgressLine } from "./work.ts";

/** A tenant's own domains. */
export const OwnDomainList = named("OwnDomainList", {
  data: Type.Array(Type.String(), { description: "`*.` before one stands for every domain under it" }),
});

/** The domains that are to be the tenant's own from now on. */
export const NewOwnDomains = strictObject(
  { domains: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 1_000 }) },
  { title: "NewOwnDomains" },
);

/** One line of judging all mail by them. */
export const OwnDomainsLine = Type.Union(
  [
    ProgressLine,
    named("OwnDomainsResultLine", {
      result: named("OwnDomainsResult", { domains: Type.Array(Type.String()), messages: Count }),
    }),
    ProblemLine,
  ],
  { title: "OwnDomainsLine" },
);
