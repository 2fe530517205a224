"""Earlier work that is similar to a problem, and known failures in its documents or in a text."""

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
    NOTHING_LEARNED,
    STEPS_WITH_REFERENCES,
    Learned,
    case_reference,
    excerpt_words,
    pattern_reference,
)
from planmark.queries.workspace_view import View
from planmark.text.failure_patterns import PatternHit, pattern_hits
from planmark.text.masking import without_secrets
from planmark.workspace.case_index import CaseDocument, NoSearchError, SimilarCase
from planmark.workspace.file_entries import text_digest
from planmark.workspace.pattern_catalogue import failure_patterns
from planmark.workspace.snapshot import PlanDocuments

MAX_SIMILAR = 3
"""Maximum number of similar cases of an answer."""
EXCERPT_WORDS = 40
"""Maximum number of words of an excerpt in an answer."""


class OpenProblem(NamedTuple):
    """The problem of an achievement: its text, the documents whose text may show known failures, and all its documents."""

    text: str
    logs: tuple[str, ...]
    documents: tuple[str, ...]


class ReviewIssue(NamedTuple):
    """An issue of a review: its severity, its title and its 1-based line."""

    severity: str
    title: str
    line: int


class WorkLearning(NamedTuple):
    """The functions that read what earlier work can teach.

    `kinds` are the kinds of documents with cases. `cases_of` returns the cases of a document and its text. `problem_of`
    returns the problem of an achievement of a plan, by its id. `issues` yields the issues of a review, and `iterations`
    returns the number of iterations of a log.
    """

    kinds: tuple[str, ...]
    cases_of: Callable[[Document, str], list[Case]]
    problem_of: Callable[[View, Any, str], OpenProblem]
    issues: Callable[[Document], Iterator[ReviewIssue]]
    iterations: Callable[[Document, str], int]


class Experience(msgspec.Struct, frozen=True):
    """The number of times that a reference was offered, used, and followed by progress of the achievement."""

    offered: int = 0
    used: int = 0
    advanced: int = 0


class KnownFailure(msgspec.Struct, frozen=True):
    """A known failure that a text shows: the tool, the first line that shows it, and what to do, in words.

    `path` is the document, "" for a text that is no document. `line` is 1-based. `lines` is the number of lines with it.
    `setting` is the setting that decides, or "".
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
    """A similar case: its document, its plan (None without one), its lines, and what it says in short.

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
    schema: str = "planmark.learn/1"
    planmark: str = __version__
    workspace: str
    feature: str | None
    achievement: str | None
    state: State | None
    failures: tuple[KnownFailure, ...]
    similar: tuple[SimilarWork, ...]


@functools.cache
def work_learning() -> WorkLearning:
    """Return the functions of the methodology for learning. Their module is imported at the first call."""
    learning: WorkLearning = methodology_part("learning")
    return learning


def learned_for(view: View, plan: PlanDocuments, step: NextStep) -> Learned:
    """Return the references for the prompt of a step. They depend only on the documents, not on earlier prompts."""
    if (
        step.step not in STEPS_WITH_REFERENCES
        or step.achievement is None
        or not view.snapshot.settings["prompts.similar"]
    ):
        return NOTHING_LEARNED
    problem = work_learning().problem_of(view, plan, step.achievement)
    try:
        similar_cases = _similar_cases(view, problem.text, problem.documents, MAX_REFERENCES)
    except NoSearchError:
        similar_cases = []
    references = (case_reference(reference.path, reference.case) for reference in similar_cases)
    failures = _known_failures(view, problem.logs)[:MAX_REFERENCES]
    return Learned(
        tuple(reference for reference in references if reference is not None),
        tuple(pattern_reference(hit.pattern, path, hit.line) for path, hit in failures),
    )


def learn_from_achievement(view: View, plan: PlanDocuments, item: AchievementState) -> LearnResult:
    """Return the known failures and the similar work for the problem of an achievement. Raises NoSearchError."""
    problem = work_learning().problem_of(view, plan, item.id)
    hits = _known_failures(view, problem.documents)
    similar_cases = _similar_cases(view, problem.text, problem.documents, MAX_SIMILAR)
    return _result(view, hits, similar_cases, plan.feature, item)


def learn_from_text(view: View, text: str) -> LearnResult:
    """Return the known failures in a text, and the work that is similar to it. Raises NoSearchError."""
    hits = [("", hit) for hit in pattern_hits(text, failure_patterns())]
    return _result(view, hits, _similar_cases(view, text, (), MAX_SIMILAR))


def _result(
    view: View,
    hits: Sequence[tuple[str, PatternHit]],
    similar_cases: Sequence[SimilarCase],
    feature: str | None = None,
    item: AchievementState | None = None,
) -> LearnResult:
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
        *(pattern.id, pattern.where, path, hit.line, hit.lines, without_secrets(hit.text)),
        *(pattern.says, pattern.fix, pattern.setting, pattern.source),
    )


def _similar_work(view: View, similar_case: SimilarCase) -> SimilarWork:
    words = excerpt_words(similar_case.case)
    excerpt = " ".join(words[:EXCERPT_WORDS]) + (" …" if len(words) > EXCERPT_WORDS else "")
    plan = view.snapshot.plan_at(similar_case.plan) if similar_case.plan else None
    feature = plan.feature if plan else None
    case = similar_case.case
    return SimilarWork(
        similar_case.path, feature, case.start, case.end, case.kind, case.title, excerpt, round(similar_case.score, 2)
    )


def _known_failures(view: View, paths: Sequence[str]) -> list[tuple[str, PatternHit]]:
    """Return the known failures in documents, in the order of the catalogue. Only the first document with each is named."""
    first_hits: dict[str, tuple[str, PatternHit]] = {}
    for path in paths:
        for hit in pattern_hits(view.text(path), failure_patterns()):
            first_hits.setdefault(hit.pattern.id, (path, hit))
    return [first_hits[pattern.id] for pattern in failure_patterns() if pattern.id in first_hits]


def _similar_cases(view: View, text: str, excluded_paths: Sequence[str], limit: int) -> list[SimilarCase]:
    return view.cases.run(
        case_documents(view), lambda search: search.similar_cases(text, frozenset(excluded_paths), limit)
    )


def case_documents(view: View) -> Mapping[str, CaseDocument]:
    """Return the documents with cases of the whole workspace, by path. Only changed documents are read and cut."""
    snapshot, learning = (view.whole_view or view).snapshot, work_learning()
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
