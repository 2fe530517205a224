import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { COLUMNS, cardInDirection, columns, EVERY_CARD, keyOfPlan, rolesOf } from "../src/dashboard/board";
import { listedPlans, orderAfter } from "../src/dashboard/planTable";
import { changes, createRedraw } from "../src/dashboard/redraw";
import { cards, placeToOpen, rows } from "../src/dashboard/rows";
import { STATES } from "../src/labels";
import type { State } from "../src/protocol";
import type { HolderResult } from "../src/results";
import { achievement, plan, status, statusOf, workspace } from "./fixture";

const STATE_NAMES = Object.keys(STATES) as State[];
const HOLDER: HolderResult = {
  agent: "ada",
  host: "h",
  lease: "1",
  state: "held",
  role: "executor",
  since: "2026-11-29T01:02:03Z",
  until: "2026-11-29T02:02:03Z",
};
const WORK = plan(
  "WORK",
  [
    achievement("1.1", "approved"),
    achievement("1.2", "needs_fix", { holder: HOLDER }),
    achievement("1.3", "awaiting_review", { title: "Errors that help" }),
    achievement("2.1", "blocked", { holder: { ...HOLDER, state: "reserved" } }),
  ],
  { also_ready: [{ achievement: "1.3", step: "request_review", role: "reviewer", order: "stated", label: "review" }] },
);
const PAUSED = plan("PAUSED", [achievement("1.1", "no_subplan")], { lifecycle: "paused", standing: "paused" });
const ENDED = plan("ENDED", [achievement("1.1", "awaiting_review")], {
  lifecycle: "archived",
  closed: true,
  standing: "closed",
});
const BOXES = plan(
  "BOXES",
  [achievement("1.1", "done"), achievement("1.2", "open"), achievement("2.1", "unsupported")],
  {
    format: "kiro",
    progress: { done: 1, total: 3 },
  },
);

test("every state is in one column, of at most seven", () => {
  const listed = COLUMNS.flatMap(({ states }) => states);
  assert.deepEqual([...listed].sort(), [...STATE_NAMES].sort());
  assert.ok(COLUMNS.length <= 7);
});

test("a card has the state, the step that is ready, its role and the holder", () => {
  const [first, second, third, fourth] = cards(status(WORK));
  assert.deepEqual([first?.next, first?.role, first?.hasPrompt, first?.awaitsReview], ["", "", false, false]);
  assert.deepEqual(
    [second?.says, second?.next, second?.role, second?.isNext, second?.holder],
    ["needs fix", "address fix", "executor", true, "held by ada"],
  );
  assert.deepEqual([third?.next, third?.role, third?.isNext, third?.awaitsReview], ["review", "reviewer", false, true]);
  assert.deepEqual([fourth?.next, fourth?.holder, fourth?.hasPrompt], ["", "reserved for ada", true]);
});

test("a closed plan offers no prompt and no approval, other formats no approval", () => {
  const [ended] = cards(status(ENDED));
  assert.deepEqual([ended?.next, ended?.hasPrompt, ended?.awaitsReview], ["", false, false]);
  const kiro = plan("K", [achievement("1.1", "awaiting_review")], { format: "kiro" });
  assert.equal(cards(status(kiro))[0]?.awaitsReview, false);
});

test("only items without parts are cards, and equal ids stay apart by their refs", () => {
  const parts = plan("PARTS", [
    achievement("1.1", "open", { leaf: false }),
    achievement("1.2", "open", { ref: "1.2" }),
    achievement("1.2", "open", { ref: ":7-ab" }),
  ]);
  assert.deepEqual(
    cards(status(parts)).map(({ key }) => key),
    ["/w|plans/PARTS/PLAN_PARTS.md|1.2", "/w|plans/PARTS/PLAN_PARTS.md|:7-ab"],
  );
});

