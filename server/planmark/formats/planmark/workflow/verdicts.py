"""The result of an achievement's verdicts: rounds, dates, and invalid approvals (the methodology, §3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.planmark.documents.dates import is_later
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.document_references import uppercase_words
from planmark.formats.planmark.documents.ids import ID
from planmark.formats.planmark.documents.plan import Achievement
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.assignment import NumberAndRound
from planmark.plans.document import Document
from planmark.plans.model import Evidence

FIRST_ROUND = 1
"""Round of a verdict whose file name states no round."""
MIN_LONG_WORD_LENGTH = 4
"""Minimum number of letters of a long word. Only long words show the subject of a title."""
_COMMON_TITLE_WORDS = frozenset(
    {"approved", "approval", "achievement", "achievements", "verdict", "fix", "required", "resolution"}
)
"""Words that occur in the title of any verdict, whatever its subject."""


class Reviews(NamedTuple):
    """The verdicts of one achievement that count.

    `fix` is the last FIX, and `is_fix_open` tells whether no APPROVED closes it. `resolution` is a RESOLUTION of the
    round of this FIX, and `is_answered` tells whether a RESOLUTION answers it.

    `approved` is the APPROVED that closes the FIX. If there is no FIX, or no APPROVED closes it, `approved` is the last
    APPROVED. `reopening` says why a FIX is open although an APPROVED exists.

    `other_open_fixes` are the other FIX files that no RESOLUTION answers and no APPROVED closes; () if `fix` is not
    open. `round` is the last round with a FIX or with an APPROVED that approves, or 0 if there is none. `doubts` are
    the reasons, with their lines, why an APPROVED does not approve.
    """

    approved: Document | None = None
    fix: Document | None = None
    resolution: Document | None = None
    is_fix_open: bool = False
    is_answered: bool = False
    reopening: Evidence | None = None
    other_open_fixes: tuple[Document, ...] = ()
    round: int = 0
    doubts: tuple[Evidence, ...] = ()


def verdict_facts(document: Document) -> Verdict:
    """Return the facts of a verdict document."""
    assert isinstance(document.facts, Verdict)
    return document.facts


def reviews(
    verdicts: Sequence[Document],
    numbers_by_path: Mapping[str, NumberAndRound],
    doubts: Mapping[str, tuple[Evidence, ...]],
) -> Reviews:
    """Return the result of an achievement's verdicts. The FIX files of the last round with a FIX decide.

    `numbers_by_path` is a mapping from the path of each verdict to the number and round in its name. `doubts` is a
    mapping from the path of each APPROVED that does not approve to the reasons.
    """
    rounds_by_path = {document.path: round_of(numbers_by_path[document.path]) for document in verdicts}
    verdicts_by_kind = {
        kind: [d for d in verdicts if parsed_name(d).verdict == kind] for kind in ("approved", "fix", "resolution")
    }
    approvals = [document for document in verdicts_by_kind["approved"] if document.path not in doubts]
    last_fix_round = max((rounds_by_path[document.path] for document in verdicts_by_kind["fix"]), default=0)
    reviews_without_fix = Reviews(
        approved=max(approvals, key=lambda d: (rounds_by_path[d.path], verdict_facts(d).date, d.path), default=None),
        round=max((rounds_by_path[d.path] for d in (*approvals, *verdicts_by_kind["fix"])), default=0),
        doubts=tuple(evidence for d in verdicts_by_kind["approved"] for evidence in doubts.get(d.path, ())),
    )
    candidates = [
        _reviews_with_result(
            fix, approvals, verdicts_by_kind["resolution"], rounds_by_path, numbers_by_path, reviews_without_fix
        )
        for fix in verdicts_by_kind["fix"]
        if rounds_by_path[fix.path] == last_fix_round
    ]
    if not candidates:
        return reviews_without_fix
    chosen_reviews = max(
        candidates, key=lambda c: (c.is_fix_open, not c.is_answered, verdict_facts(c.fix).date if c.fix else "")
    )
    other_open_fixes = tuple(
        fix
        for fix in verdicts_by_kind["fix"]
        if fix is not chosen_reviews.fix
        and not any(_closes_fix(approved, fix, rounds_by_path, numbers_by_path) for approved in approvals)
        and not _answering_resolutions(fix, verdicts_by_kind["resolution"], rounds_by_path)
    )
    return chosen_reviews._replace(other_open_fixes=other_open_fixes if chosen_reviews.is_fix_open else ())


def round_of(numbered_round: NumberAndRound) -> int:
    """Return the round of review in the name of a verdict; FIRST_ROUND if the name states no round."""
    return FIRST_ROUND if numbered_round.round is None else numbered_round.round


def _reviews_with_result(
    fix: Document,
    approvals: Sequence[Document],
    resolutions: Sequence[Document],
    rounds_by_path: Mapping[str, int],
    numbers_by_path: Mapping[str, NumberAndRound],
    reviews_without_fix: Reviews,
) -> Reviews:
    """Return a copy of `reviews_without_fix` that contains the result for `fix`, a FIX of the last round.

    The result says which of `approvals` closes the FIX, and which of `resolutions` answers the FIX. `rounds_by_path` is a
    mapping from the path of each verdict to its round.
    """
    closing_approvals = [
        approved for approved in approvals if _closes_fix(approved, fix, rounds_by_path, numbers_by_path)
    ]
    answering_resolutions = _answering_resolutions(fix, resolutions, rounds_by_path)
    resolutions_of_round = answering_resolutions or [
        d for d in resolutions if rounds_by_path[d.path] == rounds_by_path[fix.path]
    ]
    return reviews_without_fix._replace(
        fix=fix,
        resolution=max(resolutions_of_round, key=lambda d: (verdict_facts(d).date, d.path), default=None),
        is_answered=bool(answering_resolutions),
        is_fix_open=not closing_approvals,
        approved=max(
            closing_approvals,
            key=lambda d: (rounds_by_path[d.path], verdict_facts(d).date, d.path),
            default=reviews_without_fix.approved,
        ),
        reopening=_open_fix_evidence(fix, reviews_without_fix.approved, rounds_by_path)
        if reviews_without_fix.approved and not closing_approvals
        else None,
    )


def _closes_fix(
    approved: Document, fix: Document, rounds_by_path: Mapping[str, int], numbers_by_path: Mapping[str, NumberAndRound]
) -> bool:
    """Tell whether the APPROVED `approved` closes `fix`.

    An APPROVED of a later round closes a FIX. In the same round, the dates decide: the FIX must not be later than the
    APPROVED. If the name of the APPROVED states no round, a date later than the date of the FIX is enough. An APPROVED
    that the FIX reopens never closes this FIX.
    """
    approved_facts, fix_facts = verdict_facts(approved), verdict_facts(fix)
    if _file_name(approved) in fix_facts.reopens:
        return False
    if rounds_by_path[approved.path] != rounds_by_path[fix.path]:
        is_later_round = rounds_by_path[approved.path] > rounds_by_path[fix.path]
        return is_later_round or (
            numbers_by_path[approved.path].round is None and is_later(approved_facts.date, fix_facts.date)
        )
    if approved_facts.has_unreadable_date or fix_facts.has_unreadable_date:
        return False
    return not is_later(fix_facts.date, approved_facts.date)


def _answering_resolutions(
    fix: Document, resolutions: Sequence[Document], rounds_by_path: Mapping[str, int]
) -> list[Document]:
    """Return the RESOLUTIONs that answer a FIX: they are of the same round and not older than the FIX."""
    date = verdict_facts(fix).date
    return [
        resolution
        for resolution in resolutions
        if rounds_by_path[resolution.path] == rounds_by_path[fix.path]
        and not is_later(date, verdict_facts(resolution).date)
    ]


def _open_fix_evidence(fix: Document, approved: Document, rounds_by_path: Mapping[str, int]) -> Evidence:
    """Return the evidence why `fix` is open although `approved`, the last APPROVED, exists."""
    facts = verdict_facts(fix)
    if _file_name(approved) in facts.reopens:
        return Evidence(fix.path, 1, f"reopens {_file_name(approved)}")
    if rounds_by_path[fix.path] != rounds_by_path[approved.path]:
        return Evidence(fix.path, 1, f"round {rounds_by_path[fix.path]} of review, after {_file_name(approved)}")
    for document in (fix, approved):
        dated_quote = verdict_facts(document).date_quote
        if dated_quote and verdict_facts(document).has_unreadable_date:
            return Evidence(
                document.path, document.line(dated_quote.position), f"this date cannot be read: {dated_quote.text}"
            )
    dated_quote = facts.date_quote
    line = fix.line(dated_quote.position) if dated_quote else 1
    return Evidence(
        fix.path, line, f"is dated later than the APPROVED file: {dated_quote.text if dated_quote else facts.date}"
    )


def doubts_by_path(
    plan: PlanDocuments, achievement: Achievement, verdicts: Sequence[Document], *, has_work: bool
) -> dict[str, tuple[Evidence, ...]]:
    """Return a mapping from the path of each APPROVED that does not approve to the reasons.

    `has_work` tells whether the achievement has a SUBPLAN or an EXECUTION_TASK.
    """
    result = {
        document.path: tuple(_doubts_about_verdict(plan, achievement, document, has_work=has_work))
        for document in verdicts
        if parsed_name(document).verdict == "approved"
    }
    return {path: doubts for path, doubts in result.items() if doubts}


def _doubts_about_verdict(
    plan: PlanDocuments, achievement: Achievement, document: Document, *, has_work: bool
) -> Iterator[Evidence]:
    """Yield the reasons, with their lines, why an APPROVED does not approve the achievement."""
    facts, name = verdict_facts(document), _file_name(document)
    if plan_of_verdict := other_plan_of_verdict(plan, achievement, document):
        line = document.line(facts.plan_at.position) if facts.plan_at and facts.plan_feature == plan_of_verdict else 1
        yield Evidence(document.path, line, f"{name} is a verdict of another PLAN: {plan_of_verdict}")
    if facts.denies and facts.status:
        line = document.line(facts.status.position)
        yield Evidence(document.path, line, f"{name} does not approve by its own status: {facts.status.text}")
    if has_work:
        return
    if is_later(plan.facts.created, facts.date):
        line = document.line(facts.date_quote.position) if facts.date_quote else 1
        yield Evidence(document.path, line, f"{name} is older than the PLAN, and {achievement.id} has no work file")
    if not _shares_words(facts.title, achievement.title):
        yield Evidence(document.path, 1, f"{name} is titled for something else, and {achievement.id} has no work file")


def other_plan_of_verdict(plan: PlanDocuments, achievement: Achievement, document: Document) -> str | None:
    """Return the feature of a different plan that the verdict `document` names.

    Return None if the verdict names no different plan, or if the title of the achievement also names this plan.
    """
    for path, feature in plan.named_plans:
        if path == document.path and feature not in uppercase_words(achievement.title):
            return feature
    return None


def subject_words(title: str) -> str:
    """Return the words of `title`, without ids and without the words that occur in the title of any verdict."""
    words = re.findall(r"[^\W_]+", ID.sub(" ", title.casefold()))
    return " ".join(word for word in words if word not in _COMMON_TITLE_WORDS)


def _shares_words(verdict_title: str, achievement_title: str) -> bool:
    """Tell whether the title of a verdict and the title of its achievement share a long word.

    Ids, and words that occur in the title of any verdict, do not count. If one of the titles has no long word, return
    True.
    """
    verdict_text, achievement_text = subject_words(verdict_title), achievement_title.casefold()
    verdict_words, achievement_words = _long_words(verdict_text), _long_words(achievement_text)
    if not verdict_words or not achievement_words:
        return True
    return any(word in achievement_text for word in verdict_words) or any(
        word in verdict_text for word in achievement_words
    )


def _long_words(text: str) -> list[str]:
    """Return the words of a text with at least MIN_LONG_WORD_LENGTH letters."""
    return [word for word in re.findall(r"[^\W_]+", text) if len(word) >= MIN_LONG_WORD_LENGTH]


def _file_name(document: Document) -> str:
    """Return the file name of a document."""
    return document.path.rpartition("/")[2]
