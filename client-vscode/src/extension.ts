/** The entry point of the extension: `activate` makes everything at once, but the server only if there is a plan. */
const began = performance.now();

import "./editorTexts";
import * as vscode from "vscode";
import { whenPlansAreThere } from "./activation";
import { createPromptView } from "./commands/promptView";
import { createRunTerminals } from "./commands/runTerminals";
import { registerCommands } from "./commands/table";
import type { Dashboard } from "./dashboard/panel";
import { createDashboard } from "./dashboard/panel";
import { createLog } from "./log";
import { offerTools, problemOf, rootsWithPlans, type ToolsApi } from "./server/agentTools";
import { watchInterpreters } from "./server/candidates";
import { createSession, type Session } from "./session";
import { createDecorations, type Decorations } from "./views/decorations";
import { createHealthItem, tellRead } from "./views/health";
import { createPreview, type Preview } from "./views/preview";
import { createStatusBar, type StatusBar } from "./views/statusbar";
import { createTree, type Tree } from "./views/tree";

/** Delay in milliseconds between the last of several changes of interpreters or settings and the restart of the server. */
const SETTLE_MS = 500;
const RESTART_FOR = ["planmark.server.path", "planmark.server.interpreter", "planmark.server.importStrategy"];

/** The interface for other extensions and tests. */
export interface Api {
  readonly session: Session;
  readonly tree: Tree;
  readonly dashboard: Dashboard;
  readonly decorations: Decorations;
  readonly statusBar: StatusBar;
  /** The function that the editor's Markdown extension calls, by the contribution `markdown.markdownItPlugins`. */
  readonly extendMarkdownIt: Preview["extendMarkdownIt"];
  /** Milliseconds for loading the bundle and for `activate`, without the work of the editor between them. */
  readonly activationMs: number;
}

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const called = performance.now();
  const { log, tail } = createLog();
  const own = createSession(context, log);
  session = own;
  const tree = createTree(own);
  const dashboard = createDashboard(own, context);
  const decorations = createDecorations(own);
  const statusBar = createStatusBar(own);
  const preview = createPreview(own);
  const view = createPromptView(own);
  const runs = createRunTerminals(own, context);
  const begin = (): void => {
    own.ensureStarted().catch(() => undefined);
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (own.health().is !== "resting") own.restart().catch(() => undefined);
    }, SETTLE_MS);
  };
  context.subscriptions.push(
    log,
    tree,
    dashboard,
    createHealthItem(own),
    statusBar,
    decorations,
    preview,
    view,
    runs,
    offerToAgents(own, context),
    registerCommands({ session: own, context, tree, dashboard, tail, view, runs }),
    whenPlansAreThere(begin, () => own.health().is === "resting" && tellRead(true), log),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTART_FOR.some((key) => event.affectsConfiguration(key))) again();
    }),
    // With trust come the settings of the workspace and the interpreters that were left out.
    vscode.workspace.onDidGrantWorkspaceTrust(again),
    { dispose: () => clearTimeout(timer) },
  );
  watchLater(own, again, context);
  return {
    session: own,
    tree,
    dashboard,
    decorations,
    statusBar,
    extendMarkdownIt: preview.extendMarkdownIt,
    activationMs: loadingMs + performance.now() - called,
  };
}

/** Offers the tools to the agents of the editor, in a trusted workspace. */
function offerToAgents(own: Session, context: vscode.ExtensionContext): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let before = "";
  const roots = (): readonly string[] => (vscode.workspace.isTrusted ? rootsWithPlans(own.status()) : []);
  const update = (): void => {
    const now = JSON.stringify([own.launch().program, roots()]);
    if (now !== before) changed.fire();
    before = now;
  };
  const offered = offerTools(vscode as unknown as ToolsApi, {
    version: String(context.extension.packageJSON.version),
    launch: () => own.launch().program,
    roots,
    changed: changed.event,
    folder: context.extensionUri,
    problem: (server) => problemOf(server, context.extensionPath),
    tell: (problem) => void vscode.window.showErrorMessage(`Planmark: ${problem}`),
  });
  const granted = vscode.workspace.onDidGrantWorkspaceTrust(update);
  return vscode.Disposable.from(changed, own.onStatus(update), granted, ...(offered ? [offered] : []));
}

/** Asks the Python extensions after the start of the server, because activating them takes time. */
function watchLater(own: Session, again: () => void, context: vscode.ExtensionContext): void {
  const listener = own.onHealth((health) => {
    if (health.is !== "running" || !vscode.workspace.isTrusted) return;
    listener.dispose();
    watchInterpreters(again, own.log).then((watching) => context.subscriptions.push(watching));
  });
  context.subscriptions.push(listener);
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

const loadingMs = performance.now() - began;
