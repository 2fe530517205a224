/** The tree of plans, as plain data: folder → group → plan → achievement → its documents. */

import { t } from "../l10n";
import {
  type Appearance,
  acts,
  condition,
  counted,
  filesText,
  hasPrompt,
  isNext,
  isPlan,
  isTickable,
  isWanted,
  nextText,
  planLook,
  problemsText,
  progress,
  progressWords,
  refOf,
  STATES,
  stateText,
  toolText,
  words,
} from "../labels";
import { allPlans, byUrgency, documentsOf, folderName, type PlanInWorkspace } from "../plans";
import type { AchievementResult, MisnamedResult, PlanResult, StatusResult, Target, WorkspaceResult } from "../protocol";
import type { HolderResult } from "../results";
import { escaped } from "../text";
import { shortNames } from "./names";

/** One line of the tree. `kinds` are the words that conditions of menus contain. */
export interface Item {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** The tooltip, as Markdown. */
  readonly tooltip: string;
  /** The text for screen readers: everything that matters, with the full name. */
  readonly says: string;
  /** A codicon; "" for none. */
  readonly icon: string;
  readonly color: string;
  readonly kinds: readonly string[];
  /** Absolute root of the workspace, and a path in it; a click opens it at `line` (1-based). */
  readonly root: string;
  readonly path: string;
  readonly line: number;
  readonly target: Target;
  readonly parent: Item | undefined;
  /** Whether its children are shown at first. */
  readonly isOpen: boolean;
  readonly children: () => readonly Item[];
}

/** The filter of plans: a text that they contain, and their states; "" and undefined for all. */
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
    ...plan.achievements.flatMap((a) => [a.id, a.title, stateText(a)]),
  ];
  return said.some((part) => part.toLowerCase().includes(text));
}

/** The groups of a list of plans, in order; the groups of plans with work are open at first. */
const GROUPS: readonly {
  readonly standing: NonNullable<PlanResult["standing"]>;
  readonly label: string;
  readonly isOpen: boolean;
}[] = [
  { standing: "active", label: t("Active"), isOpen: true },
  { standing: "needs_you", label: t("Needs You"), isOpen: true },
  { standing: "paused", label: t("Paused"), isOpen: false },
  { standing: "backlog", label: t("Backlog"), isOpen: false },
  { standing: "closed", label: t("Closed"), isOpen: false },
];

/** Returns the number of plans that wait for a person. */
export function needingYou(status: StatusResult): number {
  return allPlans(status).filter(({ plan }) => plan.standing === "needs_you").length;
}

/**
 * Returns the lines without a parent: folders in the order of the window if there are several, else the groups of their plans.
 */
export function roots(status: StatusResult, filter: Filter): readonly Item[] {
  const several = status.workspaces.length > 1;
  if (!several) return status.workspaces.flatMap((workspace) => groupItems(workspace, filter, undefined));
  return status.workspaces
    .map((workspace): Item => {
      const name = folderName(status, workspace.root);
      const item: Item = {
        ...plain(workspace.root, name, undefined),
        id: workspace.root,
        tooltip: escaped(workspace.root),
        says: t("folder {0}", name),
        icon: "root-folder",
        kinds: ["workspace"],
        isOpen: true,
        children: once(() => groupItems(workspace, filter, item)),
      };
      return item;
    })
    .filter((item) => item.children().length > 0);
}

/** Returns a function that calls `make` at its first call, and keeps the result. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Returns a line without icon, description and command. */
function plain(root: string, label: string, parent: Item | undefined): Omit<Item, "id" | "kinds"> {
  return {
    label,
    description: "",
    tooltip: "",
    says: label,
    icon: "",
    color: "",
    root,
    path: "",
    line: 0,
    target: { workspace: root },
    parent,
    isOpen: false,
    children: () => [],
  };
}

/** Returns the groups of the plans of a folder that fit a filter, without empty groups. */
function groupItems(workspace: WorkspaceResult, filter: Filter, parent: Item | undefined): readonly Item[] {
  const placed = workspace.plans
    .map((plan) => ({ workspace, plan, title: plan.feature }))
    .filter((one) => fits(filter, one))
    .sort(byUrgency);
  return GROUPS.flatMap(({ standing, label, isOpen }): Item[] => {
    const own = placed.filter(({ plan }) => plan.standing === standing);
    if (own.length === 0) return [];
    const names = shortNames(own.map(({ plan }) => plan.feature));
    const item: Item = {
      ...plain(workspace.root, label, parent),
      id: `${workspace.root}|${standing}`,
      description: String(own.length),
      says: `${label}, ${counted(own.length, "plan")}`,
      kinds: ["group"],
      isOpen,
      children: once(() => own.map((one, index) => planItem(one, names[index] ?? one.plan.feature, item))),
    };
    return [item];
  });
}

