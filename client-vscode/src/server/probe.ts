/** The check of an interpreter: its version, its libraries, and the Planmark that it has. */

import { execFile } from "node:child_process";
import { t } from "../l10n";
import type { Probed } from "./resolveServer";

const SECONDS = 10;
const QUESTION = `
import importlib.metadata as m, json, sys, sysconfig
try:
    planmark = m.version("planmark")
except m.PackageNotFoundError:
    planmark = None
free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
says = {"version": list(sys.version_info[:3]), "freeThreaded": free, "planmark": planmark, "executable": sys.executable}
print(json.dumps(says))
`;

/** Returns the facts about the interpreter `executable`, or why it has none. It is started outside of every workspace. */
export function probe(executable: string, folder: string): Promise<Probed> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: SECONDS * 1000, windowsHide: true };
    execFile(executable, ["-E", "-c", QUESTION], options, (error, stdout, stderr) => {
      resolve(error ? { problem: whyFailed(error, stderr) } : read(stdout));
    });
  });
}

function read(stdout: string): Probed {
  try {
    const said = JSON.parse(stdout);
    if (Array.isArray(said?.version)) return said;
  } catch {
    // The answer contains its output.
  }
  return { problem: t("it is not a Python interpreter: it answers {0}", JSON.stringify(stdout.slice(0, 80))) };
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: t("there is no such program"),
  EACCES: t("it may not be started"),
};

function whyFailed(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.killed) return t("it did not answer within {0} s", SECONDS);
  const known = typeof error.code === "string" ? CODES[error.code] : undefined;
  return known ?? t("it cannot be started: {0}", (stderr.trim().split("\n").at(-1) || error.message).slice(0, 200));
}
