// Makes a VSIX with the server and its libraries inside: for this platform, or with --all for every one. For the platforms
// that it has no libraries for (alpine-arm64: tree-sitter has no wheel for it) there is one without a server.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
const TARGETS = ["linux-x64", "linux-arm64", "alpine-x64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];
const WITHOUT_SERVER = "universal";
const MOST_BYTES = 9_000_000;

/** The target that this machine is. */
function own() {
  const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${musl ? "alpine" : process.platform}-${process.arch}`;
}

/** Takes the server out of bundled/. */
function unbundle() {
  for (const name of ["libs", "contents.json"]) rmSync(join(CLIENT, "bundled", name), { recursive: true, force: true });
}

/** Runs a program in the extension's folder; its failure is this script's. */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: CLIENT, stdio: "inherit", env });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const { version, repository } = JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8"));
const python = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
const mine = TARGETS.includes(own()) ? own() : WITHOUT_SERVER;
const others = [WITHOUT_SERVER, ...TARGETS].filter((target) => target !== mine);
// This platform's comes last: what is left in bundled/ then runs here.
const targets = process.argv.includes("--all") ? [...others, mine] : [mine];
const dist = join(CLIENT, "..", "dist");
mkdirSync(dist, { recursive: true });
/** The target of pictures and links in the README: the files of this release, in the folder of the extension. */
const release = repository.url.replace(/\.git$/, "");
const addresses = [
  ...["--baseImagesUrl", `${release}/raw/v${version}/${repository.directory}`],
  ...["--baseContentUrl", `${release}/blob/v${version}/${repository.directory}`],
];
let tooLarge = false;
for (const target of targets) {
  if (target === WITHOUT_SERVER) unbundle();
  else run(python, ["scripts/bundle.py", target]);
  const out = join(dist, `planmark-${target}-${version}.vsix`);
  const bin = join(CLIENT, "node_modules", "@vscode", "vsce", "vsce");
  const only = target === WITHOUT_SERVER ? [] : ["--target", target];
  // vsce runs the script vscode:prepublish: npm must be found by it.
  const env = { ...process.env, PATH: [join(CLIENT, "node_modules", ".bin"), process.env.PATH].join(delimiter) };
  run(process.execPath, [bin, "package", "--no-dependencies", ...addresses, ...only, "--out", out], env);
  const { size } = statSync(out);
  console.log(`${out}: ${(size / 1e6).toFixed(2)} MB`);
  tooLarge ||= size > MOST_BYTES;
}
if (tooLarge) {
  console.error(`larger than ${MOST_BYTES / 1e6} MB`);
  process.exit(1);
}
