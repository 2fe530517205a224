"""References for an achievement or a text: similar cases from earlier work, and known failures that texts show."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from planmark import __version__
from planmark.plans.case import Case, CaseKind
from planmark.plans.document import Document
from planmark.plans.model import AchievementState, NextStep, State
from planmark.plans.registry import methodology_part
from planmark.prompts.learned import (
    MAX_REFERENCES,
    NO_REFERENCES,
    STEPS_WITH_REFERENCES,
    PromptReferences,
    case_reference,
    excerpt_words,
    pattern_reference,
)
from planmark.queries.workspace_view import View
from planmark.text.failure_patterns import PatternHit, pattern_hits
from planmark.text.masking import without_secrets
from planmark.workspace.case_index import CaseDocument, NoFullTextSearchError, SimilarCase
from planmark.workspace.file_entries import text_digest
from planmark.workspace.pattern_catalogue import failure_patterns
from planmark.workspace.snapshot import PlanDocuments

MAX_SIMILAR_CASES = 3
"""Maximum number of similar cases of an answer."""
MAX_EXCERPT_WORDS = 40
"""Maximum number of words of an excerpt in an answer."""


class OpenProblem(NamedTuple):
    """The problem of an achievement that is not done.

    `text` describes the problem. `logs` are the paths of the documents that are searched for known failures.
    `documents` are the paths of all documents about the achievement.
    """

    text: str
    logs: tuple[str, ...]
    documents: tuple[str, ...]


class ReviewIssue(NamedTuple):
    """An issue of a review: its severity, its title and its 1-based line."""

    severity: str
    title: str
    line: int


class LearningReaders(NamedTuple):
    """The functions that read cases, problems, issues and iterations from documents.

    `kinds` are the kinds of documents that contain cases. `cases_of` returns the cases of a document. Its second
    parameter is the text of the document. `problem_of` returns the problem of an achievement. Its parameters are a
    view, a plan, and the id of the achievement. `issues` yields the issues of a review. `iterations` returns the number
    of iterations of an execution. Its second parameter is the text of the document.
    """

    kinds: tuple[str, ...]
    cases_of: Callable[[Document, str], list[Case]]
    problem_of: Callable[[View, Any, str], OpenProblem]
    issues: Callable[[Document], Iterator[ReviewIssue]]
    iterations: Callable[[Document, str], int]


class Experience(msgspec.Struct, frozen=True):
    """Three counts about a reference: how often it was offered, how often it was used, and how often the achievement
    then advanced.
    """

    offered: int = 0
    used: int = 0
    advanced: int = 0


class KnownFailure(msgspec.Struct, frozen=True):
    """A known failure that a text shows. `where` is the tool, and `text` is the first line that shows the failure.

    `fix` is what to do, in words. `path` is the document; "" for a text that is no document. `line` is 1-based. `lines`
    is the number of lines that show the failure. `setting` is the setting of Planmark that decides whether the failure
    occurs, or "".
    """

    id: str
    where: str
    path: str
    line: int
    lines: int
    text: str
    says: str
    fix: str
    setting: str
    source: str
    experience: Experience = Experience()


class SimilarWork(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A similar case: its document, the feature of its plan (None without a plan), its lines, and a short excerpt.
    `score` is its BM25 score. Scores of different questions cannot be compared.
    """

    path: str
    feature: str | None
    start: int
    end: int
    kind: CaseKind
    title: str
    excerpt: str
    score: float
    experience: Experience = Experience()


class LearnResult(msgspec.Struct, frozen=True, kw_only=True):
    """The known failures that a text shows, or the documents of an achievement, and similar earlier work."""

    schema: str = "planmark.learn/1"
    planmark: str = __version__
    workspace: str
    feature: str | None
    achievement: str | None
    state: State | None
    failures: tuple[KnownFailure, ...]
    similar: tuple[SimilarWork, ...]


@functools.cache
def learning_readers() -> LearningReaders:
    """Return the functions of the methodology in `LearningReaders`. The first call imports the module of these functions."""
    learning: LearningReaders = methodology_part("learning")
    return learning


def references_for(view: View, plan: PlanDocuments, step: NextStep) -> PromptReferences:
    """Return the references for the prompt of a step.

    Return no references if the step is not in STEPS_WITH_REFERENCES or is about no achievement, or if the setting
    `prompts.similar` is off. The references depend only on the documents, not on earlier prompts.
    """
    if (
        step.step not in STEPS_WITH_REFERENCES
        or step.achievement is None
        or not view.snapshot.settings["prompts.similar"]
    ):
        return NO_REFERENCES
    problem = learning_readers().problem_of(view, plan, step.achievement)
    try:
        similar_cases = _similar_cases(view, problem.text, problem.documents, MAX_REFERENCES)
    except NoFullTextSearchError:
        similar_cases = []
    case_references = (case_reference(similar_case.path, similar_case.case) for similar_case in similar_cases)
    failures = _known_failures(view, problem.logs)[:MAX_REFERENCES]
    return PromptReferences(
        tuple(reference for reference in case_references if reference is not None),
        tuple(pattern_reference(hit.pattern, path, hit.line) for path, hit in failures),
    )


