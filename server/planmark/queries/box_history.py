"""The times at which the boxes of tasks were ticked and cleared, from the commits that changed their lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from planmark.storage.git_history import FileCommit, LineHunk

_BOX = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[(?P<mark>[^\]]?)\](?P<text>.*)")
_ID = re.compile(r"[\s*_`#]*(?:(?:task|step|phase)\s+)?(?P<id>[A-Za-z]{0,4}\d[\w.-]*)", re.IGNORECASE)


class BoxState(NamedTuple):
    """A line with a box: its text after the box, with single blanks, and whether the box is ticked."""

    text: str
    is_ticked: bool


class TickChange(NamedTuple):
    """The time of a commit that ticked a box, or cleared it."""

    at: str
    is_ticked: bool


BoxKey = tuple[str, str]
"""The path of a document and the text of a line with a box in it."""


def box_line(line: str) -> BoxState | None:
    """Return a line as a box, or None if it has none."""
    match = _BOX.match(line)
    return BoxState(" ".join(match["text"].split()), match["mark"] in ("x", "X")) if match else None


def tick_changes(
    commits: Iterable[FileCommit], texts_by_path: Mapping[str, Collection[str]]
) -> dict[BoxKey, tuple[TickChange, ...]]:
    """Return the changes of boxes, the oldest first, by the path and the text of each box as they are now.

    `commits` are the newest first. A box keeps its history if its file moves, if its line moves inside the file, and if
    its text changes but not its id. A box with a text that a commit has twice gets no changes, because the two
    lines cannot be told apart.
    """
    names = {path: path for path in texts_by_path}
    trails = {path: {text: text for text in texts} for path, texts in texts_by_path.items()}
    changes: dict[BoxKey, list[TickChange]] = {}
    for commit in commits:
        document = names.get(commit.path)
        if document is None:
            continue
        _follow(document, commit, trails[document], changes)
        if commit.kind == "added":
            del names[commit.path]
        elif commit.before != commit.path:
            del names[commit.path]
            names[commit.before] = document
    return {key: tuple(reversed(ticks)) for key, ticks in changes.items()}


def _follow(document: str, commit: FileCommit, trails: dict[str, str], changes: dict[BoxKey, list[TickChange]]) -> None:
    """Add the changes of one commit.

    `trails` maps the text that a box has after the commit to its text of now. Afterwards it has the texts before the
    commit, without boxes that the commit created.
    """
    added, removed = _boxes([hunk.added for hunk in commit.hunks]), _boxes([hunk.removed for hunk in commit.hunks])
    continued: dict[str, str] = {}
    for hunk in commit.hunks:
        for line in hunk.added:
            box = box_line(line)
            if box is None or box.text not in trails:
                continue
            now = trails.pop(box.text)
            if len(added[box.text]) > 1 or len(removed.get(box.text, ())) > 1:
                changes.pop((document, now), None)
                continue
            before = BoxState(box.text, removed[box.text][0]) if box.text in removed else _box_before(hunk, box, added)
            if box.is_ticked != (before is not None and before.is_ticked):
                changes.setdefault((document, now), []).append(TickChange(commit.at, box.is_ticked))
            if before is not None:
                continued[before.text] = now
    trails.update(continued)


def _boxes(line_groups: Sequence[Sequence[str]]) -> dict[str, list[bool]]:
    result: dict[str, list[bool]] = {}
    for lines in line_groups:
        for line in lines:
            if box := box_line(line):
                result.setdefault(box.text, []).append(box.is_ticked)
    return result


def _box_before(hunk: LineHunk, box: BoxState, added: Mapping[str, Sequence[bool]]) -> BoxState | None:
    """Return the box that a hunk replaced by a box with a different text: the one with its id, else the only one."""
    replaced = [other for line in hunk.removed if (other := box_line(line)) and other.text not in added]
    name = _id_of(box)
    same = [other for other in replaced if name and _id_of(other) == name]
    if len(same) == 1:
        return same[0]
    is_alone = len(replaced) == 1 and sum(box_line(line) is not None for line in hunk.added) == 1
    return replaced[0] if is_alone and not (name and _id_of(replaced[0])) else None


def _id_of(box: BoxState) -> str:
    match = _ID.match(box.text)
    return match["id"].rstrip(".-").casefold() if match else ""
