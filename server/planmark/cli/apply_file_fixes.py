"""Fixes that change more than one document, or that create or rename a file.

`planmark check --fix --unsafe` applies each such fix once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from planmark.cli.apply_fixes import FixAttempt, FixRun, inserts_placeholders, outcome_of_attempt, record_skipped_fix
from planmark.cli.workspace_access import fresh_view
from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.ide.editor import work_editor
from planmark.ide.features import RenameRefusedError
from planmark.queries.safe_fixes import changes_only_text_of
from planmark.text.unified import diff_of_file, diff_of_new_file
from planmark.workspace.atomic_write import BOM, WriteError, create_file, move_path, rewritable_text, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text, in_order

SAME_FILE_SKIP_REASON = "another fix changes the same file; run the command again"
"""The reason why a fix is skipped that changes the same file as an earlier fix."""


def apply_file_fixes(fix_run: FixRun) -> list[Change]:
    """Apply the fixes that change more than the document of their diagnostic. Return the changes of these fixes.

    A fix is applied only if the options select its diagnostic, and if the diagnostic has no other fix. If two fixes
    change the same file, the workspace is read again between them. A dry run only collects the changes. It skips a fix
    that changes the same file as an earlier fix.
    """
    applied_changes: list[Change] = []
    tried_keys: set[tuple[str, str, str]] = set()
    while changes := _apply_untried_fixes(fix_run, tried_keys):
        applied_changes += changes
        if fix_run.options.is_dry_run:
            break
        fix_run.view = fresh_view(fix_run.index)
        for key in [key for key, fix in fix_run.left_out.items() if fix.reason == SAME_FILE_SKIP_REASON]:
            del fix_run.left_out[key]
    return applied_changes


def _apply_untried_fixes(fix_run: FixRun, tried_keys: set[tuple[str, str, str]]) -> list[Change]:
    """Apply fixes in the order of their diagnostics, and return the changes of the applied fixes.

    A fix is skipped if it changes a file that an earlier fix of this call has changed.

    `tried_keys` holds the key of each fix that was tried; a fix with such a key is not tried again. This call adds the
    keys of the fixes that it tries. A key is the code and the path of the diagnostic, and the title of the fix.
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
            changes = _changes_with_mentions(fix_run, fix)
            paths = set(touched_paths(changes))
            reason = (
                SAME_FILE_SKIP_REASON
                if any(_paths_overlap(path, changed_path) for path in paths for changed_path in changed_paths)
                else ""
            )
            if not reason:
                tried_keys.add(key)
                _apply_changes(fix_run, changes)
        except (RenameRefusedError, WriteError) as error:
            reason = str(error)
        outcome = outcome_of_attempt(fix_run, FixAttempt(diagnostic, fix), reason)
        if reason:
            record_skipped_fix(fix_run, outcome)
            continue
        changed_paths |= paths
        applied_changes += changes
        fix_run.outcomes.append(outcome)
    return applied_changes


def _changes_with_mentions(fix_run: FixRun, fix: Fix) -> list[Change]:
    """Return the changes of a fix. If the fix renames a document, the changes also update mentions of the document."""
    renames = [(change.old, change.new) for change in fix.changes if isinstance(change, RenamePath)]
    return in_order([*(work_editor().follow_renames(fix_run.view, renames) if renames else ()), *fix.changes])


def touched_paths(changes: Iterable[Change]) -> Iterable[str]:
    """Yield the path of each change. For a renaming, yield the old path and the new path."""
    for change in changes:
        yield from (change.old, change.new) if isinstance(change, RenamePath) else (change.path,)


def _paths_overlap(path: str, other_path: str) -> bool:
    return path == other_path or path.startswith(f"{other_path}/") or other_path.startswith(f"{path}/")


def _apply_changes(fix_run: FixRun, changes: list[Change]) -> None:
    """Carry out changes on the disk: first the changes of texts, then the creations and renamings.

    A dry run only checks that the texts can be written. Raises WriteError if a file cannot be written.
    """
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
    """Return a mapping from the path of each changed text to a tuple: the current text, and the text after `changes`.

    Raises WriteError if changes overlap.
    """
    changes_by_path: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            changes_by_path.setdefault(change.path, []).append(change)
    texts_by_path = {}
    for path, path_changes in changes_by_path.items():
        text = fix_run.view.text(path)
        try:
            texts_by_path[path] = text, changed_text(text, path_changes)
        except ValueError:
            raise WriteError(f"changes of {path} overlap: nothing was written") from None
    return texts_by_path


def unified_diff(fix_run: FixRun, changes: list[Change]) -> str:
    """Return one unified diff, from the texts before any fix to the texts after all fixes.

    The fixes are those that `fix_run` has applied in memory, and then those of `changes`.
    """
    root = fix_run.index.root
    texts_after = {path: fix_run.view.text(path) for path in fix_run.original_texts}
    texts_before = {path: rewritable_text(root, path, new_text) for path, new_text in fix_run.original_texts.items()}
    for path, (current_text, new_text) in changed_texts(fix_run, changes).items():
        texts_before.setdefault(path, rewritable_text(root, path, fix_run.original_texts.get(path, current_text)))
        texts_after[path] = new_text
    new_paths = dict(_renamed_files(fix_run.index, changes))
    diffs = []
    for path in sorted({*texts_before, *new_paths}):
        old_text = texts_before.get(path, "")
        byte_order_mark = BOM.decode() if old_text.startswith(BOM.decode()) else ""
        diffs.append(diff_of_file(path, old_text, byte_order_mark + texts_after.get(path, ""), new_paths.get(path)))
    creations = [change for change in changes if isinstance(change, CreateFile)]
    return "".join([*diffs, *(diff_of_new_file(change.path, change.text) for change in creations)])


def _files_below(folder: Path) -> Iterable[Path]:
    for inner_folder, _, names in os.walk(folder):
        yield from (Path(inner_folder, name) for name in names)


def _renamed_files(index: Index, changes: Iterable[Change]) -> Iterable[tuple[str, str]]:
    """Yield a tuple for each file whose path changes: the old path and the new path.

    The path of a file changes if `changes` rename the file or a folder that contains it.
    """
    moves = [change for change in changes if isinstance(change, RenamePath)]
    for position, move in enumerate(moves):
        moved_path = index.root / move.old
        files = [moved_path] if moved_path.is_file() else _files_below(moved_path)
        for file in files:
            old_path = file.relative_to(index.root).as_posix()
            new_path = move.new + old_path[len(move.old) :]
            for later_move in moves[position + 1 :]:
                if new_path == later_move.old or new_path.startswith(f"{later_move.old}/"):
                    new_path = later_move.new + new_path[len(later_move.old) :]
            yield old_path, new_path
