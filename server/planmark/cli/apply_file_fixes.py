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
from planmark.workspace.atomic_write import BOM, WriteError, create_file, move_path, rewrite_file, written_text
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text, in_order

SAME_FILE_REASON = "another fix changes the same file; run the command again"


def apply_file_fixes(fix_run: FixRun) -> list[Change]:
    """Apply the fix of each chosen diagnostic whose only fix changes more than the diagnostic's document.

    Two fixes that change the same file are applied one after the other, each to the current workspace. With `dry`,
    fixes are only collected, and the second of two such fixes is skipped.
    """
    renamings: list[Change] = []
    tried: set[tuple[str, str, str]] = set()
    while changes := _apply_once(fix_run, tried):
        renamings += changes
        if fix_run.options.dry:
            break
        fix_run.view = fresh_view(fix_run.index)
        for key in [key for key, fix in fix_run.left_out.items() if fix.reason == SAME_FILE_REASON]:
            del fix_run.left_out[key]
    return renamings


def _apply_once(fix_run: FixRun, tried: set[tuple[str, str, str]]) -> list[Change]:
    """Apply every fix that changes no file of an earlier fix in this pass. Fixes in `tried` are not applied again."""
    renamings: list[Change] = []
    changed_paths: set[str] = set()
    view = fix_run.view
    for diagnostic in view.diagnostics:
        fixes = fixes_for(view.snapshot, diagnostic, view.text) if fix_run.options.is_selected(diagnostic) else ()
        if len(fixes) != 1 or changes_only_text_of(fixes[0], diagnostic.path) or inserts_placeholders(fixes[0].changes):
            continue
        fix = fixes[0]
        key = (diagnostic.code, diagnostic.path, fix.title)
        if key in tried:
            continue
        try:
            changes = _with_mentions(fix_run, fix)
            paths = set(touched_paths(changes))
            reason = SAME_FILE_REASON if any(_overlap(path, other) for path in paths for other in changed_paths) else ""
            if not reason:
                tried.add(key)
                _apply_changes(fix_run, changes)
        except (RenameRefusedError, WriteError) as error:
            reason = str(error)
        outcome = describe_fix(fix_run, FixAttempt(diagnostic, fix), reason)
        if reason:
            leave_out(fix_run, outcome)
            continue
        changed_paths |= paths
        renamings += changes
        fix_run.outcomes.append(outcome)
    return renamings


def _with_mentions(fix_run: FixRun, fix: Fix) -> list[Change]:
    """Return the changes of a fix. If the fix renames a document, the changes also update mentions of the document."""
    renames = [(change.old, change.new) for change in fix.changes if isinstance(change, RenamePath)]
    return in_order([*(work_editor().follow_renames(fix_run.view, renames) if renames else ()), *fix.changes])


def touched_paths(changes: Iterable[Change]) -> Iterable[str]:
    for change in changes:
        yield from (change.old, change.new) if isinstance(change, RenamePath) else (change.path,)


def _overlap(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")


def _apply_changes(fix_run: FixRun, changes: list[Change]) -> None:
    """Apply changes to the files, texts first. With `dry`, only check that the files can be written. Raises WriteError."""
    root = fix_run.index.root
    texts = changed_texts(fix_run, changes)
    for path, (before, _) in texts.items():
        written_text(root, path, fix_run.texts.get(path, before) if fix_run.options.dry else before)
    if fix_run.options.dry:
        return
    for path, (before, after) in texts.items():
        rewrite_file(root, path, before, after)
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
    for path, own in by_path.items():
        text = fix_run.view.text(path)
        try:
            result[path] = text, changed_text(text, own)
        except ValueError:
            raise WriteError(f"changes of {path} overlap: nothing was written") from None
    return result


def unified_diff(fix_run: FixRun, changes: list[Change]) -> str:
    """Return the fixes tried in memory, followed by `changes`, as a unified diff."""
    root = fix_run.index.root
    after = {path: fix_run.view.text(path) for path in fix_run.texts}
    before = {path: written_text(root, path, text) for path, text in fix_run.texts.items()}
    for path, (now, text) in changed_texts(fix_run, changes).items():
        before.setdefault(path, written_text(root, path, fix_run.texts.get(path, now)))
        after[path] = text
    new_paths = dict(_renamed_files(fix_run.index, changes))
    pieces = []
    for path in sorted({*before, *new_paths}):
        old = before.get(path, "")
        mark = BOM.decode() if old.startswith(BOM.decode()) else ""
        pieces.append(diff_of_text(path, old, mark + after.get(path, ""), new_paths.get(path)))
    created_file_creations = [change for change in changes if isinstance(change, CreateFile)]
    return "".join([*pieces, *(diff_of_new(change.path, change.text) for change in created_file_creations)])


def _files_in(folder: Path) -> Iterable[Path]:
    for inner, _, names in os.walk(folder):
        yield from (Path(inner, name) for name in names)


def _renamed_files(index: Index, changes: Iterable[Change]) -> Iterable[tuple[str, str]]:
    """Return the old and the new path of every file that is renamed, itself or as part of a folder."""
    moves = [change for change in changes if isinstance(change, RenamePath)]
    for first, move in enumerate(moves):
        place = index.root / move.old
        files = [place] if place.is_file() else _files_in(place)
        for file in files:
            old = file.relative_to(index.root).as_posix()
            new = move.new + old[len(move.old) :]
            for later_renaming in moves[first + 1 :]:
                if new == later_renaming.old or new.startswith(f"{later_renaming.old}/"):
                    new = later_renaming.new + new[len(later_renaming.old) :]
            yield old, new
