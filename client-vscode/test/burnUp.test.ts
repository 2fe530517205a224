import assert from "node:assert/strict";
import { test } from "node:test";
import { approvals, burnUp, mostReviewed, selectedHistories, waitingLongest } from "../src/dashboard/burnUp";
import { drawUpTo } from "../src/dashboard/chart";
import { rows } from "../src/dashboard/rows";
import type { HistoryResult, PlanHistory } from "../src/protocol";
import { achievement, plan, statusOf, workspace } from "./fixture";

const point = (at: string, approved: number) => ({ at, approved, event: `${approved} approved` });
const waiting = (achievement: string, days: number | null): PlanHistory["waiting"][number] => ({
  achievement,
  title: "t",
  step: "review",
  step_label: "review",
  role: "reviewer",
  since: "",
  days,
});

const SHOP: PlanHistory = {
  plan: "SHOP.md",
  feature: "SHOP",
  of: 4,
  approved: 2,
  points: [point("2026-11-01", 1), point("2026-11-03T12:00:00Z", 2)],
  reviews: [{ achievement: "1.1", title: "t", rounds: 1, approved_at: "2026-11-01" }],
  waiting: [waiting("1.3", null), waiting("1.4", 2)],
  lifecycle: "active",
  closed: false,
};
const MAIL: PlanHistory = {
  ...SHOP,
  plan: "MAIL.md",
  feature: "MAIL",
  of: 1,
  approved: 1,
  points: [point("2026-11-02", 1)],
  reviews: [{ achievement: "1.1", title: "t", rounds: 3, approved_at: "" }],
  waiting: [waiting("2.1", 9)],
};
const HISTORIES: readonly HistoryResult[] = [
  { workspace: "/w", source: "verdicts", today: "2026-11-05", plans: [SHOP, MAIL] },
];
const NOW = Date.parse("2026-11-05");

test("approvals of several plans are counted together, in the order of their times", () => {
  assert.deepEqual(
    approvals([SHOP, MAIL]).map(({ feature, approved }) => `${feature} ${approved}`),
    ["SHOP 1", "MAIL 2", "SHOP 3"],
  );
});

test("the line rises at each approval, and stays level until now", () => {
  const { times, series, approved, of } = burnUp([SHOP], NOW);
  assert.deepEqual([approved, of], [2, 4]);
  assert.deepEqual(series[0]?.values, [0, 1, 1, 2, 2]);
  assert.deepEqual(series[1]?.values, [4, 4, 4, 4, 4]);
  assert.equal(times.at(-1), NOW);
  assert.deepEqual(
    times,
    [...times].sort((one, other) => one - other),
  );
  const frame = { width: 100, height: 50, left: 0, right: 0, top: 0, bottom: 0 };
  assert.match(drawUpTo(4, times, series, frame).lines[0]?.points ?? "", /^0,50 0,37\.5 .* 100,25$/);
});

test("without a known time there is no line, but the numbers stay", () => {
  const unknown = { ...SHOP, points: [point("", 1), point("some day", 2)] };
  assert.deepEqual(burnUp([unknown], NOW).times, []);
  assert.equal(burnUp([unknown], NOW).approved, 2);
  assert.deepEqual(burnUp([], NOW).times, []);
});

test("an approval that was taken back lowers the line", () => {
  const reopened = { ...SHOP, points: [point("2026-11-01", 1), point("2026-11-02", 0)] };
  assert.deepEqual(burnUp([reopened], NOW).series[0]?.values, [0, 1, 1, 0, 0]);
});

test("a time in the future is the end of the line", () => {
  const early = burnUp([SHOP], Date.parse("2026-10-01"));
  assert.equal(early.times.at(-1), Date.parse("2026-11-03T12:00:00Z"));
});

test("the longest waiting and the most reviewed come first", () => {
  const plans = selectedHistories(HISTORIES, "");
  assert.deepEqual(
    waitingLongest(plans).map(({ achievement, days }) => [achievement, days]),
    [
      ["2.1", 9],
      ["1.4", 2],
      ["1.3", null],
    ],
  );
  assert.deepEqual(
    mostReviewed(plans).map(({ feature, rounds }) => `${feature} ${rounds}`),
    ["MAIL 3", "SHOP 1"],
  );
});

test("plans of several folders have the names of the other pages", () => {
  const shop = plan("SHOP", [achievement("1.1", "approved")]);
  const all = statusOf(workspace("/a", [shop]), workspace("/b", [shop]));
  const histories = ["/a", "/b"].map((root): HistoryResult => {
    const own = { ...SHOP, plan: shop.path };
    return { workspace: root, source: "verdicts", today: "2026-11-05", plans: [own] };
  });
  assert.deepEqual(
    selectedHistories(histories, "", rows(all)).map(({ feature }) => feature),
    ["SHOP (a)", "SHOP (b)"],
  );
});

test("one plan is selected by its key; a plan that is gone means all", () => {
  assert.deepEqual(
    selectedHistories(HISTORIES, "/w|MAIL.md").map(({ feature }) => feature),
    ["MAIL"],
  );
  assert.equal(selectedHistories(HISTORIES, "/w|GONE.md").length, 2);
});
