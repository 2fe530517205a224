// Runs the tests that need no editor: bundles test/**/*.test.ts and gives them to Node's own runner.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { build } from "esbuild";

rmSync("out/test", { recursive: true, force: true });
const names = (await readdir("test")).filter((name) => name.endsWith(".test.ts"));
await build({
  entryPoints: names.map((name) => `test/${name}`),
  outdir: "out/test",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  sourcemap: "inline",
  external: ["vscode"],
  logLevel: "warning",
});
const files = names.map((name) => `out/test/${name.replace(/\.ts$/, ".js")}`);
const wanted = process.argv.slice(2);
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...wanted, ...files], { stdio: "inherit" });
process.exit(run.status ?? 1);
