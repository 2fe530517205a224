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

    time: str
    is_ticked: bool


BoxKey = tuple[str, str]
"""The path of a document and the text of a line with a box in it."""


def box_in_line(line: str) -> BoxState | None:
    """Return the box of a line; None if the line has no box."""
    match = _BOX.match(line)
    return BoxState(" ".join(match["text"].split()), match["mark"] in ("x", "X")) if match else None


def tick_changes(
    commits: Iterable[FileCommit], texts_by_path: Mapping[str, Collection[str]]
) -> dict[BoxKey, tuple[TickChange, ...]]:
    """Return the changes of boxes, the oldest first, by the current path and text of each box.

    `commits` are the newest first. A box keeps its history if its file moves, if its line moves inside the file, and if
    its text changes but not its id. A box gets no changes if a commit has two lines with its text, because they cannot be
    told apart.
    """
    document_by_path = {path: path for path in texts_by_path}
    current_texts_by_path = {path: {text: text for text in texts} for path, texts in texts_by_path.items()}
    changes: dict[BoxKey, list[TickChange]] = {}
    for commit in commits:
        document = document_by_path.get(commit.path)
        if document is None:
            continue
        _add_changes_of_commit(document, commit, current_texts_by_path[document], changes)
        if commit.kind == "added":
            del document_by_path[commit.path]
        elif commit.old_path != commit.path:
            del document_by_path[commit.path]
            document_by_path[commit.old_path] = document
    return {key: tuple(reversed(ticks)) for key, ticks in changes.items()}


def _add_changes_of_commit(
    document: str, commit: FileCommit, current_texts: dict[str, str], changes: dict[BoxKey, list[TickChange]]
) -> None:
    """Add the changes of one commit.

    `current_texts` maps the text of a box after the commit to its current text. The function changes the keys to the
    texts before the commit, and removes the boxes that the commit created.
    """
    added_ticks, removed_ticks = (
        _ticks_by_text([hunk.added_lines for hunk in commit.hunks]),
        _ticks_by_text([hunk.removed_lines for hunk in commit.hunks]),
    )
    current_texts_before: dict[str, str] = {}
    for hunk in commit.hunks:
        replaced_boxes = _replaced_boxes(hunk, added_ticks)
        for box in filter(None, map(box_in_line, hunk.added_lines)):
            if box.text not in current_texts:
                continue
            current_text = current_texts.pop(box.text)
            old_box = (
                BoxState(box.text, removed_ticks[box.text][0])
                if box.text in removed_ticks
                else replaced_boxes.predecessor_of(box)
            )
            is_shared = old_box is not None and (old_box.text in current_texts or old_box.text in current_texts_before)
            if is_shared or len(added_ticks[box.text]) > 1 or len(removed_ticks.get(box.text, ())) > 1:
                changes.pop((document, current_text), None)
                continue
            if box.is_ticked != (old_box is not None and old_box.is_ticked):
                changes.setdefault((document, current_text), []).append(TickChange(commit.author_time, box.is_ticked))
            if old_box is not None:
                current_texts_before[old_box.text] = current_text
    current_texts.update(current_texts_before)


def _ticks_by_text(line_groups: Sequence[Sequence[str]]) -> dict[str, list[bool]]:
    result: dict[str, list[bool]] = {}
    for lines in line_groups:
        for line in lines:
            if box := box_in_line(line):
                result.setdefault(box.text, []).append(box.is_ticked)
    return result


class _ReplacedBoxes(NamedTuple):
    """The boxes that a hunk removed and that no hunk of the commit adds again, by id.

    `only_box` is the removed box if the hunk replaces exactly one box by one box, else None.
    """

    by_id: Mapping[str, Sequence[BoxState]]
    only_box: BoxState | None

    def predecessor_of(self, box: BoxState) -> BoxState | None:
        """Return the removed box that an added box replaces: the removed box with its id, else `only_box`."""
        item_id = _item_id(box)
        boxes_with_id = self.by_id.get(item_id, ()) if item_id else ()
        if len(boxes_with_id) == 1:
            return boxes_with_id[0]
        return self.only_box if self.only_box is not None and not (item_id and _item_id(self.only_box)) else None


def _replaced_boxes(hunk: LineHunk, added_ticks: Mapping[str, Sequence[bool]]) -> _ReplacedBoxes:
    boxes = [box for box in filter(None, map(box_in_line, hunk.removed_lines)) if box.text not in added_ticks]
    by_id: dict[str, list[BoxState]] = {}
    for box in boxes:
        by_id.setdefault(_item_id(box), []).append(box)
    is_single_replacement = len(boxes) == 1 and sum(box_in_line(line) is not None for line in hunk.added_lines) == 1
    return _ReplacedBoxes(by_id, boxes[0] if is_single_replacement else None)


def _item_id(box: BoxState) -> str:
    match = _ID.match(box.text)
    return match["id"].rstrip(".-").casefold() if match else ""
