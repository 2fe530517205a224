/** Next Prompt, and Copy Next Prompt. */
import * as vscode from "vscode";
import { isWanted, nameOf } from "../labels";
import type { PromptResult, Target } from "../protocol";
import type { Session } from "../session";
import { setting } from "../settings";
import { atCursor, pick } from "./pick";
import { DELIVER } from "./promptDelivery";
import { DELIVERIES, type Delivery, deliveriesAfter, promptChoices } from "./quickPicks";
import { targetOf } from "./target";

const LAST = "planmark.delivery.last";

/** Asks which prompt and where to, and delivers it there. */
export async function nextPrompt(session: Session, context: vscode.ExtensionContext, argument: unknown): Promise<void> {
  const target = targetOf(argument) ?? (await ask(session));
  const delivery = target && (await deliveryFor(session, context));
  if (!target || !delivery) return;
  await deliver(await promptOf(session, target), delivery, session, context);
}

/** Copies the prompt for where the cursor is; without a plan there, that of the plan that needs it most. */
export async function copyPrompt(session: Session, context: vscode.ExtensionContext, argument: unknown): Promise<void> {
  let target = targetOf(argument);
  if (!target) {
    const here = atCursor(session.status() ?? (await session.refreshNow()));
    const open = here?.achievement && isWanted(here.achievement) ? { achievement: nameOf(here.achievement) } : {};
    target = here ? { workspace: here.workspace.root, plan: here.plan.path, ...open } : {};
  }
  await deliver(await promptOf(session, target), "copy", session, context);
}

/** Takes a prompt to where it is used, and says what is to be known of it: that something is masked, or that it is long. */
async function deliver(
  prompt: PromptResult,
  delivery: Delivery,
  session: Session,
  context: vscode.ExtensionContext,
): Promise<void> {
  await DELIVER[delivery](prompt, { storage: context.globalStorageUri, log: session.log });
  for (const note of prompt.notes) void vscode.window.showInformationMessage(note);
}

async function ask(session: Session): Promise<Target | undefined> {
  const status = session.status() ?? (await session.refreshNow());
  return pick(promptChoices(status, atCursor(status)), "Next Prompt: for what?", "no plan is in this workspace");
}

async function deliveryFor(session: Session, context: vscode.ExtensionContext): Promise<Delivery | undefined> {
  const fixed = setting("delivery.default", session.log);
  if (fixed !== "ask") return fixed as Delivery;
  const order = deliveriesAfter(context.workspaceState.get<string>(LAST));
  const lines = order.map((delivery) => ({ ...DELIVERIES[delivery], delivery }));
  const chosen = await vscode.window.showQuickPick(lines, { title: "Next Prompt: select a destination" });
  if (chosen) await context.workspaceState.update(LAST, chosen.delivery);
  return chosen?.delivery;
}

async function promptOf(session: Session, target: Target): Promise<PromptResult> {
  const connection = await session.ensureStarted();
  const options = { location: vscode.ProgressLocation.Window, title: "Planmark: making the prompt" };
  return vscode.window.withProgress(options, () => connection.request<PromptResult>("planmark/nextPrompt", target));
}
