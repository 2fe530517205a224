/**
 * Create SUBPLAN, Create EXECUTION_TASK, Approve, Request Fix, Resolve Fix, Adopt Legacy Plan: the commands that write a file.
 */

import * as vscode from "vscode";
import { t } from "../l10n";
import { isWanted, stateText } from "../labels";
import type { AchievementResult, AdoptResult, CreatedResult, FixDraft, Target } from "../protocol";
import type { Session } from "../session";
import { setting } from "../settings";
import { withoutIcons } from "../text";
import { askForText } from "./ask";
import { atCursor, pick } from "./pick";
import { achievementChoices, planChoices } from "./quickPicks";
import { targetOf } from "./target";

const REVIEWER = "planmark.verdict.reviewer";

/** A kind of file: its title, the states of achievements that can get one, and the message if there are none. */
interface Kind {
  readonly command: string;
  readonly title: string;
  readonly suits: (achievement: AchievementResult) => boolean;
  readonly none: string;
}

const SUBPLAN: Kind = {
  command: "planmark.createSubplan",
  title: t("Create SUBPLAN: select an achievement"),
  suits: (known) => known.subplan === null && isWanted(known),
  none: t("every achievement has a SUBPLAN"),
};
const EXECUTION: Kind = {
  command: "planmark.createExecution",
  title: t("Create EXECUTION_TASK: select an achievement"),
  suits: (known) => known.subplan !== null && isWanted(known),
  none: t("no achievement has a SUBPLAN: create one first"),
};
const APPROVE: Kind = {
  command: "planmark.recordVerdict",
  title: t("Approve: select an achievement"),
  suits: isWanted,
  none: t("every achievement is approved or dropped"),
};
const FIX: Kind = {
  ...APPROVE,
  title: t("Request Fix: select an achievement"),
  suits: () => true,
  none: t("this workspace has no achievement"),
};

const RESOLVE: Kind = {
  command: "planmark.resolveFix",
  title: t("Resolve Fix: select an achievement"),
  suits: (known) => known.state === "needs_fix",
  none: t("no achievement needs a fix"),
};

export const createSubplan = (session: Session, argument: unknown): Promise<void> =>
  created(session, SUBPLAN, argument);
export const createExecution = (session: Session, argument: unknown): Promise<void> =>
  created(session, EXECUTION, argument);

async function created(session: Session, kind: Kind, argument: unknown): Promise<void> {
  const target = await achievementOf(session, kind, argument);
  if (target) await create(session, kind.command, target);
}

/** Records that an achievement is done, with the name of a person and an optional note. */
export async function approve(session: Session, context: vscode.ExtensionContext, argument: unknown): Promise<void> {
  const target = await achievementOf(session, APPROVE, argument);
  const reviewer = target && (await askReviewer(session, context));
  if (!target || !reviewer) return;
  const { achievement } = target;
  const options = {
    title: t("Approve {0}: what did you review? (optional)", achievement ?? ""),
    prompt: t("The note becomes part of the APPROVED file"),
  };
  await askForText(about("approve", target), options, async (note) => {
    const decided = { ...target, decision: "approve", reviewer };
    const { missing } = await create(session, APPROVE.command, { ...decided, note });
    if (!missing?.length) return true;
    const anyway = t("Approve Anyway");
    const shown = { modal: true, detail: missing.map((line) => `• ${line}`).join("\n") };
    const says = t("The files do not show that {0} is done. Nothing was written.", achievement ?? "");
    if ((await vscode.window.showWarningMessage(says, shown, anyway)) !== anyway) return false;
    const forced = async (reason: string): Promise<boolean> => {
      await create(session, APPROVE.command, { ...decided, note: reason, force: true });
      return true;
    };
    if (note.trim()) return forced(note);
    const why = {
      title: t("Approve {0}: why, although this is missing?", achievement ?? ""),
      prompt: t("The reason becomes part of the APPROVED file"),
      validateInput: reasonNeeded,
    };
    await askForText(about("approve anyway", target), why, forced);
    return true;
  });
}

/** Records that the issues of a FIX are solved, one by one, with an optional note. */
export async function resolveFix(session: Session, argument: unknown): Promise<void> {
  const target = await achievementOf(session, RESOLVE, argument);
  if (!target) return;
  const options = {
    title: t("Resolve Fix of {0}: what was done? (optional)", target.achievement ?? ""),
    prompt: t("The note becomes part of the RESOLUTION file, which lists the issues and is opened"),
  };
  await askForText(about("resolve", target), options, async (note) => {
    await create(session, RESOLVE.command, { ...target, note });
    return true;
  });
}

/**
 * Shows the next FIX of an achievement as an unsaved document, with the cursor at its first issue. The user writes the issues
 * below their severities and saves the document, or closes it. Until then nothing is written.
 */