const shown = (filter: Partial<typeof EVERY_CARD>, ...plans: Parameters<typeof status>) => {
  const all = status(...plans);
  return columns(rows(all), cards(all), { ...EVERY_CARD, ...filter });
};
const inWords = (filter: Partial<typeof EVERY_CARD>, ...plans: Parameters<typeof status>): string[] =>
  shown(filter, ...plans)
    .filter((column) => column.cards.length)
    .map((column) => `${column.title}: ${column.cards.map(({ feature, id }) => `${feature} ${id}`).join(", ")}`);

test("the board has the plans at work at first, then all plans, or one", () => {
  assert.deepEqual(inWords({}, WORK, PAUSED), [
    "Needs review: WORK 1.3",
    "Needs fix: WORK 1.2",
    "Blocked: WORK 2.1",
    "Done: WORK 1.1",
  ]);
  assert.ok(inWords({ plan: "all" }, WORK, PAUSED).includes("To design: PAUSED 1.1"));
  assert.deepEqual(inWords({ plan: { root: "/w", path: PAUSED.path } }, WORK, PAUSED), ["To design: PAUSED 1.1"]);
  assert.deepEqual(inWords({ plan: { root: "/other", path: PAUSED.path } }, WORK, PAUSED), []);
});

test("role and words filter the cards", () => {
  assert.deepEqual(inWords({ role: "reviewer" }, WORK), ["Needs review: WORK 1.3"]);
  assert.deepEqual(inWords({ text: "errors REVIEW" }, WORK), ["Needs review: WORK 1.3"]);
  assert.deepEqual(inWords({ text: "ada" }, WORK), ["Needs fix: WORK 1.2", "Blocked: WORK 2.1"]);
  assert.deepEqual(inWords({ text: "no such words" }, WORK), []);
  assert.deepEqual(rolesOf(cards(status(WORK))), ["executor", "reviewer"]);
});

test("plans with boxes have no columns for designs and reviews", () => {
  assert.deepEqual(
    shown({}, BOXES).map(({ title }) => title),
    ["Ready", "In progress", "Needs fix", "Blocked", "Done"],
  );
  assert.equal(shown({}, BOXES, WORK).length, 7);
  assert.equal(shown({}).length, 7);
});

test("arrow keys lead through the cards of a column and to the next column with cards", () => {
  const listed = [["a", "b", "c"], [], ["d"], ["e", "f"]];
  const steps: readonly (readonly [string, string, string | undefined])[] = [
    ["a", "ArrowDown", "b"],
    ["c", "ArrowDown", undefined],
    ["a", "ArrowUp", undefined],
    ["c", "ArrowRight", "d"],
    ["d", "ArrowRight", "e"],
    ["f", "ArrowLeft", "d"],
    ["e", "ArrowRight", undefined],
    ["c", "Home", "a"],
    ["a", "End", "c"],
    ["a", "x", undefined],
    ["none", "ArrowDown", undefined],
  ];
  for (const [from, key, to] of steps) assert.equal(cardInDirection(listed, from, key), to, `${from} ${key}`);
});

test("a card opens its achievement, a plan its first line", () => {
  const all = status(WORK);
  assert.deepEqual(placeToOpen(all, { root: "/w", path: WORK.path, achievement: "1.3" }), {
    path: WORK.path,
    line: 13,
  });
  assert.deepEqual(placeToOpen(all, { root: "/w", path: WORK.path, achievement: undefined }), {
    path: WORK.path,
    line: 1,
  });
  assert.deepEqual(placeToOpen(undefined, { root: "/w", path: "p", achievement: "9" }), { path: "p", line: 1 });
});

const names = (listed: readonly { readonly feature: string }[]): string[] => listed.map(({ feature }) => feature);

