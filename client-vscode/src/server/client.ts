/** The language client: one server for all folders. It is a bundle of its own, loaded when a server is needed. */

import "../editorTexts";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as vscode from "vscode";
import {
  CloseAction,
  type DynamicFeature,
  ErrorAction,
  ErrorCodes,
  LanguageClient,
  type LanguageClientOptions,
  type MessageSignature,
  ResponseError,
  RevealOutputChannelOn,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import { withoutOwn } from "../config";
import { t } from "../l10n";
import type { MetricsReport, PlansChanged, ServerStatus, StateChanged } from "../protocol";
import { allVisible } from "../text";
import { commandTitles } from "./commandTitles";
import { forgetLenses, withStableArguments } from "./lenses";
import type { Launch } from "./resolveServer";
import { traceChannel } from "./trace";

const STOP_MS = 2000;
/** Maximum time in milliseconds that a process may take to end after its connection has closed. */
const ENDING_MS = 500;
/**
 * Settings that make the C library of Linux return large buffers to the system at once. Otherwise the first large answer makes
 * it keep the buffers of all later ones.
 */
const SMALL_HEAP = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072", MALLOC_ARENA_MAX: "2" };
/** The documents that the client sends to the server. */
const DOCUMENTS = [
  { scheme: "file", language: "markdown" },
  { scheme: "file", language: "json", pattern: "**/parallel.json" },
  { scheme: "file", language: "json", pattern: "**/.kiro/specs/*/spec.json" },
  { scheme: "file", language: "json", pattern: "**/.specify/feature.json" },
];
const LEVELS = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error", CRITICAL: "error" } as const;

export interface Handlers {
  readonly status: (params: ServerStatus) => void;
  readonly plansChanged: (params: PlansChanged) => void;
  readonly stateChanged: (params: StateChanged) => void;
  readonly metrics: (params: MetricsReport) => void;
  /** The server has ended unexpectedly; `how` says in which way. */
  readonly gone: (how: string) => void;
}

/** A running server. */
export interface Connection {
  readonly pid: number | undefined;
  readonly version: string | undefined;
  readonly commands: readonly string[];
  request<T>(method: string, params: object): Promise<T>;
  execute<T>(command: string, argument: object): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Methods that the client does not announce. `workspace/executeCommand`: the extension has its own commands with these names.
 * `textDocument/diagnostic`: the library discards an answer if a tab opens or closes at the same time, and then shows old
 * problems. Without this method the server pushes every change, in order.
 */
const NOT_ANNOUNCED: ReadonlySet<string> = new Set(["workspace/executeCommand", "textDocument/diagnostic"]);

/**
 * The client without the methods that are not announced. It also shows no messages of its own: the session shows problems of
 * the server, with what the user can do.
 */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
  /** While no server runs, a request has no result. The library would report an error, which the editor logs. */
  override handleFailedRequest<T>(
    type: MessageSignature,
    token: vscode.CancellationToken | undefined,
    error: unknown,
    defaultValue: T,
    showNotification?: boolean,
    throwOnCancel?: boolean,
  ): T {
    if (this.state !== State.Running) return defaultValue;
    return super.handleFailedRequest(type, token, error, defaultValue, showNotification, throwOnCancel);
  }
  /** Also while no server runs: the library stops a client that has failed to start, and then refuses to stop it. */
  override stop(timeout?: number): Promise<void> {
    return this.state === State.Running ? super.stop(timeout) : Promise.resolve();
  }
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : "";
    if (!NOT_ANNOUNCED.has(method)) super.registerFeature(feature);
  }
}