/** Returns the line of a plan under its short name. */
function planItem(placed: PlanInWorkspace, name: string, parent: Item): Item {
  const { workspace, plan } = placed;
  const reached = progress(plan);
  const files = filesText(plan);
  const look = planLook(plan);
  // The groups say the rest. Any other text in the line takes room from the name.
  const lifecycle = plan.standing === "closed" && plan.lifecycle !== "active" ? plan.lifecycle : "";
  const flags = [lifecycle, plan.legacy ? t("legacy") : ""].filter(Boolean);
  const problems = problemsText(plan.diagnostics);
  const next = hasNext(plan) ? nextText(plan.next) : "";
  const says = [progressWords(reached), condition(plan), ...flags].join(", ");
  const item: Item = {
    ...plain(workspace.root, reached.of ? `${reached.approved}/${reached.of} ${name}` : name, parent),
    id: `${workspace.root}|${plan.path}`,
    description: [lifecycle, files].filter(Boolean).join(" · "),
    tooltip: [
      `**${escaped(plan.feature)}** ${says}`,
      files,
      toolText(plan),
      next ? `${t("Next: {0} ({1}).", escaped(next), plan.next.role)} ${escaped(plan.next.reason)}` : "",
      plan.lifecycle_evidence ? t("Lifecycle: {0} ({1})", plan.lifecycle, escaped(plan.lifecycle_evidence.says)) : "",
      plan.priority ? t("Priority: {0}", escaped(plan.priority.text)) : "",
      problems ? t("Problems: {0}", problems) : "",
      ...(plan.notes ?? []).map((note) => t("Not read: {0}", escaped(note))),
      escaped(plan.path),
    ]
      .filter(Boolean)
      .join("\n\n"),
    says: [`${plan.feature}, ${says}`, next ? t("next {0}", next) : ""].filter(Boolean).join(", "),
    icon: look.icon,
    color: look.color,
    kinds: ["plan", ...acts(plan), ...(hasPrompt(plan) ? ["prompt"] : []), ...(plan.adoptable ? ["claims"] : [])],
    path: plan.path,
    line: 1,
    target: { workspace: workspace.root, plan: plan.path },
    children: once(() => [
      ...(next ? [nextItem(placed, next, item)] : []),
      ...below(placed, null).map((achievement) => achievementItem(placed, achievement, item)),
      ...misnamed(placed).map((file) => misnamedItem(file, item)),
    ]),
  };
  return item;
}

/** Tells whether the list shows a next step for a plan: a closed plan has none. */
function hasNext(plan: PlanResult): boolean {
  return plan.next.step !== "closed";
}

/** Returns the line of the next step of a plan, which opens the document of the step. */
function nextItem({ plan }: PlanInWorkspace, next: string, parent: Item): Item {
  const about = plan.achievements.find((achievement) => isNext(plan, achievement));
  const [path, line] = plan.next.file ? [plan.next.file, 1] : [about?.path ?? plan.path, about?.line ?? 1];
  return {
    ...plain(parent.root, next, parent),
    id: `${parent.id}|next`,
    description: t("next"),
    tooltip: `**${t("Next: {0}", escaped(next))}** (${plan.next.role})\n\n${escaped(plan.next.reason)}\n\n${escaped(path)}`,
    says: t("next step, {0}", next),
    icon: "arrow-right",
    kinds: ["next", ...(hasPrompt(plan) ? ["prompt"] : [])],
    path,
    line,
    target: about ? { ...parent.target, achievement: refOf(about) } : parent.target,
  };
}

/** Returns the achievements directly below one (its ref), or at the top of the plan (null). */
function below({ plan }: PlanInWorkspace, parent: string | null): readonly AchievementResult[] {
  return plan.achievements.filter((known) => (known.parent ?? null) === parent);
}

/** Returns the files that seem to be work of a plan, but have names that are not read. */
function misnamed({ workspace, plan }: PlanInWorkspace): readonly MisnamedResult[] {
  return (workspace.misnamed ?? []).filter((file) => file.plan === plan.path);
}

function misnamedItem(file: MisnamedResult, parent: Item): Item {
  const name = file.path.split("/").at(-1) ?? file.path;
  return {
    ...plain(parent.root, name, parent),
    id: `${parent.id}|${file.path}`,
    description: t("not read"),
    tooltip: `${escaped(file.path)}\n\n${t("Planmark does not read a file of this name: {0}", escaped(file.says))}`,
    says: t("{0}, not read", name),
    icon: "warning",
    color: "list.warningForeground",
    kinds: ["misnamed"],
    path: file.path,
    line: 1,
    target: parent.target,
  };
}

/** The agent that holds an item, or for which it is reserved. */
function holderText(holder: HolderResult): string {
  return holder.state === "reserved" ? t("reserved for {0}", holder.agent) : t("held by {0}", holder.agent);
}

const REVIEWABLE = ["awaiting_review", "fix_resolved", "active_execution", "next_execution", "needs_fix"];

