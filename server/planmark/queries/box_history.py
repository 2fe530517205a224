"""The times at which the boxes of tasks were ticked or cleared, from the commits that changed their lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from planmark.storage.git_history import FileCommit, LineHunk
from planmark.text.lazy_pattern import lazy_pattern

_BOX_LINE = lazy_pattern(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[(?P<mark>[^\]]?)\](?P<text>.*)")
_ITEM_ID_START = lazy_pattern(r"[\s*_`#]*(?:(?:task|step|phase)\s+)?(?P<id>[A-Za-z]{0,4}\d[\w.-]*)", re.IGNORECASE)


class BoxState(NamedTuple):
    """A box in a line. `text` is the text after the box, in which one blank replaces each sequence of blanks.
    `is_ticked` tells whether the box is ticked.
    """

    text: str
    is_ticked: bool


class TickChange(NamedTuple):
    """A change of a box by a commit: the time of the commit, and whether the box was ticked or cleared."""

    time: str
    is_ticked: bool


BoxKey = tuple[str, str]
"""The key of a box: the path of its document, and the text after the box (see `BoxState`)."""


def box_in_line(line: str) -> BoxState | None:
    """Return the box of a line; None if the line has no box."""
    match = _BOX_LINE.match(line)
    return BoxState(" ".join(match["text"].split()), match["mark"] in ("x", "X")) if match else None


def tick_changes(
    commits: Iterable[FileCommit], texts_by_path: Mapping[str, Collection[str]]
) -> dict[BoxKey, tuple[TickChange, ...]]:
    """Return a mapping from the key of a box to the changes of the box, the oldest first.

    The keys have the current path and the current text of a box. `texts_by_path` maps the current path of a document to
    the texts of its boxes. `commits` are sorted, the newest first.

    The history of a box continues if its file is renamed, or if its line moves inside the file. It also continues if
    the text changes but the id stays. A box gets no changes if a commit has two lines with the text of the box, because
    the lines cannot be told apart.
    """
    current_path_by_old_path = {path: path for path in texts_by_path}
    current_texts_by_path = {path: {text: text for text in texts} for path, texts in texts_by_path.items()}
    changes: dict[BoxKey, list[TickChange]] = {}
    for commit in commits:
        current_path = current_path_by_old_path.get(commit.path)
        if current_path is None:
            continue
        _add_changes_of_commit(current_path, commit, current_texts_by_path[current_path], changes)
        if commit.kind == "added":
            del current_path_by_old_path[commit.path]
        elif commit.old_path != commit.path:
            del current_path_by_old_path[commit.path]
            current_path_by_old_path[commit.old_path] = current_path
    return {key: tuple(reversed(ticks)) for key, ticks in changes.items()}


def _add_changes_of_commit(
    document: str, commit: FileCommit, current_texts: dict[str, str], changes: dict[BoxKey, list[TickChange]]
) -> None:
    """Add to `changes` the changes that one commit made to the boxes of `document`. If the text of a box is ambiguous
    in the commit, its changes are removed from `changes`. The keys of `changes` are the keys of boxes.

    `current_texts` maps the text that a box had after the commit to the current text of the box. The function replaces
    these keys by the texts of the boxes before the commit. It removes the keys of boxes that the commit created.
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


def _ticks_by_text(lines_of_hunks: Sequence[Sequence[str]]) -> dict[str, list[bool]]:
    """Return a mapping from the text of a box to a list: for each box with this text, whether the box is ticked.

    `lines_of_hunks` has the lines of each hunk of a commit.
    """
    result: dict[str, list[bool]] = {}
    for lines in lines_of_hunks:
        for line in lines:
            if box := box_in_line(line):
                result.setdefault(box.text, []).append(box.is_ticked)
    return result


class _ReplacedBoxes(NamedTuple):
    """The boxes that a hunk of a commit removes, and whose texts no hunk of the commit adds again.

    `by_id` maps an id to the removed boxes with this id. `only_box` is the removed box if the hunk replaces exactly one
    box by one box, else None.
    """

    by_id: Mapping[str, Sequence[BoxState]]
    only_box: BoxState | None

    def predecessor_of(self, box: BoxState) -> BoxState | None:
        """Return the removed box that the added box `box` replaces; None if it is not known.

        If exactly one removed box has the id of `box`, return this removed box. Otherwise return `only_box`. Return
        None if both `box` and `only_box` have ids, because they are then different items.
        """
        item_id = _item_id(box)
        boxes_with_id = self.by_id.get(item_id, ()) if item_id else ()
        if len(boxes_with_id) == 1:
            return boxes_with_id[0]
        return self.only_box if self.only_box is not None and not (item_id and _item_id(self.only_box)) else None


def _replaced_boxes(hunk: LineHunk, added_ticks: Mapping[str, Sequence[bool]]) -> _ReplacedBoxes:
    """Return the boxes that a hunk replaces.

    The keys of `added_ticks` are the texts of all boxes in the lines that the commit adds.
    """
    boxes = [box for box in filter(None, map(box_in_line, hunk.removed_lines)) if box.text not in added_ticks]
    boxes_by_id: dict[str, list[BoxState]] = {}
    for box in boxes:
        boxes_by_id.setdefault(_item_id(box), []).append(box)
    is_single_replacement = len(boxes) == 1 and sum(box_in_line(line) is not None for line in hunk.added_lines) == 1
    return _ReplacedBoxes(boxes_by_id, boxes[0] if is_single_replacement else None)


def _item_id(box: BoxState) -> str:
    """Return the id at the beginning of the text of a box, in lower case; "" if the text begins with no id."""
    match = _ITEM_ID_START.match(box.text)
    return match["id"].rstrip(".-").casefold() if match else ""
