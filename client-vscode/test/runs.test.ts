import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../package.json";
import { openChoices } from "../src/commands/quickPicks";
import {
  AGENTS_AT_ONCE,
  type RunLine,
  type RunRequest,
  runActions,
  runArguments,
  runLines,
  runTerminal,
} from "../src/commands/runLines";
import { placeOf } from "../src/plans";
import type { RunResult, RunStepResult, RunsResult } from "../src/protocol";
import type { Launch } from "../src/server/resolveServer";
import { achievement, atResult, plan, SHOP, status, statusOf, workspace } from "./fixture";

const PROGRAM: Launch = { command: "/p/python3", args: ["-I", "/x/launch.py"], says: "" };
const ASKED: RunRequest = { root: "/w", plan: SHOP.path, title: "SHOP" };
const NO_TOKENS = { input: null, cached: null, output: null, reasoning: null };

function step(more: Partial<RunStepResult> = {}): RunStepResult {
  return {
    achievement: "1.2",
    step: "address_fix",
    role: "executor",
    agent: "claude-1",
    tier: 2,
    class: "ok",
    attempts: 1,
    tokens: NO_TOKENS,
    cost_usd: null,
    seconds: 1,
    is_partial: true,
    before: "needs_fix",
    after: "fix_resolved",
    by: "",
    commit: "",
    worktree: "",
    log: "",
    ...more,
  };
}

function run(name: string, steps: RunStepResult[], more: Partial<RunResult> = {}): RunResult {
  const total = {
    role: "executor",
    tier: 2,
    attempts: 1,
    tokens: NO_TOKENS,
    cost_usd: null,
    seconds: 1,
    is_partial: true,
  };
  const done = steps.filter((known) => known.class === "ok").length;
  return {
    workspace: "/w",
    run: name,
    plan: SHOP.path,
    feature: "SHOP",
    branch: "planmark/SHOP/main",
    exit: 0,
    why: "",
    steps,
    totals: [{ ...total, steps: steps.length, done }],
    ...more,
  };
}

const folder = (root: string, ...runs: RunResult[]): RunsResult => ({ workspace: root, runs });
const shownOf = (lines: readonly RunLine[]): string[] =>
  lines.map(({ label, description }) => [label, description].filter(Boolean).join(" | "));

test("a run names its workspace and its plan by paths, and only what was asked for", () => {
  const begin = ["run", "--workspace", "/w", `@${SHOP.path}`];
  assert.deepEqual(runArguments(ASKED), begin);
  assert.deepEqual(runArguments({ ...ASKED, until: "1.2", agents: 3 }), [...begin, "--until=1.2", "--agents=3"]);
  assert.deepEqual(runArguments({ ...ASKED, resume: "run-1" }), [...begin, "--resume=run-1"]);
});

test("no text of a document becomes an option, a second argument or a command", () => {
  for (const text of ["--yes", "-y", "a b", "$(touch x)", "`x`", "a;b", '"', "'", "%PATH%", "a\nb", ""]) {
    const words = runArguments({ root: text, plan: text, title: text, until: text });
    assert.deepEqual(words, ["run", "--workspace", text, `@${text}`, `--until=${text}`]);
    const { shellPath, shellArgs } = runTerminal({ ...ASKED, until: text }, PROGRAM, "/x", {}, []);
    assert.equal(shellPath, "/p/python3");
    assert.deepEqual(shellArgs, ["-I", "/x/launch.py", ...runArguments({ ...ASKED, until: text })]);
  }
});

test("a run asks before it starts agents, whatever is asked for", () => {
  for (const agents of AGENTS_AT_ONCE) {
    const words = runArguments({ ...ASKED, until: "1.2", agents, resume: "run-1" });
    assert.deepEqual(
      words.filter((word) => ["--yes", "--no-worktree", "--with", "--json"].includes(word)),
      [],
    );
  }
});

test("the terminal of a run is the program itself: no shell, no workspace, no variable but those of the editor", () => {
  const environment = { PATH: "/bin", HOME: "/h", EMPTY: undefined };
  const { name, ...options } = runTerminal(ASKED, PROGRAM, "/x", environment, ["HOME", "ADDED"]);
  assert.equal(name, "Run of SHOP");
  assert.deepEqual(options, {
    shellPath: "/p/python3",
    shellArgs: ["-I", "/x/launch.py", ...runArguments(ASKED)],
    cwd: "/x",
    env: { PATH: "/bin", HOME: "/h", EMPTY: undefined, ADDED: null, PLANMARK_KEEP_OPEN: "1" },
    strictEnv: true,
    isTransient: true,
  });
});

test("no setting of the extension is about runs", () => {
  const keys = manifest.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
  assert.ok(keys.length > 20);
  assert.deepEqual(
    keys.filter((key) => /\brun/i.test(key)),
    [],
  );
});

test("where a workspace is not trusted, no menu starts a run", () => {
  const menus: { readonly command?: string; readonly when?: string }[] = Object.values(
    manifest.contributes.menus,
  ).flat();
  const starting = menus.filter(({ command }) => command === "planmark.run" || command === "planmark.runUntil");
  assert.ok(starting.length >= 5);
  for (const { when } of starting) assert.match(when ?? "", /\bisWorkspaceTrusted\b/);
});

