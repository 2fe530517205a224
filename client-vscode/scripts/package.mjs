// Makes a VSIX with the server and its libraries inside: for this platform, or with --all for every one.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
const TARGETS = ["linux-x64", "linux-arm64", "alpine-x64", "darwin-x64", "darwin-arm64", "win32-x64"];
const MOST_BYTES = 8_000_000;

/** The target that this machine is. */
function own() {
  const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${musl ? "alpine" : process.platform}-${process.arch}`;
}

/** Runs a program in the extension's folder; its failure is this script's. */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: CLIENT, stdio: "inherit", env });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const { version } = JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8"));
const python = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
const all = process.argv.includes("--all");
// This platform's comes last: what is left in bundled/ then runs here.
const targets = all ? [...TARGETS].sort((one, other) => Number(one === own()) - Number(other === own())) : [own()];
if (!all && !TARGETS.includes(own())) {
  console.error(`there is no build for ${own()}; there is one for ${TARGETS.join(", ")}`);
  process.exit(1);
}
const dist = join(CLIENT, "..", "dist");
mkdirSync(dist, { recursive: true });
let tooLarge = false;
for (const target of targets) {
  run(python, ["scripts/bundle.py", target]);
  const out = join(dist, `planmark-${target}-${version}.vsix`);
  const bin = join(CLIENT, "node_modules", "@vscode", "vsce", "vsce");
  // vsce runs the script vscode:prepublish: npm must be found by it.
  const env = { ...process.env, PATH: [join(CLIENT, "node_modules", ".bin"), process.env.PATH].join(delimiter) };
  run(process.execPath, [bin, "package", "--no-dependencies", "--target", target, "--out", out], env);
  const { size } = statSync(out);
  console.log(`${out}: ${(size / 1e6).toFixed(2)} MB`);
  tooLarge ||= size > MOST_BYTES;
}
if (tooLarge) {
  console.error(`larger than ${MOST_BYTES / 1e6} MB`);
  process.exit(1);
}
