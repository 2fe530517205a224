/** Random events of files and tabs: in the end the editor shows what the command line says. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension";
import type { Item } from "../../src/views/treeItems";
import { api, file, ready, runAll, until } from "./harness";
import { type Random, randomOf } from "./random";
import { differences, expectedBy, shownBy } from "./shown";

const LOOK_MS = 50;
const ROUNDS = 8;
const EVENTS_A_ROUND = 25;
const FEATURES = ["ALPHA", "BETA", "GAMMA"] as const;
const IDS = ["1.1", "1.2", "2.1", "2.2"] as const;

/** Achievement → the line that says what must come before it. */
const NEEDS: Readonly<Record<string, string>> = {
  "1.2": "- **Dependencies**: 1.1\n",
  "2.2": "- **Dependencies**: 1.2, 2.1\n",
};

/** Path → the texts that it may have; about fifty documents of three plans. */
const DOCUMENTS: ReadonlyMap<string, readonly string[]> = new Map(FEATURES.flatMap((feature) => documentsOf(feature)));

function documentsOf(feature: string): [string, readonly string[]][] {
  const folder = `work-space/plans/${feature}`;
  const plan = (status: string, ids: readonly string[]): string =>
    [
      `# PLAN: ${feature}\n\n**Status**: ${status}\n**Priority**: High\n\n## Goal\n\nIt works.\n`,
      "## Achievement Index\n",
      ...ids.map((id) => `**Achievement ${id}**: Part ${id}\n\n- Success: it works\n${NEEDS[id] ?? ""}`),
      `## Current Status & Handoff\n\nNext: Achievement ${ids.at(-1)}\n`,
    ].join("\n");
  const of = (id: string): [string, readonly string[]][] => {
    const digits = id.replace(".", "");
    const subplan = `# SUBPLAN: ${feature} ${id}\n\n**Achievement**: ${id}\n\n## Objective\n\nx\n\n## Approach\n\n`;
    const task = `# EXECUTION_TASK: ${feature} ${id}\n\n**Status**: `;
    const verdict = `**Reviewer**: Ada\n**Review Date**: 2026-11-0`;
    return [
      [`${folder}/subplans/SUBPLAN_${feature}_${digits}.md`, [`${subplan}First this.\n`, `${subplan}[fill in]\n`]],
      [
        `${folder}/execution/EXECUTION_TASK_${feature}_${digits}_01.md`,
        [`${task}✅ Complete\n`, `${task}In Progress\n`, `${task}Blocked\n\n**Blocker**: the key is missing\n`],
      ],
      [`${folder}/execution/feedbacks/APPROVED_${digits}.md`, [`# APPROVED: Part ${id}\n\n${verdict}2\n`]],
      [
        `${folder}/execution/feedbacks/FIX_${digits}.md`,
        [`# FIX: Part ${id}\n\n${verdict}1\n\n## Issues\n\n1. It breaks\n`, `# FIX: Part ${id}\n\n${verdict}3\n`],
      ],
    ];
  };
  return [
    [
      `${folder}/PLAN_${feature}.md`,
      [plan("In Progress", IDS), plan("Paused", IDS), plan("Complete", IDS.slice(0, 2))],
    ],
    ...IDS.flatMap(of),
  ];
}

/** Names under which files are moved away: some are read as other documents, some as misnamed ones, some not at all. */
const ELSEWHERE = ["notes.md", "work-space/plans/ALPHA/subplans/subplan 1.1.md", "work-space/archive/old.md"];

/** Changes files as a person in a shell does, without waiting for an effect. */
function shell(script: string, ...words: string[]): void {
  execFileSync("sh", ["-c", script, "sh", ...words], { cwd: file("").fsPath });
}

const WRITE = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"';
const REPLACE = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1.tmp" && mv "$1.tmp" "$1"';
const MOVE = 'test ! -f "$1" || test "$1" = "$2" || { mkdir -p "$(dirname "$2")" && mv "$1" "$2"; }';

type Event = (random: Random) => Promise<string> | string;

