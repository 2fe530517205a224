/** Questions that the user answers with a text. */
import * as vscode from "vscode";

/** Subject of a question → the text of a command that has not ended yet, or has failed. */
const unsent = new Map<string, string>();

/**
 * Asks for a text and passes it to `use`, which returns whether the text was used. Until then, and after a failure, the same
 * question begins with the text. `about` names the command and its target.
 */
export async function askForText(
  about: string,
  options: vscode.InputBoxOptions,
  use: (text: string) => Promise<boolean>,
): Promise<void> {
  const value = unsent.get(about) ?? options.value ?? "";
  const text = await vscode.window.showInputBox({ ...options, value, ignoreFocusOut: true });
  if (text === undefined) return;
  unsent.set(about, text);
  if (await use(text)) unsent.delete(about);
}
