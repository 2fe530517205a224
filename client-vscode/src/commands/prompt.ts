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

/** What the commands about prompts need. */
export interface PromptParts {
  readonly session: Session;
  readonly context: vscode.ExtensionContext;
  readonly view: PromptView;
}

/** Asks which prompt and where to, and delivers it there. */
export async function nextPrompt(parts: PromptParts, argument: unknown): Promise<void> {
  const target = targetOf(argument) ?? (await ask(parts.session));
  if (!target) return;
  await deliverPrompt(parts, await promptOf(parts.session, target));
}

/** Takes a prompt to where the settings say, or asks. */
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

/** Copies the prompt for the achievement at the cursor; asks where there is none. */
export async function copyPrompt(parts: PromptParts, argument: unknown): Promise<void> {
  const { session } = parts;
  const target =
    targetOf(argument) ?? (await targetAtCursor(session)) ?? (await onlyPlan(session)) ?? (await ask(session));
  if (!target) return;
  const prompt = await promptOf(session, target);
  await deliver({ delivery: "copy" }, prompt, { log: session.log, view: parts.view });
  say(prompt);
}

/** Takes a prompt to where it is used, and remembers the way, which has worked then. */
async function finish({ context }: PromptParts, way: Way, prompt: PromptResult, means: Means): Promise<void> {
  await deliver(way, prompt, means);
  await context.workspaceState.update(LAST, wayKey(way));
  say(prompt);
}

/** What is to be known of a prompt: that something is masked, or that it is long. */
function say(prompt: PromptResult): void {
  for (const note of prompt.notes) void vscode.window.showInformationMessage(note);
}

async function targetAtCursor(session: Session): Promise<Target | undefined> {
  const here = await atCursor(session);
  if (!here?.achievement || !isWanted(here.achievement)) return undefined;
  return { workspace: here.workspace.root, plan: here.plan.path, achievement: refOf(here.achievement) };
}

/** The only plan, where no editor shows which plan or achievement is meant: such as in the walkthrough. */
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
 * Asks where a prompt goes. The question says what the prompt is about and how long it is, shows it, and offers the steps that
 * may be asked for instead: one of them changes the prompt, and the question stays.
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
    /** Makes the prompt of another step; the question shows the wait. */
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
    // The preview takes the focus from nothing, but a click into it does.
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
