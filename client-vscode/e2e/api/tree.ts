/** The tree of plans in the extension host, on the example workspace. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { file, plansIn, ready, runAll, set, until } from "./harness";

const CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const SUBPLAN = "work-space/plans/CHECKOUT/subplans/SUBPLAN_CHECKOUT_11.md";

/** Puts the cursor of the editor before a text of a document. */
async function show(path: string, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file(path));
  const at = document.positionAt(document.getText().indexOf(text));
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}

export const run = (): Promise<void> =>
  runAll({
    "the tree follows the achievement at the cursor": async () => {
      const { tree } = await ready();
      await vscode.commands.executeCommand("planmark.plans.focus");
      const selected = (kind: string, achievement?: string): Promise<true> =>
        until(`${kind} ${achievement ?? ""} is selected`, () => {
          const item = tree.selected();
          return item?.kinds[0] === kind && item.target.achievement === achievement;
        });
      await show(CHECKOUT, "**Achievement 2.1**");
      await selected("achievement", "2.1");
      await show(CHECKOUT, "**Achievement 1.2**");
      await selected("achievement", "1.2");
      await show(CHECKOUT, "# PLAN");
      await selected("plan");
      await show(SUBPLAN, "# ");
      await selected("subplan", "1.1");
    },
    "a key of the tree acts on the selected line, wherever the cursor is": async () => {
      const { tree } = await ready();
      await show(CHECKOUT, "**Achievement 1.2**");
      await until("1.2 is selected", () => tree.selected()?.target.achievement === "1.2");
      await set("tree.followEditor", false);
      await show(CHECKOUT, "**Achievement 2.1**");
      await vscode.commands.executeCommand("planmark.copyPrompt", "selected");
      await until("the prompt", async () => /^# CHECKOUT 1\.2: /.test(await vscode.env.clipboard.readText()));
      await set("tree.followEditor", undefined);
    },
    "progress and the beginning of a long name come first, and all of it is said": async () => {
      const { tree } = await ready();
      for (const item of plansIn(tree.items())) {
        assert.match(item.label, /^(\d+\/\d+ )?\S/);
        assert.ok([...item.label].length <= 32, item.label);
        const feature = /PLAN_(.+)\.md$/.exec(item.path)?.[1];
        assert.ok(feature && item.says.startsWith(`${feature}, `), item.says);
      }
    },
  });
