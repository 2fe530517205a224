/**
 * Commands of code lenses that stay valid: the editor forgets the arguments of a lens when it asks again, and may still show
 * the old lens.
 */
import * as vscode from "vscode";

const registered = new Map<string, vscode.Disposable>();

/**
 * Returns the lens with a command that contains its arguments; equal commands and arguments have the same name. A lens that the
 * server could not resolve gets an empty command: without one the editor shows "!!MISSING: command!!".
 */
export function withStableArguments(lens: vscode.CodeLens): vscode.CodeLens {
  lens.command ??= { title: "", command: "" };
  const { command } = lens;
  if (!command.command || !command.arguments?.length) return lens;
  const { command: name, arguments: given } = command;
  const id = `planmark.lens/${name}/${JSON.stringify(given)}`;
  if (!registered.has(id)) {
    registered.set(
      id,
      vscode.commands.registerCommand(id, () => vscode.commands.executeCommand(name, ...given)),
    );
  }
  lens.command = { title: command.title, command: id };
  return lens;
}

/** Unregisters the commands of all lenses. */
export function forgetLenses(): void {
  for (const command of registered.values()) command.dispose();
  registered.clear();
}
