/** Reads the extension's own settings from the editor. */
import * as vscode from "vscode";
import { checked, type OwnKey } from "./config";

/** Returns the value of `planmark.<key>`. A value of the wrong type is reported in the log, and the default is used. */
export function setting<K extends OwnKey>(
  key: K,
  log: vscode.LogOutputChannel,
  scope?: vscode.Uri,
): ReturnType<typeof checked<K>>["value"] {
  const { value, wrong } = checked(key, vscode.workspace.getConfiguration("planmark", scope).get(key));
  if (wrong) log.warn(wrong);
  return value;
}
