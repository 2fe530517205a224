/** Commands of lenses that stay valid: the editor forgets the arguments of a lens when it asks again, and may still show the old one. */
import * as vscode from "vscode";

const registered = new Map<string, vscode.Disposable>();

/**
 * The lens with a command that has its arguments in itself; the same command and arguments have the same name.
 * A lens that the server could not resolve gets an empty command: without one the editor shows "!!MISSING: command!!".
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

/** Takes the commands of all lenses back. */
export function forgetLenses(): void {
  for (const command of registered.values()) command.dispose();
  registered.clear();
}
