"""The changes of the links into and out of a folder that moves. After these changes, the links still have the same
targets.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from planmark.markdown.blocks import prose_lines
from planmark.markdown.sections import split_into_sections
from planmark.queries.workspace_view import View
from planmark.storage.paths import parent
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange, changed_text

MAX_NOTES = 5
"""Maximum number of notes about lines that still name the old folder."""

_LINK = lazy_pattern(r"(?:\]\(\s{0,9}|^ {0,3}\[[^\[\]]{1,200}\]:[ \t]{1,9})<?(?P<target>[^()<>\s#]{1,500})")
"""The beginning of a Markdown link or link definition up to the end of its target."""
_ABSOLUTE_TARGET = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*:|/|#")
"""The beginning of a link target that does not depend on the folder of the document: a scheme, `/`, or `#`."""


class OtherFileChanges(NamedTuple):
    """The changes of Markdown files that are not documents of a plan.

    `changes` has the changes of each file, by path. `notes` name the lines that a person must change.
    """

    changes: dict[str, list[TextChange]]
    notes: tuple[str, ...]


def link_changes_in_documents(view: View, move: RenamePath, renamings: Iterable[Change]) -> Iterator[TextChange]:
    """Yield the changes of the relative links in documents. A link changes if exactly one of its document and its
    target moves.

    A link is omitted if one of the changes `renamings` already changes text of the link.
    """
    changes_by_place: dict[tuple[str, int], list[TextChange]] = {}
    for change in renamings:
        if isinstance(change, TextChange):
            changes_by_place.setdefault((change.path, change.line), []).append(change)
    for path in view.snapshot.paths:
        for change in _link_changes(view, path, move):
            changes_on_line = changes_by_place.get((path, change.line), ())
            if not any(
                change.start < other_change.end and other_change.start < change.end for other_change in changes_on_line
            ):
                yield change


def changes_in_other_files(view: View, move: RenamePath, paths: Sequence[str]) -> OtherFileChanges:
    """Return the changes of links and mentions of the moved folder in Markdown files that are not documents.

    `paths` are all Markdown files; the documents among them are skipped.
    """
    changes: dict[str, list[TextChange]] = {}
    line_notes: list[str] = []
    for path in paths:
        if view.snapshot.has(path):
            continue
        link_changes = [*_link_changes(view, path, move)]
        changed_places = {(change.line, change.start) for change in link_changes}
        all_changes = [
            *link_changes,
            *(
                change
                for change in _mention_changes(view.text(path), path, move)
                if _change_position(change) not in changed_places
            ),
        ]
        if all_changes:
            changes[path] = all_changes
        line_notes += notes_about_old_folder(changed_text(view.text(path), all_changes), path, move)
    return OtherFileChanges(changes, shorten_notes(line_notes))


def notes_about_moved_links(view: View, move: RenamePath, paths: Sequence[str]) -> tuple[str, ...]:
    """Return notes about lines in `paths` that a person must change, because they lead to the old folder or name it."""
    other_changes = changes_in_other_files(view, move, paths)
    changed_lines = [(path, change.line + 1) for path, changes in other_changes.changes.items() for change in changes]
    notes = [
        f"{path} line {line} still leads to {move.old}/: correct it" for path, line in dict.fromkeys(changed_lines)
    ]
    return (*shorten_notes(notes), *other_changes.notes)


def notes_about_old_folder(text: str, path: str, move: RenamePath) -> list[str]:
    """Return a note for each line of a text that names the old path of the moved folder."""
    folder_pattern = _folder_pattern(move.old)
    lines = text.split("\n") if folder_pattern.search(text) else []
    return [
        f"{path} line {line_number} still names {move.old}/: write {move.new}/ there"
        for line_number, line in enumerate(lines, 1)
        if folder_pattern.search(line)
    ]


def shorten_notes(notes: Sequence[str]) -> tuple[str, ...]:
    """Return the first MAX_NOTES notes. If there are more, add a last note with their number."""
    more_count = len(notes) - MAX_NOTES
    return (*notes[:MAX_NOTES], *([f"and {more_count} more lines still name it"] if more_count > 0 else []))


def _change_position(change: TextChange) -> tuple[int, int]:
    return change.line, change.start


def _link_changes(view: View, path: str, move: RenamePath) -> Iterator[TextChange]:
    """Yield the changes of the relative links of a file that lead into the moved folder, or out of it."""
    folder, new_folder = move.old, move.new
    is_file_moved = path.startswith(f"{folder}/")
    text = view.text(path)
    if "](" not in text and "]:" not in text:
        return
    if not (is_file_moved or folder.rpartition("/")[2] in text):
        return
    file_folder = parent(path)
    link_folder = parent(new_folder + path[len(folder) :]) if is_file_moved else file_folder
    for line, match in _links_in(text):
        target_text, (start, end) = match["target"], match.span("target")
        target_path = posixpath.normpath(posixpath.join(file_folder, target_text))
        is_target_moved = target_path == folder or target_path.startswith(f"{folder}/")
        if is_target_moved == is_file_moved or target_path.startswith("..") or not view.exists(target_path):
            continue
        new_target = new_folder + target_path[len(folder) :] if is_target_moved else target_path
        new_text = posixpath.relpath(new_target, link_folder or ".") + ("/" if target_text.endswith("/") else "")
        yield TextChange(path, line, start, end, new_text)


def _links_in(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield a tuple for every relative link outside code: the 0-based line, and the match of _LINK."""
    for section in split_into_sections(text):
        for line_in_section, line in prose_lines(section.section, lambda line: "](" in line or "]:" in line):
            for match in _LINK.finditer(line):
                if not _ABSOLUTE_TARGET.match(match["target"]):
                    yield section.start + line_in_section, match


def _mention_changes(text: str, path: str, move: RenamePath) -> Iterator[TextChange]:
    """Yield a change of each mention of the moved folder in the prose of a text.

    A mention is the path of the folder, relative to the root of the workspace.
    """
    folder_pattern = _folder_pattern(move.old)
    for section in split_into_sections(text) if folder_pattern.search(text) else ():
        for line_in_section, line in prose_lines(section.section, folder_pattern.search):
            for match in folder_pattern.finditer(line):
                yield TextChange(path, section.start + line_in_section, *match.span(), move.new)


def _folder_pattern(folder: str) -> re.Pattern[str]:
    """Return a pattern that matches the path of a folder, also at the beginning of a longer path. `folder` is relative
    to the root of the workspace.
    """
    return re.compile(rf"(?<![\w./-]){re.escape(folder)}(?=/|[^\w./-]|\.?(?:\s|$))")
