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
        replaced = _replaced_boxes(hunk, added)
        for box in filter(None, map(box_line, hunk.added)):
            if box.text not in trails:
                continue
            now = trails.pop(box.text)
            before = BoxState(box.text, removed[box.text][0]) if box.text in removed else replaced.before(box)
            is_shared = before is not None and (before.text in trails or before.text in continued)
            if is_shared or len(added[box.text]) > 1 or len(removed.get(box.text, ())) > 1:
                changes.pop((document, now), None)
                continue
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


class _ReplacedBoxes(NamedTuple):
    """The boxes that a hunk removed and that are nowhere in the new text, by id, and the only one if one replaced it."""

    by_id: Mapping[str, Sequence[BoxState]]
    alone: BoxState | None

    def before(self, box: BoxState) -> BoxState | None:
        """Return the box that the hunk replaced by a box with a different text: the one with its id, else the only one."""
        name = _id_of(box)
        same = self.by_id.get(name, ()) if name else ()
        if len(same) == 1:
            return same[0]
        return self.alone if self.alone is not None and not (name and _id_of(self.alone)) else None


def _replaced_boxes(hunk: LineHunk, added: Mapping[str, Sequence[bool]]) -> _ReplacedBoxes:
    boxes = [box for box in filter(None, map(box_line, hunk.removed)) if box.text not in added]
    by_id: dict[str, list[BoxState]] = {}
    for box in boxes:
        by_id.setdefault(_id_of(box), []).append(box)
    is_alone = len(boxes) == 1 and sum(box_line(line) is not None for line in hunk.added) == 1
    return _ReplacedBoxes(by_id, boxes[0] if is_alone else None)


def _id_of(box: BoxState) -> str:
    match = _ID.match(box.text)
    return match["id"].rstrip(".-").casefold() if match else ""
