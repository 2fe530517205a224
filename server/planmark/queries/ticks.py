"""The changes of ticking items of a plan: the texts before and after, without writing to files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from planmark.plans.format import FormatDocument, PlanInput, PlanSite, Ticked
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.registry import format_named
from planmark.queries.lookup import NoAnswerError, achievement_named
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.workspace_edits import TextChange, changed_text

_LINE_REFERENCE = re.compile(r":(?P<line>\d{1,9})(?:-(?P<digest>[0-9a-f]{4}))?")


class TickResult(NamedTuple):
    """The changed texts (path → text before and after), the ticked lines, and notes for the user.

    `items` are the items after the change, in the order of the refs. `changed` tells for each item whether its box
    changes. `changes` are the same changes as edits of the texts before.
    """

    texts: dict[str, tuple[str, str]]
    changes: list[TextChange]
    items: list[AchievementState]
    changed: list[bool]
    notes: list[str]


def site_to_tick(plan: AnyPlan) -> PlanSite:
    """Return a plan whose items have boxes. Raises NoAnswerError for a PLAN, whose state comes from its verdicts."""
    if isinstance(plan, PlanSite):
        return plan
    raise NoAnswerError(
        f"@{plan.feature} is a PLAN: its achievements are done by a reviewer's verdict, not by a box. "
        f"Record one: planmark verdict approve @{plan.feature} N.N",
        "usage",
    )


def tick(view: View, site: PlanSite, refs: Sequence[str], *, undo: bool = False) -> TickResult:
    """Tick the items that `refs` name, or clear their boxes with `undo`. Either all items change or no item changes.

    Raises NoAnswerError if a ref does not name exactly one item, or if an item must not be ticked.
    """
    return tick_input(view.formats.input_of(site), refs, undo=undo)


def tick_input(plan: PlanInput, refs: Sequence[str], *, undo: bool = False) -> TickResult:
    """Tick the items of a plan by its input, as `tick` does."""
    plan_format = format_named(plan.site.format)
    texts: dict[str, tuple[str, str]] = {}
    items, changed, notes, changes = [], [], [], []
    for ref in refs:
        item = item_of_ref(plan_format.evaluate(plan), ref)
        done = plan_format.tick(plan, plan_format.evaluate(plan), item, undo)
        if done.refused:
            raise NoAnswerError(f"{done.refused}. Nothing was changed", "waiting" if done.waits else "usage")
        plan = _input_after_edits(plan, done, texts)
        after = _same_line(plan_format.evaluate(plan), item)
        if after.state == "unsupported":
            notes.append(f"{after.id or after.ref}: `{after.evidence[0].path}` does not exist")
        changes += [TextChange(e.path, e.line - 1, e.start, e.end, e.text) for e in done.edits]
        items.append(after)
        changed.append(bool(done.edits))
        notes.extend(done.notes)
    return TickResult(texts, changes, items, changed, notes)


def item_of_ref(state: PlanState, ref: str) -> AchievementState:
    """Return the only item that a ref names: by its id, or by the digest of its line.

    Of several lines with the digest, the line nearest to the ref's line counts. Raises NoAnswerError if no line has
    the digest, or if two lines are equally near.
    """
    written = ref.strip()
    match = _LINE_REFERENCE.fullmatch(written)
    if match is None:
        same = [item for item in state.achievements if item.id == written]
        if len(same) < 2:
            return achievement_named(state, written)
        listed = ", ".join(item.ref for item in same)
        raise NoAnswerError(f"{written} is the id of {len(same)} items of {state.path}; name one: {listed}", "usage")
    line, digest = int(match["line"]), match["digest"]
    if digest is None:
        at = next((item.ref for item in state.achievements if item.line == line), "")
        hint = f": {at}" if at else f". {state.path} has no item in line {line}"
        raise NoAnswerError(f"a line number alone may mean another item after an edit; name its ref{hint}", "usage")
    ends = [item for item in state.achievements if item.ref.startswith(":") and item.ref.endswith(f"-{digest}")]
    near = sorted(ends, key=lambda item: abs(item.line - line))
    if not near:
        raise NoAnswerError(f"no item of {state.path} has the ref {written}: list them with `planmark status`", "usage")
    if len(near) > 1 and abs(near[0].line - line) == abs(near[1].line - line):
        both = f"{near[0].ref} and {near[1].ref}"
        raise NoAnswerError(f"{written} may mean {both}: name one of them", "usage")
    return near[0]


def with_texts(plan: PlanInput, texts: Mapping[str, str]) -> PlanInput:
    """Return the input of a plan with other texts of its documents, by path."""
    documents = dict(plan.documents)
    for path, text in texts.items():
        record = documents[path]
        facts = format_named(record.format).parse(path, record.role, text)
        documents[path] = FormatDocument(path, record.format, record.role, facts)
    read = plan.text
    return plan._replace(documents=documents, text=lambda path: texts[path] if path in texts else read(path))


def _input_after_edits(plan: PlanInput, done: Ticked, texts: dict[str, tuple[str, str]]) -> PlanInput:
    """Return the input of the plan after the edits, and note the changed texts."""
    changed: dict[str, str] = {}
    for path in dict.fromkeys(edit.path for edit in done.edits):
        before, now = texts.get(path, (plan.text(path),) * 2)
        own = [TextChange(path, e.line - 1, e.start, e.end, e.text) for e in done.edits if e.path == path]
        changed[path] = changed_text(now, own)
        texts[path] = (before, changed[path])
    return with_texts(plan, changed)


def _same_line(state: PlanState, item: AchievementState) -> AchievementState:
    return next(current for current in state.achievements if (current.path, current.line) == (item.path, item.line))
