import assert from "node:assert/strict";
import { test } from "node:test";
import { type Approval, type Browser, createBrowserHost, type Listeners } from "../src/dashboard/browserHost";
import type { FromPage, ToPage } from "../src/dashboard/messages";
import { BROWSER_POLICY, BROWSER_SECTIONS, page } from "../src/dashboard/page";
import { achievement, plan, status, statusOf, workspace } from "./fixture";

const WORK = plan("WORK", [achievement("1.1", "awaiting_review"), achievement("1.2", "no_subplan")]);

type Reply = { readonly code?: number; readonly body: unknown };

/** A browser whose server answers from a table: an address without its query → the reply. */
function opened(replies: Record<string, (query: string, body: string | undefined) => Reply | Promise<Reply>> = {}) {
  const asked: string[] = [];
  const messages: ToPage[] = [];
  const views: unknown[][] = [];
  let events: Listeners | undefined;
  let record: ((by: string, note: string) => Promise<string>) | undefined;
  const answers: typeof replies = {
    "/api/about": () => ({ body: { allows_verdicts: true } }),
    "/api/status": () => ({ body: status(WORK) }),
    "/api/graph": () => ({ body: { nodes: [] } }),
    ...replies,
  };
  const browser: Browser = {
    fetch: async (address, options) => {
      const [path = "", query = ""] = address.split("?");
      asked.push(`${options?.method ?? "GET"} ${address}`);
      const answer = answers[path];
      if (!answer) throw new TypeError("Failed to fetch");
      const { code = 200, body } = await answer(query, options?.body);
      return { ok: code < 400, status: code, json: async () => body };
    },
    listen: (_, listeners) => {
      events = listeners;
    },
    token: "secret",
    restore: () => ({}),
    keep: () => undefined,
  };
  const host = createBrowserHost(browser, {
    showDocument: (...shown) => views.push(["document", ...shown]),
    takePrompt: (...taken) => views.push(["prompt", ...taken]),
    askApproval: (approval, write) => {
      views.push(["approval", approval]);
      record = write;
    },
    showProblem: (problem) => views.push(["problem", problem]),
  });
  host.receive((message) => messages.push(message));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return {
    asked,
    messages,
    views,
    host,
    settle,
    events: () => events as Listeners,
    record: (by: string, note: string) => record?.(by, note),
    send: async (message: FromPage) => {
      host.send(message);
      await settle();
    },
    last: <T extends ToPage["type"]>(type: T) =>
      messages.filter((message): message is Extract<ToPage, { type: T }> => message.type === type).at(-1),
  };
}

const READY: FromPage = { type: "ready", plan: undefined };
const CARD = { root: "/w", path: WORK.path, achievement: "1.1" };

test("the page is filled by the first answer, and nothing is said before it", async () => {
  const { last, messages, send } = opened();
  assert.deepEqual(messages, []);
  await send(READY);
  const plans = last("plans");
  assert.deepEqual([plans?.plans.length, plans?.cards.length, plans?.reading, plans?.mayApprove], [1, 2, "", true]);
  assert.ok(last("graph")?.graph);
});

test("while a workspace is read, its progress is said, and its last plans stay", async () => {
  let body = statusOf(workspace("/w", [], { complete: false, reading: { done: 3, of: 9 } }));
  const { events, last, send, settle } = opened({ "/api/status": () => ({ body }) });
  await send(READY);
  assert.deepEqual([last("plans")?.reading, last("plans")?.plans], ["Reading 3 of 9…", []]);
  for (const next of [status(WORK), body]) {
    body = next;
    events().changed('{"revision": 2, "said": ""}');
    await settle();
  }
  assert.deepEqual([last("plans")?.reading, last("plans")?.plans.length], ["Reading 3 of 9…", 1]);
});

test("10,000 changes during a request are one request more", async () => {
  let release: (() => void) | undefined;
  const { asked, events, send, settle } = opened({
    "/api/status": () =>
      new Promise((resolve) => {
        release = () => resolve({ body: status(WORK) });
      }),
  });
  await send(READY);
  for (let change = 0; change < 10_000; change++) events().changed(`{"revision": ${change}, "said": ""}`);
  for (let turn = 0; turn < 3; turn++) {
    release?.();
    await settle();
  }
  assert.equal(asked.filter((address) => address === "GET /api/status").length, 2);
});

test("a change is said, with its hidden characters in sight", async () => {
  const { events, last, send } = opened();
  await send(READY);
  events().changed(JSON.stringify({ revision: 2, said: "1.1: approved \u202Etxt" }));
  assert.equal(last("said")?.text, "1.1: approved \\u202etxt");
});

