"""The plans or the items of a plan as CSV (RFC 4180), for spreadsheets."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence

from planmark.cli.status_filter import CLOSED, role_of_item
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.phrases import next_label, progress_counts, state_label
from planmark.plans.roles import task_in_words
from planmark.queries.item_order import item_name
from planmark.text.masking import without_secrets
from planmark.text.visible import visible_in_one_line

PLAN_FIELDS = (
    *("plan", "path", "format", "lifecycle", "state", "done", "total", "dropped", "next_step", "item", "role"),
    *("errors", "warnings", "priority", "held_by"),
)
ITEM_FIELDS = (
    *("plan", "id", "title", "state", "state_label", "step", "role", "priority", "path", "line", "subplan", "verdict"),
    *("round", "depends_on", "blocked_by", "evidence", "held_by"),
)
_FORMULA_SIGNS = tuple("=+-@＝＋－＠")
"""The first characters of a cell that a spreadsheet takes for a formula."""


def plan_row(state: PlanState, counts: Mapping[str, int], priority: str, held_by: str) -> list[str]:
    """Return the cells of a plan. `counts` are the numbers of its diagnostics by severity."""
    done, total, dropped = progress_counts(state)
    is_closed = state.next.step == CLOSED
    return [
        *(state.feature, state.path, state.format, state.lifecycle, CLOSED if is_closed else state.state),
        *(str(done), str(total), str(dropped), next_label(state)),
        *(state.next.achievement or state.next.ref or "", "" if is_closed else state.next.role),
        *(str(counts["error"]), str(counts["warning"]), priority, held_by),
    ]


def item_row(plan: PlanState, item: AchievementState, held_by: str) -> list[str]:
    """Return the cells of an item of a plan."""
    role = role_of_item(item)
    evidence = f"{item.evidence[0].path}:{item.evidence[0].line} {item.evidence[0].says}" if item.evidence else ""
    return [
        *(plan.feature, item_name(item), item.title, item.state, state_label(item)),
        *(task_in_words(item.step, plan.format) if role else "", role, item.priority, item.path, str(item.line)),
        *(item.subplan or "", item.verdict or "", str(item.round), ", ".join(item.depends_on)),
        *(", ".join(item.blocked_by), evidence, held_by),
    ]


def csv_text(fields: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a header and rows as CSV. On a terminal, lines end with a line feed only, because `\\r` would be visible."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n" if sys.stdout.isatty() else "\r\n")
    writer.writerow(fields)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: str) -> str:
    """Return a text in one line, without credentials.

    A text that a spreadsheet would take for a formula gets an apostrophe as its first character.
    """
    text = visible_in_one_line(without_secrets(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA_SIGNS) else text