test("the newest run comes first, with its steps in their order", () => {
  const steps = [
    step(),
    step({ achievement: "2.1", step: "create_subplan", class: "no_progress", by: "nothing changed" }),
    step({ achievement: "", step: "synthesize", class: "open", agent: "codex-1" }),
  ];
  const lines = runLines(
    [folder("/w", run("run-1", [step()], { exit: 4, why: "a person reviews" }), run("run-2", steps, { exit: null }))],
    status(SHOP),
  );
  assert.deepEqual(shownOf(lines), [
    "SHOP · 1 of 3 steps done · run-2",
    "$(run-all) SHOP | open · run-2",
    "$(pass) 1.2 address fix | claude-1 · ok",
    "$(error) 2.1 create subplan | claude-1 · no progress",
    "$(sync) synthesize | codex-1 · open",
    "SHOP · 1 of 1 step done · exit code 4 · run-1 · a person reviews",
    "$(pass) 1.2 address fix | claude-1 · ok",
  ]);
  assert.equal(lines[3]?.detail, "nothing changed");
  assert.deepEqual(
    lines.map((line) => [line.run?.run, line.step?.achievement]),
    [
      [undefined, undefined],
      ["run-2", undefined],
      ["run-2", "1.2"],
      ["run-2", "2.1"],
      ["run-2", ""],
      [undefined, undefined],
      ["run-1", "1.2"],
    ],
  );
});

test("runs of several folders name their folder", () => {
  const both = statusOf(workspace("/a/web", [SHOP]), workspace("/a/api", [SHOP]));
  const headings = (...folders: RunsResult[]): string[] =>
    runLines(folders, both).flatMap((line) => (line.run ? [] : [line.label.split(" · ")[0] ?? ""]));
  const [web, api] = [folder("/a/web", run("run-1", [])), folder("/a/api", run("run-2", []))];
  assert.deepEqual(headings(web, api), ["SHOP (web)", "SHOP (api)"]);
  assert.deepEqual(headings(web, folder("/a/api")), ["SHOP"]);
  assert.deepEqual(headings(folder("/a/web"), folder("/a/api")), []);
});

test("texts of a run show no icons and no control characters", () => {
  const wild = "$(trash) \u001b[31m\u202e";
  const lines = runLines(
    [
      folder(
        "/w",
        run("r", [step({ agent: wild, by: wild, achievement: wild })], { feature: wild, why: wild, exit: null }),
      ),
    ],
    status(SHOP),
  );
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const shown = `${line.label.replace(/^\$\([a-z-]+\) /, "")} ${line.description} ${line.detail}`;
    assert.doesNotMatch(shown, /(?<!\\)\$\(/);
    assert.ok(!shown.includes("\u001b") && !shown.includes("\u202e"), shown);
  }
});

test("a log and a worktree are offered while they exist, and the terminal of an open run if it is there", () => {
  const [log, worktree] = ["/g/runs/r/1/log", "/w.planmark/SHOP-1.2-g1"];
  const about = (one: RunStepResult | undefined, more: Partial<RunResult>): RunLine => {
    return { label: "", description: "", detail: "", run: run("r", [], more), step: one };
  };
  const both = step({ log, worktree });
  const all = (): boolean => true;
  const none = (): boolean => false;
  assert.deepEqual(runActions(about(both, {}), false, all), ["log", "worktree"]);
  assert.deepEqual(
    runActions(about(both, {}), false, (path) => path === log),
    ["log"],
  );
  assert.deepEqual(runActions(about(both, {}), true, none), []);
  assert.deepEqual(runActions(about(step(), {}), false, all), []);
  assert.deepEqual(runActions(about(both, { exit: null }), true, all), ["log", "worktree", "terminal", "stop"]);
  assert.deepEqual(runActions(about(undefined, { exit: null }), true, all), ["terminal", "stop"]);
  assert.deepEqual(runActions(about(undefined, { exit: null }), false, all), ["resume"]);
  assert.deepEqual(runActions(about(undefined, {}), true, all), []);
});

test("a run may end at any open achievement of any format: the one at the cursor comes first, and once", () => {
  const change = plan("add", [achievement("1.1", "open", { marker: " " }), achievement("1.2", "done")], {
    format: "openspec",
  });
  const here = placeOf(status(SHOP, change), atResult(SHOP, "1.2"));
  const labels = (choices: ReturnType<typeof openChoices>): string[] =>
    choices.map((choice) => (choice.target ? choice.label : `-- ${choice.label}`));
  assert.deepEqual(labels(openChoices(status(SHOP, change), here)), [
    "-- At the cursor",
    "✗ 1.2 Title of 1.2",
    "-- SHOP",
    "○ 2.1 Title of 2.1",
    "-- add",
    "○ 1.1 Title of 1.1",
  ]);
  const approved = placeOf(status(SHOP, change), atResult(SHOP, "1.1"));
  assert.equal(labels(openChoices(status(SHOP, change), approved))[0], "-- SHOP");
});