const aDocument = (random: Random): string => random.one([...DOCUMENTS.keys()]);
const anExisting = (random: Random): string => {
  const there = [...DOCUMENTS.keys()].filter((path) => existsSync(file(path).fsPath));
  return there.length ? random.one(there) : aDocument(random);
};
const anOpen = (random: Random): vscode.TextDocument | undefined => {
  const open = vscode.workspace.textDocuments.filter((document) => document.uri.scheme === "file");
  return open.length ? random.one(open) : undefined;
};

const write: Event = (random) => {
  const path = aDocument(random);
  const script = random.one([WRITE, REPLACE]);
  shell(script, path, random.one(DOCUMENTS.get(path) ?? []));
  return `${script === WRITE ? "write" : "replace"} ${path}`;
};

const remove: Event = (random) => {
  const path = anExisting(random);
  shell('rm -f "$1"', path);
  return `delete ${path}`;
};

const removeFolder: Event = (random) => {
  const folder = dirname(anExisting(random));
  shell('rm -rf "$1"', folder);
  return `delete all of ${folder}`;
};

const rename: Event = (random) => {
  const [from, to] = [anExisting(random), random.one([...ELSEWHERE, aDocument(random)])];
  shell(MOVE, from, to);
  return `move ${from} to ${to}`;
};

const comeBack: Event = (random) => {
  const [from, to] = [random.one(ELSEWHERE), aDocument(random)];
  shell(MOVE, from, to);
  return `move ${from} to ${to}`;
};

const open: Event = async (random) => {
  const path = anExisting(random);
  if (!existsSync(file(path).fsPath)) return `not open ${path}`;
  await vscode.window.showTextDocument(file(path), { preview: false });
  return `open ${path}`;
};

let edits = 0;

const edit: Event = async (random) => {
  const document = anOpen(random);
  if (!document) return "edit nothing";
  const change = new vscode.WorkspaceEdit();
  const text = document.getText();
  const status = text.indexOf("**Status**: ");
  // Another text each time: an edit that changes nothing makes no unsaved change, though the editor says so.
  const word = `${random.one(["In Progress", "✅ Complete", "Blocked"])} (edit ${++edits})`;
  if (status < 0) change.insert(document.uri, new vscode.Position(1, 0), `${word}\n`);
  else {
    const from = document.positionAt(status + "**Status**: ".length);
    change.replace(document.uri, new vscode.Range(from, document.lineAt(from.line).range.end), word);
  }
  await vscode.workspace.applyEdit(change);
  return `edit ${document.uri.fsPath}`;
};

const save: Event = async (random) => {
  const document = anOpen(random);
  // The editor would ask whether to overwrite a newer file, and the test cannot answer.
  if (!document?.isDirty || !existsSync(document.uri.fsPath)) return "save nothing";
  await document.save();
  return `save ${document.uri.fsPath}`;
};

const close: Event = async (random) => {
  const document = anOpen(random);
  if (!document) return "close nothing";
  await closeTab(document);
  return `close ${document.uri.fsPath}`;
};

async function closeTab(document: vscode.TextDocument): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const own = tabs.filter((tab) => (tab.input as { uri?: vscode.Uri }).uri?.fsPath === document.uri.fsPath);
  for (const tab of own) {
    if (document.isDirty) {
      await vscode.window.showTextDocument(document, { preview: false });
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    } else await vscode.window.tabGroups.close(tab);
  }
}

/** Waits until the extension has asked for the plans again, so that what comes next meets an editor that is in step. */
const settle: Event = async () => {
  const { session } = await api();
  await session.refreshNow();
  return "the plans are asked for";
};

const EVENTS: readonly Event[] = [
  ...[write, write, write, write, write, remove, remove, removeFolder, rename, rename, comeBack],
  ...[open, open, open, edit, edit, save, close, settle],
];

/** The paths that the lines of the tree open. */
function treePaths(items: readonly Item[]): string[] {
  return items.flatMap((item) => [...(item.path ? [item.path] : []), ...treePaths(item.children())]);
}