def learn_from_achievement(view: View, plan: PlanDocuments, item: AchievementState) -> LearnResult:
    """Return the known failures and the similar cases for the problem of an achievement. Raises NoFullTextSearchError if SQLite
    has no full-text search.
    """
    problem = learning_readers().problem_of(view, plan, item.id)
    hits = _known_failures(view, problem.documents)
    similar_cases = _similar_cases(view, problem.text, problem.documents, MAX_SIMILAR_CASES)
    return _result(view, hits, similar_cases, plan.feature, item)


def learn_from_text(view: View, text: str) -> LearnResult:
    """Return the known failures that a text shows, and the cases that are similar to it. Raises NoFullTextSearchError if SQLite
    has no full-text search.
    """
    hits = [("", hit) for hit in pattern_hits(text, failure_patterns())]
    return _result(view, hits, _similar_cases(view, text, (), MAX_SIMILAR_CASES))


def _result(
    view: View,
    hits: Sequence[tuple[str, PatternHit]],
    similar_cases: Sequence[SimilarCase],
    feature: str | None = None,
    item: AchievementState | None = None,
) -> LearnResult:
    """Return the known failures and similar cases as the result of `learn --json`.

    `hits` are pairs: the path of a document, "" for a text without a document, and a known failure that it shows.
    """
    return LearnResult(
        workspace=view.snapshot.root,
        feature=feature,
        achievement=item.id if item else None,
        state=item.state if item else None,
        failures=tuple(_known_failure(path, hit) for path, hit in hits),
        similar=tuple(_similar_work(view, similar_case) for similar_case in similar_cases),
    )


def _known_failure(path: str, hit: PatternHit) -> KnownFailure:
    pattern = hit.pattern
    return KnownFailure(
        *(pattern.id, pattern.where, path, hit.line, hit.line_count, without_secrets(hit.text)),
        *(pattern.says, pattern.fix, pattern.setting, pattern.source),
    )


def _similar_work(view: View, similar_case: SimilarCase) -> SimilarWork:
    words = excerpt_words(similar_case.case)
    excerpt = " ".join(words[:MAX_EXCERPT_WORDS]) + (" …" if len(words) > MAX_EXCERPT_WORDS else "")
    plan = view.snapshot.plan_at(similar_case.plan) if similar_case.plan else None
    feature = plan.feature if plan else None
    case = similar_case.case
    return SimilarWork(
        similar_case.path, feature, case.start, case.end, case.kind, case.title, excerpt, round(similar_case.score, 2)
    )


def _known_failures(view: View, paths: Sequence[str]) -> list[tuple[str, PatternHit]]:
    """Return pairs, in the order of the catalogue: a path, and a known failure that this document shows.

    A failure occurs once, with the first of `paths` whose document shows it.
    """
    first_hit_by_id: dict[str, tuple[str, PatternHit]] = {}
    for path in paths:
        for hit in pattern_hits(view.text(path), failure_patterns()):
            first_hit_by_id.setdefault(hit.pattern.id, (path, hit))
    return [first_hit_by_id[pattern.id] for pattern in failure_patterns() if pattern.id in first_hit_by_id]


def _similar_cases(view: View, text: str, excluded_paths: Sequence[str], limit: int) -> list[SimilarCase]:
    """Return at most `limit` cases that are similar to `text`, without cases of the documents at `excluded_paths`."""
    return view.cases.run(
        case_documents(view), lambda search: search.similar_cases(text, frozenset(excluded_paths), limit)
    )


def case_documents(view: View) -> Mapping[str, CaseDocument]:
    """Return a mapping from a path to a document that can contain cases, for the whole workspace.

    Each value has a function that reads the cases of its document. The index of cases calls this function only for
    documents that changed.
    """
    snapshot, learning = (view.whole_view or view).snapshot, learning_readers()
    digest_of = view.cases.digest_of

    def document_of(path: str, document: Document) -> CaseDocument:
        digest = digest_of(path) if digest_of else text_digest(view.text(path))
        return CaseDocument(
            snapshot.owners.get(path) or "", digest, lambda: learning.cases_of(document, view.text(path))
        )

    return {
        path: document_of(path, document)
        for path, document in snapshot.documents.items()
        if document.name.kind in learning.kinds and path.isprintable()
    }