export async function requestFix(session: Session, context: vscode.ExtensionContext, argument: unknown): Promise<void> {
  const target = await achievementOf(session, FIX, argument);
  const reviewer = target && (await askReviewer(session, context));
  if (!target || !reviewer) return;
  const connection = await session.ensureStarted();
  const draft = await connection.request<FixDraft>("planmark/draftFix", { ...target, reviewer });
  // The editor saves a document with such a URI at its path.
  const uri = vscode.Uri.parse(draft.uri, true).with({ scheme: "untitled" });
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  // A draft that is still open keeps the text that the user typed into it.
  if (document.getText()) return;
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), draft.text));
  const position = document.lineAt(draft.line - 1).range.end;
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(editor.selection);
}

/** Shows the claims in the text of an old plan, and records a verdict for each claim that the user picks. */
export async function adopt(session: Session, context: vscode.ExtensionContext, argument: unknown): Promise<void> {
  const status = session.status() ?? (await session.refreshNow());
  const choices = planChoices(status, await atCursor(session), ({ plan }) => (plan.adoptable ?? 0) > 0);
  const title = t("Adopt Legacy Plan: select a plan");
  const target =
    targetOf(argument) ??
    (await pick(choices, title, t("no plan claims an achievement without a verdict: there is nothing to adopt")));
  if (!target) return;
  const connection = await session.ensureStarted();
  const found = await connection.request<AdoptResult>("planmark/adopt", target);
  if (found.proposals.length === 0) {
    void vscode.window.showInformationMessage(`Planmark: ${t("{0} has no unconfirmed claims", found.feature)}`);
    return;
  }
  const lines = found.proposals.map((proposal) => ({
    label: withoutIcons(`${proposal.achievement} ${proposal.title}`),
    description: t("state by the files: {0}", stateText(proposal)),
    detail: withoutIcons(proposal.claims.map((claim) => t("line {0}: {1}", claim.line, claim.text.trim())).join(" · ")),
    proposal,
  }));
  // No claim is picked beforehand: each verdict is an act of a person.
  const options = {
    title: t("Adopt {0}: which claims are true?", found.feature),
    canPickMany: true,
    ignoreFocusOut: true,
  } as const;
  const chosen = await vscode.window.showQuickPick(lines, options);
  const reviewer = chosen?.length ? await askReviewer(session, context) : undefined;
  if (!chosen || !reviewer) return;
  for (const { proposal } of chosen) {
    const about = { workspace: found.workspace, plan: found.plan, achievement: proposal.achievement };
    await create(session, APPROVE.command, { ...about, decision: "adopt", reviewer, note: "" });
  }
}

async function achievementOf(session: Session, kind: Kind, argument: unknown): Promise<Target | undefined> {
  const given = targetOf(argument);
  if (given?.achievement) return given;
  const status = session.status() ?? (await session.refreshNow());
  return pick(achievementChoices(status, await atCursor(session), kind.suits), kind.title, kind.none);
}

/** Returns the subject of a command's question. */
function about(command: string, target: Target): string {
  return JSON.stringify([command, target.workspace, target.plan, target.achievement]);
}

function reasonNeeded(text: string): string | undefined {
  return text.trim() ? undefined : t("Enter a reason, so that others understand the decision");
}

async function askReviewer(session: Session, context: vscode.ExtensionContext): Promise<string | undefined> {
  const last = setting("verdict.reviewer", session.log) || context.globalState.get<string>(REVIEWER) || "";
  const name = await vscode.window.showInputBox({
    title: t("Who decides?"),
    prompt: t("The reviewer's name becomes part of the verdict"),
    value: last,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() ? undefined : t("Enter a name: a verdict names its reviewer")),
  });
  if (name) await context.globalState.update(REVIEWER, name.trim());
  return name?.trim();
}

/**
 * Lets the server create a file by an edit, saves the file, and shows it. If an approval lacks something (`missing`), no file
 * is created.
 */
export async function create(session: Session, command: string, argument: object): Promise<CreatedResult> {
  const connection = await session.ensureStarted();
  const result = await connection.execute<CreatedResult>(command, argument);
  if (result.missing?.length) return result;
  if (!result.applied)
    throw new Error(
      t("{0} was not created: {1}", result.path, result.failureReason ?? t("the editor refused the change")),
    );
  // The text of a new file is in an editor that is not saved yet.
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(result.uri, true));
  await document.save();
  // The server has already shown the document, if the editor supports it.
  if (vscode.window.activeTextEditor?.document !== document) {
    await vscode.window.showTextDocument(document, { preview: false });
  }
  session.refresh();
  return result;
}
