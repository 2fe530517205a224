/** The tree of plans in the side bar: filtered, and in step with the editor. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { relativeTo } from "../plans";
import type { Session } from "../session";
import { setting } from "../settings";
import { readingText } from "./statusText";
import { ALL, type Filter, type Item, itemFor, needingYou, roots } from "./treeItems";

export interface Tree extends vscode.Disposable {
  readonly filter: () => Filter;
  readonly setFilter: (filter: Filter) => void;
  readonly items: () => readonly Item[];
  /** The line that is selected, which keys act on. */
  readonly selected: () => Item | undefined;
  /** The number on the icon of the view: the plans that wait for a person. */
  readonly badge: () => number;
}

/** Shows the tree. */
export function createTree(session: Session): Tree {
  const changed = new vscode.EventEmitter<undefined>();
  let filter = ALL;
  let items: readonly Item[] = [];
  /** What the items were made from. */
  let drawn = "";

  const view = vscode.window.createTreeView<Item>("planmark.plans", {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (item) => [...(item ? item.children() : items)],
      getParent: (item) => item.parent,
      getTreeItem: treeItem,
    },
  });

  const update = (): void => {
    const status = session.health().is === "failed" ? undefined : session.status();
    view.message = status ? readingText(status) : "";
    const filtered = filter !== ALL;
    view.description = filtered ? [filter.only, filter.text].filter(Boolean).join(" · ") : "";
    void vscode.commands.executeCommand("setContext", "planmark.filtered", filtered);
    const needing = status ? needingYou(status) : 0;
    const waits = needing === 1 ? t("1 plan waits for you") : t("{0} plans wait for you", needing);
    view.badge = needing ? { value: needing, tooltip: waits } : undefined;
    const source = JSON.stringify([status, filter]);
    // A tree that is drawn again while the editor asks for its parts loses them for a moment.
    if (source !== drawn) {
      drawn = source;
      items = status ? roots(status, filter) : [];
      changed.fire(undefined);
    }
    follow(vscode.window.activeTextEditor);
  };

  /** The document that was shown last: one that is not there yet is looked for again, one that is leaves the tree alone. */
  let followed = "";
  const follow = (editor: vscode.TextEditor | undefined): void => {
    if (!editor || !view.visible || !setting("tree.followEditor", session.log)) return;
    const path = editor.document.uri.fsPath;
    if (path === followed) return;
    for (const workspace of session.status()?.workspaces ?? []) {
      const relative = relativeTo(workspace.root, path);
      const item = relative === undefined ? undefined : itemFor(items, workspace.root, relative);
      if (!item) continue;
      followed = path;
      if (view.selection[0]?.path !== item.path) {
        view.reveal(item, { select: true, focus: false }).then(undefined, (error: unknown) => {
          // The tree was being drawn again: the next time the plans are told, it is tried again.
          followed = "";
          session.log.debug(`${item.label} is not shown in the tree: ${error}`);
        });
      }
    }
  };

  const listeners = [
    view,
    changed,
    session.onStatus(update),
    session.onHealth((health) => health.is === "failed" && update()),
    vscode.window.onDidChangeActiveTextEditor(follow),
    view.onDidChangeVisibility(() => follow(vscode.window.activeTextEditor)),
  ];
  return {
    filter: () => filter,
    setFilter: (wanted) => {
      filter = wanted;
      update();
    },
    items: () => items,
    selected: () => view.selection[0],
    badge: () => view.badge?.value ?? 0,
    dispose: () => vscode.Disposable.from(...listeners).dispose(),
  };
}

function treeItem(item: Item): vscode.TreeItem {
  const has = item.children().length > 0;
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const shown = new vscode.TreeItem(item.label, has ? (item.isOpen ? Expanded : Collapsed) : None);
  shown.id = item.id;
  shown.description = item.description;
  if (item.tooltip) shown.tooltip = new vscode.MarkdownString(item.tooltip);
  const color = item.color ? new vscode.ThemeColor(item.color) : undefined;
  if (item.icon) shown.iconPath = new vscode.ThemeIcon(item.icon, color);
  shown.contextValue = item.kinds.join(" ").replaceAll("_", "-");
  shown.accessibilityInformation = { label: item.says };
  if (item.path) {
    shown.command = {
      title: t("Open"),
      command: "planmark.open",
      arguments: [{ workspace: item.root, path: item.path, line: item.line }],
    };
  }
  return shown;
}
