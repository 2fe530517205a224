"""GRAMMAPLANs: the plans in their tables, and the rows that the files of these plans contradict."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.note import ChildPlan, Grammaplan
from planmark.formats.planmark.documents.vocabulary import status_of
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import PlanState
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import Snapshot

MAX_PROGRESS_DIFFERENCE = 5
"""Maximum difference, in percentage points, between the progress that a row states and the progress of the plan.

Such a difference is allowed, because some rows count hours instead of achievements.
"""
STATUSES_BEFORE_WORK = ("planning", "not_started", "ready")
"""Statuses that say that no work has begun."""
_PERCENT = lazy_pattern(r"\W{0,9}(?P<percent>[0-9]{1,3})\s?%\W*")
"""Pattern for a progress such as `60 %`."""
_DONE_OF_ALL = lazy_pattern(
    r"\W{0,9}(?P<done>[0-9]{1,3})\s?(?:/|of)\s?(?P<all>[0-9]{1,3})(?:\s(?:achievements?|done|approved|complete))?\W*"
)
"""Pattern for a progress such as `3/5` or `3 of 5 done`."""


class GrammaplanRow(NamedTuple):
    """A row of a GRAMMAPLAN: `child` is what the row says, and `state` is the state of the plan (None if there is no plan).

    `wrong_cell` is the cell that the files contradict, and `correct_cell` is its correct text. Both are "" if the files
    contradict no cell.
    """

    child: ChildPlan
    state: PlanState | None
    wrong_cell: str
    correct_cell: str


def grammaplans(snapshot: Snapshot) -> tuple[Document, ...]:
    """Return the GRAMMAPLANs of a workspace, sorted by path."""
    return _grammaplans_among(snapshot.documents, snapshot.names)


@functools.lru_cache(maxsize=1)
def _grammaplans_among(documents: PathMap[Document], names: PathMap[tuple[str, ...]]) -> tuple[Document, ...]:
    """Return the GRAMMAPLANs among the documents of a workspace, sorted by path. `names` are its file names.

    The cache has one entry: two callers ask for the same snapshot, and further entries would keep documents of earlier
    snapshots in memory.
    """
    known_documents = (documents.get(path) for path in _grammaplan_paths(names))
    return tuple(document for document in known_documents if document is not None)


@functools.lru_cache(maxsize=8)
def _grammaplan_paths(names: PathMap[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the paths of the GRAMMAPLANs, sorted.

    Because of the cache, only added or removed files cause a new search.
    """
    paths_of_names = (
        paths for name, paths in names.as_dict().items() if name.startswith("GRAMMAPLAN_") and parse_name(name)
    )
    return tuple(sorted(path for paths in paths_of_names for path in paths))


def rows(
    snapshot: Snapshot, evaluations: Mapping[str, PlanEvaluation], document: Document, vocabulary: Vocabulary
) -> list[GrammaplanRow]:
    """Return the rows of a GRAMMAPLAN, compared with the states of their plans.

    If several plans have the name in a row, a plan whose files agree with the row takes precedence. A bare word counts as
    the name of a plan only if a plan has this name.
    """
    facts = document.facts
    assert isinstance(facts, Grammaplan)
    result_rows = []
    for child in facts.children:
        places = snapshot.table.by_feature.get(child.feature, ())
        states = [evaluations[place.path].state for place in places if place.path in evaluations]
        compared_rows = [
            GrammaplanRow(child, state, *_wrong_and_correct_cell(child, state, vocabulary)) for state in states
        ]
        agreeing_rows = [row for row in compared_rows if not row.wrong_cell]
        if compared_rows or not child.is_bare:
            result_rows.append((agreeing_rows or compared_rows or [GrammaplanRow(child, None, "", "")])[0])
    return result_rows


def _wrong_and_correct_cell(child: ChildPlan, state: PlanState, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return a pair: the text of the first cell that the files of the plan contradict, and the correct text.

    Return ("", "") if there is no such cell, or if the plan is legacy: the files of a legacy plan do not show enough.
    """
    if state.legacy:
        return "", ""
    dropped_count = state.counts.get("dropped", 0)
    done_count, total = state.counts.get("approved", 0), len(state.achievements) - dropped_count
    if match := _DONE_OF_ALL.fullmatch(child.progress):
        if int(match["done"]) != done_count or int(match["all"]) not in (total, total + dropped_count):
            return child.progress, f"{done_count}/{total}"
    elif match := _PERCENT.fullmatch(child.progress):
        percent = 100 * done_count // total if total else 0
        is_completion_right = (int(match["percent"]) == 100) == (done_count == total > 0)
        if abs(int(match["percent"]) - percent) > MAX_PROGRESS_DIFFERENCE or not is_completion_right:
            return child.progress, f"{percent}%"
    status, is_complete = status_of(child.status, vocabulary), state.state == "complete"
    has_begun = state.state in ("in_progress", "needs_attention")
    if status is None:
        return "", ""
    if is_complete and status != "complete":
        return child.status, "✅ Complete"
    if (status == "complete" and not is_complete) or (status in STATUSES_BEFORE_WORK and has_begun):
        return child.status, "🚧 In Progress" if has_begun else "📋 Planning"
    return "", ""


def claims_progress(child: ChildPlan, vocabulary: Vocabulary) -> bool:
    """Tell whether a row says that work on the plan has begun. If so, the PLAN must exist."""
    match = _PERCENT.fullmatch(child.progress) or _DONE_OF_ALL.fullmatch(child.progress)
    number = int(match.group(1)) if match else 0
    return number > 0 or status_of(child.status, vocabulary) not in (None, *STATUSES_BEFORE_WORK)