function achievementItem(placed: PlanInWorkspace, achievement: AchievementResult, parent: Item): Item {
  const { workspace, plan } = placed;
  const look = STATES[achievement.state];
  const kinds = ["achievement", achievement.state];
  const wanted = isWanted(achievement);
  if (wanted) kinds.push("prompt");
  // No file is created for an achievement that may have work under a different name.
  const isFree = !misnamed(placed).some((file) => file.achievements.includes(achievement.id));
  if (isTickable(achievement)) kinds.push("tickable");
  if (isPlan(plan) && isFree && wanted) kinds.push(achievement.subplan ? "executable" : "no-subplan");
  if (isPlan(plan) && wanted) kinds.push("droppable");
  if (REVIEWABLE.includes(achievement.state)) kinds.push("reviewable");
  const name = `${achievement.id} ${achievement.title}`.trim();
  const held = achievement.holder ? holderText(achievement.holder) : "";
  const state = [stateText(achievement), achievement.optional ? t("optional") : "", held].filter(Boolean).join(", ");
  const item: Item = {
    // The state comes first: a narrow side bar cuts the end of a line.
    ...plain(workspace.root, `${achievement.id} ${state}`.trim(), parent),
    id: `${workspace.root}|${plan.path}|${refOf(achievement)}`,
    description: achievement.title,
    tooltip: [
      `**${escaped(name)}**: ${look.mark} ${stateText(achievement)}`,
      achievement.holder ? `${escaped(held)} (${new Date(achievement.holder.until).toLocaleTimeString()})` : "",
      ...achievement.evidence.map((known) => escaped(`${known.path}:${known.line} ${known.says}`)),
    ]
      .filter(Boolean)
      .join("\n\n"),
    says: [name, state, isNext(plan, achievement) ? t("next") : ""].filter(Boolean).join(", "),
    icon: achievement.holder ? "account" : look.icon,
    color: look.color,
    kinds,
    path: achievement.path,
    line: achievement.line,
    target: { workspace: workspace.root, plan: plan.path, achievement: refOf(achievement) },
    children: once(() => [
      ...(achievement.ref ? below(placed, achievement.ref) : []).map((known) => achievementItem(placed, known, item)),
      ...documentsOf(achievement).map((path) => documentItem(achievement, path, item)),
    ]),
  };
  return item;
}

/** Outcome of an execution → its icon; any other outcome has the icon of a file. */
const OUTCOMES: Readonly<Record<string, Appearance>> = {
  open: STATES.active_execution,
  done: STATES.approved,
  blocked: STATES.execution_blocked,
  stopped: STATES.dropped,
  failed: STATES.needs_fix,
};

/** Returns the line of a document, named by its kind; its file name is in the tooltip. */
function documentItem(achievement: AchievementResult, path: string, parent: Item): Item {
  const execution = achievement.executions.find((known) => known.path === path);
  const outcome = words(execution?.outcome ?? "");
  const kind = path === achievement.subplan ? "subplan" : execution ? "execution" : "verdict";
  const looks: Readonly<Record<typeof kind, Pick<Item, "label" | "icon" | "color" | "description">>> = {
    subplan: { label: t("SUBPLAN"), icon: "note", color: "", description: "" },
    execution: {
      label: t("Execution {0}", String(execution?.number ?? 0).padStart(2, "0")),
      icon: OUTCOMES[execution?.outcome ?? ""]?.icon ?? "file",
      color: OUTCOMES[execution?.outcome ?? ""]?.color ?? "",
      description: outcome,
    },
    verdict: {
      label: achievement.round > 1 ? t("Review (round {0})", achievement.round) : t("Review"),
      icon: "law",
      color: STATES[achievement.state].color,
      description: stateText(achievement),
    },
  };
  const look = looks[kind];
  return {
    ...plain(parent.root, look.label, parent),
    ...look,
    id: `${parent.id}|${path}`,
    tooltip: escaped(path),
    says: [t("{0} of {1}", look.label, achievement.id), look.description, path.split("/").at(-1)]
      .filter(Boolean)
      .join(", "),
    kinds: [kind],
    path,
    line: 1,
    target: parent.target,
  };
}

/**
 * Returns the line of the tree for a document, by its workspace and path; for a PLAN, the line of the achievement if one is
 * given.
 */
export function itemFor(items: readonly Item[], root: string, path: string, achievement?: string): Item | undefined {
  for (const item of items) {
    if (item.root !== root) continue;
    if (item.path === path && isMeant(item, achievement)) return item;
    const within = itemFor(item.children(), root, path, achievement);
    if (within) return within;
  }
  return undefined;
}

/** Tells which of several items with one path is meant: achievements without documents have the path of their PLAN. */
function isMeant(item: Item, achievement: string | undefined): boolean {
  if (item.kinds[0] === "next") return false;
  if (item.kinds[0] === "plan") return achievement === undefined;
  return item.kinds[0] !== "achievement" || item.target.achievement === achievement;
}
