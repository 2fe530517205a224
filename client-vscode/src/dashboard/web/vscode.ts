/** The page in a panel of VS Code. */
import type { Kept } from "../host";
import type { FromPage, ToPage } from "../messages";
import { start } from "./main";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const vscode = acquireVsCodeApi();

start({
  send: (message) => vscode.postMessage(message),
  receive: (take) => window.addEventListener("message", (event: MessageEvent<ToPage>) => take(event.data)),
  restore: () => vscode.getState() ?? {},
  keep: (kept) => vscode.setState(kept),
  runs: true,
});
