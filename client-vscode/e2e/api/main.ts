/** The extension in the extension host, on the example workspace. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { SCHEME } from "../../src/commands/promptView";
import { STATES, words } from "../../src/labels";
import { MOST } from "../../src/server/restarts";
import { api, featureOf, file, plansIn, ready, runAll, set, until, write } from "./harness";

const CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const FEEDBACKS = "work-space/plans/CHECKOUT/execution/feedbacks";
const OLD = "work-space/plans/a_paused/ACCOUNTS/PLAN_ACCOUNTS.md";
const MOST_ACTIVATION_MS = 50;
/** Of the protocol's library, which these tests do not load. */
const PENDING_RESPONSE_REJECTED = -32097;

async function show(path: string, line = 1): Promise<vscode.TextEditor> {
  const at = new vscode.Position(line - 1, 0);
  return vscode.window.showTextDocument(file(path), { selection: new vscode.Range(at, at) });
}

async function plan(feature: string) {
  const { session } = await api();
  const found = session.status()?.workspaces[0]?.plans.find((known) => known.feature === feature);
  assert.ok(found, `no plan ${feature}`);
  return found;
}

async function stateOf(feature: string, id: string): Promise<string | undefined> {
  return (await plan(feature)).achievements.find((known) => known.id === id)?.state;
}

async function lenses(path: string): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    file(path),
    50,
  );
  return found.map((lens) => lens.command?.title ?? "");
}

