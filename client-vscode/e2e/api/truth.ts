/** The extension shows only facts of the server: changes, plans that are being read, and the place at the cursor. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { StatusResult } from "../../src/protocol";
import { file, ready, runAll, until, write } from "./harness";

const CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const NEW = "work-space/plans/LATER/PLAN_LATER.md";
const TEXT = "# PLAN: Later\n\n**Status**: Planning\n\n**Achievement 1.1**: Receipts\n\n**Achievement 1.2**: Limits\n";

/** The titles of the achievements of a plan, as the session has them without asking. */
function titles(status: StatusResult | undefined, path: string): readonly string[] | undefined {
  const plans = status?.workspaces.flatMap((workspace) => workspace.plans) ?? [];
  return plans.find((plan) => plan.path === path)?.achievements.map((known) => known.title);
}

export const run = (): Promise<void> =>
  runAll({
    "documents that come, change and go are shown without being asked for": async () => {
      const { session } = await ready();
      await write(NEW, TEXT);
      await until("the new plan is shown", () => titles(session.status(), NEW)?.includes("Limits"));
      // No state changes, only a title.
      await write(NEW, TEXT.replace("Limits", "Bounds"));
      await until("the new title is shown", () => titles(session.status(), NEW)?.includes("Bounds"));
      await vscode.workspace.fs.delete(file("work-space/plans/LATER"), { recursive: true });
      await until("the plan is gone", () => titles(session.status(), NEW) === undefined);
    },
    "a plan with an open tab goes with its file, and its problems with it": async () => {
      const { session } = await ready();
      await write(NEW, TEXT.replace("1.2**: Limits", "1.2**: Limits\n\n- **Dependencies**: 9.9"));
      await vscode.window.showTextDocument(file(NEW));
      const problems = (): number =>
        vscode.languages.getDiagnostics(file(NEW)).filter((known) => known.source === "planmark").length;
      await until("its problems are shown", () => problems() > 0);
      await vscode.workspace.fs.delete(file("work-space/plans/LATER"), { recursive: true });
      await until("the plan is gone", () => titles(session.status(), NEW) === undefined);
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      await until("its problems are gone", () => problems() === 0);
      // The editor keeps the document for a while, and opens it again for a new server.
      await session.restart();
      await until("everything is read", () => session.status()?.workspaces.every((workspace) => workspace.complete));
      assert.equal(titles(session.status(), NEW), undefined);
    },
    "while the plans are read again, the last ones stay and are not facts": async () => {
      const { session, statusBar } = await ready();
      const count = session.status()?.workspaces[0]?.plans.length ?? 0;
      assert.ok(count > 0);
      const seen: { complete: boolean; plans: number; statusBar: string }[] = [];
      const listener = session.onStatus((status) => {
        const workspace = status.workspaces[0];
        // The views take the status in the same turn, the status bar the place of the editor after it.
        if (workspace) {
          seen.push({ complete: workspace.complete, plans: workspace.plans.length, statusBar: statusBar.text() });
        }
      });
      await session.restart();
      await until("everything is read", () => seen.some((known) => known.complete));
      listener.dispose();
      assert.ok(
        seen.every((known) => known.plans === count),
        JSON.stringify(seen),
      );
      for (const known of seen) if (!known.complete) assert.match(known.statusBar, /Reading/);
    },
    "only what contains the cursor is at the cursor": async () => {
      const { session } = await ready();
      const document = await vscode.workspace.openTextDocument(file(CHECKOUT));
      const lines = document.getText().split("\n");
      const plan = session.status()?.workspaces[0]?.plans.find((known) => known.path === CHECKOUT);
      const [first] = plan?.achievements ?? [];
      assert.ok(plan && first);
      const at = async (line: number) => session.at(document.uri, new vscode.Position(line, 0));
      assert.equal((await at(first.line - 1))?.achievement?.id, first.id);
      const head = await at(0);
      assert.equal(head?.plan.path, CHECKOUT);
      assert.equal(head.achievement, undefined);
      const end = await at(lines.length - 1);
      assert.equal(end?.achievement, undefined);
    },
    "outside of every achievement a prompt is asked for, with the plan of the editor first": async () => {
      await ready();
      await vscode.env.clipboard.writeText("nothing");
      const top = new vscode.Range(0, 0, 0, 0);
      await vscode.window.showTextDocument(file(CHECKOUT), { selection: top });
      const copied = vscode.commands.executeCommand("planmark.copyPrompt");
      await until("a prompt is copied after the choice", async () => {
        await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
        return (await vscode.env.clipboard.readText()) !== "nothing";
      });
      await copied;
      assert.match(await vscode.env.clipboard.readText(), /CHECKOUT/);
    },
  });
