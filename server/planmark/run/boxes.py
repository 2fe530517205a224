"""The boxes of a plan in an integration: they never travel on branches, since ticks on neighbouring lines conflict in git."""

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
    """Return the state of a plan with other texts of its documents."""
    return format_named(plan.site.format).evaluate(with_texts(plan, texts))


def without_ticks(before: PlanState, state: PlanState, after: Texts) -> dict[str, str]:
    """Return the texts `after`, whose state is given, with each box as it is `before`; the box of a new item is open."""
    items_before = _items_by_key(before)
    changes: dict[str, list[TextChange]] = {}
    for key, item in _items_by_key(state).items():
        if item.path not in after or not item.marker:
            continue
        former = items_before.get(key)
        new_marker = former.marker if former is not None and former.marker else OPEN_MARKER
        box = f"[{item.marker}]"
        start = line_index(after[item.path]).line(item.line - 1).find(box)
        if new_marker != item.marker and start >= 0:
            edit = TextChange(item.path, item.line - 1, start + 1, start + 1 + len(item.marker), new_marker)
            changes.setdefault(item.path, []).append(edit)
    return {path: changed_text(text, changes.get(path, ())) for path, text in after.items()}


def ticked_refs(before: PlanState, after: PlanState, ref: str) -> list[str]:
    """Return the item, and the items below it that are done `after` and were not `before`; the deepest first."""
    items_before = _items_by_key(before)
    item = item_of_ref(after, ref)
    family, refs = {item.ref}, [item.ref]
    for key, achievement in _items_by_key(after).items():
        former = items_before.get(key)
        if achievement.parent in family:
            family.add(achievement.ref)
            if achievement.state in DONE_STATES and (former is None or former.state not in DONE_STATES):
                refs.append(achievement.ref)
    return refs[::-1]


def with_ticks(plan: PlanInput, texts: Texts, refs: Sequence[str]) -> dict[str, str]:
    """Return the texts with the boxes of items ticked. Raises NoAnswerError if an item is missing, or must not be ticked."""
    ticked_result = tick_input(with_texts(plan, texts), refs)
    return {**texts, **{path: pair[1] for path, pair in ticked_result.texts.items()}}


def _items_by_key(state: PlanState) -> dict[tuple[str, str, int], AchievementState]:
    """Return the items by document, name without the line, and number among the items of that name."""
    uses: Counter[tuple[str, str]] = Counter()
    result = {}
    for item in state.achievements:
        name = item.ref.rpartition("-")[2] if item.ref.startswith(":") else item.ref
        result[item.path, name, uses[item.path, name]] = item
        uses[item.path, name] += 1
    return result
