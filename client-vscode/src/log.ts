/** The log. Its last lines are kept for bug reports. */
import * as vscode from "vscode";

const KEPT = 40;
const NAMES = ["error", "warn", "info"] as const;

export interface LogBuffer {
  readonly lines: () => readonly string[];
}

/** The log channel of the extension, and its last lines. */
export function createLog(): { readonly log: vscode.LogOutputChannel; readonly tail: LogBuffer } {
  const channel = vscode.window.createOutputChannel("Planmark", { log: true });
  const lines: string[] = [];
  let closed = false;
  const log = new Proxy(channel, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const known = NAMES.find((level) => level === name);
      return (...given: unknown[]) => {
        // While a window closes, pending work has no log any more.
        if (closed) return undefined;
        closed = name === "dispose";
        if (known) lines.push(`${new Date().toISOString()} ${known} ${given.join(" ")}`);
        lines.splice(0, lines.length - KEPT);
        return value.apply(target, given);
      };
    },
  });
  return { log, tail: { lines: () => lines } };
}
