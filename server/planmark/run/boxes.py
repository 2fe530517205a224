"""The boxes of a plan in an integration. Git merges the documents without new ticks.

The items are ticked after the merge, because in a merge by git, ticks on neighbouring lines would conflict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from planmark.plans.format import PlanInput
from planmark.plans.model import DONE_STATES, AchievementState, PlanState
from planmark.plans.registry import format_named
from planmark.queries.ticks import item_of_ref, tick_input, with_texts
from planmark.text.lines import line_index
from planmark.workspace.workspace_edits import TextChange, changed_text

OPEN_MARKER = " "
"""The mark of a box that is not ticked."""
TextByPath = Mapping[str, str]
"""Mapping from the path of a document, relative to the workspace, to its text."""


def boxed_documents(state: PlanState) -> tuple[str, ...]:
    """Return the paths of the documents of a plan in which items have boxes."""
    return tuple(sorted({item.path for item in state.achievements if item.marker}))


def state_with_texts(plan: PlanInput, texts: TextByPath) -> PlanState:
    """Return the state of a plan, with `texts` in place of the texts of its documents."""
    return format_named(plan.site.format).evaluate(with_texts(plan, texts))


def with_old_boxes(old_state: PlanState, new_state: PlanState, new_texts: TextByPath) -> dict[str, str]:
    """Return a mapping from path to text: `new_texts` with the marks of the boxes in `old_state`.

    The box of a new item is open. `new_state` is the state of the plan with `new_texts`.
    """
    old_items = _items_by_key(old_state)
    changes: dict[str, list[TextChange]] = {}
    for key, item in _items_by_key(new_state).items():
        if item.path not in new_texts or not item.marker:
            continue
        old_item = old_items.get(key)
        new_marker = old_item.marker if old_item is not None and old_item.marker else OPEN_MARKER
        box = f"[{item.marker}]"
        start = line_index(new_texts[item.path]).line(item.line - 1).find(box)
        if new_marker != item.marker and start >= 0:
            edit = TextChange(item.path, item.line - 1, start + 1, start + 1 + len(item.marker), new_marker)
            changes.setdefault(item.path, []).append(edit)
    return {path: changed_text(text, changes.get(path, ())) for path, text in new_texts.items()}


def newly_done_refs(old_state: PlanState, new_state: PlanState, ref: str) -> list[str]:
    """Return the refs of the items below the item `ref` that became done, and then `ref` itself. An item became done if
    it is done in `new_state`, but not in `old_state`. An item comes after the items below it.
    """
    old_items = _items_by_key(old_state)
    item = item_of_ref(new_state, ref)
    refs_of_family, refs = {item.ref}, [item.ref]
    for key, achievement in _items_by_key(new_state).items():
        old_item = old_items.get(key)
        if achievement.parent in refs_of_family:
            refs_of_family.add(achievement.ref)
            if achievement.state in DONE_STATES and (old_item is None or old_item.state not in DONE_STATES):
                refs.append(achievement.ref)
    return refs[::-1]


def with_ticks(plan: PlanInput, texts: TextByPath, refs: Sequence[str]) -> dict[str, str]:
    """Return a mapping from path to text: `texts`, in which the boxes of the items `refs` are ticked.

    Raises NoAnswerError if an item cannot be ticked.
    """
    ticked_result = tick_input(with_texts(plan, texts), refs)
    return {**texts, **{path: new_text for path, (_, new_text) in ticked_result.texts.items()}}


def _items_by_key(state: PlanState) -> dict[tuple[str, str, int], AchievementState]:
    """Return a mapping from a key to an item.

    The key holds the path of the document, the ref without the line number, and a count. The count is the number of
    earlier items with the same path and ref.
    """
    earlier_counts: Counter[tuple[str, str]] = Counter()
    items_by_key = {}
    for item in state.achievements:
        name = item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref
        items_by_key[item.path, name, earlier_counts[item.path, name]] = item
        earlier_counts[item.path, name] += 1
    return items_by_key
