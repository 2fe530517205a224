// Bundles what the extension loads, into dist/: the extension, the client (loaded once a plan is there) and the dashboard's page.
import { rm } from "node:fs/promises";
import { context } from "esbuild";

const minify = process.argv.includes("--minify");
const watch = process.argv.includes("--watch");
const common = { bundle: true, minify, sourcemap: minify ? false : "linked", logLevel: "info", legalComments: "none" };
const inNode = { ...common, platform: "node", format: "cjs", target: "node20", external: ["vscode", "./client.js"] };
const builds = [
  { ...inNode, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" },
  { ...inNode, entryPoints: ["src/server/client.ts"], outfile: "dist/client.js" },
  {
    ...common,
    entryPoints: { dashboard: "src/dashboard/web/vscode.ts" },
    outdir: "dist",
    format: "iife",
    target: "es2022",
  },
  { ...common, entryPoints: { dashboard: "src/dashboard/web/dashboard.css" }, outdir: "dist" },
];

await rm("dist", { recursive: true, force: true });
for (const options of builds) {
  const build = await context(options);
  await build.rebuild();
  if (watch) await build.watch();
  else await build.dispose();
}