test("a lost connection and a workspace that is gone are said, and the end of it", async () => {
  let works = true;
  const { events, last, send, settle } = opened({
    "/api/status": () => (works ? { body: status(WORK) } : { code: 500, body: { problem: "no such folder" } }),
  });
  await send(READY);
  assert.equal(last("problem")?.text, "");
  events().lost();
  assert.match(last("problem")?.text ?? "", /is lost.*old/);
  events().gone('{"problem": "the workspace is gone"}');
  assert.equal(last("problem")?.text, "the workspace is gone");
  works = false;
  events().changed('{"revision": 3}');
  await settle();
  assert.match(last("problem")?.text ?? "", /no such folder/);
  works = true;
  events().changed('{"revision": 4}');
  await settle();
  assert.equal(last("problem")?.text, "");
});

test("a server that is not there is said in words", async () => {
  const { last, send, views } = opened({ "/api/status": () => Promise.reject(new TypeError("Failed to fetch")) });
  await send(READY);
  assert.match(last("problem")?.text ?? "", /connection to `planmark board` is lost\. What you see is old/);
  await send({ type: "open", ...CARD });
  assert.deepEqual(views.at(-1), ["problem", "`planmark board` does not answer."]);
});

test("a card opens its document at its line, with line ends of every system", async () => {
  const { asked, send, views } = opened({ "/api/document": () => ({ body: { text: "one\r\ntwo\u0007" } }) });
  await send(READY);
  await send({ type: "open", ...CARD });
  assert.ok(asked.includes("GET /api/document?path=plans%2FWORK%2FPLAN_WORK.md"));
  assert.deepEqual(views, [["document", { path: WORK.path, line: 11 }, "one\ntwo\\u0007"]]);
});

test("a prompt is of the achievement, or of the plan; its problem is shown", async () => {
  const { asked, send, views } = opened({
    "/api/prompt": (query) =>
      query.includes("achievement")
        ? { body: { text: "# P", step_label: "1.1: review" } }
        : { body: { problem: "no" } },
  });
  await send(READY);
  await send({ type: "copy", ...CARD });
  await send({ type: "prompt", ...CARD, achievement: undefined });
  assert.deepEqual(views, [
    ["prompt", "# P", "1.1: review"],
    ["problem", "no"],
  ]);
  assert.ok(asked.at(-1)?.endsWith("/api/prompt?plan=plans%2FWORK%2FPLAN_WORK.md"), asked.at(-1));
});

test("an approval tells what is missing, and writes with the name, the note and the token", async () => {
  const written: string[] = [];
  const { asked, last, record, send, views } = opened({
    "/api/approval": () => ({ body: { title: "T", missing: ["no execution"], needs_note: true, seen: "digest" } }),
    "/api/verdict": (_, body) => {
      written.push(body ?? "");
      return written.length > 1
        ? { code: 409, body: { problem: "APPROVED_11.md exists" } }
        : { body: { path: "APPROVED_11.md" } };
    },
  });
  await send(READY);
  await send({ type: "approve", ...CARD });
  const asks: Approval = {
    plan: WORK.path,
    achievement: "1.1",
    title: "T",
    missing: ["no execution"],
    needsNote: true,
  };
  assert.deepEqual(views, [["approval", asks]]);
  assert.equal(await record("Ada", "seen"), "");
  assert.deepEqual(JSON.parse(written[0] ?? ""), {
    plan: WORK.path,
    achievement: "1.1",
    verdict: "approved",
    by: "Ada",
    note: "seen",
    seen: "digest",
  });
  assert.ok(asked.includes("POST /api/verdict"));
  assert.equal(last("said")?.text, "APPROVED_11.md was written.");
  // Another person was faster.
  assert.equal(await record("Ada", "seen"), "APPROVED_11.md exists");
});

test("a board that is read only offers no approval", async () => {
  const { last, send } = opened({ "/api/about": () => ({ body: { allows_verdicts: false } }) });
  await send(READY);
  assert.equal(last("plans")?.mayApprove, false);
});

test("a history or a graph that cannot be had is said in its page", async () => {
  const { last, send } = opened({
    "/api/graph": () => ({ code: 404, body: { problem: "no such plan" } }),
    "/api/history": () => ({ code: 500, body: {} }),
  });
  await send(READY);
  await send({ type: "history" });
  assert.equal(last("graph")?.problem, "no such plan");
  assert.equal(last("history")?.problem, "the server answered with code 500");
});

test("the page in a browser loads its own files only, and has no figures of the server", () => {
  const sources = { script: "/board.js", style: "/board.css", icon: "data:,", nonce: "", language: "en", texts: {} };
  const text = page({ ...sources, policy: BROWSER_POLICY, sections: BROWSER_SECTIONS });
  assert.match(
    text,
    /content="default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"/,
  );
  assert.ok(!/unsafe|style="|onclick="|<script>|figures/.test(text));
  assert.match(text, /<script defer src="\/board\.js"><\/script>/);
});