/**
 * Looks every LOOK_MS for lines of the tree whose file is gone, and counts the looks for which each is shown. While the command
 * line answers, the extension host stands still, and nothing is counted.
 */
function watchGhosts({ tree }: Api): { readonly longest: () => number; readonly stop: () => void } {
  const looks = new Map<string, number>();
  let longest = 0;
  const timer = setInterval(() => {
    const unsaved = new Set(vscode.workspace.textDocuments.filter((one) => one.isDirty).map((one) => one.uri.fsPath));
    const gone = [...new Set(treePaths(tree.items()))].filter((path) => {
      const { fsPath } = file(path);
      return !existsSync(fsPath) && !unsaved.has(fsPath);
    });
    for (const path of looks.keys()) if (!gone.includes(path)) looks.delete(path);
    for (const path of gone) looks.set(path, (looks.get(path) ?? 0) + 1);
    longest = Math.max(longest, ...looks.values());
  }, LOOK_MS);
  return { longest: () => longest, stop: () => clearInterval(timer) };
}

/** The documents that the editor holds, each with what tells it from its file. */
function openDocuments(): string[] {
  const held = vscode.workspace.textDocuments.filter((document) => document.uri.scheme === "file");
  return held.map((document) => {
    const path = document.uri.fsPath;
    const same = existsSync(path) ? readFileSync(path, "utf8") === document.getText() : "no file";
    return `${path}: dirty ${document.isDirty}, as its file ${same}`;
  });
}

async function play(seed: number): Promise<void> {
  const own = await ready();
  const random = randomOf(seed);
  const root = file("").fsPath;
  const extension = vscode.extensions.getExtension("planmark.planmark")?.extensionPath ?? "";
  const done: string[] = [];
  /** Lines of the tree whose file the plans that the server has told last do not name. */
  const ghosts: string[] = [];
  const ghostWatch = watchGhosts(own);
  const listener = own.session.onStatus((status) => {
    const text = JSON.stringify(status);
    for (const path of treePaths(own.tree.items())) {
      if (!text.includes(JSON.stringify(path))) ghosts.push(`${path}, at revision ${status.run.revision}`);
    }
  });
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      for (let count = 0; count < EVENTS_A_ROUND; count++) done.push(await random.one(EVENTS)(random));
      const expected = expectedBy(extension, root);
      let left: readonly string[] = [];
      const equal = async (): Promise<boolean> => {
        left = differences(await shownBy(own, root), expected);
        return left.length === 0;
      };
      await until(`round ${round} ends as the command line says`, equal).catch((error: unknown) => {
        const recent = done.slice(-EVENTS_A_ROUND).join("\n  ");
        const lines = [...left.slice(0, 20), "open are", ...openDocuments(), "after", recent];
        throw new Error(`seed ${seed}: ${error}\n  ${lines.join("\n  ")}`);
      });
    }
    assert.deepEqual(ghosts, [], `seed ${seed}`);
    console.log(`test:      a file that was gone was shown for ${ghostWatch.longest()} looks of ${LOOK_MS} ms at most`);
  } finally {
    ghostWatch.stop();
    listener.dispose();
    for (const document of vscode.workspace.textDocuments) await closeTab(document);
  }
}

export const run = (): Promise<void> =>
  runAll({
    "the first plan of a folder starts the server, and is shown": async () => {
      shell(WRITE, ...firstPlan());
      const { tree } = await ready();
      await until("its plan is in the tree", () => treePaths(tree.items()).includes(firstPlan()[0]));
      await vscode.commands.executeCommand("planmark.showMetrics");
    },
    "after random events of files and tabs everything is as the command line says": async () => {
      const seed = Number(process.env["PLANMARK_SEED"] ?? Date.now() % 1_000_000);
      console.log(`test:      seed ${seed} (PLANMARK_SEED repeats it)`);
      await play(seed);
    },
  });

function firstPlan(): [string, string] {
  const [first] = DOCUMENTS;
  assert.ok(first?.[1][0]);
  return [first[0], first[1][0]];
}
