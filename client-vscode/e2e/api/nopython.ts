/** A machine on which no Python is found. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { api, file, runAll, set, until } from "./harness";

export const run = (): Promise<void> =>
  runAll({
    "it is said what is missing, and no plan is said to be there or not": async () => {
      const { session, tree, statusBar } = await api();
      const health = await until("the failure", () => {
        const now = session.health();
        return now.is === "failed" && now;
      });
      const lines = health.problem.split("\n");
      assert.match(lines[0] ?? "", /^No Python 3\.10 or later was found on the remote side .* Get one: \S+/);
      assert.ok(lines.some((line) => line.endsWith(": uv python install 3.13")));
      assert.ok(lines.some((line) => /^• python3: there is no such program$/.test(line)));
      assert.deepEqual(tree.items(), []);
      assert.equal(tree.badge(), 0);
      assert.equal(statusBar.text(), "");
      assert.equal(session.status(), undefined);
    },
    "no command breaks, and documents open as usual": async () => {
      for (const command of ["copyPrompt", "showGraph", "reindex", "copyReport", "clearFilter"]) {
        await vscode.commands.executeCommand(`planmark.${command}`);
      }
      assert.match(await vscode.env.clipboard.readText(), /\| server \| not running/);
      const plan = file("work-space/plans/CHECKOUT/PLAN_CHECKOUT.md");
      await vscode.window.showTextDocument(plan);
      assert.deepEqual(
        vscode.languages.getDiagnostics(plan).filter((known) => known.source === "planmark"),
        [],
      );
    },
    "with an interpreter everything is there": async () => {
      const { session, tree } = await api();
      const python = process.env["PLANMARK_PYTHON"];
      assert.ok(python);
      await set("server.interpreter", python);
      await until("the server", () => session.health().is === "running");
      await until("the plans", () => tree.items().length > 0);
      await set("server.interpreter", undefined);
    },
  });