/** Starts a server and waits until it is initialized. Rejects if it cannot be started. */
export async function connect(
  launch: Launch,
  folder: string,
  log: vscode.LogOutputChannel,
  handlers: Handlers,
): Promise<Connection> {
  const server = await started(launch, folder);
  let how = "";
  const ended = new Promise<void>((resolve) => {
    server.once("exit", (code, signal) => {
      how = signal ? t("ended by {0}", signal) : t("ended with code {0}", String(code));
      resolve();
    });
  });
  /** Returns how a server whose connection has closed has ended. The process ends a moment before or after, if it ends. */
  const gone = async (): Promise<string> => {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ENDING_MS))]);
    return how || t("has closed its connection");
  };
  let stopping = false;
  let answered = false;
  let closed = false;
  const trace = traceChannel();
  const listeners: { dispose(): void }[] = [trace];
  const drop = (): void => {
    for (const listener of listeners.splice(0)) listener.dispose();
  };
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    traceOutputChannel: trace.channel,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: {
      promptDelivery: "client",
      plansChanged: true,
      // Trust starts the server again.
      runsSteps: vscode.workspace.isTrusted,
      commandTitles: commandTitles(
        vscode.extensions.getExtension("planmark.planmark")?.packageJSON.contributes.commands ?? [],
      ),
    },
    stdioOptions: { stdout: () => {}, stderr: (stream) => logLines(stream, log) },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        drop();
        closed = true;
        // Before its first answer, a server has failed to start.
        if (answered && !stopping) void gone().then(handlers.gone);
        return {
          action: CloseAction.DoNotRestart,
          handled: true,
          message: t("The connection to the server has closed."),
        };
      },
    },
    middleware: {
      sendRequest: (type, param, token, next) =>
        next(type, param, token).catch((error: unknown) => unanswered(error, stopping)),
      // The server cannot see that a document was loaded again, that its last change was undone, or that its file is gone.
      didOpen: async (document, next) => {
        await next(document);
        if (!document.isDirty) await tellSaved(document);
      },
      didChange: async (event, next) => {
        await next(event);
        if (!event.document.isDirty && event.contentChanges.length > 0) await tellSaved(event.document);
      },
      resolveCodeLens: async (lens, token, next) => {
        const resolved = await next(lens, token);
        return resolved ? withStableArguments(resolved) : resolved;
      },
      workspace: {
        configuration: async (params, token, next) => {
          const settings = await next(params, token);
          return Array.isArray(settings) ? settings.map(withoutOwn) : settings;
        },
      },
    },
  };
  const client = new Client("planmark", "Planmark", async () => server, options);
  const tellSaved = (document: vscode.TextDocument): Promise<void> =>
    client.sendNotification("textDocument/didSave", { textDocument: { uri: document.uri.toString() } });
  listeners.push(
    // If the user discards changes of a document without a file, the text stays. The library does not report that the document
    // is no longer dirty.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.isDirty || contentChanges.length > 0 || !client.isRunning()) return;
      if (vscode.languages.match(DOCUMENTS, document) === 0) return;
      tellSaved(document).catch((error: unknown) => log.debug(`a saved document is not told: ${error}`));
    }),
    client.onNotification("planmark/serverStatus", handlers.status),
    client.onNotification("planmark/plansChanged", handlers.plansChanged),
    client.onNotification("planmark/stateChanged", handlers.stateChanged),
    client.onNotification("planmark/metrics", handlers.metrics),
  );
  try {
    // The second call does not start it again. If the connection closes meanwhile, the first call forgets the promise that it
    // rejects.
    await Promise.all([client.start(), client.start()]);
    if (closed) throw new Error();
    answered = true;
  } catch (error) {
    drop();
    // A write to a process that has just ended fails before its end is known.
    const went = await gone();
    const problem = closed || how ? t("the server {0} before it answered", went) : String(error);
    server.kill();
    throw new Error(problem);
  }
  const initialized = client.initializeResult;
  return {
    pid: server.pid,
    version: initialized?.serverInfo?.version,
    commands: initialized?.capabilities.executeCommandProvider?.commands ?? [],
    request: async (method, params) => allVisible(await client.sendRequest(method, params)),
    execute: (command, argument) => client.sendRequest("workspace/executeCommand", { command, arguments: [argument] }),
    stop: async () => {
      stopping = true;
      drop();
      forgetLenses();
      try {
        await client.dispose(STOP_MS);
      } catch (error) {
        log.info(`the server is ended: ${error}`);
        server.kill();
      }
    },
  };
}

/**
 * Rejects as for a request that was pending when the server ended, if the server had ended before or is being stopped. The
 * library reports only the others as a failure of the extension, which the editor logs.
 */
function unanswered(error: unknown, stopping: boolean): never {
  if (error instanceof ResponseError && (stopping || error.code === ErrorCodes.MessageWriteError)) {
    throw new ResponseError(ErrorCodes.PendingResponseRejected, `the server has gone: ${error.message}`);
  }
  throw error;
}

/** Returns the server's process, which works outside of every workspace. Rejects if there is none. */
function started(launch: Launch, folder: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const env = { ...SMALL_HEAP, ...process.env };
    const server = spawn(launch.command, [...launch.args, "serve", "--log", "info"], {
      cwd: folder,
      windowsHide: true,
      env,
    });
    server.once("error", (error) => reject(new Error(t("{0} cannot be started: {1}", launch.command, error.message))));
    server.once("spawn", () => resolve(server));
  });
}

/**
 * Writes the output of the server to the log, each line at its own level. A line without a level belongs to the line before.
 */
function logLines(stream: NodeJS.ReadableStream, log: vscode.LogOutputChannel): void {
  let level: "debug" | "info" | "warn" | "error" = "info";
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    const found = /^\d{4}-\d\d-\d\d [\d:,]+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)/.exec(line);
    if (found) level = LEVELS[found[1] as keyof typeof LEVELS];
    log[level](`server: ${found?.[2] ?? line}`);
  });
}
