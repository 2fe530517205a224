/** The dashboard: one panel, which shows the notifications of the server. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { placeOfTarget } from "../commands/target";
import { t } from "../l10n";
import { words } from "../labels";
import type { GraphResult, HistoryResult, MetricsReport, Target } from "../protocol";
import { shown } from "../server/health";
import type { Session } from "../session";
import { readingText } from "../views/statusText";
import type { FromPage, PlanRow, Section, ToPage } from "./messages";
import { extended, type Point, point } from "./metricPoints";
import { page, panelPolicy, SECTIONS } from "./page";
import { cards, placeToOpen, rows } from "./rows";

export interface Dashboard extends vscode.Disposable {
  /** Shows a page of the dashboard, or the page that was shown last, at first the board. */
  readonly show: (section: Section | undefined, target?: Target) => Promise<void>;
  /** The metrics until now. */
  readonly points: () => readonly Point[];
  /** The plans in the last message to the page. */
  readonly plans: () => readonly PlanRow[];
}

const TYPE = "planmark.dashboard";
const TITLE = "Planmark";
/** The code of the protocol for a request that a server does not know. */
const METHOD_NOT_FOUND = -32601;

/** Creates the dashboard of a session; its panel is made at the first use. */
export function createDashboard(session: Session, context: vscode.ExtensionContext): Dashboard {
  let panel: vscode.WebviewPanel | undefined;
  let ready = false;
  let wanted: Section | undefined;
  let plan: { root: string; path: string } | undefined;
  let points: readonly Point[] = [];
  let plans: readonly PlanRow[] = [];

  const send = (message: ToPage): void => {
    if (ready) void panel?.webview.postMessage(message);
  };
  const sendPlans = (): void => {
    const now = shown(session.health());
    const status = session.status();
    plans = rows(status);
    send({
      type: "plans",
      plans,
      cards: cards(status),
      health: now.severity === "information" ? "" : now.detail,
      reading: status ? readingText(status) : t("Reading…"),
      mayApprove: true,
    });
  };
  const sendHistory = async (): Promise<void> => {
    const connection = await session.ensureStarted();
    const roots = (session.status()?.workspaces ?? []).map(({ root }) => root);
    try {
      const asked = roots.map((workspace) => connection.request<HistoryResult>("planmark/history", { workspace }));
      send({ type: "history", histories: await Promise.all(asked), problem: "" });
    } catch (error) {
      const isUnknown = (error as { readonly code?: unknown }).code === METHOD_NOT_FOUND;
      const problem = isUnknown ? t("The history needs a newer server.") : String(error);
      send({ type: "history", histories: [], problem });
    }
  };
  const sendGraph = async (): Promise<void> => {
    const listed = rows(session.status());
    if (!plan || !listed.some((row) => row.root === plan?.root && row.path === plan?.path)) {
      plan = listed[0] && { root: listed[0].root, path: listed[0].path };
    }
    const connection = session.connection();
    if (!plan || !connection || !ready) return;
    const params = { workspace: plan.root, plan: plan.path };
    try {
      const graph = await connection.request<GraphResult>("planmark/graph", params);
      send({ type: "graph", graph, problem: "" });
    } catch (error) {
      send({ type: "graph", graph: undefined, problem: String(error) });
    }
  };
  const take = (report: MetricsReport): void => {
    points = extended(points, point(report, Date.now()));
    send({ type: "points", points });
  };
  const begin = async (): Promise<void> => {
    sendPlans();
    send({ type: "points", points });
    await sendGraph();
    if (wanted) send({ type: "show", section: wanted });
    wanted = undefined;
    // The current values are shown at once, because the next message may take a while.
    const connection = session.connection();
    if (connection && points.length === 0) take(await connection.request<MetricsReport>("planmark/metrics/get", {}));
  };

  const ANSWERS: { [T in FromPage["type"]]: (message: Extract<FromPage, { type: T }>) => unknown } = {
    ready: (message) => {
      ready = true;
      plan ??= message.plan;
      return begin();
    },
    open: (message) => {
      const where = { workspace: message.root, ...placeToOpen(session.status(), message) };
      return vscode.commands.executeCommand("planmark.open", where);
    },
    graph: ({ root, path }) => {
      plan = { root, path };
      return sendGraph();
    },
    history: sendHistory,
    prompt: ({ root, path }) => vscode.commands.executeCommand("planmark.nextPrompt", { workspace: root, plan: path }),
    copy: (message) => vscode.commands.executeCommand("planmark.copyPrompt", targetOfMessage(message)),
    approve: (message) => vscode.commands.executeCommand("planmark.approve", targetOfMessage(message)),
    run: ({ root, path }) => vscode.commands.executeCommand("planmark.run", { workspace: root, plan: path }),
  };

  const adopt = (made: vscode.WebviewPanel): void => {
    panel = made;
    ready = false;
    const dist = vscode.Uri.joinPath(context.extensionUri, "dist");
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, "media", name);
    made.iconPath = { light: icon("planmark.svg"), dark: icon("planmark-dark.svg") };
    made.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const source = (name: string): string => made.webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
    made.webview.onDidReceiveMessage((message: FromPage) => {
      const answer = ANSWERS[message.type] as (message: FromPage) => unknown;
      Promise.resolve(answer(message)).catch((error: unknown) => session.log.error(`dashboard: ${error}`));
    });
    made.onDidChangeViewState(() => {
      if (!made.visible) ready = false;
    });
    made.onDidDispose(() => {
      if (panel === made) panel = undefined;
      ready = false;
    });
    const nonce = randomBytes(16).toString("hex");
    made.webview.html = page({
      policy: panelPolicy(made.webview.cspSource, nonce),
      script: source("dashboard.js"),
      style: source("dashboard.css"),
      icon: "",
      nonce,
      language: vscode.env.language,
      texts: vscode.l10n.bundle ?? {},
      sections: SECTIONS,
    });
  };

  const listeners = [
    session.onStatus(() => {
      sendPlans();
      void sendGraph();
    }),
    session.onHealth(sendPlans),
    session.onMetrics(take),
    session.onStateChanged(({ changes }) => {
      const told = changes.slice(0, 5).map(({ plan: path, achievement, from, to }) => {
        const feature = path
          .split("/")
          .at(-1)
          ?.replace(/^PLAN_|\.md$/g, "");
        return `${feature} ${achievement}: ${from ? words(from) : t("new")} → ${to ? words(to) : t("gone")}`;
      });
      send({ type: "said", text: told.join("; ") });
    }),
    vscode.window.registerWebviewPanelSerializer(TYPE, {
      // The editor revives a panel of an earlier window when its tab is shown. There is only one panel.
      deserializeWebviewPanel: async (made: vscode.WebviewPanel) => (panel ? made.dispose() : adopt(made)),
    }),
  ];
  return {
    show: async (section, target) => {
      const status = session.status();
      const place = target?.uri
        ? await session.at(vscode.Uri.parse(target.uri))
        : target && status && placeOfTarget(status, target);
      if (place) plan = { root: place.workspace.root, path: place.plan.path };
      wanted = section;
      // A tab that was not shown since the window was reloaded has no panel yet: a new panel takes its place.
      const left = panel ? [] : leftTabs().filter((tab) => !tab.isActive);
      if (left.length) await vscode.window.tabGroups.close(left);
      if (!panel) {
        const column = left[0]?.group.viewColumn ?? vscode.ViewColumn.Active;
        adopt(vscode.window.createWebviewPanel(TYPE, TITLE, column));
        return;
      }
      panel.reveal();
      if (!ready) return;
      wanted = undefined;
      void sendGraph();
      if (section) send({ type: "show", section });
    },
    points: () => points,
    plans: () => plans,
    dispose: () => vscode.Disposable.from(...listeners, ...(panel ? [panel] : [])).dispose(),
  };
}

/** Returns what commands need to know of an achievement that the page names. */
function targetOfMessage({ root, path, achievement }: Extract<FromPage, { type: "copy" | "approve" }>): Target {
  return { workspace: root, plan: path, achievement };
}

/** Returns the tabs of dashboards, with or without a panel. */
function leftTabs(): vscode.Tab[] {
  // The editor puts a prefix before the type of a panel.
  const isOurs = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputWebview && new RegExp(`(^|-)${TYPE}$`).test(input.viewType);
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(isOurs));
}
