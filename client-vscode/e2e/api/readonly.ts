/** A workspace that this user may read and not write. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { api, file, ready, runAll, until } from "./harness";
import { differences, expectedBy, shownBy } from "./shown";

const SEARCH = "work-space/plans/SEARCH/PLAN_SEARCH.md";

/** Every file of the workspace. */
const listed = (): string[] => readdirSync(file("").fsPath, { recursive: true, encoding: "utf8" }).sort();

async function lastOfTheLog(): Promise<string> {
  await vscode.commands.executeCommand("planmark.copyReport");
  return vscode.env.clipboard.readText();
}

export const run = (): Promise<void> =>
  runAll({
    "nothing may be written here": async () => {
      assert.throws(() => writeFileSync(join(file("").fsPath, "probe.md"), ""), { code: "EACCES" });
    },
    "everything is shown, and nothing is written by showing it": async () => {
      const before = listed();
      const own = await ready();
      const extension = vscode.extensions.getExtension("planmark.planmark")?.extensionPath ?? "";
      // The editor comes last: the status bar speaks of its plan.
      await vscode.commands.executeCommand("planmark.showMetrics");
      await vscode.window.showTextDocument(file(SEARCH));
      const expected = expectedBy(extension, file("").fsPath.replace(/\/$/, ""));
      let left: readonly string[] = [];
      await until("all is as the command line says", async () => {
        left = differences(await shownBy(own, file("").fsPath.replace(/\/$/, "")), expected);
        return left.length === 0;
      }).catch((error: unknown) => {
        throw new Error(`${error}\n${left.slice(0, 20).join("\n")}`);
      });
      assert.deepEqual(listed(), before);
    },
    "a command that would write says that it could not, and the server goes on": async () => {
      const { session } = await api();
      await vscode.commands.executeCommand("planmark.createSubplan", { plan: SEARCH, achievement: "3.1" });
      assert.ok(!existsSync(file("work-space/plans/SEARCH/subplans/SUBPLAN_SEARCH_31.md").fsPath));
      await until("it is said", async () => /planmark\.createSubplan: .+/.test(await lastOfTheLog()));
      assert.equal(session.health().is, "running");
    },
    "a prompt needs no right to write": async () => {
      await vscode.commands.executeCommand("planmark.copyPrompt", { plan: SEARCH, achievement: "3.1" });
      await until("the prompt", async () => /^# SEARCH 3\.1: /.test(await vscode.env.clipboard.readText()));
    },
  });
