/** The channel for the protocol's trace, governed by the setting `planmark.trace.server`. */
import * as vscode from "vscode";

/** Creates a channel that traces as the setting says, independent of the log level of the editor. */
export function traceChannel(): { readonly channel: vscode.LogOutputChannel; dispose(): void } {
  const real = vscode.window.createOutputChannel("Planmark Trace", { log: true });
  const changed = new vscode.EventEmitter<vscode.LogLevel>();
  const level = (): vscode.LogLevel => {
    const wanted = vscode.workspace.getConfiguration("planmark").get("trace.server");
    return wanted === "messages" || wanted === "verbose" ? vscode.LogLevel.Trace : vscode.LogLevel.Off;
  };
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("planmark.trace.server")) changed.fire(level());
  });
  const own: Partial<Record<string | symbol, () => unknown>> = {
    logLevel: level,
    onDidChangeLogLevel: () => changed.event,
    trace: () => real.info.bind(real),
  };
  const channel = new Proxy(real, {
    get(target, name) {
      const value = own[name] ? own[name]() : Reflect.get(target, name);
      return typeof value === "function" && !own[name] ? value.bind(target) : value;
    },
  });
  return { channel, dispose: () => vscode.Disposable.from(real, changed, listener).dispose() };
}
