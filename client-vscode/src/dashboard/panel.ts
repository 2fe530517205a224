/** The dashboard: one panel, which shows the notifications of the server. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { placeOfTarget } from "../commands/target";
import { t } from "../l10n";
import { words } from "../labels";
import type { GraphResult, MetricsReport, Target } from "../protocol";
import { shown } from "../server/health";
import type { Session } from "../session";
import { extended, type Point, point } from "./history";
import type { FromPage, PlanRow, Section, ToPage } from "./messages";
import { page } from "./page";
import { rows } from "./rows";

export interface Dashboard extends vscode.Disposable {
  readonly show: (section: Section, target?: Target) => Promise<void>;
  /** The metrics until now. */
  readonly points: () => readonly Point[];
  /** The plans in the last message to the page. */
  readonly plans: () => readonly PlanRow[];
}

const TYPE = "planmark.dashboard";
const TITLE = "Planmark";

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
    plans = rows(session.status());
    send({ type: "plans", plans, health: now.severity === "information" ? "" : now.detail });
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
    open: ({ root, path, achievement }) => {
      const found = session.status()?.workspaces.find((known) => known.root === root);
      const known = found?.plans
        .find((listed) => listed.path === path)
        ?.achievements.find((a) => (a.ref || a.id) === achievement);
      const where = { workspace: root, path: known?.path ?? path, line: known?.line ?? 1 };
      return vscode.commands.executeCommand("planmark.open", where);
    },
    graph: ({ root, path }) => {
      plan = { root, path };
      return sendGraph();
    },
    prompt: ({ root, path }) => vscode.commands.executeCommand("planmark.nextPrompt", { workspace: root, plan: path }),
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
    made.webview.html = page({
      origin: made.webview.cspSource,
      script: source("dashboard.js"),
      style: source("dashboard.css"),
      nonce: randomBytes(16).toString("hex"),
      language: vscode.env.language,
      texts: vscode.l10n.bundle ?? {},
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
      send({ type: "show", section });
    },
    points: () => points,
    plans: () => plans,
    dispose: () => vscode.Disposable.from(...listeners, ...(panel ? [panel] : [])).dispose(),
  };
}

/** Returns the tabs of dashboards, with or without a panel. */
function leftTabs(): vscode.Tab[] {
  // The editor puts a prefix before the type of a panel.
  const isOurs = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputWebview && new RegExp(`(^|-)${TYPE}$`).test(input.viewType);
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(isOurs));
}
