/** Actions of a user with documents, verdicts and keys, in the extension host, on the example workspace. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { api, file, ready, runAll, set, until } from "./harness";

const CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const EXECUTION = "work-space/plans/CHECKOUT/execution/EXECUTION_TASK_CHECKOUT_11_01.md";

/** The 0-based line of a text in a document. */
async function lineOf(path: string, text: string): Promise<number> {
  const document = await vscode.workspace.openTextDocument(file(path));
  return document
    .getText()
    .split("\n")
    .findIndex((line) => line.includes(text));
}

async function show(path: string, line = 0): Promise<vscode.TextEditor> {
  const at = new vscode.Position(line, 0);
  return vscode.window.showTextDocument(file(path), { selection: new vscode.Range(at, at), viewColumn: 1 });
}

const cursor = (): number | undefined => vscode.window.activeTextEditor?.selection.active.line;

/** The tabs that show a dashboard. */
function dashboards(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("planmark.dashboard"));
}

/** Answers the questions for a text while `work` runs, one after the other; returns the texts that were offered. */
async function answering(answers: readonly (string | undefined)[], work: () => Thenable<unknown>): Promise<string[]> {
  const { showInputBox } = vscode.window;
  const offered: string[] = [];
  const left = [...answers];
  const own: typeof showInputBox = async (options?: vscode.InputBoxOptions) => {
    offered.push(options?.value ?? "");
    assert.ok(left.length > 0, `the test has no answer to the question ${options?.title}`);
    return left.shift();
  };
  Object.assign(vscode.window, { showInputBox: own });
  try {
    await work();
  } finally {
    Object.assign(vscode.window, { showInputBox });
  }
  assert.deepEqual(left, []);
  return offered;
}

