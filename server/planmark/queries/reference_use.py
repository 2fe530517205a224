"""The use of references: counts of those that were offered and used, and the order by their success."""

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
    work_learning,
)
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.workspace.case_index import NoSearchError
from planmark.workspace.learning_record import CurrentItem, Offer, Trials, count_offers, settled_trials
from planmark.workspace.snapshot import PlanDocuments

MAX_TEXT = 4_000_000
"""Maximum number of characters of a text. Of a longer text, only the end is searched."""


def answer_for_achievement(view: View, plan: PlanDocuments, item: AchievementState) -> LearnResult:
    """Return the references for an achievement, and count them as offered. Raises NoAnswerError.

    References that helped before come first.
    """
    try:
        result = with_experience(view, learn_from_achievement(view, plan, item))
    except NoSearchError as error:
        raise NoAnswerError(str(error), "unreadable") from None
    count_references(
        view,
        plan,
        item,
        [*(reference.id for reference in result.failures), *(reference.path for reference in result.similar)],
    )
    return result


def answer_for_text(view: View, text: str) -> LearnResult:
    """Return the references for a text. Those that helped before come first. Raises NoAnswerError."""
    try:
        return with_experience(view, learn_from_text(view, text[-MAX_TEXT:]))
    except NoSearchError as error:
        raise NoAnswerError(str(error), "unreadable") from None


def count_references(view: View, plan: PlanDocuments, item: AchievementState, entries: Iterable[str]) -> None:
    """Count the references that are offered for an item, once for each of its states, unless `learn.enable` is off."""
    distinct_entries = list(dict.fromkeys(entries))
    if distinct_entries and view.snapshot.settings["learn.enable"]:
        current_item = _current_item(view, plan, item)
        offers = [
            Offer(entry, plan.path, item.id, item.state, current_item.occasion, current_item.names_reference(entry))
            for entry in distinct_entries
        ]
        count_offers(Path(view.snapshot.root), offers)


def _current_items(view: View, path: str) -> dict[str, CurrentItem]:
    plan = view.snapshot.plan_at(path)
    return {item.id: _current_item(view, plan, item) for item in view.state(path).achievements} if plan else {}


def _current_item(view: View, plan: PlanDocuments, item: AchievementState) -> CurrentItem:
    def mentions(entry: str) -> bool:
        """Tell whether the documents of the item name a reference: by its id, or by the name of its file."""
        searched_name = entry.rpartition("/")[2].removesuffix(".md")
        return any(
            searched_name in view.text(path) for path in work_learning().problem_of(view, plan, item.id).documents
        )

    return CurrentItem(item.state, f"{item.state} {item.verdict or ''} {item.round} {len(item.executions)}", mentions)


def with_experience(view: View, result: LearnResult) -> LearnResult:
    """Return an answer with the counts of its references. References that helped before come first.

    References with fewer than five uses stay in the order of the catalogue, or of their scores.
    """
    if not view.snapshot.settings["learn.enable"]:
        return result
    trials = settled_trials(Path(view.snapshot.root), functools.partial(_current_items, view))
    failures = [
        msgspec.structs.replace(reference, experience=_experience(trials, reference.id))
        for reference in sorted(result.failures, key=lambda reference: -_success_bound(trials, reference.id))
    ]
    similar = [
        msgspec.structs.replace(reference, experience=_experience(trials, reference.path))
        for reference in sorted(result.similar, key=lambda reference: -_success_bound(trials, reference.path))
    ]
    return msgspec.structs.replace(result, failures=tuple(failures), similar=tuple(similar))


def _experience(trials: Mapping[str, Trials], entry: str) -> Experience:
    return Experience(*trials[entry]) if entry in trials else Experience()


def _success_bound(trials: Mapping[str, Trials], entry: str) -> float:
    return trials[entry].lower_bound if entry in trials else 0.0
