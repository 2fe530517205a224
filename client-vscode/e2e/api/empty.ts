/** The extension in a window without a folder. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { api, runAll } from "./harness";

export const run = (): Promise<void> =>
  runAll({
    "without a folder no server is started": async () => {
      const { session, tree } = await api();
      assert.equal(session.health().is, "resting");
      assert.deepEqual(tree.items(), []);
    },
    "a document that is no plan's starts no server": async () => {
      const document = await vscode.workspace.openTextDocument({ language: "markdown", content: "# Notes" });
      await vscode.window.showTextDocument(document);
      const { session } = await api();
      assert.equal(session.health().is, "resting");
    },
    "commands say that there is no plan, and nothing breaks": async () => {
      void vscode.commands.executeCommand("planmark.nextPrompt");
      await vscode.commands.executeCommand("planmark.copyPrompt");
      await vscode.commands.executeCommand("planmark.copyReport");
      const { session } = await api();
      assert.equal(session.health().is, "running");
      assert.deepEqual(session.status()?.workspaces, []);
    },
  });
