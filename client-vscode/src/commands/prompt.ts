/** Next Prompt, and Copy Next Prompt. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { isWanted, refOf } from "../labels";
import { allPlans } from "../plans";
import type { PromptResult, StepOnDemand, Target } from "../protocol";
import type { Session } from "../session";
import { setting } from "../settings";
import { atCursor, pick } from "./pick";
import { about, deliver, type Means, size, ways } from "./promptDelivery";
import type { PromptView } from "./promptView";
import { type Delivery, promptChoices, type Way, wayKey, wayLine, wayOfSetting, waysAfter } from "./quickPicks";
import { targetOf } from "./target";

const LAST = "planmark.delivery.last";

/** The parts of the extension that the commands about prompts use. */
export interface PromptParts {
  readonly session: Session;
  readonly context: vscode.ExtensionContext;
  readonly view: PromptView;
}

/** Asks for the prompt and its destination, and delivers it there. */
export async function nextPrompt(parts: PromptParts, argument: unknown): Promise<void> {
  const target = targetOf(argument) ?? (await ask(parts.session));
  if (!target) return;
  await deliverPrompt(parts, await promptOf(parts.session, target));
}

/** Delivers a prompt by the way in the settings, or asks for a way. */
export async function deliverPrompt(parts: PromptParts, prompt: PromptResult): Promise<void> {
  const means: Means = { log: parts.session.log, view: parts.view };
  const all = waysAfter(await ways(means.log), parts.context.workspaceState.get<string>(LAST));
  const fixed = setting("delivery.default", means.log) as Delivery | "ask";
  if (fixed === "ask") {
    await askWay(parts, prompt, all, means);
    return;
  }
  const way = wayOfSetting(all, fixed);
  if (!way)
    throw new Error(
      t("planmark.delivery.default is {0}, which is not installed here. Set a different way, or `ask`.", fixed),
    );
  await finish(parts, way, prompt, means);
}

/** Copies the prompt for the achievement at the cursor. Without one, it asks for an achievement. */
export async function copyPrompt(parts: PromptParts, argument: unknown): Promise<void> {
  const { session } = parts;
  const target =
    targetOf(argument) ?? (await targetAtCursor(session)) ?? (await onlyPlan(session)) ?? (await ask(session));
  if (!target) return;
  const prompt = await promptOf(session, target);
  await deliver({ delivery: "copy" }, prompt, { log: session.log, view: parts.view });
  say(prompt);
}

/** Delivers a prompt, and remembers the way if the delivery succeeds. */
async function finish({ context }: PromptParts, way: Way, prompt: PromptResult, means: Means): Promise<void> {
  await deliver(way, prompt, means);
  await context.workspaceState.update(LAST, wayKey(way));
  say(prompt);
}

/** Shows the notes about a prompt: that a credential is masked, or that the prompt is long. */
function say(prompt: PromptResult): void {
  for (const note of prompt.notes) void vscode.window.showInformationMessage(note);
}

async function targetAtCursor(session: Session): Promise<Target | undefined> {
  const here = await atCursor(session);
  if (!here?.achievement || !isWanted(here.achievement)) return undefined;
  return { workspace: here.workspace.root, plan: here.plan.path, achievement: refOf(here.achievement) };
}

/** Returns the only plan if no editor shows which plan is meant, as in the walkthrough. */
async function onlyPlan(session: Session): Promise<Target | undefined> {
  if (vscode.window.activeTextEditor) return undefined;
  const [first, ...others] = allPlans(session.status() ?? (await session.refreshNow()));
  return first && others.length === 0 ? { workspace: first.workspace.root, plan: first.plan.path } : undefined;
}

async function ask(session: Session): Promise<Target | undefined> {
  const status = session.status() ?? (await session.refreshNow());
  return pick(
    promptChoices(status, await atCursor(session)),
    t("Next Prompt: for what?"),
    t("no plan is in this workspace"),
  );
}

interface Line extends vscode.QuickPickItem {
  readonly way?: Way;
  readonly step?: StepOnDemand;
}

const PREVIEW: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("eye"), tooltip: t("Preview the prompt") };

/**
 * Asks for the destination of a prompt. The question shows the subject and the length of the prompt, and offers the steps on
 * demand: one of them replaces the prompt, and the question stays open.
 */
function askWay(parts: PromptParts, first: PromptResult, all: readonly Way[], means: Means): Promise<void> {
  return new Promise((resolve, reject) => {
    const input = vscode.window.createQuickPick<Line>();
    let prompt = first;
    let accepted: Promise<void> | undefined;
    const show = (): void => {
      input.title = t("Next Prompt: {0} ({1})", about(prompt), size(prompt));
      input.placeholder = t("{0}: select how to deliver the prompt", capital(prompt.asks ?? prompt.step));
      input.items = lines(prompt, all);
      input.busy = false;
    };
    /** Replaces the prompt by the prompt of a different step. The question shows that it is busy. */
    const change = async ({ step, achievement }: StepOnDemand): Promise<void> => {
      input.busy = true;
      prompt = await promptOf(parts.session, { ...placeOf(prompt), ...(achievement ? { achievement } : {}) }, step);
      input.value = "";
      show();
    };
    const give = (error: unknown): void => {
      input.hide();
      reject(error);
    };
    input.buttons = [PREVIEW];
    // The preview does not take the focus, but a click into it does.
    input.ignoreFocusOut = true;
    input.onDidTriggerButton(() => {
      parts.view.show(prompt, { preserveFocus: true, preview: true }).then(undefined, give);
    });
    input.onDidAccept(() => {
      const [line] = input.selectedItems;
      if (input.busy || !line) return;
      if (line.step) {
        change(line.step).catch(give);
      } else if (line.way) {
        accepted = finish(parts, line.way, prompt, means);
        input.hide();
      }
    });
    input.onDidHide(() => {
      input.dispose();
      resolve(accepted);
    });
    show();
    input.show();
  });
}

function lines(prompt: PromptResult, all: readonly Way[]): Line[] {
  const steps = (prompt.on_demand ?? []).filter(({ step }) => step !== prompt.step);
  const separator: Line = {
    label: t("Other prompts of {0}", prompt.feature),
    kind: vscode.QuickPickItemKind.Separator,
  };
  return [
    ...all.map((way) => ({ ...wayLine(way), way })),
    ...(steps.length ? [separator] : []),
    ...steps.map((step) => ({
      label: `$(list-selection) ${capital(step.asks)}`,
      description: step.achievement ?? "",
      step,
    })),
  ];
}

function placeOf({ workspace, plan }: PromptResult): Target {
  return { workspace, plan };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

async function promptOf(session: Session, target: Target, step?: string): Promise<PromptResult> {
  const connection = await session.ensureStarted();
  const options = { location: vscode.ProgressLocation.Window, title: `Planmark: ${t("preparing the prompt")}` };
  const asked = step === undefined ? target : { ...target, step };
  return vscode.window.withProgress(options, () => connection.request<PromptResult>("planmark/nextPrompt", asked));
}
