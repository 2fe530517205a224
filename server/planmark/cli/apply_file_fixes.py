"""Fixes that rename or create files, or change several. `planmark check --fix --unsafe` applies each of them once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from planmark.cli.apply_fixes import Mending, Try, described, is_inside, leave_out, leaves_places
from planmark.cli.workspace_access import fresh_view
from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.ide.rename import RenameRefusedError, follow_renames
from planmark.text.unified import diff_of_new, diff_of_text
from planmark.workspace.atomic_write import BOM, WriteError, create_file, move_path, rewrite_file, written_text
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, CreateFile, RenamePath, TextChange, changed_text, in_order

AGAIN = "another fix changes the same file; run the command again"


def moved(mending: Mending) -> list[Change]:
    """Apply the only fix of each chosen diagnostic that changes more than its own document.

    Two fixes that change the same file are applied in turn, each to the workspace after the one before. With `dry`,
    fixes are only collected, and the second of two such fixes is left out.
    """
    made: list[Change] = []
    tried: set[tuple[str, str, str]] = set()
    while changes := _moved_once(mending, tried):
        made += changes
        if mending.terms.dry:
            break
        mending.view = fresh_view(mending.index)
        for key in [key for key, fix in mending.left_out.items() if fix.reason == AGAIN]:
            del mending.left_out[key]
    return made


def _moved_once(mending: Mending, tried: set[tuple[str, str, str]]) -> list[Change]:
    """Apply every fix that touches no file of an earlier fix in this pass. Fixes in `tried` are not applied again."""
    made: list[Change] = []
    taken: set[str] = set()
    view = mending.view
    for diagnostic in view.diagnostics:
        fixes = fixes_for(view.snapshot, diagnostic, view.text) if mending.terms.chosen(diagnostic) else ()
        if len(fixes) != 1 or is_inside(fixes[0], diagnostic.path) or leaves_places(fixes[0].changes):
            continue
        fix = fixes[0]
        key = (diagnostic.code, diagnostic.path, fix.title)
        if key in tried:
            continue
        try:
            changes = _with_mentions(mending, fix)
            touched = set(_touched(changes))
            reason = AGAIN if any(_overlap(one, other) for one in touched for other in taken) else ""
            if not reason:
                tried.add(key)
                _carry_out(mending, changes)
        except (RenameRefusedError, WriteError) as error:
            reason = str(error)
        found = described(mending, Try(diagnostic, fix), reason)
        if reason:
            leave_out(mending, found)
            continue
        taken |= touched
        made += changes
        mending.made.append(found)
    return made


def _with_mentions(mending: Mending, fix: Fix) -> list[Change]:
    """Return the changes of a fix. If it renames a document, they also update its mentions."""
    renames = [(change.old, change.new) for change in fix.changes if isinstance(change, RenamePath)]
    return in_order([*(follow_renames(mending.view, renames) if renames else ()), *fix.changes])


def _touched(changes: Iterable[Change]) -> Iterable[str]:
    for change in changes:
        yield from (change.old, change.new) if isinstance(change, RenamePath) else (change.path,)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _carry_out(mending: Mending, changes: list[Change]) -> None:
    """Apply changes to the files, texts first. With `dry`, only check that they can be written. Raises WriteError."""
    root = mending.index.root
    texts = changed_texts(mending, changes)
    for path, (before, _) in texts.items():
        written_text(root, path, mending.texts.get(path, before) if mending.terms.dry else before)
    if mending.terms.dry:
        return
    for path, (before, after) in texts.items():
        rewrite_file(root, path, before, after)
    for change in changes:
        if isinstance(change, CreateFile):
            create_file(root, change)
        elif isinstance(change, RenamePath):
            move_path(root, change.old, change.new)


def changed_texts(mending: Mending, changes: Iterable[Change]) -> dict[str, tuple[str, str]]:
    """Return path → (the current text, the text after `changes`). Raises WriteError if changes overlap."""
    by_path: dict[str, list[TextChange]] = {}
    for change in changes:
        if isinstance(change, TextChange):
            by_path.setdefault(change.path, []).append(change)
    found = {}
    for path, own in by_path.items():
        text = mending.view.text(path)
        try:
            found[path] = text, changed_text(text, own)
        except ValueError:
            raise WriteError(f"changes of {path} overlap: nothing was written") from None
    return found


def diff(mending: Mending, changes: list[Change]) -> str:
    """Return the fixes tried in memory, followed by `changes`, as a unified diff."""
    root = mending.index.root
    after = {path: mending.view.text(path) for path in mending.texts}
    before = {path: written_text(root, path, text) for path, text in mending.texts.items()}
    for path, (now, text) in changed_texts(mending, changes).items():
        before.setdefault(path, written_text(root, path, mending.texts.get(path, now)))
        after[path] = text
    renamed = dict(_renamed_files(mending.index, changes))
    pieces = []
    for path in sorted({*before, *renamed}):
        old = before.get(path, "")
        mark = BOM.decode() if old.startswith(BOM.decode()) else ""
        pieces.append(diff_of_text(path, old, mark + after.get(path, ""), renamed.get(path)))
    created = [change for change in changes if isinstance(change, CreateFile)]
    return "".join([*pieces, *(diff_of_new(change.path, change.text) for change in created)])


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
            for later in moves[first + 1 :]:
                if new == later.old or new.startswith(f"{later.old}/"):
                    new = later.new + new[len(later.old) :]
            yield old, new
