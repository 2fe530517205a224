/** Review… and Research…: a prompt for each agent that does a part of a step. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { isPlan, isWanted, refOf } from "../labels";
import type { PromptResult, ResearchResult, ReviewResult, Target } from "../protocol";
import type { Session } from "../session";
import { atCursor, pick } from "./pick";
import { deliverPrompt, type PromptParts } from "./prompt";
import { size } from "./promptDelivery";
import { planChoices } from "./quickPicks";
import { targetOf } from "./target";

/** All reviewers have a prompt. The picker marks those that the change needs. */
const REVIEWERS = "security,quality,docs";

/** Asks for a reviewer of an achievement's work, with those first that the change needs, and delivers the prompt. */
export async function review(parts: PromptParts, argument: unknown): Promise<void> {
  const target = await targetOfParts(parts.session, argument, t("Review: of which plan?"));
  if (!target) return;
  const result = await request<ReviewResult>(parts.session, "planmark/review", { ...target, reviewers: REVIEWERS });
  const needed = result.reviews.map(({ reviewer }): string => reviewer);
  await choose(parts, result.prompts ?? [], {
    title: t("Review {0} {1}: {2}", result.feature, result.achievement ?? "", result.reason),
    placeholder: t("Compared with {0}", result.compared_with),
    says: (part) => (needed.includes(part) ? t("needed") : t("not needed for this change")),
  });
}

/** Asks for a kind of research before an achievement's design, and delivers the prompt. */
export async function research(parts: PromptParts, argument: unknown): Promise<void> {
  const target = await targetOfParts(parts.session, argument, t("Research: for which plan?"));
  if (!target) return;
  const result = await request<ResearchResult>(parts.session, "planmark/research", target);
  await choose(parts, result.prompts, {
    title: t("Research for {0} {1}", result.feature, result.achievement),
    placeholder: t("Each prompt is for an agent of its own"),
    says: () => "",
  });
}

interface Question {
  readonly title: string;
  readonly placeholder: string;
  readonly says: (part: string) => string;
}

async function choose(parts: PromptParts, prompts: readonly PromptResult[], question: Question): Promise<void> {
  const lines = prompts.map((prompt) => ({
    label: prompt.part ?? "",
    description: [t("tier {0}", prompt.tier), size(prompt), question.says(prompt.part ?? "")]
      .filter(Boolean)
      .join(" · "),
    prompt,
  }));
  const options = { title: question.title, placeHolder: question.placeholder };
  const chosen = await vscode.window.showQuickPick(lines, options);
  if (chosen) await deliverPrompt(parts, chosen.prompt);
}

/** Returns the target: from the argument, at the cursor, or a plan that the user picks. The server finds the achievement. */
async function targetOfParts(session: Session, argument: unknown, title: string): Promise<Target | undefined> {
  const given = targetOf(argument);
  if (given) return given;
  const here = await atCursor(session);
  if (here && isPlan(here.plan)) {
    const about = here.achievement && isWanted(here.achievement) ? { achievement: refOf(here.achievement) } : {};
    return { workspace: here.workspace.root, plan: here.plan.path, ...about };
  }
  const status = session.status() ?? (await session.refreshNow());
  return pick(
    planChoices(status, here, ({ plan }) => isPlan(plan)),
    title,
    t("no plan is in this workspace"),
  );
}

async function request<Result>(session: Session, method: string, params: object): Promise<Result> {
  const connection = await session.ensureStarted();
  const options = { location: vscode.ProgressLocation.Window, title: `Planmark: ${t("preparing the prompts")}` };
  return vscode.window.withProgress(options, () => connection.request<Result>(method, params));
}
