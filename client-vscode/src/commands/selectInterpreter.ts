/** Select Interpreter: which Python runs the server. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { expanded, type InterpreterChoice, interpreterChoices, judged } from "../server/candidates";
import type { Session } from "../session";
import { setting } from "../settings";
import { withoutIcons } from "../text";

const KEY = "server.interpreter";

interface Line extends vscode.QuickPickItem {
  /** The new value of the setting; "" removes it. */
  readonly executable?: string;
  readonly problem?: string;
  readonly ask?: () => Promise<string | undefined>;
}

/** Lets the user pick an interpreter of the machine that the server runs on, and sets it. The server then starts again. */
export async function selectInterpreter(session: Session, context: vscode.ExtensionContext): Promise<void> {
  const chosen = await pickLine(session, context);
  if (!chosen) return;
  const executable = chosen.ask ? await chosen.ask() : chosen.executable;
  if (executable === undefined) return;
  if (executable) {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const { problem } = await judged(context, session.log, expanded(executable, folder), "planmark.server.interpreter");
    if (problem) throw new Error(t("{0} cannot run the server: {1}", executable, problem));
  }
  const before = setting(KEY, session.log);
  await vscode.workspace.getConfiguration("planmark").update(KEY, executable || undefined, targetOfSetting());
  // A changed setting restarts the server by itself; an unchanged one does not.
  if (setting(KEY, session.log) === before) await session.restart();
}

/**
 * Returns the settings that have effect: those of the workspace if they set the key, else the user's (on a remote, those of its
 * machine).
 */
function targetOfSetting(): vscode.ConfigurationTarget {
  const inspected = vscode.workspace.getConfiguration("planmark").inspect(KEY);
  return inspected?.workspaceValue === undefined
    ? vscode.ConfigurationTarget.Global
    : vscode.ConfigurationTarget.Workspace;
}

function pickLine(session: Session, context: vscode.ExtensionContext): Promise<Line | undefined> {
  return new Promise((resolve, reject) => {
    const input = vscode.window.createQuickPick<Line>();
    const found: InterpreterChoice[] = [];
    let chosen: Line | undefined;
    let isOpen = true;
    input.title = t("Select Interpreter: which Python runs the server?");
    input.placeholder = vscode.env.remoteName
      ? t("On the remote side ({0})", vscode.env.remoteName)
      : t("On this machine");
    input.matchOnDescription = true;
    input.busy = true;
    input.items = lines(found);
    input.onDidAccept(() => {
      const [line] = input.selectedItems;
      if (!line || line.problem) return;
      chosen = line;
      input.hide();
    });
    input.onDidHide(() => {
      isOpen = false;
      input.dispose();
      resolve(chosen);
    });
    input.show();
    const search = async (): Promise<void> => {
      for await (const choice of interpreterChoices(context, session.log)) {
        if (!isOpen) return;
        found.push(choice);
        const active = input.activeItems[0]?.label;
        input.items = lines(found);
        // New lines do not move the selection.
        input.activeItems = input.items.filter(({ label }) => label === active).slice(0, 1);
      }
      if (isOpen) input.busy = false;
    };
    search().catch(reject);
  });
}

function lines(found: readonly InterpreterChoice[]): Line[] {
  const [fit, others] = [found.filter(({ problem }) => !problem), found.filter(({ problem }) => problem)];
  return [
    ...fit.map(({ executable, version }) => ({
      label: `Python ${version}`,
      description: withoutIcons(executable),
      executable,
    })),
    {
      label: `$(discard) ${t("Automatic")}`,
      description: t("the first Python that can run the server"),
      executable: "",
    },
    { label: `$(edit) ${t("Enter a path…")}`, ask: enterPath },
    { label: `$(folder-opened) ${t("Browse…")}`, ask: browse },
    ...(others.length ? [{ label: t("Cannot run the server"), kind: vscode.QuickPickItemKind.Separator }] : []),
    ...others.map(({ executable, version, problem }) => ({
      label: version ? `Python ${version}` : withoutIcons(executable),
      description: version ? withoutIcons(executable) : "",
      detail: withoutIcons(problem),
      problem,
    })),
  ];
}

async function enterPath(): Promise<string | undefined> {
  const path = await vscode.window.showInputBox({
    title: t("Select Interpreter: the path of a Python"),
    prompt: t("A full path, or the name of a program on the `PATH`"),
    ignoreFocusOut: true,
  });
  return path?.trim() || undefined;
}

async function browse(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: t("Select a Python"),
    openLabel: t("Select"),
    canSelectMany: false,
  });
  return chosen?.[0]?.fsPath;
}
