import { benchRoad } from "./road.ts";
import { benchSmtp } from "./smtp.ts";

// npm run bench [-- NAME …]: every benchmark, or those named.
const benchmarks: Record<string, () => Promise<unknown>> = {
  smtp: () => benchSmtp(),
  road: () => benchRoad(),
  mail: () => import("./mail.ts"),
  search: () => import("./search.ts"),
  store: async () => (await import("./store.ts")).benchStore(),
  rebuild: async () => (await import("./rebuild.ts")).benchRebuild(),
  pop3: async () => (await import("./pop3.ts")).benchPop3(),
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(benchmarks)) {
  const benchmark = benchmarks[name];
  if (benchmark === undefined) {
    console.error(`no benchmark ${name}; there are: ${Object.keys(benchmarks).join(", ")}`);
    process.exit(2);
  }
  console.log(`\n== ${name}`);
  await benchmark();
}
