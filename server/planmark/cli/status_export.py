"""The rows of `planmark status` as CSV (RFC 4180) for spreadsheets. The rows are plans, or the items of one plan."""

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
"""If a cell begins with one of these characters, a spreadsheet takes the cell for a formula."""


def plan_row(state: PlanState, counts: Mapping[str, int], priority: str, held_by: str) -> list[str]:
    """Return the cells of a plan. `held_by` names the agents that hold steps of the plan.

    `counts` maps a severity to the number of diagnostics of the plan.
    """
    done, total, dropped = progress_counts(state)
    is_closed = state.next.step == CLOSED
    return [
        *(state.feature, state.path, state.format, state.lifecycle, CLOSED if is_closed else state.state),
        *(str(done), str(total), str(dropped), next_label(state)),
        *(state.next.achievement or state.next.ref or "", "" if is_closed else state.next.role),
        *(str(counts["error"]), str(counts["warning"]), priority, held_by),
    ]


def item_row(plan: PlanState, item: AchievementState, held_by: str) -> list[str]:
    """Return the cells of an item of a plan. `held_by` names the agent that holds the step of the item."""
    role = role_of_item(item)
    evidence = f"{item.evidence[0].path}:{item.evidence[0].line} {item.evidence[0].says}" if item.evidence else ""
    return [
        *(plan.feature, item_name(item), item.title, item.state, state_label(item)),
        *(task_in_words(item.step, plan.format) if role else "", role, item.priority, item.path, str(item.line)),
        *(item.subplan or "", item.verdict or "", str(item.round), ", ".join(item.depends_on)),
        *(", ".join(item.blocked_by), evidence, held_by),
    ]


def csv_text(fields: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return CSV with `fields` as the header, and with `rows`.

    On a terminal, lines end with only a line feed, because a carriage return would be made visible.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n" if sys.stdout.isatty() else "\r\n")
    writer.writerow(fields)
    writer.writerows([_csv_cell_text(value) for value in row] for row in rows)
    return stream.getvalue()


def _csv_cell_text(value: str) -> str:
    """Return `value` in one line, with masked credentials.

    If a spreadsheet would take the text for a formula, an apostrophe is added at its beginning.
    """
    text = visible_in_one_line(without_secrets(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA_SIGNS) else text
