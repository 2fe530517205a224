import assert from "node:assert/strict";
import { test } from "node:test";
import { isOurs, placeOf, relativeTo, withLastFacts } from "../src/plans";
import type { StatusResult } from "../src/protocol";
import { escaped } from "../src/text";
import { badges } from "../src/views/badges";
import { line, readingText } from "../src/views/statusText";
import { ALL, type Filter, type Item, itemFor, needingYou, roots } from "../src/views/treeItems";
import { achievement, atResult, plan, SHOP, status, statusOf, workspace } from "./fixture";

const OTHER = plan("OTHER", [achievement("1.1", "approved")], { lifecycle: "archived", standing: "closed" });
const URGENT = plan("URGENT", [achievement("1.1", "needs_fix")], { state: "needs_attention" });

/** The lines of the plans, below their groups. */
const plansOf = (all: StatusResult, filter: Filter = ALL): readonly Item[] =>
  roots(all, filter).flatMap((group) => group.children());

test("plans stand in groups, in the order of their urgency, achievements and documents below them", () => {
  const groups = roots(status(OTHER, SHOP, URGENT), ALL);
  assert.deepEqual(
    groups.map((group) => [group.label, group.description, group.isOpen, group.children().map((item) => item.label)]),
    [
      ["Active", "2", true, ["0/1 URGENT", "1/3 SHOP"]],
      ["Closed", "1", false, ["1/1 OTHER"]],
    ],
  );
  const shop = groups[0]?.children()[1];
  assert.equal(shop?.says, "SHOP, 1 of 3 approved, in progress, next 1.2: address fix");
  const [next, first, second] = shop?.children() ?? [];
  assert.deepEqual([next?.label, next?.description, next?.target.achievement], ["1.2: address fix", "next", "1.2"]);
  assert.equal(second?.label, "1.2 needs fix");
  assert.equal(second?.description, "Title of 1.2");
  assert.equal(second?.says, "1.2 Title of 1.2, needs fix, next");
  assert.deepEqual(
    second?.children().map((item) => [item.label, item.description]),
    [
      ["SUBPLAN", ""],
      ["Execution 01", "open"],
      ["Review", "needs fix"],
    ],
  );
  assert.equal(first?.parent, shop);
  assert.equal(shop?.parent, groups[0]);
});