test("plans are sorted by each column, in both directions, and by urgency without one", () => {
  const all = rows(
    status(
      plan("P10", [achievement("1.1", "approved"), achievement("1.2", "no_subplan")], { diagnostics: { warning: 2 } }),
      plan("P9", [achievement("1.1", "needs_fix")], { state: "needs_attention", diagnostics: { error: 1 } }),
      plan("P1", [achievement("1.1", "approved")]),
    ),
  );
  assert.deepEqual(names(listedPlans(all, "", undefined)), ["P9", "P10", "P1"]);
  assert.deepEqual(names(listedPlans(all, "", { by: "feature", falls: false })), ["P1", "P9", "P10"]);
  assert.deepEqual(names(listedPlans(all, "", { by: "feature", falls: true })), ["P10", "P9", "P1"]);
  assert.deepEqual(names(listedPlans(all, "", { by: "progress", falls: true })), ["P1", "P10", "P9"]);
  assert.deepEqual(names(listedPlans(all, "", { by: "problems", falls: true })), ["P9", "P10", "P1"]);
  assert.deepEqual(names(listedPlans(all, "attention", undefined)), ["P9"]);
});

test("a click on a head sorts, a second one turns the order, a third one ends it", () => {
  const first = orderAfter(undefined, "state");
  const second = orderAfter(first, "state");
  assert.deepEqual(
    [first, second, orderAfter(second, "state")],
    [{ by: "state", falls: false }, { by: "state", falls: true }, undefined],
  );
  assert.deepEqual(orderAfter(second, "next"), { by: "next", falls: false });
});

test("10,000 changes within a frame are one drawing, and a page out of sight is drawn once when it is shown", () => {
  const drawn: string[] = [];
  let frames: (() => void)[] = [];
  let inSight = "board";
  const redraw = createRedraw(
    { board: () => drawn.push("board"), plans: () => drawn.push("plans") },
    (part) => part === inSight,
    (work) => frames.push(work),
  );
  const nextFrame = (): void => {
    const due = frames;
    frames = [];
    for (const work of due) work();
  };
  for (let change = 0; change < 10_000; change++) redraw.mark("board", "plans");
  assert.equal(frames.length, 1);
  nextFrame();
  assert.deepEqual(drawn, ["board"]);
  inSight = "plans";
  redraw.mark("plans");
  nextFrame();
  assert.deepEqual(drawn, ["board", "plans"]);
  nextFrame();
  assert.deepEqual(drawn, ["board", "plans"]);
});

test("of 1,000 cards only the changed one is made again", () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ key: `k${index}`, shows: "a" }));
  const before = new Map(items.map(({ key, shows }) => [key, shows]));
  const after = [...items.slice(1), { key: "new", shows: "n" }].map((item) =>
    item.key === "k500" ? { ...item, shows: "b" } : item,
  );
  const { gone, made } = changes(before, after);
  assert.deepEqual([gone, [...made]], [["k0"], ["k500", "new"]]);
});

test("two folders of one name have cards of their own", () => {
  const all = statusOf(workspace("/a/x", [WORK]), workspace("/b/x", [WORK]));
  const keys = cards(all).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(rows(all).map(keyOfPlan)).size, 2);
});

test("the page for browsers stays small", () => {
  const page = join("..", "server", "planmark", "board", "page");
  const bytes = readdirSync(page).map((name) => statSync(join(page, name)).size);
  assert.equal(bytes.length, 3);
  const sum = bytes.reduce((total, size) => total + size, 0);
  assert.ok(sum < 80_000, `${sum} bytes`);
});

/** Returns the modules of the dashboard that a module loads, with itself. */
function loadedBy(source: string, found = new Set<string>()): Set<string> {
  if (found.has(source)) return found;
  found.add(source);
  for (const [, name] of readFileSync(source, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
    loadedBy(`${join(dirname(source), name ?? "")}.ts`, found);
  }
  return found;
}

test("the page in VS Code and in a browser has one source", () => {
  const web = join("src", "dashboard", "web");
  const [inPanel, inBrowser] = ["vscode.ts", "browser.ts"].map((name) => loadedBy(join(web, name)));
  const main = loadedBy(join(web, "main.ts"));
  assert.ok(main.size > 15);
  assert.deepEqual(
    [...(inPanel ?? [])].filter((name) => !main.has(name)),
    [join(web, "vscode.ts")],
  );
  assert.deepEqual(
    [...main].filter((name) => !inBrowser?.has(name)),
    [],
  );
});
