// Installs what the end-to-end tests run on: 1.6 GB, so only on request. Each workbench brings its own libraries.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HOSTS } from "./host.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const STAMP = join(HERE, "node_modules", ".installed");

function npm(folder, ...args) {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const run = spawnSync(command, [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (run.status) throw new Error(`npm ${args.join(" ")} in ${folder} ended with code ${run.status}`);
}

/** Installs what is not there yet; what stands for a library of theirs is that of these sources each time. */
export function install() {
  if (!existsSync(STAMP)) installHosts();
  for (const name of Object.values(HOSTS)) {
    const library = join(HERE, "node_modules", name, "lib", "vscode", "node_modules", "@vscode", "spdlog");
    copyFileSync(join(HERE, "spdlog.cjs"), join(library, "index.js"));
  }
}

function installHosts() {
  npm(HERE, "ci");
  for (const name of Object.values(HOSTS)) {
    const host = join(HERE, "node_modules", name, "lib", "vscode");
    // Their shrinkwrap is out of step with their package.json, so `npm ci` refuses.
    for (const folder of [host, join(host, "extensions")])
      npm(folder, "install", "--omit=dev", "--no-save", "--legacy-peer-deps");
  }
  // The lowest one fetches its search program at installation, which is not run; that of the newest does.
  const search = join(
    HERE,
    "node_modules",
    HOSTS.newest,
    "lib",
    "vscode",
    "node_modules",
    "@vscode",
    "ripgrep-universal",
    "bin",
    "linux-x64",
    "rg",
  );
  const wanted = join(
    HERE,
    "node_modules",
    HOSTS.lowest,
    "lib",
    "vscode",
    "node_modules",
    "@vscode",
    "ripgrep",
    "bin",
    "rg",
  );
  mkdirSync(dirname(wanted), { recursive: true });
  copyFileSync(search, wanted);
  chmodSync(wanted, 0o755);
  writeFileSync(STAMP, "");
}
