"""The boxes of a plan in an integration. No branch carries them, since ticks on neighbouring lines conflict in git."""

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
Texts = Mapping[str, str]
"""Path of a document from the workspace → its text."""


def boxed_documents(state: PlanState) -> tuple[str, ...]:
    """Return the documents of a plan that have boxes of items."""
    return tuple(sorted({item.path for item in state.achievements if item.marker}))


def state_with(plan: PlanInput, texts: Texts) -> PlanState:
    """Return the state of a plan whose documents have other texts."""
    return format_named(plan.site.format).evaluate(with_texts(plan, texts))


def with_old_boxes(old_state: PlanState, new_state: PlanState, new_texts: Texts) -> dict[str, str]:
    """Return `new_texts`, of the state `new_state`, with each box as in `old_state`. The box of a new item is open."""
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


def ticked_refs(old_state: PlanState, new_state: PlanState, ref: str) -> list[str]:
    """Return the item, and the items below it that are done `new_state` and were not `old_state`; the deepest first."""
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


def with_ticks(plan: PlanInput, texts: Texts, refs: Sequence[str]) -> dict[str, str]:
    """Return the texts with the boxes of items ticked. Raises NoAnswerError if an item cannot be ticked."""
    ticked_result = tick_input(with_texts(plan, texts), refs)
    return {**texts, **{path: pair[1] for path, pair in ticked_result.texts.items()}}


def _items_by_key(state: PlanState) -> dict[tuple[str, str, int], AchievementState]:
    """Return the items by document, name without the line, and number among the items of that name."""
    counts_by_name: Counter[tuple[str, str]] = Counter()
    result = {}
    for item in state.achievements:
        name = item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref
        result[item.path, name, counts_by_name[item.path, name]] = item
        counts_by_name[item.path, name] += 1
    return result
