/** Runs of agents over the steps of a plan: how one is started in a terminal, and the lines of their list. */
import type { TerminalOptions } from "vscode";
import { t } from "../l10n";
import { words } from "../labels";
import { folderName } from "../plans";
import type { RunResult, RunStepResult, RunsResult, StatusResult } from "../protocol";
import type { Launch } from "../server/resolveServer";
import { visible, withoutIcons } from "../text";

/** A run to start: `root` is absolute, and `plan` is the path of the plan relative to it. */
export interface RunRequest {
  readonly root: string;
  readonly plan: string;
  /** The name of the plan in lists. */
  readonly title: string;
  /** The achievement after which the run ends. */
  readonly until?: string;
  /** Number of agents at once. */
  readonly agents?: number;
  /** The run to go on with. */
  readonly resume?: string;
}

/** The numbers of agents that are offered. */
export const AGENTS_AT_ONCE: readonly number[] = [1, 2, 3, 4, 6, 8];

/** Returns the arguments of the command `planmark` that start a run. */
export function runArguments({ root, plan, until, agents, resume }: RunRequest): string[] {
  return [
    "run",
    "--workspace",
    root,
    `@${plan}`,
    // A value in the same argument cannot be taken for an option.
    ...(until === undefined ? [] : [`--until=${until}`]),
    ...(agents === undefined ? [] : [`--agents=${agents}`]),
    ...(resume === undefined ? [] : [`--resume=${resume}`]),
  ];
}

/**
 * Returns the terminal of a run. Its program is `planmark` itself, without a shell. Nothing of the workspace is part of its
 * environment or its imports: it has only the variables of the editor, and works in `folder`, which is outside of every workspace.
 * `added` are the names of the variables that settings add to terminals.
 */
export function runTerminal(
  asked: RunRequest,
  program: Launch,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  added: readonly string[],
): TerminalOptions {
  return {
    name: t("Run of {0}", asked.title),
    shellPath: program.command,
    shellArgs: [...program.args, ...runArguments(asked)],
    cwd: folder,
    // The editor closes a terminal together with its program, and the person would not see the result.
    // On a remote, the editor adds the variables of settings in spite of `strictEnv`. The value null takes them back.
    env: { ...Object.fromEntries(added.map((name) => [name, null])), ...environment, PLANMARK_KEEP_OPEN: "1" },
    // Otherwise the settings of a workspace could add variables, such as the folder of the user's agents.
    strictEnv: true,
    // The editor would start the program of a terminal again in its next session.
    isTransient: true,
  };
}

/** A line of the list of runs. A line without a run is a heading. */
export interface RunLine {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly run: RunResult | undefined;
  readonly step: RunStepResult | undefined;
}

/** Class of a step → its icon; each other class has the icon of a failure. */
const CLASSES: Readonly<Record<string, string>> = { ok: "pass", open: "sync" };

const plain = (text: string): string => withoutIcons(visible(text));

/**
 * Returns the runs of folders, the newest of each folder first: each with a heading, and with its steps. A run that is open has a
 * line of its own, because a person can stop it or go on with it.
 */
export function runLines(folders: readonly RunsResult[], status: StatusResult): RunLine[] {
  const several = folders.filter(({ runs }) => runs.length > 0).length > 1;
  return folders.flatMap(({ workspace, runs }) => {
    const folder = several ? ` (${folderName(status, workspace)})` : "";
    return [...runs]
      .reverse()
      .flatMap((run): RunLine[] => [
        { label: headingOf(run, folder), description: "", detail: "", run: undefined, step: undefined },
        ...(run.exit === null ? [{ ...aboutRun(run), run, step: undefined }] : []),
        ...run.steps.map((step) => ({ ...aboutStep(step), run, step })),
      ]);
  });
}

type Text = Pick<RunLine, "label" | "description" | "detail">;

function headingOf({ run, feature, totals, exit, why }: RunResult, folder: string): string {
  const done = totals.reduce((sum, total) => sum + total.done, 0);
  const of = totals.reduce((sum, total) => sum + total.steps, 0);
  const ended = exit === null ? "" : t("exit code {0}", exit);
  const steps = of === 1 ? t("{0} of {1} step done", done, of) : t("{0} of {1} steps done", done, of);
  const parts = [`${feature}${folder}`, steps, ended, run, why];
  return plain(parts.filter(Boolean).join(" · "));
}

function aboutRun({ run, feature }: RunResult): Text {
  return { label: `$(run-all) ${plain(feature)}`, description: `${t("open")} · ${plain(run)}`, detail: "" };
}

function aboutStep(step: RunStepResult): Text {
  const about = plain([step.achievement, words(step.step)].filter(Boolean).join(" "));
  return {
    label: `$(${CLASSES[step.class] ?? "error"}) ${about}`,
    description: `${plain(step.agent)} · ${words(step.class)}`,
    detail: plain(step.by),
  };
}

/** An action of a person on a line of the list. */
export type RunAction = "log" | "worktree" | "terminal" | "stop" | "resume";

/**
 * Returns the actions of a line, in order. `hasTerminal` tells whether the run of the plan has a terminal in this window, and
 * `exists` whether a path exists.
 */
export function runActions(
  { run, step }: RunLine,
  hasTerminal: boolean,
  exists: (path: string) => boolean,
): readonly RunAction[] {
  const ofStep: RunAction[] = [];
  if (step?.log && exists(step.log)) ofStep.push("log");
  if (step?.worktree && exists(step.worktree)) ofStep.push("worktree");
  if (run?.exit !== null) return ofStep;
  return [...ofStep, ...(hasTerminal ? (["terminal", "stop"] as const) : (["resume"] as const))];
}
