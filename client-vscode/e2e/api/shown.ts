/** The plans as the editor shows them, compared with the plans of the command line. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import * as vscode from "vscode";
import { rows } from "../../src/dashboard/rows";
import type { Api } from "../../src/extension";
import { STATES, stateText } from "../../src/labels";
import { allPlans, relativeTo } from "../../src/plans";
import type { StatusResult } from "../../src/protocol";
import { line } from "../../src/views/statusText";
import { ALL, type Item, roots } from "../../src/views/treeItems";

/** Everything as lines of text, sorted where the order does not count; a window on one folder. */
export interface Shown {
  readonly tree: readonly string[];
  readonly problems: readonly string[];
  readonly lenses: readonly string[];
  readonly statusBar: string;
  readonly dashboard: readonly string[];
}

const SEVERITIES = ["error", "warning", "information", "hint"];

interface Checked {
  readonly diagnostics: readonly {
    readonly path: string;
    readonly code: string;
    readonly severity: string;
    readonly range: { readonly start: { readonly line: number } };
  }[];
}

/** The documents of a folder in which unsaved changes are, by their paths relative to it. */
function unsaved(root: string): ReadonlyMap<string, string> {
  const dirty = vscode.workspace.textDocuments.filter((document) => document.isDirty && document.uri.scheme === "file");
  return new Map(dirty.map((document) => [relative(root, document.uri.fsPath), document.getText()]));
}

/** The PLANs of which a tab is open, by their paths relative to the folder. */
function openPlans(status: StatusResult, root: string): readonly string[] {
  const open = new Set(vscode.workspace.textDocuments.map((document) => relative(root, document.uri.fsPath)));
  return status.workspaces.flatMap((workspace) => workspace.plans.map((plan) => plan.path)).filter((p) => open.has(p));
}

/** Returns the lines that the editor shows now. */
export async function shownBy({ session, tree, statusBar, dashboard }: Api, root: string): Promise<Shown> {
  const status = session.status();
  if (!status) throw new Error("the extension has no plans");
  const problems = vscode.languages.getDiagnostics().flatMap(([uri, found]) =>
    found
      .filter((one) => one.source === "planmark")
      .map((one) => {
        const code = typeof one.code === "object" ? one.code.value : one.code;
        const at = `${relative(root, uri.fsPath)}:${one.range.start.line + 1}`;
        return `${at} ${SEVERITIES[one.severity]} ${code}`;
      }),
  );
  const lenses: string[] = [];
  for (const path of openPlans(status, root)) {
    const uri = vscode.Uri.file(join(root, path));
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 200);
    for (const lens of found) {
      const title = lens.command?.title ?? "";
      // The extension gives each lens a command with its arguments, whose name begins with that of the command.
      if (lens.command?.command.startsWith("planmark.lens/planmark.open/") && BEGINS_WITH_MARK.test(title))
        lenses.push(`${path}:${lens.range.start.line + 1} ${title}`);
    }
  }
  return {
    tree: treeLines(tree.items()),
    problems: problems.sort(),
    lenses: lenses.sort(),
    statusBar: statusBar.text(),
    dashboard: dashboard.plans().map((row) => JSON.stringify(row)),
  };
}

/** The lens with the state of an achievement: its mark, and its state in words. */
const BEGINS_WITH_MARK = new RegExp(
  `^(${Object.values(STATES)
    .map((look) => look.mark.replace("?", "\\?"))
    .join("|")}) `,
);

/** The lines of a tree, each with what it is about; of every level, in order. */
function treeLines(items: readonly Item[], indent = ""): string[] {
  return items.flatMap((item) => [
    `${indent}${item.label} | ${item.description} | ${item.path}:${item.line} | ${item.kinds.join(" ")}`,
    ...treeLines(item.children(), `${indent}  `),
  ]);
}

/**
 * Returns the lines that it should show, by the command line on a copy of the folder with all unsaved texts and a new cache.
 * The copy has the same path below its own folder, so that every name is the same.
 */
export function expectedBy(extension: string, root: string): Shown {
  const away = mkdtempSync(join(tmpdir(), "planmark-oracle-"));
  try {
    const copy = join(away, "copy");
    cpSync(root, copy, { recursive: true });
    for (const [path, text] of unsaved(root)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const ask = <T>(...words: string[]): T => {
      const launcher = join(extension, "bundled", "launch.py");
      const env = { ...process.env, XDG_CACHE_HOME: join(away, "cache") };
      const command = ["-I", launcher, "--quiet", "--workspace", copy, ...words, "--json"];
      try {
        return JSON.parse(execFileSync("python3", command, { env, encoding: "utf8" }));
      } catch (error) {
        // With findings the command ends with another code than 0.
        const { stdout } = error as { stdout?: string };
        if (!stdout) throw error;
        return JSON.parse(stdout);
      }
    };
    const status = JSON.parse(
      JSON.stringify(ask<StatusResult>("status", "--all")).replaceAll(JSON.stringify(copy).slice(1, -1), root),
    ) as StatusResult;
    const { diagnostics } = ask<Checked>("check", "--allow-empty");
    const editor = vscode.window.activeTextEditor;
    const here = editor && relativeTo(root, editor.document.uri.fsPath);
    const [own] = here ? (ask<Partial<StatusResult>>("status", here).workspaces ?? []) : [];
    const found = allPlans(status).find(({ plan }) => plan.path === own?.plans[0]?.path);
    const place = found && { ...found, achievement: undefined };
    const lenses = openPlans(status, root).flatMap((path) =>
      status.workspaces
        .flatMap((workspace) => workspace.plans)
        .filter((plan) => plan.path === path)
        .flatMap((plan) => plan.achievements)
        .map((one) => `${path}:${one.line} ${STATES[one.state].mark} ${stateText(one)}`),
    );
    return {
      tree: treeLines(roots(status, ALL)),
      problems: diagnostics.map((one) => `${one.path}:${one.range.start.line} ${one.severity} ${one.code}`).sort(),
      lenses: lenses.sort(),
      statusBar: line(status, place)?.text ?? "",
      dashboard: rows(status).map((row) => JSON.stringify(row)),
    };
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

/** Returns the differences as lines: missing ones (-) and additional ones (+); empty if both are equal. */
export function differences(shown: Shown, expected: Shown): readonly string[] {
  return (Object.keys(expected) as (keyof Shown)[]).flatMap((part) => {
    const [now, wanted] = [shown[part], expected[part]].map((value) => (typeof value === "string" ? [value] : value));
    if (!now || !wanted || JSON.stringify(now) === JSON.stringify(wanted)) return [];
    const lines = [
      ...wanted.filter((text) => !now.includes(text)).map((text) => `${part} - ${text}`),
      ...now.filter((text) => !wanted.includes(text)).map((text) => `${part} + ${text}`),
    ];
    return lines.length ? lines : [`${part}: the same lines in another order or number`];
  });
}
