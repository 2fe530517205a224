"""The changes that tick items of a plan, or clear their boxes, as texts before and after. No file is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from planmark.plans.format import FormatDocument, PlanInput, PlanSite, TickOutcome
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.registry import format_named
from planmark.queries.lookup import NoAnswerError, achievement_named
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.workspace_edits import TextChange, changed_text

_LINE_REFERENCE = lazy_pattern(r":(?P<line>\d{1,9})(?:-(?P<digest>[0-9a-f]{4}))?")


class TickResult(NamedTuple):
    """The changes that tick items, and notes for the user.

    `texts` maps a path to a pair: the text of the document before the changes, and the text after them. `changes` are
    the same changes as edits for an editor. `items` are the items after the changes, in the order of the refs.
    `changed` tells for each item whether its box changes.
    """

    texts: dict[str, tuple[str, str]]
    changes: list[TextChange]
    items: list[AchievementState]
    changed: list[bool]
    notes: list[str]


def site_to_tick(plan: AnyPlan) -> PlanSite:
    """Return `plan` if its items have boxes. Raises NoAnswerError for a PLAN, whose states come from verdicts."""
    if isinstance(plan, PlanSite):
        return plan
    raise NoAnswerError(
        f"@{plan.feature} is a PLAN: its achievements are done by a reviewer's verdict, not by a box. "
        f"Record one: planmark verdict approve @{plan.feature} N.N",
        "usage",
    )


def tick(view: View, site: PlanSite, refs: Sequence[str], *, undo: bool = False) -> TickResult:
    """Return the changes that tick the items with `refs`. If `undo`, the changes clear the boxes of the items.

    Raises NoAnswerError if a ref does not name exactly one item, or if an item must not be ticked. In this case, no
    item is ticked.
    """
    return tick_input(view.formats.input_of(site), refs, undo=undo)


def tick_input(plan: PlanInput, refs: Sequence[str], *, undo: bool = False) -> TickResult:
    """Return the changes that tick items, as `tick` does. `plan` is the input of the evaluation of the plan."""
    plan_format = format_named(plan.site.format)
    texts: dict[str, tuple[str, str]] = {}
    items, are_boxes_changed, notes, changes = [], [], [], []
    state = plan_format.evaluate(plan)
    for ref in refs:
        item = item_of_ref(state, ref)
        ticked = plan_format.tick(plan, state, item, undo)
        if ticked.refused:
            raise NoAnswerError(f"{ticked.refused}. Nothing was changed", "waiting" if ticked.waits else "usage")
        plan = _input_after_edits(plan, ticked, texts)
        state = plan_format.evaluate(plan)
        after = _item_at_same_line(state, item)
        if after.state == "unsupported":
            notes.append(f"{after.id or after.ref}: `{after.evidence[0].path}` does not exist")
        changes += [TextChange(edit.path, edit.line - 1, edit.start, edit.end, edit.text) for edit in ticked.edits]
        items.append(after)
        are_boxes_changed.append(bool(ticked.edits))
        notes.extend(ticked.notes)
    return TickResult(texts, changes, items, are_boxes_changed, notes)


def item_of_ref(state: PlanState, ref: str) -> AchievementState:
    """Return the item that `ref` names: an id, or a line number with a digest (`:12-0a1b`).

    If several items have the digest, return the item on the line nearest to the line number. Raises NoAnswerError if no
    item or several items have the id, if no item has the digest, or if two items are equally near.
    """
    ref_text = ref.strip()
    match = _LINE_REFERENCE.fullmatch(ref_text)
    if match is None:
        items_with_id = [item for item in state.achievements if item.id == ref_text]
        if len(items_with_id) < 2:
            return achievement_named(state, ref_text)
        list_text = ", ".join(item.ref for item in items_with_id)
        raise NoAnswerError(
            f"{ref_text} is the id of {len(items_with_id)} items of {state.path}; name one: {list_text}", "usage"
        )
    line, digest = int(match["line"]), match["digest"]
    if digest is None:
        ref_at_line = next((item.ref for item in state.achievements if item.line == line), "")
        hint = f": {ref_at_line}" if ref_at_line else f". {state.path} has no item in line {line}"
        raise NoAnswerError(f"a line number alone may mean another item after an edit; name its ref{hint}", "usage")
    items_with_digest = [
        item for item in state.achievements if item.ref.startswith(":") and item.ref.endswith(f"-{digest}")
    ]
    nearest_items = sorted(items_with_digest, key=lambda item: abs(item.line - line))
    if not nearest_items:
        raise NoAnswerError(
            f"no item of {state.path} has the ref {ref_text}: list them with `planmark status`", "usage"
        )
    if len(nearest_items) > 1 and abs(nearest_items[0].line - line) == abs(nearest_items[1].line - line):
        both_refs = f"{nearest_items[0].ref} and {nearest_items[1].ref}"
        raise NoAnswerError(f"{ref_text} may mean {both_refs}: name one of them", "usage")
    return nearest_items[0]


def with_texts(plan: PlanInput, text_by_path: Mapping[str, str]) -> PlanInput:
    """Return the input of a plan with replaced texts. `text_by_path` maps the path of a document to its new text."""
    documents = dict(plan.documents)
    for path, text in text_by_path.items():
        record = documents[path]
        facts = format_named(record.format).parse(path, record.role, text)
        documents[path] = FormatDocument(path, record.format, record.role, facts)
    earlier_text = plan.text
    return plan._replace(
        documents=documents, text=lambda path: text_by_path[path] if path in text_by_path else earlier_text(path)
    )


def _input_after_edits(plan: PlanInput, ticked: TickOutcome, texts: dict[str, tuple[str, str]]) -> PlanInput:
    """Return the input of the plan after the edits of `ticked`, and add the changed texts to `texts`.

    `texts` maps the path of a document to a pair: its text before all edits, and its current text.
    """
    text_by_path: dict[str, str] = {}
    for path in dict.fromkeys(edit.path for edit in ticked.edits):
        original_text, current_text = texts.get(path, (plan.text(path),) * 2)
        text_changes = [
            TextChange(path, edit.line - 1, edit.start, edit.end, edit.text)
            for edit in ticked.edits
            if edit.path == path
        ]
        text_by_path[path] = changed_text(current_text, text_changes)
        texts[path] = (original_text, text_by_path[path])
    return with_texts(plan, text_by_path)


def _item_at_same_line(state: PlanState, item: AchievementState) -> AchievementState:
    """Return the item of `state` that has the path and the line of `item`."""
    return next(current for current in state.achievements if (current.path, current.line) == (item.path, item.line))
