/** The tools of tests inside the extension host: a runner, waiting, and the extension's own interface. */
import * as vscode from "vscode";
import type { Api } from "../../src/extension";
import type { Item } from "../../src/views/treeItems";

export type Tests = Readonly<Record<string, () => Promise<void>>>;

const PATIENCE_MS = 60_000;

/** Runs tests one after the other; rejects with the number of those that failed. */
export async function runAll(tests: Tests): Promise<void> {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const began = Date.now();
    try {
      await test();
      console.log(`test: ok   ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed++;
      console.log(`test: FAIL ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  console.log(`test: ${Object.keys(tests).length - failed} passed, ${failed} failed, VS Code ${vscode.version}`);
  if (failed) throw new Error(`${failed} tests failed`);
}

/** Returns the interface of the extension, once it is active. */
export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>("planmark.planmark");
  if (!extension) throw new Error("the extension is not there");
  return extension.activate();
}

/** Waits until `look` gives something; rejects with `what` after a while. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The server at rest, with every plan read. */
export async function ready(): Promise<Api> {
  const own = await api();
  await until("the server is at rest", () => {
    const health = own.session.health();
    return (
      health.is === "running" && health.server.quiescent && own.session.status()?.workspaces.every((w) => w.complete)
    );
  });
  return own;
}

/** The plans of a tree, below its folders and groups. */
export function plansIn(items: readonly Item[]): readonly Item[] {
  return items.flatMap((item) => (item.kinds[0] === "plan" ? [item] : plansIn(item.children())));
}

/** The full name of the plan of an item. */
export function featureOf(item: Item): string {
  return item.says.split(",")[0] ?? "";
}

/** A file of the workspace. */
export function file(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("no folder is open");
  return vscode.Uri.joinPath(folder.uri, path);
}

export async function write(path: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(file(path), new TextEncoder().encode(text));
}

/** Sets a setting for the workspace; undefined takes it back. */
export async function set(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("planmark").update(key, value, vscode.ConfigurationTarget.Workspace);
}
