/** The tree of plans in the side bar: filtered, and in step with the editor. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { refOf } from "../labels";
import { relativeTo } from "../plans";
import type { Session } from "../session";
import { setting } from "../settings";
import { readingText } from "./statusText";
import { ALL, type Filter, type Item, itemFor, needingYou, roots } from "./treeItems";

export interface Tree extends vscode.Disposable {
  readonly filter: () => Filter;
  readonly setFilter: (filter: Filter) => void;
  readonly items: () => readonly Item[];
  /** The selected line, which keys act on. */
  readonly selected: () => Item | undefined;
  /** The number on the icon of the view: the plans that wait for a person. */
  readonly badge: () => number;
}

/** Shows the tree. */
export function createTree(session: Session): Tree {
  const changed = new vscode.EventEmitter<undefined>();
  let filter = ALL;
  let items: readonly Item[] = [];
  /** The data of the last drawing. */
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
    // The duration of an answer changes nothing in the tree.
    const source = JSON.stringify([status?.workspaces, filter]);
    // If the tree is drawn again while the editor asks for its parts, the parts are missing for a moment.
    if (source !== drawn) {
      drawn = source;
      items = status ? roots(status, filter) : [];
      changed.fire(undefined);
    }
    follow();
  };

  /** The last revealed place. A place that is not in the tree yet is searched again; any other leaves the tree alone. */
  let followed = "";
  /** Whether a request for the place at the cursor is pending, and whether the cursor has moved since. */
  let asking: "no" | "once" | "again" = "no";
  const follow = (): void => {
    if (asking !== "no") {
      asking = "again";
      return;
    }
    asking = "once";
    showCursor()
      .catch((error: unknown) => session.log.debug(`the tree does not follow the editor: ${error}`))
      .finally(() => {
        const moved = asking === "again";
        asking = "no";
        if (moved) follow();
      });
  };

  /** Selects the place at the cursor: the document if it has a line of its own, else the achievement or the plan. */
  const showCursor = async (): Promise<void> => {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !view.visible || !setting("tree.followEditor", session.log)) return;
    const { uri } = editor.document;
    if (uri.scheme !== "file") return;
    const cursor = `${uri.fsPath}:${editor.selection.active.line}`;
    if (cursor === followed || !session.connection() || items.length === 0) return;
    const place = await session.at(uri, editor.selection.active);
    if (!place) return;
    const { root } = place.workspace;
    const achievement = place.achievement && refOf(place.achievement);
    const path = relativeTo(root, uri.fsPath) ?? "";
    const item =
      itemFor(items, root, path, achievement) ??
      itemFor(items, root, place.achievement?.path ?? place.plan.path, achievement);
    if (!item) return;
    followed = cursor;
    if (view.selection[0]?.id === item.id) return;
    try {
      await view.reveal(item, { select: true, focus: false });
    } catch (error) {
      // The tree was being drawn again. The next change of the plans repeats the selection.
      followed = "";
      throw error;
    }
  };

  const listeners = [
    view,
    changed,
    session.onStatus(update),
    session.onHealth((health) => health.is === "failed" && update()),
    vscode.window.onDidChangeActiveTextEditor(follow),
    vscode.window.onDidChangeTextEditorSelection(follow),
    view.onDidChangeVisibility(follow),
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
