/** New Plan, Set Up Workspace, Open the Example, and the template of an empty document: the commands that begin a plan. */

import * as vscode from "vscode";
import { t } from "../l10n";
import type { CreatedResult } from "../protocol";
import type { Session } from "../session";
import { create } from "./create";

const NEW_PLAN = t("New Plan…");
const FIRST_PROMPT = t("Copy First Prompt");
const OPEN_FOLDER = t("Open Folder…");
const EXAMPLE = t("Open the Example");

/** Creates a PLAN for a new feature with the name that the user enters, and offers its first prompt. */
export async function newPlan(session: Session): Promise<void> {
  const folder = await folderOfPlans();
  if (!folder) return;
  await session.ensureStarted();
  const workspace = folder.uri.toString();
  const made = await askName(folder.name, (name) => create(session, "planmark.newPlan", { workspace, name }));
  if (!made) return;
  const says = t("{0} was created. Its first prompt asks an agent for the goal and the achievements.", made.path);
  const chosen = await vscode.window.showInformationMessage(says, FIRST_PROMPT);
  if (chosen)
    await vscode.commands.executeCommand("planmark.copyPrompt", { workspace: folder.uri.fsPath, plan: made.path });
}

/** Creates the settings file of a workspace. */
export async function setUpWorkspace(session: Session): Promise<void> {
  const folder = await folderOfPlans();
  if (!folder) return;
  await create(session, "planmark.setUpWorkspace", { workspace: folder.uri.toString() });
  const says = t("planmark.toml was created. Every setting in it is a comment, so the defaults apply.");
  if (await vscode.window.showInformationMessage(says, NEW_PLAN)) await newPlan(session);
}

/** Opens a copy of the example workspace, in a new window if a folder is open. The copy is outside of every workspace. */
export async function openExample(session: Session, context: vscode.ExtensionContext): Promise<void> {
  const target = vscode.Uri.joinPath(context.globalStorageUri, `example-${context.extension.packageJSON.version}`);
  if (!(await exists(target))) {
    const connection = await session.ensureStarted();
    // A copy that is not complete is never opened.
    const part = target.with({ path: `${target.path}.${process.pid}-${Date.now()}` });
    await connection.execute("planmark.copyExample", { folder: part.fsPath });
    await vscode.workspace.fs.rename(part, target);
  }
  const forceNewWindow = Boolean(vscode.workspace.workspaceFolders?.length);
  await vscode.commands.executeCommand("vscode.openFolder", target, { forceNewWindow });
}

/** Writes the template of its kind into the empty document of a lens or a code action. */
export async function fillTemplate(session: Session, argument: unknown): Promise<void> {
  const connection = await session.ensureStarted();
  const result = await connection.execute<CreatedResult>("planmark.fillTemplate", (argument ?? {}) as object);
  if (!result.applied) {
    throw new Error(
      t("{0} was not changed: {1}", result.path, result.failureReason ?? t("the editor refused the change")),
    );
  }
  session.refresh();
}

/** Returns the folder for new files. Without an open folder, it tells the user to open one. */
async function folderOfPlans(): Promise<vscode.WorkspaceFolder | undefined> {
  const [only, ...others] = vscode.workspace.workspaceFolders ?? [];
  if (others.length)
    return vscode.window.showWorkspaceFolderPick({ placeHolder: t("Select the folder for the new file") });
  if (only) return only;
  const says = `Planmark: ${t("plans belong to a folder, and no folder is open")}`;
  const chosen = await vscode.window.showInformationMessage(says, OPEN_FOLDER, EXAMPLE);
  if (chosen === OPEN_FOLDER) await vscode.commands.executeCommand("vscode.openFolder");
  if (chosen === EXAMPLE) await vscode.commands.executeCommand("planmark.openExample");
  return undefined;
}

/**
 * Asks for a name until `make` succeeds with one, and returns what it made; undefined if the user gives up. A name that is refused
 * stays in the box, with the reason: the server alone knows which names are free.
 */
function askName(
  suggested: string,
  make: (name: string) => Promise<CreatedResult>,
): Promise<CreatedResult | undefined> {
  return new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    input.title = t("New Plan: name of the feature");
    input.prompt = t("The file and its folder get this name: `new checkout` becomes PLAN_NEW-CHECKOUT.md");
    input.value = suggested;
    input.valueSelection = [0, suggested.length];
    input.ignoreFocusOut = true;
    let made: CreatedResult | undefined;
    input.onDidChangeValue(() => {
      input.validationMessage = "";
    });
    input.onDidAccept(async () => {
      if (input.busy) return;
      input.busy = true;
      try {
        made = await make(input.value.trim());
        input.hide();
      } catch (error) {
        input.validationMessage = error instanceof Error ? error.message : String(error);
      } finally {
        input.busy = false;
      }
    });
    input.onDidHide(() => {
      input.dispose();
      resolve(made);
    });
    input.show();
  });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
