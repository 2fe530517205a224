/** The session of the server: it starts when it is needed, and again after a crash, and it holds the last answers. */

import * as vscode from "vscode";
import { t } from "./l10n";
import { type Place, placeOf, withLastFacts } from "./plans";
import type { AtResult, MetricsReport, StateChanged, StatusResult } from "./protocol";
import { findServer } from "./server/candidates";
import type { Connection } from "./server/client";
import type { Health } from "./server/health";
import { loadClient } from "./server/lazyClient";
import type { Launch, RejectedCandidate } from "./server/resolveServer";
import { afterCrash, backoffMs } from "./server/restarts";
import { versionMismatch } from "./server/versions";

/** The last start: the program, undefined if none was chosen, how reports name it, and the candidates before it. */
export interface LastLaunch {
  readonly program?: Launch;
  readonly says: string;
  readonly tried: readonly RejectedCandidate[];
}

export interface Session {
  readonly log: vscode.LogOutputChannel;
  readonly health: () => Health;
  /** The last status. For a workspace that is being read again, its last complete plans. */
  readonly status: () => StatusResult | undefined;
  readonly connection: () => Connection | undefined;
  readonly launch: () => LastLaunch;
  readonly onHealth: vscode.Event<Health>;
  readonly onStatus: vscode.Event<StatusResult>;
  readonly onStateChanged: vscode.Event<StateChanged>;
  readonly onMetrics: vscode.Event<MetricsReport>;
  /** Starts the server if none runs. Returns the connection, or rejects with a message. */
  readonly ensureStarted: () => Promise<Connection>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Requests the plans. If a request is pending, it requests them once more after the answer. */
  readonly refresh: () => void;
  /** Requests the plans now. */
  readonly refreshNow: () => Promise<StatusResult>;
  /** Requests the plan and the achievement at a position of a document, or those of the whole document. */
  readonly at: (uri: vscode.Uri, position?: vscode.Position) => Promise<Place | undefined>;
}

/** Creates a session, without starting it. */
export function createSession(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Session {
  const onHealth = new vscode.EventEmitter<Health>();
  const onStatus = new vscode.EventEmitter<StatusResult>();
  const onStateChanged = new vscode.EventEmitter<StateChanged>();
  const onMetrics = new vscode.EventEmitter<MetricsReport>();
  context.subscriptions.push(onHealth, onStatus, onStateChanged, onMetrics);

  let health: Health = { is: "resting" };
  let status: StatusResult | undefined;
  let connection: Connection | undefined;
  let starting: Promise<Connection> | undefined;
  let crashes: readonly number[] = [];
  let launch: LastLaunch = { says: "not started", tried: [] };
  /** Whether a request for the plans is pending, and whether the plans have changed since. */
  let asking: "no" | "once" | "again" = "no";
  let ended = false;
  /** Counts the starts: messages of an earlier server do not count. */
  let generation = 0;

  const setHealth = (now: Health): void => {
    health = now;
    onHealth.fire(now);
  };

  const fail = (problem: string): void => {
    log.error(problem);
    setHealth({ is: "failed", problem });
  };

  const start = async (): Promise<Connection> => {
    const ownTurn = ++generation;
    const found = await findServer(context, log);
    launch =
      "launch" in found
        ? { program: found.launch, says: found.launch.says, tried: found.tried }
        : { says: "no server was found", tried: found.tried };
    for (const { candidate, problem } of found.tried)
      log.info(`${candidate.executable} (${candidate.source}): ${problem}`);
    if ("problem" in found) throw new Error(found.problem);
    log.info(`starting ${found.launch.says}`);
    const current = (): boolean => ownTurn === generation && !ended;
    const made = await loadClient().connect(found.launch, context.extensionPath, log, {
      status: (params) => {
        if (!current()) return;
        setHealth({ is: "running", server: params, note: note() });
      },
      plansChanged: () => current() && refresh(),
      stateChanged: (params) => current() && onStateChanged.fire(params),
      metrics: (params) => current() && onMetrics.fire(params),
      gone: (how) => current() && crashed(how),
    });
    if (!current()) {
      await made.stop();
      throw new Error(t("the server was stopped while it started"));
    }
    connection = made;
    log.info(`the server runs: planmark ${made.version ?? "of no version"}, process ${made.pid}`);
    const misfits = note();
    if (misfits) log.warn(misfits);
    if (health.is !== "running") {
      setHealth({ is: "running", server: { health: "ok", quiescent: false, message: "" }, note: misfits });
    }
    refresh();
    return made;
  };

  const note = (): string =>
    connection ? versionMismatch(String(context.extension.packageJSON.version), connection.version) : "";

  const begin = (): Promise<Connection> => {
    setHealth({ is: "starting" });
    const own = start().catch((error: unknown) => {
      const problem = error instanceof Error ? error.message : String(error);
      // A server that was stopped or replaced has not failed.
      if (starting === own && !ended) {
        starting = undefined;
        fail(problem);
      }
      throw new Error(problem);
    });
    starting = own;
    return own;
  };

  const crashed = (how: string): void => {
    connection = undefined;
    starting = undefined;
    const counting = afterCrash(crashes, Date.now());
    if (!counting) {
      fail(t("The server has crashed too often: it {0}. Restart it yourself.", how));
      return;
    }
    crashes = counting;
    log.warn(`the server has crashed (it ${how}); starting it again, ${crashes.length} in three minutes`);
    setHealth({ is: "restarting", crashes: crashes.length });
    const ownTurn = generation;
    setTimeout(() => {
      if (ownTurn === generation && !ended) begin().catch(() => undefined);
    }, backoffMs(crashes.length));
  };

  const stop = async (): Promise<void> => {
    generation++;
    const [running, coming] = [connection, starting];
    connection = undefined;
    starting = undefined;
    await running?.stop();
    // A server that is just being started stops itself, and reports it.
    if (!running) await coming?.catch(() => undefined);
  };

  const refreshNow = async (): Promise<StatusResult> => {
    const asked = await ensureStarted();
    status = withLastFacts(await asked.request<StatusResult>("planmark/status", {}), status);
    // A window that is closing shows nothing any more.
    if (!ended) onStatus.fire(status);
    return status;
  };

  const refresh = (): void => {
    if (!connection) return;
    if (asking !== "no") {
      asking = "again";
      return;
    }
    asking = "once";
    refreshNow()
      .catch((error: unknown) => connection && log.warn(`the plans are not known: ${error}`))
      .finally(() => {
        const changed = asking === "again";
        asking = "no";
        if (changed) refresh();
      });
  };

  const at = async (uri: vscode.Uri, position?: vscode.Position): Promise<Place | undefined> => {
    const asked = await ensureStarted();
    const where = { textDocument: { uri: uri.toString() }, ...(position ? { position } : {}) };
    const found = await asked.request<AtResult | null>("planmark/at", where);
    return found ? placeOf(status ?? (await refreshNow()), found) : undefined;
  };

  const ensureStarted = (): Promise<Connection> => starting ?? begin();

  return {
    log,
    health: () => health,
    status: () => status,
    connection: () => connection,
    launch: () => launch,
    onHealth: onHealth.event,
    onStatus: onStatus.event,
    onStateChanged: onStateChanged.event,
    onMetrics: onMetrics.event,
    ensureStarted,
    restart: async () => {
      crashes = [];
      await stop();
      await begin();
    },
    stop: async () => {
      ended = true;
      await stop();
    },
    refresh,
    refreshNow,
    at,
  };
}
