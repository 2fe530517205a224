/** The host of the page in a browser: the server of `planmark board` answers, and tells of each change. */
import { t } from "../l10n";
import { withLastFacts } from "../plans";
import type { GraphResult, HistoryResult, StatusResult } from "../protocol";
import { allVisible, visible } from "../text";
import { readingText } from "../views/statusText";
import type { Host, Kept } from "./host";
import type { FromPage, ToPage } from "./messages";
import { cards, type DocumentPlace, placeToOpen, rows } from "./rows";

/** An answer of the server, as `fetch` has it. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The functions of a browser that the host uses, so that tests can give it their own. */
export interface Browser {
  readonly fetch: (address: string, options?: AskOptions) => Promise<Answer>;
  /** Opens the stream of events at an address. */
  readonly listen: (address: string, events: Listeners) => void;
  /** The token of the page's address, "" without one. */
  readonly token: string;
  readonly restore: () => Kept;
  readonly keep: (kept: Kept) => void;
}

export interface Listeners {
  readonly changed: (data: string) => void;
  readonly gone: (data: string) => void;
  readonly lost: () => void;
}

/** The facts that a person needs for an approval. `missing` are the proofs that the files do not have. */
export interface Approval {
  readonly plan: string;
  readonly achievement: string;
  readonly title: string;
  readonly missing: readonly string[];
  readonly needsNote: boolean;
}

/** The views that a browser has instead of those of an editor. */
export interface BrowserViews {
  readonly showDocument: (place: DocumentPlace, text: string) => void;
  readonly takePrompt: (text: string, step: string) => void;
  /** Asks for a name and a note; `record` writes the verdict, and returns the problem if it was not written. */
  readonly askApproval: (approval: Approval, record: (by: string, note: string) => Promise<string>) => void;
  readonly showProblem: (problem: string) => void;
}

/** Returns a function that does a work, and once more if it is called during the work. */
function repeated(work: () => Promise<void>): () => Promise<void> {
  let isWorking = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isWorking) return;
    isWorking = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isWorking = false;
  };
}

