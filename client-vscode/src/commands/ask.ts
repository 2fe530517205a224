/** Questions that are answered in words. */
import * as vscode from "vscode";

/** The texts of commands that have not ended yet, or have failed, by what they are about. */
const unsent = new Map<string, string>();

/**
 * Asks for a text and hands it to `use`, which says whether the text has served its purpose. Until then, and after a failure, the same
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