/** A program in the workspace that does `does`; its path. */
function script(name: string, does: string): string {
  const path = join(file("").fsPath, name);
  writeFileSync(path, `#!/bin/sh\n${does}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function clipboard(): Promise<string> {
  return vscode.env.clipboard.readText();
}

async function kill(): Promise<number> {
  const { session } = await api();
  const pid = await until("a server runs", () => session.health().is === "running" && session.connection()?.pid);
  process.kill(pid, "SIGKILL");
  await until("the crash is seen", () => session.connection()?.pid !== pid);
  return pid;
}

export const run = (): Promise<void> =>
  runAll({
    "activating takes no longer than is promised": async () => {
      const { activationMs } = await ready();
      console.log(`test:      activated in ${activationMs.toFixed(1)} ms`);
      // The goal is a fifth of this: a busy machine is no reason to fail.
      assert.ok(activationMs <= 5 * MOST_ACTIVATION_MS, `${activationMs} ms`);
    },
    "the server that runs is the bundled one, by a Python without planmark": async () => {
      const { session } = await ready();
      assert.match(session.launch().says, /^the bundled server by Python 3\.\d+\.\d+, python3 \(PATH\)$/);
      const health = session.health();
      assert.equal(health.is === "running" && health.note, "");
    },
    "every command of the manifest is there": async () => {
      const declared: { command: string }[] =
        vscode.extensions.getExtension("planmark.planmark")?.packageJSON.contributes.commands;
      const known = await vscode.commands.getCommands(true);
      assert.deepEqual(
        declared.map((one) => one.command).filter((name) => !known.includes(name)),
        [],
      );
    },
    "the tree shows every plan in its group": async () => {
      const { tree } = await ready();
      const groups = (): [string, string[]][] =>
        tree.items().map((group) => [group.label, group.children().map((item) => item.label)]);
      const all = groups();
      assert.deepEqual(all, [
        ["Active", ["RETURNS"]],
        ["Needs You", ["2/6 CHECKOUT", "0/3 NOTIFICATIONS", "1/7 SEARCH"]],
        ["Paused", ["0/3 ACCOUNTS"]],
        ["Backlog", ["0/2 GIFT-CARDS"]],
        ["Closed", ["0/2 WISHLIST", "2/2 CATALOGUE-IMPORT"]],
      ]);
      assert.equal(tree.badge(), 3);
      tree.setFilter({ text: "typo", only: undefined });
      assert.deepEqual(groups(), [["Needs You", ["1/7 SEARCH"]]]);
      await vscode.commands.executeCommand("planmark.clearFilter");
      assert.deepEqual(groups(), all);
    },
    "hovers, lenses and findings come from the server": async () => {
      const editor = await show(CHECKOUT);
      const line = editor.document
        .getText()
        .split("\n")
        .findIndex((text) => text.includes("**Achievement 1.2**"));
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        editor.document.uri,
        new vscode.Position(line, 20),
      );
      const text = hovers
        .flatMap((hover) => hover.contents.map((part) => (part as vscode.MarkdownString).value))
        .join("\n");
      assert.match(text, /needs fix/);
      assert.ok((await lenses(CHECKOUT)).some((title) => title === `${STATES.needs_fix.mark} ${words("needs_fix")}`));
      const findings = await until("findings", () => {
        const found = vscode.languages.getDiagnostics(file(CHECKOUT)).filter((known) => known.source === "planmark");
        return found.length > 0 && found;
      });
      assert.ok(findings.some((finding) => finding.severity === vscode.DiagnosticSeverity.Warning));
    },
    "a quick fix mends a finding": async () => {
      const uri = file(CHECKOUT);
      const stale = (): vscode.Diagnostic | undefined =>
        vscode.languages.getDiagnostics(uri).find((known) => JSON.stringify(known.code).includes("handoff-stale"));
      const finding = await until("the finding", stale);
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        uri,
        finding.range,
        vscode.CodeActionKind.QuickFix.value,
        20,
      );
      const fix = actions.find((action) => action.isPreferred && action.edit);
      assert.ok(fix?.edit, actions.map((action) => action.title).join(", "));
      await vscode.workspace.applyEdit(fix.edit);
      await until("the finding is gone", () => !stale());
      await vscode.commands.executeCommand("workbench.action.files.revert");
    },
    "the next prompt goes to the clipboard, for where the cursor is": async () => {
      const editor = await show(CHECKOUT);
      const line = editor.document
        .getText()
        .split("\n")
        .findIndex((text) => text.includes("**Achievement 2.1**"));
      await show(CHECKOUT, line + 1);
      await vscode.commands.executeCommand("planmark.copyPrompt");
      assert.match(await clipboard(), /^# CHECKOUT 2\.1: /);
    },
    "a prompt of 100 kB is delivered whole": async () => {
      const loop = "{% for _ in range(3000) %}Long lines of text, many of them.\n{% endfor %}";
      // A template without the sentences about verdicts and evidence is refused.
      const long = `# {{ feature }} {{ achievement }}\n\n{{ safety|join(' ') }}\n\n${loop}\nEND\n`;
      await write("templates/create_subplan.md.j2", long);
      await set("prompts.templates", "templates");
      await set("prompts.tokenBudget", 200_000);
      const target = { plan: "work-space/plans/SEARCH/PLAN_SEARCH.md", achievement: "3.1" };
      await until("the long prompt", async () => {
        await vscode.commands.executeCommand("planmark.copyPrompt", target);
        return (await clipboard()).length > 100_000;
      });
      assert.ok((await clipboard()).trimEnd().endsWith("END"));
      await set("delivery.default", "beside");
      await vscode.commands.executeCommand("planmark.nextPrompt", target);
      const editor = await until("it is shown", () => {
        const shown = vscode.window.activeTextEditor;
        return shown?.document.uri.scheme === SCHEME && shown.document.getText().length > 100_000 && shown;
      });
      assert.ok(editor.document.getText().trimEnd().endsWith("END"));
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
      for (const key of ["prompts.templates", "prompts.tokenBudget", "delivery.default"]) await set(key, undefined);
    },
    "a SUBPLAN is created in its place, saved and shown": async () => {
      await vscode.commands.executeCommand("planmark.createSubplan", {
        plan: "work-space/plans/SEARCH/PLAN_SEARCH.md",
        achievement: "3.1",
      });
      const path = "work-space/plans/SEARCH/subplans/SUBPLAN_SEARCH_31.md";
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file(path).fsPath);
      await until("its text is saved", () => /SUBPLAN/.test(readFileSync(file(path).fsPath, "utf8")));
      assert.equal(vscode.window.activeTextEditor?.document.isDirty, false);
      await until("the state follows", async () => (await stateOf("SEARCH", "3.1")) === "design_placeholder");
    },
    "a verdict of a different program is shown everywhere": async () => {
      const { session, tree } = await ready();
      await show(CHECKOUT);
      assert.equal(await stateOf("CHECKOUT", "1.2"), "needs_fix");
      const told = new Promise<string>((resolve) => {
        const listener = session.onStateChanged(({ changes }) => {
          listener.dispose();
          resolve(changes.map((change) => `${change.achievement} ${change.from} ${change.to}`).join());
        });
      });
      await write(`${FEEDBACKS}/APPROVED_12.md`, "# APPROVED\n\n**Reviewer**: Ada\n**Review Date**: 2026-11-01\n");
      assert.match(await told, /1\.2 needs_fix approved/);
      await until("the status", async () => (await stateOf("CHECKOUT", "1.2")) === "approved");
      const item = plansIn(tree.items()).find((known) => featureOf(known) === "CHECKOUT");
      assert.ok(item?.children().some((known) => known.label === "1.2 approved"));
      await until(
        "the lens",
        async () => (await lenses(CHECKOUT)).filter((title) => title === "✓ approved").length === 3,
      );
    },
    "what an old plan claims can be asked for, and nothing is written by asking": async () => {
      const { session } = await ready();
      const connection = await session.ensureStarted();
      const found = await connection.request<{ proposals: unknown[] }>("planmark/adopt", { plan: OLD });
      assert.ok(found.proposals.length > 0);
      assert.ok(!existsSync(file("work-space/plans/a_paused/ACCOUNTS/execution").fsPath));
    },
    "the dashboard is filled by what the server sends, without being asked for": async () => {
      const { dashboard, session } = await ready();
      await vscode.commands.executeCommand("planmark.showGraph", { plan: CHECKOUT });
      await until("first figures", () => dashboard.points().length > 0);
      const before = dashboard.points().length;
      await set("metrics.intervalSeconds", 1);
      await until("a further message", async () => {
        await session.connection()?.request("planmark/why", { plan: CHECKOUT, achievement: "1.1" });
        return dashboard.points().length > before + 1;
      });
      await set("metrics.intervalSeconds", undefined);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    },
    "the report says what is needed and nothing of the documents": async () => {
      await vscode.commands.executeCommand("planmark.copyReport");
      const text = await clipboard();
      for (const part of ["## Planmark", "| extension | 0.1.0 |", "bundled server", "The last lines of the log"]) {
        assert.ok(text.includes(part), `${part} is not in\n${text}`);
      }
      assert.ok(!text.includes("Idempotent"));
    },
    "checking shows the problems": async () => {
      await vscode.commands.executeCommand("planmark.checkWorkspace");
    },
    "settings of the wrong type are survived: their defaults hold": async () => {
      const wrong: Record<string, unknown> = {
        "codeLens.enable": "yes",
        "prompts.tokenBudget": "many",
        "files.exclude": 7,
        lifecycle: ["x"],
        "tree.followEditor": "no",
        "delivery.default": "mail",
      };
      for (const [key, value] of Object.entries(wrong)) await set(key, value);
      await show(CHECKOUT);
      await until("lenses as by default", async () => (await lenses(CHECKOUT)).length > 5);
      const { session } = await api();
      assert.equal(session.health().is, "running");
      for (const key of Object.keys(wrong)) await set(key, undefined);
    },
    "a wrong interpreter is said, and nothing else runs instead": async () => {
      const { session } = await ready();
      await set("server.interpreter", "/no/such/python");
      const health = await until("the failure", () => {
        const now = session.health();
        return now.is === "failed" && now;
      });
      assert.match(health.problem, /planmark\.server\.interpreter is \/no\/such\/python.*there is no such program/);
      await set("server.interpreter", undefined);
      await until("it runs again", () => session.health().is === "running");
    },
    "a server that is newer or older than the extension is said": async () => {
      const { session } = await ready();
      const launcher = vscode.extensions.getExtension("planmark.planmark")?.extensionPath ?? "";
      const libs = join(launcher, "bundled", "libs");
      for (const [version, says] of [
        ["0.9.0", /The server is newer \(0\.9\.0\) than this extension/],
        ["0.0.9", /The server is older \(0\.0\.9\) than this extension/],
      ] as const) {
        const code = `import sys; sys.path.insert(0, '${libs}'); import planmark; planmark.__version__ = '${version}'; from planmark.cli.main import entry; entry()`;
        await set("server.path", script(`other-${version}`, `exec python3 -I -c "${code}" "$@"`));
        const note = await until("the note", () => {
          const now = session.health();
          return now.is === "running" && session.connection()?.version === version && now.note;
        });
        assert.match(note, says);
      }
      await set("server.path", undefined);
      await until("the right one", () => {
        const now = session.health();
        return now.is === "running" && now.note === "" && session.launch().says.startsWith("the bundled");
      });
    },
    "a server that ends before it answers is said, and not tried again by itself": async () => {
      const { session } = await ready();
      const starts = join(file("").fsPath, "starts");
      try {
        await set("server.path", script("broken", `echo once >> '${starts}'; exit 3`));
        const health = await until("the failure", () => {
          const now = session.health();
          return now.is === "failed" && now;
        });
        assert.equal(health.problem, "the server ended with code 3 before it answered");
      } finally {
        await set("server.path", undefined);
      }
      await until("the right one", () => session.health().is === "running");
      assert.equal(readFileSync(starts, "utf8"), "once\n");
    },
    "what is asked of a server that has just gone has no answer, which is no failure of the extension": async () => {
      const { session } = await ready();
      const connection = await session.ensureStarted();
      assert.ok(connection.pid);
      process.kill(connection.pid, "SIGKILL");
      // It is gone, but this process has not noticed it: everything in it waits.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      await assert.rejects(connection.request("planmark/status", {}), { code: PENDING_RESPONSE_REJECTED });
      await session.restart();
    },
    "after a crash the server is started again, after many it is red until the user starts it": async () => {
      const { session } = await ready();
      const first = await kill();
      const second = await until(
        "another server",
        () => session.health().is === "running" && session.connection()?.pid,
      );
      assert.notEqual(first, second);
      await until("it knows the plans", async () => (await session.refreshNow()).workspaces[0]?.plans.length);
      for (let crash = 1; crash < MOST; crash++) await kill();
      await kill();
      const health = await until("it is given up", () => {
        const now = session.health();
        return now.is === "failed" && now;
      });
      assert.match(health.problem, /crashed too often.*SIGKILL/);
      await vscode.commands.executeCommand("planmark.restartServer");
      await until("it runs again", () => session.health().is === "running");
      await lenses(CHECKOUT);
    },
    "restarting while it starts leaves one server": async () => {
      const { session } = await ready();
      await Promise.allSettled([session.restart(), session.restart(), session.restart()]);
      await until("it runs", () => session.health().is === "running" && session.connection());
      await until(
        "it knows the plans",
        async () => ((await session.refreshNow()).workspaces[0]?.plans.length ?? 0) > 5,
      );
    },
  });