/** Creates the host of a page in a browser. */
export function createBrowserHost(browser: Browser, views: BrowserViews): Host {
  let take: (message: ToPage) => void = () => undefined;
  let status: StatusResult | undefined;
  let about: { readonly allows_verdicts: boolean } | undefined;
  let graphOf: { readonly root: string; readonly path: string } | undefined;

  const ask = async <T>(address: string, options?: AskOptions): Promise<T> => {
    const answer = await browser.fetch(address, options);
    const body = (await answer.json().catch(() => ({}))) as T & { readonly problem?: string };
    if (!answer.ok) throw new Error(visible(body.problem || t("the server answered with code {0}", answer.status)));
    return body;
  };
  const askVisible = async <T>(address: string): Promise<T> => allVisible(await ask<T>(address));
  const askOf = (path: string, values: Readonly<Record<string, string | undefined>>): string => {
    const given = Object.entries(values).flatMap(([name, value]) =>
      value ? [`${name}=${encodeURIComponent(value)}`] : [],
    );
    return `/api/${path}${given.length ? `?${given.join("&")}` : ""}`;
  };

  const refresh = repeated(async () => {
    try {
      about ??= await ask<NonNullable<typeof about>>("/api/about");
      status = withLastFacts(await askVisible<StatusResult>("/api/status"), status);
      take({ type: "problem", text: "" });
      take({
        type: "plans",
        plans: rows(status),
        cards: cards(status),
        health: "",
        reading: readingText(status),
        mayApprove: about.allows_verdicts,
      });
      void sendGraph();
    } catch (error) {
      take({ type: "problem", text: lost(error) });
    }
  });
  const sendGraph = repeated(async () => {
    const listed = rows(status);
    const isListed = (known: { root: string; path: string }): boolean =>
      known.root === graphOf?.root && known.path === graphOf.path;
    if (!listed.some(isListed)) graphOf = listed[0];
    if (!graphOf) return;
    try {
      const graph = await askVisible<GraphResult>(askOf("graph", { plan: graphOf.path }));
      take({ type: "graph", graph, problem: "" });
    } catch (error) {
      take({ type: "graph", graph: undefined, problem: wordsOfError(error) });
    }
  });
  const begin = async (): Promise<void> => {
    browser.listen("/api/events", {
      changed: (data) => {
        const said = (JSON.parse(data) as { readonly said?: string }).said;
        if (said) take({ type: "said", text: visible(said) });
        void refresh();
      },
      gone: (data) => {
        const { problem } = JSON.parse(data) as { readonly problem: string };
        take({ type: "problem", text: visible(problem) });
      },
      lost: () => take({ type: "problem", text: lost(undefined) }),
    });
    await refresh();
  };

  const prompt = async (plan: string, achievement: string | undefined): Promise<void> => {
    const found = await askVisible<{ text: string; step_label: string; problem?: string }>(
      askOf("prompt", { plan, achievement }),
    );
    if (found.problem) views.showProblem(found.problem);
    else views.takePrompt(found.text, found.step_label);
  };

  const approve = async (plan: string, achievement: string): Promise<void> => {
    const found = await askVisible<{ title: string; missing: string[]; needs_note: boolean; seen: string }>(
      askOf("approval", { plan, achievement }),
    );
    const approval = { plan, achievement, title: found.title, missing: found.missing, needsNote: found.needs_note };
    views.askApproval(approval, async (by, note) => {
      const body = JSON.stringify({ plan, achievement, verdict: "approved", by, note, seen: found.seen });
      const headers = { "Content-Type": "application/json", "X-Planmark-Token": browser.token };
      try {
        const { path } = await ask<{ path: string }>("/api/verdict", { method: "POST", headers, body });
        take({ type: "said", text: t("{0} was written.", path) });
        return "";
      } catch (error) {
        return wordsOfError(error);
      } finally {
        void refresh();
      }
    });
  };

  const ANSWERS: { [T in FromPage["type"]]: (message: Extract<FromPage, { type: T }>) => Promise<void> | undefined } = {
    ready: ({ plan }) => {
      graphOf = plan;
      return begin();
    },
    graph: (plan) => {
      graphOf = plan;
      return sendGraph();
    },
    history: async () => {
      try {
        take({ type: "history", histories: [await askVisible<HistoryResult>("/api/history")], problem: "" });
      } catch (error) {
        take({ type: "history", histories: [], problem: wordsOfError(error) });
      }
    },
    open: async (message) => {
      const place = placeToOpen(status, message);
      const { text } = await ask<{ text: string }>(askOf("document", { path: place.path }));
      views.showDocument(place, visible(text.replaceAll("\r\n", "\n")));
    },
    prompt: ({ path, achievement }) => prompt(path, achievement),
    copy: ({ path, achievement }) => prompt(path, achievement),
    approve: ({ path, achievement }) => approve(path, achievement),
    // A browser starts no agents.
    run: () => undefined,
  };

  return {
    send: (message) => {
      const answer = ANSWERS[message.type] as (message: FromPage) => Promise<void> | undefined;
      Promise.resolve(answer(message)).catch((error: unknown) => views.showProblem(wordsOfError(error)));
    },
    receive: (taker) => {
      take = taker;
    },
    restore: browser.restore,
    keep: browser.keep,
    runs: false,
  };
}

function lost(error: unknown): string {
  const why = error === undefined || error instanceof TypeError ? "" : ` (${wordsOfError(error)})`;
  return t("The connection to `planmark board` is lost{0}. What you see is old.", why);
}

function wordsOfError(error: unknown): string {
  if (error instanceof TypeError) return t("`planmark board` does not answer.");
  return error instanceof Error ? error.message : String(error);
}
