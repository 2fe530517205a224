"""The use of references: the counts of how often each was offered and used, and the order of references by success."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from planmark.plans.model import AchievementState
from planmark.queries.learning import (
    Experience,
    LearnResult,
    learn_from_achievement,
    learn_from_text,
    learning_readers,
)
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.workspace.case_index import NoFullTextSearchError
from planmark.workspace.learning_record import CurrentItem, Offer, ReferenceCounts, record_offers, settle_and_count
from planmark.workspace.snapshot import PlanDocuments

MAX_TEXT_CHARACTERS = 4_000_000
"""Maximum number of characters of a searched text. If a text is longer, only its end is searched."""


def answer_for_achievement(view: View, plan: PlanDocuments, item: AchievementState) -> LearnResult:
    """Return the references for an achievement, and count them as offered.

    References that helped before come first. Raises NoAnswerError if the search is not possible.
    """
    try:
        result = with_experience(view, learn_from_achievement(view, plan, item))
    except NoFullTextSearchError as error:
        raise NoAnswerError(str(error), "unreadable") from None
    count_as_offered(
        view,
        plan,
        item,
        [*(reference.id for reference in result.failures), *(reference.path for reference in result.similar)],
    )
    return result


def answer_for_text(view: View, text: str) -> LearnResult:
    """Return the references for a text. References that helped before come first.

    Raises NoAnswerError if the search is not possible.
    """
    try:
        return with_experience(view, learn_from_text(view, text[-MAX_TEXT_CHARACTERS:]))
    except NoFullTextSearchError as error:
        raise NoAnswerError(str(error), "unreadable") from None


def count_as_offered(view: View, plan: PlanDocuments, item: AchievementState, reference_names: Iterable[str]) -> None:
    """Count the references that are offered for an item. If the setting `learn.enable` is off, do nothing.

    A reference counts once for each occasion of the item (see `Offer`). The name of a reference is the id of a known
    failure, or the path of a document with a similar case.
    """
    distinct_names = list(dict.fromkeys(reference_names))
    if distinct_names and view.snapshot.settings["learn.enable"]:
        current_item = _current_item(view, plan, item)
        offers = [
            Offer(
                reference_name,
                plan.path,
                item.id,
                item.state,
                current_item.occasion,
                current_item.names_reference(reference_name),
            )
            for reference_name in distinct_names
        ]
        record_offers(Path(view.snapshot.root), offers)


def _current_items(view: View, path: str) -> dict[str, CurrentItem]:
    """Return a mapping from the id of an achievement to its current values, for the plan at `path`.

    Return an empty mapping if there is no such plan.
    """
    plan = view.snapshot.plan_at(path)
    return {item.id: _current_item(view, plan, item) for item in view.state(path).achievements} if plan else {}


def _current_item(view: View, plan: PlanDocuments, item: AchievementState) -> CurrentItem:
    """Return the current values of an achievement that the record of offers compares with earlier values."""

    def mentions(reference_name: str) -> bool:
        """Tell whether a document about the item contains `reference_name`: the id or the file name of a reference."""
        searched_name = reference_name.rpartition("/")[2].removesuffix(".md")
        return any(
            searched_name in view.text(path) for path in learning_readers().problem_of(view, plan, item.id).documents
        )

    return CurrentItem(item.state, f"{item.state} {item.verdict or ''} {item.round} {len(item.executions)}", mentions)


def with_experience(view: View, result: LearnResult) -> LearnResult:
    """Return `result` with the counts of its references. References that helped before come first.

    References with fewer than five uses keep their order: known failures by the catalogue, similar cases by their
    scores.
    """
    if not view.snapshot.settings["learn.enable"]:
        return result
    trials = settle_and_count(Path(view.snapshot.root), functools.partial(_current_items, view))
    failures = [
        msgspec.structs.replace(reference, experience=_experience(trials, reference.id))
        for reference in sorted(result.failures, key=lambda reference: -_success_bound(trials, reference.id))
    ]
    similar = [
        msgspec.structs.replace(reference, experience=_experience(trials, reference.path))
        for reference in sorted(result.similar, key=lambda reference: -_success_bound(trials, reference.path))
    ]
    return msgspec.structs.replace(result, failures=tuple(failures), similar=tuple(similar))


def _experience(trials: Mapping[str, ReferenceCounts], reference_name: str) -> Experience:
    return Experience(*trials[reference_name]) if reference_name in trials else Experience()


def _success_bound(trials: Mapping[str, ReferenceCounts], reference_name: str) -> float:
    """Return a lower bound for the share of the uses of a reference that helped; 0 if there are too few uses."""
    return trials[reference_name].lower_bound if reference_name in trials else 0.0
