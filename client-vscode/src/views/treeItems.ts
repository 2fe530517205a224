/** The tree of plans, as plain data: workspace → plan → achievement → its documents. */

import {
  type Appearance,
  acts,
  condition,
  hasPrompt,
  isNext,
  isPlan,
  isTickable,
  isWanted,
  nameOf,
  nextText,
  planLook,
  problemsText,
  progress,
  progressText,
  progressWords,
  STATES,
  toolText,
  words,
} from "../labels";
import { allPlans, byUrgency, documentsOf, type PlanInWorkspace } from "../plans";
import type { AchievementResult, MisnamedResult, StatusResult, Target } from "../protocol";
import { escaped } from "../text";

/** One line of the tree. `kinds` are the words that menus go by. */
export interface Item {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  readonly color: string;
  readonly kinds: readonly string[];
  /** Absolute root of the workspace, and a path in it; a click opens it at `line` (1-based). */
  readonly root: string;
  readonly path: string;
  readonly line: number;
  readonly target: Target;
  readonly parent: Item | undefined;
  readonly children: () => readonly Item[];
}

/** Which plans are shown: those in which a text occurs, and of which states; "" and undefined for all. */
export interface Filter {
  readonly text: string;
  readonly only: "open" | "attention" | "active" | undefined;
}

export const ALL: Filter = { text: "", only: undefined };

const ONLY: Readonly<Record<NonNullable<Filter["only"]>, (placed: PlanInWorkspace) => boolean>> = {
  open: ({ plan }) => plan.state !== "complete" && !["stopped", "archived"].includes(plan.lifecycle),
  attention: ({ plan }) => plan.state === "needs_attention" || plan.state === "no_achievements",
  active: ({ plan }) => plan.lifecycle === "active",
};

function fits(filter: Filter, placed: PlanInWorkspace): boolean {
  if (filter.only && !ONLY[filter.only](placed)) return false;
  const text = filter.text.trim().toLowerCase();
  const { plan } = placed;
  const said = [
    plan.feature,
    plan.path,
    condition(plan),
    ...plan.achievements.flatMap((a) => [a.id, a.title, words(a.state)]),
  ];
  return said.some((part) => part.toLowerCase().includes(text));
}

/** The lines without a parent: workspaces where there are several, else plans. */
export function roots(status: StatusResult, filter: Filter): readonly Item[] {
  const several = status.workspaces.length > 1;
  const plansOf = (root: string, parent?: Item): readonly Item[] =>
    allPlans(status)
      .filter((placed) => placed.workspace.root === root && fits(filter, placed))
      .sort(byUrgency)
      .map((placed) => planItem(placed, parent));
  if (!several) return status.workspaces.flatMap((workspace) => plansOf(workspace.root));
  return status.workspaces
    .map((workspace): Item => {
      const name = workspace.root.replaceAll("\\", "/").split("/").at(-1) ?? workspace.root;
      const item: Item = {
        id: workspace.root,
        label: name,
        description: "",
        tooltip: workspace.root,
        icon: "root-folder",
        color: "",
        kinds: ["workspace"],
        root: workspace.root,
        path: "",
        line: 0,
        target: { workspace: workspace.root },
        parent: undefined,
        children: () => plansOf(workspace.root, item),
      };
      return item;
    })
    .filter((item) => item.children().length > 0)
    .sort((one, other) => one.label.localeCompare(other.label));
}

function planItem(placed: PlanInWorkspace, parent: Item | undefined): Item {
  const { workspace, plan } = placed;
  const reached = progress(plan);
  const look = planLook(plan);
  const flags = [plan.lifecycle === "active" ? "" : plan.lifecycle, plan.legacy ? "legacy" : ""].filter(Boolean);
  const problems = problemsText(plan.diagnostics);
  const item: Item = {
    id: `${workspace.root}|${plan.path}`,
    label: plan.feature,
    description: [progressText(reached), ...flags, nextText(plan.next)].join(" · "),
    tooltip: [
      `**${escaped(plan.feature)}** ${progressWords(reached)} · ${condition(plan)}`,
      toolText(plan),
      `Next: ${escaped(nextText(plan.next))} (${plan.next.role}). ${escaped(plan.next.reason)}`,
      plan.lifecycle_evidence ? `Lifecycle: ${plan.lifecycle} (${escaped(plan.lifecycle_evidence.says)})` : "",
      plan.priority ? `Priority: ${escaped(plan.priority.text)}` : "",
      problems ? `Problems: ${problems}` : "",
      ...(plan.notes ?? []).map((note) => `Not read: ${escaped(note)}`),
      escaped(plan.path),
    ]
      .filter(Boolean)
      .join("\n\n"),
    icon: look.icon,
    color: look.color,
    kinds: ["plan", ...acts(plan), ...(hasPrompt(plan) ? ["prompt"] : []), ...(plan.claims.length ? ["claims"] : [])],
    root: workspace.root,
    path: plan.path,
    line: 1,
    target: { workspace: workspace.root, plan: plan.path },
    parent,
    children: () => [
      ...below(placed, null).map((achievement) => achievementItem(placed, achievement, item)),
      ...misnamed(placed).map((file) => misnamedItem(file, item)),
    ],
  };
  return item;
}

