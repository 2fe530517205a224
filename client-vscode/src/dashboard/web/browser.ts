/** The page in a browser, with the server of `planmark board`. */
import { createBrowserHost } from "../browserHost";
import type { Kept } from "../host";
import { askApproval, showDocument, showProblem, takePrompt } from "./dialogs";
import { start } from "./main";

const KEPT = "planmark.board";

const browser = {
  fetch: (address: string, options?: RequestInit) => fetch(address, { cache: "no-store", ...options }),
  listen: (address: string, events: Parameters<Parameters<typeof createBrowserHost>[0]["listen"]>[1]) => {
    const source = new EventSource(address);
    source.addEventListener("changed", (event) => events.changed(event.data));
    source.addEventListener("gone", (event) => events.gone(event.data));
    source.addEventListener("error", () => events.lost());
  },
  token: new URLSearchParams(location.search).get("token") ?? "",
  restore: (): Kept => {
    try {
      return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Kept;
    } catch {
      // The browser keeps nothing, or what it kept is not of this page.
      return {};
    }
  },
  keep: (kept: Kept) => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing forgets the state with the page.
    }
  },
};

start(createBrowserHost(browser, { showDocument, takePrompt, askApproval, showProblem }));