export const run = (): Promise<void> =>
  runAll({
    "a document of the tree opens beside, and its paths are copied": async () => {
      await ready();
      await show(CHECKOUT);
      const document = { root: file("").fsPath.replace(/\/$/, ""), path: EXECUTION, line: 1 };
      await vscode.commands.executeCommand("planmark.openBeside", document);
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file(EXECUTION).fsPath);
      assert.equal(vscode.window.activeTextEditor?.viewColumn, vscode.ViewColumn.Two);
      await vscode.commands.executeCommand("planmark.copyRelativePath", document);
      await until("the relative path", async () => (await vscode.env.clipboard.readText()) === EXECUTION);
      await vscode.commands.executeCommand("planmark.copyPath", document);
      await until("the path", async () => (await vscode.env.clipboard.readText()) === file(EXECUTION).fsPath);
      await vscode.commands.executeCommand("planmark.revealInExplorer", document);
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    },
    "the cursor goes from achievement to achievement, and around": async () => {
      await ready();
      const first = await lineOf(CHECKOUT, "**Achievement 0.1**");
      const second = await lineOf(CHECKOUT, "**Achievement 1.1**");
      await show(CHECKOUT, first);
      await vscode.commands.executeCommand("planmark.nextAchievement");
      assert.equal(cursor(), second);
      await vscode.commands.executeCommand("planmark.previousAchievement");
      assert.equal(cursor(), first);
      await vscode.commands.executeCommand("planmark.previousAchievement");
      assert.ok((cursor() ?? 0) > second, `line ${cursor()}`);
      await vscode.commands.executeCommand("planmark.nextAchievement");
      assert.equal(cursor(), first);
    },
    "the cursor goes to every problem of the workspace": async () => {
      await ready();
      const all = (): string[] =>
        vscode.languages
          .getDiagnostics()
          .flatMap(([uri, diagnostics]) =>
            diagnostics
              .filter(({ source, severity }) => source === "planmark" && severity < vscode.DiagnosticSeverity.Hint)
              .map(({ range }) => `${uri.path}:${range.start.line}`),
          );
      await show(CHECKOUT);
      await until("problems", () => all().length > 1);
      const places = [...new Set(all())];
      const seen = new Set<string>();
      for (const _ of places) {
        await vscode.commands.executeCommand("planmark.nextProblem");
        seen.add(`${vscode.window.activeTextEditor?.document.uri.path}:${cursor()}`);
      }
      assert.deepEqual([...seen].sort(), places.sort());
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    },
    "no key of the extension is one of the editor's": async () => {
      const uri = vscode.Uri.parse("vscode://defaultsettings/keybindings.json");
      const text = (await vscode.workspace.openTextDocument(uri)).getText();
      const bound = [...text.matchAll(/"key": "([^"]+)",\s+"command": "([^"]+)"/g)];
      assert.ok(bound.length > 500, `${bound.length}`);
      const { packageJSON } = vscode.extensions.getExtension("planmark.planmark") ?? {};
      const keys: string[] = packageJSON.contributes.keybindings.map((known: { key: string }) => known.key);
      assert.ok(keys.length > 5);
      for (const key of keys) {
        const commands = bound.filter(([, own]) => own === key).map(([, , command]) => command);
        assert.ok(commands.length > 0, key);
        for (const command of commands) assert.match(command ?? "", /^planmark\./, key);
      }
    },
    "every setting is in a section, and the schema of planmark.toml is there": async () => {
      const { packageJSON, extensionUri } = vscode.extensions.getExtension("planmark.planmark") ?? {};
      assert.ok(extensionUri);
      const { configuration, tomlValidation } = packageJSON.contributes;
      assert.ok(configuration.length > 4);
      for (const { title, properties } of configuration) {
        assert.match(title, /^[A-Z]/);
        for (const [key, { default: value }] of Object.entries<{ default: unknown }>(properties)) {
          assert.deepEqual(vscode.workspace.getConfiguration().inspect(key)?.defaultValue, value, key);
        }
      }
      const schema = vscode.Uri.joinPath(extensionUri, tomlValidation[0].url);
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(schema));
      assert.ok("files" in JSON.parse(text).properties);
    },
    "the preview shows states from the server's data, and none without a server": async () => {
      const { session } = await ready();
      const rendered = async (path: string): Promise<string> => {
        const document = await vscode.workspace.openTextDocument(file(path));
        return vscode.commands.executeCommand<string>("markdown.api.render", document);
      };
      const html = await rendered(CHECKOUT);
      const states = session.status()?.workspaces[0]?.plans.find((plan) => plan.path === CHECKOUT)?.achievements ?? [];
      assert.equal(html.match(/class="planmark-state /g)?.length, states.length);
      for (const { id, state } of states) assert.match(html, new RegExp(`Achievement ${id}.*planmark-${state}`));
      assert.equal((await rendered(EXECUTION)).match(/class="planmark-state /g)?.length, 1);
      assert.doesNotMatch(await rendered("work-space/plans/CHECKOUT/notes.md").catch(() => ""), /planmark-state/);
      await set("server.interpreter", "/no/such/python");
      await until("no server", () => session.health().is === "failed");
      assert.doesNotMatch(await rendered(CHECKOUT), /planmark-state/);
      await set("server.interpreter", undefined);
      await until("a server", () => session.health().is === "running" && session.status());
    },
    "there is one dashboard, however often it is shown": async () => {
      await ready();
      for (const command of ["showDashboard", "showMetrics", "showDashboard"]) {
        await vscode.commands.executeCommand(`planmark.${command}`);
      }
      await until("the dashboard", () => dashboards().length === 1);
      await vscode.commands.executeCommand("planmark.showGraph", { plan: CHECKOUT });
      assert.equal(dashboards().length, 1);
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    },
    "saving applies the safe fixes, and changes no state": async () => {
      const { session } = await ready();
      const states = (): string => JSON.stringify(session.status()?.workspaces[0]?.plans.map(({ counts }) => counts));
      const before = states();
      const editor = await show(CHECKOUT);
      const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
      await editor.edit((edit) => edit.insert(end, "\n## Notes\n\n- [X ] one\n- [] two\n"));
      await until("the problems", () =>
        vscode.languages.getDiagnostics(editor.document.uri).some(({ code }) => /checkbox/.test(JSON.stringify(code))),
      );
      const actions = vscode.workspace.getConfiguration("editor");
      await actions.update("codeActionsOnSave", { "source.fixAll.planmark": "explicit" }, 2);
      await vscode.commands.executeCommand("workbench.action.files.save");
      await until("the fixes", () => editor.document.getText().includes("## Notes\n\n- [x] one\n- [ ] two\n"));
      await session.refreshNow();
      assert.equal(states(), before);
      await actions.update("codeActionsOnSave", undefined, 2);
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    },
    "a fix is requested in a document, and written when it is saved": async () => {
      const { session } = await ready();
      const target = { plan: CHECKOUT, achievement: "2.1" };
      const path = "work-space/plans/CHECKOUT/execution/feedbacks/FIX_21.md";
      await answering(["Ada"], () => vscode.commands.executeCommand("planmark.requestFix", target));
      const editor = vscode.window.activeTextEditor;
      assert.ok(editor);
      assert.equal(editor.document.uri.scheme, "untitled");
      assert.equal(editor.document.uri.path, file(path).path);
      const line = editor.selection.active.line;
      assert.equal(editor.document.lineAt(line).text, "1. ");
      assert.equal(editor.document.lineAt(line - 2).text, "## Critical Issues");
      assert.equal(existsSync(file(path).fsPath), false);
      await editor.edit((edit) => edit.insert(editor.selection.active, "The mail has no order number"));
      // Asked for again, what was typed is still there.
      await answering(["Ada"], () => vscode.commands.executeCommand("planmark.requestFix", target));
      assert.match(vscode.window.activeTextEditor?.document.getText() ?? "", /1\. The mail has no order number/);
      assert.equal(existsSync(file(path).fsPath), false);
      await vscode.commands.executeCommand("workbench.action.files.save");
      await until("the file", () => existsSync(file(path).fsPath));
      await until("the state", async () => {
        const plans = (await session.refreshNow()).workspaces[0]?.plans ?? [];
        const checkout = plans.find((plan) => plan.path === CHECKOUT);
        return checkout?.achievements.find(({ id }) => id === "2.1")?.state === "needs_fix";
      });
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    },
    "what was typed for a verdict that fails is asked for again": async () => {
      const { session } = await ready();
      const target = { plan: CHECKOUT, achievement: "9.9" };
      const offered = await answering(["Ada", "Seen on staging", "Ada", undefined], async () => {
        await vscode.commands.executeCommand("planmark.approve", target);
        await vscode.commands.executeCommand("planmark.approve", target);
      });
      assert.equal(offered.at(-1), "Seen on staging");
      assert.equal(session.health().is, "running");
    },
    "marks of documents vanish with the server": async () => {
      const { decorations, session } = await ready();
      await until("a mark", () => decorations.of(file(CHECKOUT)));
      const connection = await session.ensureStarted();
      assert.ok(connection.pid);
      const gone = new Promise<boolean>((resolve) => {
        const listener = session.onHealth((health) => {
          if (health.is === "running") return;
          listener.dispose();
          resolve(decorations.of(file(CHECKOUT)) === undefined);
        });
      });
      process.kill(connection.pid, "SIGKILL");
      assert.equal(await gone, true);
      await until("the mark again", async () => (await api()).decorations.of(file(CHECKOUT)));
    },
  });