/** The achievements directly below one (its ref), or at the top of the plan (null). */
function below({ plan }: PlanInWorkspace, parent: string | null): readonly AchievementResult[] {
  return plan.achievements.filter((known) => (known.parent ?? null) === parent);
}

/** The files that seem to be work of a plan, under names that are not read. */
function misnamed({ workspace, plan }: PlanInWorkspace): readonly MisnamedResult[] {
  return (workspace.misnamed ?? []).filter((file) => file.plan === plan.path);
}

function misnamedItem(file: MisnamedResult, parent: Item): Item {
  return {
    id: `${parent.id}|${file.path}`,
    label: file.path.split("/").at(-1) ?? file.path,
    description: "not read",
    tooltip: `${escaped(file.path)}\n\nIts name is not read: ${escaped(file.says)}`,
    icon: "warning",
    color: "list.warningForeground",
    kinds: ["misnamed"],
    root: parent.root,
    path: file.path,
    line: 1,
    target: parent.target,
    parent,
    children: () => [],
  };
}

const REVIEWABLE = ["awaiting_review", "fix_resolved", "active_execution", "next_execution", "needs_fix"];

function achievementItem(placed: PlanInWorkspace, achievement: AchievementResult, parent: Item): Item {
  const { workspace, plan } = placed;
  const look = STATES[achievement.state];
  const kinds = ["achievement", achievement.state];
  const wanted = isWanted(achievement);
  if (wanted) kinds.push("prompt");
  // Nothing is created for an achievement that may have work under another name.
  const isFree = !misnamed(placed).some((file) => file.achievements.includes(achievement.id));
  if (isTickable(achievement)) kinds.push("tickable");
  if (isPlan(plan) && isFree && wanted) kinds.push(achievement.subplan ? "executable" : "no-subplan");
  if (isPlan(plan) && wanted) kinds.push("droppable");
  if (REVIEWABLE.includes(achievement.state)) kinds.push("reviewable");
  const label = `${achievement.id} ${achievement.title}`.trim();
  const next = isNext(plan, achievement) ? " ← next" : "";
  const item: Item = {
    id: `${workspace.root}|${plan.path}|${nameOf(achievement)}`,
    label,
    description: [words(achievement.state), achievement.optional ? "optional" : ""].filter(Boolean).join(", ") + next,
    tooltip: [
      `**${escaped(label)}**: ${look.mark} ${words(achievement.state)}`,
      ...achievement.evidence.map((known) => escaped(`${known.path}:${known.line} ${known.says}`)),
      achievement.blocked_by.length ? `Blocked by ${escaped(achievement.blocked_by.join(", "))}` : "",
    ]
      .filter(Boolean)
      .join("\n\n"),
    icon: look.icon,
    color: look.color,
    kinds,
    root: workspace.root,
    path: achievement.path,
    line: achievement.line,
    target: { workspace: workspace.root, plan: plan.path, achievement: nameOf(achievement) },
    parent,
    children: () => [
      ...(achievement.ref ? below(placed, achievement.ref) : []).map((known) => achievementItem(placed, known, item)),
      ...documentsOf(achievement).map((path) => documentItem(achievement, path, item)),
    ],
  };
  return item;
}

/** The icons of executions by their outcome; any other is a plain file. */
const OUTCOMES: Readonly<Record<string, Appearance>> = {
  open: STATES.active_execution,
  done: STATES.approved,
  blocked: STATES.execution_blocked,
  stopped: STATES.dropped,
  failed: STATES.needs_fix,
};

function documentItem(achievement: AchievementResult, path: string, parent: Item): Item {
  const execution = achievement.executions.find((known) => known.path === path);
  const kind = path === achievement.subplan ? "subplan" : execution ? "execution" : "verdict";
  const looks: Readonly<Record<typeof kind, { icon: string; color: string; description: string }>> = {
    subplan: { icon: "note", color: "", description: "SUBPLAN" },
    execution: {
      icon: OUTCOMES[execution?.outcome ?? ""]?.icon ?? "file",
      color: OUTCOMES[execution?.outcome ?? ""]?.color ?? "",
      description: words(execution?.outcome ?? ""),
    },
    verdict: { icon: "law", color: STATES[achievement.state].color, description: "verdict" },
  };
  return {
    id: `${parent.id}|${path}`,
    label: path.split("/").at(-1) ?? path,
    ...looks[kind],
    tooltip: escaped(path),
    kinds: [kind],
    root: parent.root,
    path,
    line: 1,
    target: parent.target,
    parent,
    children: () => [],
  };
}

/** The line of the tree for a document, by its workspace and path; for a PLAN that of the achievement, where one is meant. */
export function itemFor(items: readonly Item[], root: string, path: string, achievement?: string): Item | undefined {
  for (const item of items) {
    if (item.root !== root) continue;
    if (item.path === path && isMeant(item, achievement)) return item;
    const within = itemFor(item.children(), root, path, achievement);
    if (within) return within;
  }
  return undefined;
}

/** Whether of the items with one path this is the one: a PLAN is the path of its achievements too. */
function isMeant(item: Item, achievement: string | undefined): boolean {
  if (item.kinds[0] === "plan") return achievement === undefined;
  return item.kinds[0] !== "achievement" || item.target.achievement === achievement;
}
