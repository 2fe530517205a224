"""Fixes that rename, create or change several files. `planmark check --fix --unsafe` applies each such fix once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from planmark.cli.apply_fixes import FixAttempt, FixRun, describe_fix, inserts_placeholders, leave_out
from planmark.cli.workspace_access import fresh_view
from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.ide.editor import work_editor
from planmark.ide.features import RenameRefusedError
from planmark.queries.safe_fixes import changes_only_text_of
from planmark.text.unified import diff_of_new, diff_of_text
from planmark.workspace.atomic_write import BOM, WriteError, create_file, move_path, rewritable_text, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text, in_order

SAME_FILE_REASON = "another fix changes the same file; run the command again"


def apply_file_fixes(fix_run: FixRun) -> list[Change]:
    """Apply the fix of each chosen diagnostic whose only fix changes more than the diagnostic's document.

    Return all changes of these fixes. Two fixes that change the same file are applied one after the other, each to the
    current workspace. A dry run only collects the fixes, and skips the second of two fixes that change the same file.
    """
    applied_changes: list[Change] = []
    tried_keys: set[tuple[str, str, str]] = set()
    while changes := _apply_once(fix_run, tried_keys):
        applied_changes += changes
        if fix_run.options.is_dry_run:
            break
        fix_run.view = fresh_view(fix_run.index)
        for key in [key for key, fix in fix_run.left_out.items() if fix.reason == SAME_FILE_REASON]:
            del fix_run.left_out[key]
    return applied_changes


def _apply_once(fix_run: FixRun, tried_keys: set[tuple[str, str, str]]) -> list[Change]:
    """Apply every fix that changes no file of an earlier fix in this pass, and return the changes.

    The keys of all applied fixes are added to `tried_keys`. A fix whose key is in them is not applied again.
    """
    applied_changes: list[Change] = []
    changed_paths: set[str] = set()
    view = fix_run.view
    for diagnostic in view.diagnostics:
        fixes = fixes_for(view.snapshot, diagnostic, view.text) if fix_run.options.is_selected(diagnostic) else ()
        if len(fixes) != 1 or changes_only_text_of(fixes[0], diagnostic.path) or inserts_placeholders(fixes[0].changes):
            continue
        fix = fixes[0]
        key = (diagnostic.code, diagnostic.path, fix.title)
        if key in tried_keys:
            continue
        try:
            changes = _with_mentions(fix_run, fix)
            paths = set(touched_paths(changes))
            reason = (
                SAME_FILE_REASON
                if any(_overlap(path, changed_path) for path in paths for changed_path in changed_paths)
                else ""
            )
            if not reason:
                tried_keys.add(key)
                _apply_changes(fix_run, changes)
        except (RenameRefusedError, WriteError) as error:
            reason = str(error)
        outcome = describe_fix(fix_run, FixAttempt(diagnostic, fix), reason)
        if reason:
            leave_out(fix_run, outcome)
            continue
        changed_paths |= paths
        applied_changes += changes
        fix_run.outcomes.append(outcome)
    return applied_changes


def _with_mentions(fix_run: FixRun, fix: Fix) -> list[Change]:
    """Return the changes of a fix. If the fix renames a document, the changes also update mentions of the document."""
    renames = [(change.old, change.new) for change in fix.changes if isinstance(change, RenamePath)]
    return in_order([*(work_editor().follow_renames(fix_run.view, renames) if renames else ()), *fix.changes])


def touched_paths(changes: Iterable[Change]) -> Iterable[str]:
    """Yield the path of each change; of a renaming, the old and the new path."""
    for change in changes:
        yield from (change.old, change.new) if isinstance(change, RenamePath) else (change.path,)


def _overlap(path: str, other_path: str) -> bool:
    return path == other_path or path.startswith(f"{other_path}/") or other_path.startswith(f"{path}/")


def _apply_changes(fix_run: FixRun, changes: list[Change]) -> None:
    """Apply changes to the files, texts first. A dry run only checks that the files can be written. Raises WriteError."""
    root = fix_run.index.root
    texts = changed_texts(fix_run, changes)
    for path, (old_text, _) in texts.items():
        rewritable_text(
            root, path, fix_run.original_texts.get(path, old_text) if fix_run.options.is_dry_run else old_text
        )
    if fix_run.options.is_dry_run:
        return
    for path, (old_text, new_text) in texts.items():
        rewrite_file(root, path, old_text, new_text)
    for change in changes:
        if isinstance(change, CreateFile):
            create_file(root, change)
        elif isinstance(change, RenamePath):
            move_path(root, change.old, change.new)


def changed_texts(fix_run: FixRun, changes: Iterable[Change]) -> dict[str, tuple[str, str]]:
    """Return path → (the current text, the text after `changes`). Raises WriteError if changes overlap."""
    by_path: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            by_path.setdefault(change.path, []).append(change)
    result = {}
    for path, path_changes in by_path.items():
        text = fix_run.view.text(path)
        try:
            result[path] = text, changed_text(text, path_changes)
        except ValueError:
            raise WriteError(f"changes of {path} overlap: nothing was written") from None
    return result


def unified_diff(fix_run: FixRun, changes: list[Change]) -> str:
    """Return a unified diff of the fixes that `fix_run` tried in memory, followed by `changes`."""
    root = fix_run.index.root
    texts_after = {path: fix_run.view.text(path) for path in fix_run.original_texts}
    texts_before = {path: rewritable_text(root, path, new_text) for path, new_text in fix_run.original_texts.items()}
    for path, (current_text, new_text) in changed_texts(fix_run, changes).items():
        texts_before.setdefault(path, rewritable_text(root, path, fix_run.original_texts.get(path, current_text)))
        texts_after[path] = new_text
    new_paths = dict(_renamed_files(fix_run.index, changes))
    pieces = []
    for path in sorted({*texts_before, *new_paths}):
        old_text = texts_before.get(path, "")
        byte_order_mark = BOM.decode() if old_text.startswith(BOM.decode()) else ""
        pieces.append(diff_of_text(path, old_text, byte_order_mark + texts_after.get(path, ""), new_paths.get(path)))
    creations = [change for change in changes if isinstance(change, CreateFile)]
    return "".join([*pieces, *(diff_of_new(change.path, change.text) for change in creations)])


def _files_in(folder: Path) -> Iterable[Path]:
    for inner_folder, _, names in os.walk(folder):
        yield from (Path(inner_folder, name) for name in names)


def _renamed_files(index: Index, changes: Iterable[Change]) -> Iterable[tuple[str, str]]:
    """Return the old and the new path of every file that is renamed, itself or as part of a folder."""
    moves = [change for change in changes if isinstance(change, RenamePath)]
    for position, move in enumerate(moves):
        moved_path = index.root / move.old
        files = [moved_path] if moved_path.is_file() else _files_in(moved_path)
        for file in files:
            old = file.relative_to(index.root).as_posix()
            new = move.new + old[len(move.old) :]
            for later_move in moves[position + 1 :]:
                if new == later_move.old or new.startswith(f"{later_move.old}/"):
                    new = later_move.new + new[len(later_move.old) :]
            yield old, new
