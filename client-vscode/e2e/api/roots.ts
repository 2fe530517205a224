/** The extension in a window with several folders. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { ready, runAll, until, write } from "./harness";

export const run = (): Promise<void> =>
  runAll({
    "each folder stands in the tree with its plans, served by one server": async () => {
      const { session, tree } = await ready();
      await until("both folders", () => session.status()?.workspaces.length === 2);
      await until("the tree", () => tree.items().length === 2);
      assert.deepEqual(
        tree.items().map((item) => [item.label, item.children().length > 0]),
        [
          ["first", true],
          ["second", true],
        ],
      );
    },
    "what changes in one folder shows there alone": async () => {
      const { session } = await ready();
      const approved = (): (number | undefined)[] =>
        ["first", "second"].map(
          (name) =>
            session
              .status()
              ?.workspaces.find((workspace) => workspace.root.endsWith(name))
              ?.plans.find((plan) => plan.feature === "CHECKOUT")?.counts["approved"],
        );
      assert.deepEqual(approved(), [2, 2]);
      await write("work-space/plans/CHECKOUT/execution/feedbacks/APPROVED_21.md", "# APPROVED\n\n**Reviewer**: Ada\n");
      await until("the verdict", () => approved()[0] === 3);
      assert.deepEqual(approved(), [3, 2]);
    },
    "a folder that goes takes its plans along": async () => {
      const { session, tree } = await ready();
      assert.ok(vscode.workspace.updateWorkspaceFolders(1, 1));
      await until("the folder has gone", () => session.status()?.workspaces.length === 1);
      await until("the tree", () => tree.items()[0]?.kinds[0] === "group");
    },
  });