test("an item that an agent holds shows the agent, with an icon of its own", () => {
  const free = achievement("1.1", "needs_fix");
  const holder = {
    agent: "claude-7",
    host: "build-1",
    lease: "lse_5b1f0c9ad2e84c70",
    state: "held",
    role: "executor",
    since: "2026-11-29T01:02:03Z",
    until: "2026-11-29T01:27:03Z",
  } as const;
  const shown = [free, { ...free, holder }, { ...free, holder: { ...holder, state: "reserved" } as const }].map((one) =>
    plansOf(status(plan("PAY", [one])))[0]
      ?.children()
      .find((item) => item.kinds.includes("achievement")),
  );
  assert.deepEqual(
    shown.map((item) => [item?.label, item?.icon === "account"]),
    [
      ["1.1 needs fix", false],
      ["1.1 needs fix, held by claude-7", true],
      ["1.1 needs fix, reserved for claude-7", true],
    ],
  );
  assert.match(shown[1]?.tooltip ?? "", /held by claude\\-7 \(/);
  assert.match(shown[1]?.says ?? "", /held by claude-7/);
});

test("every plan stands in one group, and a group without a plan is not shown", () => {
  const standings = ["closed", "needs_you", "backlog", "paused", "active"] as const;
  const all = status(...standings.map((standing) => plan(standing, [], { standing })));
  assert.deepEqual(
    roots(all, ALL).map((group) => [group.label, group.children().map((item) => item.target.plan)]),
    [
      ["Active", ["plans/active/PLAN_active.md"]],
      ["Needs You", ["plans/needs_you/PLAN_needs_you.md"]],
      ["Paused", ["plans/paused/PLAN_paused.md"]],
      ["Backlog", ["plans/backlog/PLAN_backlog.md"]],
      ["Closed", ["plans/closed/PLAN_closed.md"]],
    ],
  );
  assert.equal(needingYou(all), 1);
  assert.deepEqual(
    roots(status(SHOP), ALL).map((group) => group.label),
    ["Active"],
  );
});

test("a closed plan has no next step, a later review its round", () => {
  const reviewed = achievement("1.1", "approved", { verdict: "plans/OTHER/APPROVED_11_R2.md", round: 2 });
  const next = { ...OTHER.next, step: "closed" as const, achievement: null };
  const [closed] = plansOf(status({ ...OTHER, closed: true, next, achievements: [reviewed] }));
  assert.deepEqual(
    closed?.children().map((item) => [item.kinds[0], item.children().map((document) => document.label)]),
    [["achievement", ["Review (round 2)"]]],
  );
  assert.doesNotMatch(closed?.says ?? "", /next/);
});

test("long names lose what they share and their middle, never what tells them apart; the full name is said", () => {
  const features = ["CHECKOUT-OBSERVABILITY-VALIDATION", "CHECKOUT-OBSERVABILITY-EXCELLENCE", "CHECKOUT-VALIDATION"];
  const items = plansOf(status(...features.map((feature) => plan(feature, [achievement("1.1", "no_subplan")]))));
  assert.deepEqual(
    items.map((item) => item.label),
    ["0/1 …OBSERV…EXCELLENCE", "0/1 …OBSERV…VALIDATION", "0/1 …VALIDATION"],
  );
  for (const item of items) {
    assert.ok(
      features.some((feature) => item.says.startsWith(`${feature}, `) && item.tooltip.includes(escaped(feature))),
    );
  }
});

test("of plans with the same need the one with the higher priority comes first, and the tooltip says it", () => {
  const named = (name: string, level: "high" | "low" | "unknown", text: string) =>
    plan(name, [achievement("1.1", "no_subplan")], { priority: { level, text } });
  const without = plan("AAA", [achievement("1.1", "no_subplan")], { priority: null });
  const items = plansOf(
    status(without, named("BBB", "unknown", "soon"), named("CCC", "low", "P3"), named("DDD", "high", "🔴 High")),
  );
  assert.deepEqual(
    items.map((item) => item.label),
    ["0/1 DDD", "0/1 CCC", "0/1 AAA", "0/1 BBB"],
  );
  assert.match(items[0]?.tooltip ?? "", /Priority: 🔴 High/);
  assert.doesNotMatch(items[2]?.tooltip ?? "", /Priority/);
});

test("menus go by what an item is", () => {
  const kinds = plansOf(status(SHOP))[0]
    ?.children()
    .map((item) => item.kinds);
  assert.deepEqual(kinds, [
    ["next", "prompt"],
    ["achievement", "approved"],
    ["achievement", "needs_fix", "prompt", "executable", "droppable", "reviewable"],
    ["achievement", "no_subplan", "prompt", "no-subplan", "droppable"],
  ]);
  const claims = plan("OLD", [achievement("1.1", "no_subplan")], {
    claims: [{ achievement: "1.1", path: "p", line: 1, text: "done" }],
    adoptable: 1,
  });
  assert.deepEqual(plansOf(status(claims))[0]?.kinds, ["plan", "pauseable", "prompt", "claims"]);
  const settled = { ...claims, adoptable: 0 };
  assert.deepEqual(plansOf(status(settled))[0]?.kinds, ["plan", "pauseable", "prompt"]);
  assert.deepEqual(plansOf(status(OTHER))[0]?.kinds, ["plan", "closeable"]);
  const acts = (more: object): readonly string[] => plansOf(status({ ...OTHER, ...more }))[0]?.kinds ?? [];
  assert.deepEqual(acts({ closed: true, lifecycle: "active" }), ["plan", "archiveable"]);
  assert.deepEqual(acts({ closed: true, lifecycle: "archived" }), ["plan"]);
  assert.deepEqual(acts({ state: "planned", lifecycle: "paused" }), ["plan", "resumeable", "prompt"]);
  assert.deepEqual(acts({ state: "planned", lifecycle: "stopped" }), ["plan", "archiveable", "prompt"]);
  assert.deepEqual(acts({ closed: true, lifecycle: "stopped" }), ["plan", "archiveable"]);
});

test("misnamed files stand below their plan, and nothing is created beside them", () => {
  const file = {
    path: "plans/OLD/SUBPLAN_OLD_1.1.md",
    plan: "",
    achievements: ["1.1"],
    wanted: null,
    says: "rename it",
  };
  const old = plan("OLD", [achievement("1.1", "no_subplan"), achievement("1.2", "no_subplan")]);
  const all = statusOf(workspace("/w", [old], { misnamed: [{ ...file, plan: old.path }] }));
  const items = plansOf(all)[0]?.children() ?? [];
  assert.deepEqual(
    items.slice(1).map((item) => [item.label, item.description, item.kinds.includes("no-subplan")]),
    [
      ["1.1 no subplan", "Title of 1.1", false],
      ["1.2 no subplan", "Title of 1.2", true],
      ["SUBPLAN_OLD_1.1.md", "not read", false],
    ],
  );
});

test("a filter looks at names, achievements and states", () => {
  const all = status(OTHER, SHOP, URGENT);
  const features = (text: string, only?: "open" | "attention" | "active"): string[] =>
    plansOf(all, { text, only }).map((item) => item.says.split(",")[0] ?? "");
  assert.deepEqual(features("shop"), ["SHOP"]);
  assert.deepEqual(features("2.1"), ["SHOP"]);
  assert.deepEqual(features("needs fix"), ["URGENT", "SHOP"]);
  assert.deepEqual(features("", "attention"), ["URGENT"]);
  assert.deepEqual(features("", "open"), ["URGENT", "SHOP"]);
  assert.deepEqual(features("", "active"), ["URGENT", "SHOP"]);
  assert.deepEqual(features("nothing like it"), []);
});

test("several folders are the roots, in their order; those without a plan that fits are not shown", () => {
  const three = statusOf(workspace("/z", [SHOP]), workspace("/b", []), workspace("/a", [SHOP]));
  assert.deepEqual(
    roots(three, ALL).map((item) => [item.label, item.children().map((group) => group.label)]),
    [
      ["z", ["Active"]],
      ["a", ["Active"]],
    ],
  );
});

test("the item of a document is found, for a PLAN the plan or one of its achievements", () => {
  const items = roots(status(OTHER, SHOP), ALL);
  assert.equal(itemFor(items, "/w", SHOP.path)?.label, "1/3 SHOP");
  assert.equal(itemFor(items, "/w", SHOP.path, "1.2")?.label, "1.2 needs fix");
  assert.equal(itemFor(items, "/w", "plans/SHOP/FIX_12.md")?.label, "Review");
  assert.equal(itemFor(items, "/w", "README.md"), undefined);
  assert.equal(itemFor(items, "/elsewhere", SHOP.path), undefined);
});

test("the status bar speaks of the plan that is shown, else of the most urgent", () => {
  const all = status(SHOP, URGENT);
  assert.equal(line(all, undefined)?.text, "$(checklist) URGENT 0/1 · 1.1: address fix");
  assert.equal(line(all, placeOf(all, atResult(SHOP)))?.text, "$(checklist) SHOP 1/3 · 1.2: address fix");
  assert.equal(line(status(), undefined), undefined);
});

test("documents carry the mark of their state", () => {
  const marks = badges(status(SHOP));
  assert.deepEqual(marks.get("/w/plans/SHOP/FIX_12.md"), {
    mark: "✗",
    color: "charts.red",
    says: "SHOP 1.2: needs fix",
  });
  assert.equal(marks.get(`/w/${SHOP.path}`)?.mark, "▶");
  assert.equal(marks.size, 6);
  for (const badge of marks.values()) assert.ok([...badge.mark].length <= 2);
});

test("a place is found by what the server says is there", () => {
  const all = status(SHOP, CHANGE);
  assert.equal(placeOf(all, atResult(SHOP, "1.2"))?.achievement?.id, "1.2");
  assert.equal(placeOf(all, atResult(SHOP))?.achievement, undefined);
  assert.equal(placeOf(all, { ...atResult(CHANGE), ref: ":9-ab12" })?.achievement?.ref, ":9-ab12");
  assert.equal(placeOf(all, { ...atResult(SHOP), workspace: "/other" }), undefined);
});

test("plans that are being read again keep what was true last", () => {
  const before = status(SHOP);
  const reading = { done: 3, of: 7 };
  const now = statusOf(workspace("/w", [], { complete: false, reading }), workspace("/v", [], { complete: false }));
  const shown = withLastFacts(now, before);
  assert.deepEqual(
    shown.workspaces.map((known) => [known.plans.length, known.complete]),
    [
      [1, false],
      [0, false],
    ],
  );
  assert.equal(readingText(shown), "Reading 3 of 7…");
  assert.equal(readingText(before), "");
  assert.equal(readingText(statusOf(workspace("/v", [], { complete: false }))), "Reading…");
});

test("paths are compared as their system does", () => {
  assert.equal(relativeTo("/w", "/w/a/b.md"), "a/b.md");
  assert.equal(relativeTo("/w", "/www/a.md"), undefined);
  assert.equal(relativeTo("C:\\w", "c:\\w\\a\\b.md"), "a/b.md");
});

test("documents of the methodology are known by their names", () => {
  for (const path of [
    "/a/PLAN_X.md",
    "C:\\a\\SUBPLAN_X_11.md",
    "/a/EXECUTION_TASK_X_11_01.md",
    "/a/FIX_12_RESOLUTION.md",
    "/a/subplan pay 1.1.md",
    "/a/plan_pay.markdown",
  ]) {
    assert.ok(isOurs(path), path);
  }
  for (const path of ["/a/README.md", "/PLAN_X/notes.md", "/a/PLAN_X.txt", "/a/planning.md"])
    assert.ok(!isOurs(path), path);
});

const LISTED = plan(
  "add-cache",
  [
    achievement("1.1", "done", { ref: "1.1", marker: "x" }),
    achievement("2.1", "in_progress", { ref: "2.1", leaf: false, marker: "-" }),
    achievement("0.0", "open", { id: "", ref: ":9-ab12", parent: "2.1", level: 1, title: "Read it", line: 9 }),
    achievement("3.1", "unsupported", { ref: "3.1", marker: "x" }),
    achievement("4.1", "deferred", { ref: "4.1", optional: true }),
  ],
  {
    format: "openspec",
    path: "openspec/changes/add-cache/tasks.md",
    progress: { done: 2, total: 3, optional: 0, deferred: 1, tool: { done: 2, total: 5 } },
    evidence: { creates: 4, exist: 3 },
    next: {
      step: "implement_task",
      label: ":9-ab12: start task",
      achievement: null,
      ref: ":9-ab12",
      group: null,
      role: "executor",
      tier: 2,
      file: "openspec/changes/add-cache/tasks.md",
      reason: "because",
    },
  },
);

/** A change of OpenSpec; all its tasks are in one document. */
const CHANGE = { ...LISTED, achievements: LISTED.achievements.map((known) => ({ ...known, path: LISTED.path })) };

test("a plan of another format counts its own way, and its tasks stand below each other", () => {
  const [item] = plansOf(status(CHANGE));
  assert.ok(item);
  assert.equal(item.label, "2/3 add-cache");
  assert.equal(item.description, "3 of 4 files exist");
  assert.match(item.tooltip, /2 of 3 tasks done, 1 deferred, in progress/);
  assert.match(item.tooltip, /own tool counts 2\/5/);
  assert.deepEqual(
    item.children().map((known) => [known.label, known.description, known.icon]),
    [
      [":9-ab12: start task", "next", "arrow-right"],
      ["1.1 done", "Title of 1.1", "pass-filled"],
      ["2.1 in progress", "Title of 2.1", "play-circle"],
      ["3.1 unsupported", "Title of 3.1", "warning"],
      ["4.1 deferred, optional", "Title of 4.1", "circle-slash"],
    ],
  );
  const [task] = item.children()[2]?.children() ?? [];
  assert.equal(task?.label, "open");
  assert.equal(task?.description, "Read it");
  assert.equal(task?.target.achievement, ":9-ab12");
  assert.equal(itemFor([item], "/w", CHANGE.path, ":9-ab12")?.description, "Read it");
});

test("nothing of the methodology is offered for a plan of another format", () => {
  const [item] = plansOf(status(CHANGE));
  assert.deepEqual(item?.kinds, ["plan", "prompt"]);
  assert.deepEqual(
    item?.children().map((known) => known.kinds),
    [
      ["next", "prompt"],
      ["achievement", "done"],
      ["achievement", "in_progress", "prompt", "tickable"],
      ["achievement", "unsupported", "prompt"],
      ["achievement", "deferred"],
    ],
  );
});

test("a finished change still has the prompt for its archive", () => {
  const next = { ...CHANGE.next, step: "verify_and_archive" as const, ref: null, label: "verify, then archive" };
  const [ready] = plansOf(status({ ...CHANGE, state: "complete", next }));
  assert.ok(ready?.kinds.includes("prompt"));
  assert.match(ready?.says ?? "", /verify, then archive$/);
  const [closed] = plansOf(status({ ...CHANGE, state: "complete", next: { ...next, step: "closed", label: "" } }));
  assert.ok(!closed?.kinds.includes("prompt"));
});

test("documents of other formats are known by their folders", () => {
  for (const path of [
    "/a/openspec/changes/add-b/tasks.md",
    "/a/packages/c/openspec/changes/archive/2026-01-01-add-b/proposal.md",
    "C:\\a\\.kiro\\specs\\x\\tasks.md",
    "/a/.kiro/specs/x/spec.json",
    "/a/specs/001-x/tasks.md",
    "/a/docs/superpowers/plans/2026-01-01-x.md",
    "specs/20260101-101010-x/checklists/ux.md",
  ])
    assert.ok(isOurs(path), path);
  for (const path of ["/a/openspec/project.md", "/a/.kiro/steering/product.md", "/a/specs/x/spec.md", "/a/tasks.md"])
    assert.ok(!isOurs(path), path);
});
