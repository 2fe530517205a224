/** The candidates for the server's Python, in order, as the editor knows them. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { relativeTo } from "../plans";
import { setting } from "../settings";
import { type EnvironmentsApi, ofEnvironments, ofPython, type PythonApi, usualInterpreters } from "./interpreters";
import { probe } from "./probe";
import { withoutPython } from "./pythonHelp";
import {
  type Bundle,
  type Candidate,
  type CandidateSource,
  type Found,
  launchBy,
  type ResolveOptions,
  resolveServer,
} from "./resolveServer";

const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";

/** Returns the server for the folders that are open. */
export function findServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Found> {
  return resolveServer(candidates(log), optionsOf(context, log));
}

function optionsOf(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): ResolveOptions {
  const osRelease = ["/etc/os-release", "/usr/lib/os-release"].find(existsSync);
  const system = { platform: process.platform, osRelease: osRelease ? readFileSync(osRelease, "utf8") : "" };
  return {
    strategy: setting("server.importStrategy", log) as "useBundled" | "fromEnvironment",
    bundle: bundleOf(context),
    cache: join(context.globalStorageUri.fsPath, "compiled"),
    probe: (executable) => probe(executable, context.extensionPath),
    nothing: (tried) => withoutPython(system, vscode.env.remoteName ?? "", tried),
  };
}

/** An interpreter that the user may choose; `problem` is the reason why it cannot run the server, "" if it can. */
export interface InterpreterChoice {
  readonly executable: string;
  readonly source: CandidateSource;
  readonly version: string;
  readonly problem: string;
}

/** Yields the interpreters of this machine, one by one; on a remote, those of the remote side. */
export async function* interpreterChoices(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): AsyncGenerator<InterpreterChoice> {
  const seen = new Set<string>();
  const isNew = (executable: string): boolean => !seen.has(executable) && Boolean(seen.add(executable));
  for await (const { executable, source } of everyInterpreter(log)) {
    if (source === "planmark.server.path" || !isNew(executable)) continue;
    const choice = await judged(context, log, executable, source);
    // A name and a path may be the same interpreter. A missing one is left out, unless the user has named it.
    const isAsked = choice.executable === executable || isNew(choice.executable);
    if (isAsked && (choice.version || source !== "PATH")) yield choice;
  }
}

/** Asks one interpreter whether it can run the server. */
export async function judged(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  executable: string,
  source: CandidateSource,
): Promise<InterpreterChoice> {
  const options = optionsOf(context, log);
  const probed = await options.probe(executable);
  if ("problem" in probed) return { executable, source, version: "", problem: probed.problem };
  const launch = launchBy({ source, executable }, probed, options);
  return {
    executable: probed.executable || executable,
    source,
    version: probed.version.join("."),
    problem: "problem" in launch ? launch.problem : "",
  };
}

async function* everyInterpreter(log: vscode.LogOutputChannel): AsyncGenerator<Candidate> {
  yield* candidates(log);
  for (const executable of usualInterpreters(process.platform, homedir(), process.env)) {
    if (existsSync(executable)) yield { source: "PATH", executable };
  }
}

/** Returns the server that this build contains. */
function bundleOf(context: vscode.ExtensionContext): Bundle | undefined {
  const launcher = context.asAbsolutePath(join("bundled", "launch.py"));
  const contents = context.asAbsolutePath(join("bundled", "contents.json"));
  if (!existsSync(contents)) return undefined;
  return { launcher, pythons: JSON.parse(readFileSync(contents, "utf8")).pythons };
}

async function* candidates(log: vscode.LogOutputChannel): AsyncGenerator<Candidate> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  for (const [key, source] of [
    ["server.path", "planmark.server.path"],
    ["server.interpreter", "planmark.server.interpreter"],
  ] as const) {
    for (const folder of folders.length ? folders : [undefined]) {
      const value = setting(key, log, folder?.uri).trim();
      if (value) yield { source, executable: expanded(value, folder), ...inFolder(folder) };
    }
  }
  // Only in a trusted workspace, because the workspace may decide which Python these choose.
  if (vscode.workspace.isTrusted) {
    for (const folder of folders.length ? folders : [undefined]) {
      const ask = async () => ofEnvironments(await apiOf<EnvironmentsApi>(ENVIRONMENTS), folder?.uri);
      yield* chosen("Python Environments", folder, ask, log);
    }
    for (const folder of folders.length ? folders : [undefined]) {
      const ask = async () => ofPython(await apiOf<PythonApi>(PYTHON), folder?.uri);
      yield* chosen("Python", folder, ask, log);
    }
  }
  const names = process.platform === "win32" ? ["py", "python", "python3"] : ["python3", "python"];
  for (const executable of names) yield { source: "PATH", executable };
  const byUv = await uvPython();
  const roots = folders.map((folder) => folder.uri.fsPath);
  if (byUv && (vscode.workspace.isTrusted || !roots.some((root) => relativeTo(root, byUv)))) {
    yield { source: "PATH", executable: byUv };
  }
}

function inFolder(folder: vscode.WorkspaceFolder | undefined): { folder?: string } {
  return folder ? { folder: folder.uri.fsPath } : {};
}

/**
 * Returns a path with `~`, `${workspaceFolder}` and `${env:NAME}` filled in; a relative path with a separator is relative to
 * the folder.
 */
export function expanded(value: string, folder: vscode.WorkspaceFolder | undefined): string {
  const root = folder?.uri.fsPath ?? "";
  return value
    .replace(/^~(?=$|[\\/])/, homedir())
    .replaceAll(/\$\{workspaceFolder\}/g, root)
    .replaceAll(/\$\{env:(\w+)\}/g, (_, name: string) => process.env[name] ?? "");
}

async function* chosen(
  source: CandidateSource,
  folder: vscode.WorkspaceFolder | undefined,
  ask: () => Promise<string | undefined>,
  log: vscode.LogOutputChannel,
): AsyncGenerator<Candidate> {
  try {
    const executable = await ask();
    if (executable) yield { source, executable, ...inFolder(folder) };
  } catch (error) {
    log.warn(`${source} cannot say which interpreter is chosen: ${error}`);
  }
}

async function apiOf<T>(id: string): Promise<T | undefined> {
  return vscode.extensions.getExtension<T>(id)?.activate();
}

/** Returns the interpreter that uv would use, if uv is installed. */
function uvPython(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = ["python", "find", "--no-project", "--no-python-downloads", ">=3.10"];
    execFile("uv", args, { timeout: 5000, windowsHide: true, cwd: homedir() }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim() || undefined);
    });
  });
}

/** Calls `changed` when the user chooses a different interpreter in one of the Python extensions. */
export async function watchInterpreters(changed: () => void, log: vscode.LogOutputChannel): Promise<vscode.Disposable> {
  const listeners: vscode.Disposable[] = [];
  try {
    const environments = await apiOf<EnvironmentsApi>(ENVIRONMENTS);
    if (environments?.onDidChangeEnvironment) listeners.push(environments.onDidChangeEnvironment(changed));
    const python = await apiOf<PythonApi>(PYTHON);
    if (python?.environments) listeners.push(python.environments.onDidChangeActiveEnvironmentPath(changed));
  } catch (error) {
    log.warn(`other interpreters will not be noticed: ${error}`);
  }
  return vscode.Disposable.from(...listeners);
}
