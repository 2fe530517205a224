"""Recurring facts of a plan or a workspace: kinds of issues, learnings, executions with many iterations, rounds of reviews."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from planmark import __version__
from planmark.plans.document import Document
from planmark.queries.learning import work_learning
from planmark.queries.workspace_view import View
from planmark.text.failure_patterns import pattern_hits
from planmark.text.masking import without_secrets
from planmark.workspace.case_index import content_words
from planmark.workspace.pattern_catalogue import failure_patterns
from planmark.workspace.snapshot import PlanDocuments

OTHER_ISSUES = "other"
"""The kind of an issue that no pattern of the catalogue fits."""
MAX_LISTED = 10
"""Maximum number of rows of each table, and of files of a row."""
MIN_ITERATIONS = 2
"""Minimum number of iterations of an execution that is listed."""
MIN_LEARNING_WORDS = 4
"""Minimum number of different words of a learning that is compared."""
SAME_SHARE = 0.6
"""Minimum share of common words of two lines that say the same."""
MAX_COMPARED = 40
"""Maximum number of lines with one of its rare words that a line is compared with."""
RARE_WORDS = 3
"""Number of rare words by which a line is compared with others."""

_DURATION = re.compile(r"\d\s*(?:m|h|min|minutes?|hours?)\b")
"""A duration, as a line of statistics has it; such a line is no learning."""


class IssueKind(msgspec.Struct, frozen=True):
    """A kind of issue in reviews: the id of its known failure or `other`, its meaning, its number and its files."""

    kind: str
    says: str
    count: int
    files: tuple[str, ...]


class RepeatedLearning(msgspec.Struct, frozen=True):
    """A learning that several documents state: its text in the first document, and the files."""

    text: str
    count: int
    files: tuple[str, ...]


class LongExecution(msgspec.Struct, frozen=True):
    """An execution with its number of iterations."""

    path: str
    feature: str
    achievement: str | None
    iterations: int


class ReviewRounds(msgspec.Struct, frozen=True):
    """The number of FIX files and the last round of reviews of an achievement."""

    feature: str
    achievement: str
    fixes: int
    round: int


class RecurringResult(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = "planmark.recurring/1"
    planmark: str = __version__
    workspace: str
    feature: str | None
    issues: tuple[IssueKind, ...]
    learnings: tuple[RepeatedLearning, ...]
    executions: tuple[LongExecution, ...]
    reviews: tuple[ReviewRounds, ...]


def recurring_result(view: View, plans: Sequence[PlanDocuments], feature: str | None) -> RecurringResult:
    """Return what recurs in the documents of plans. `feature` is the name of the plan, None for several plans."""
    return RecurringResult(
        workspace=view.snapshot.root,
        feature=feature,
        issues=tuple(_issue_kinds(plans)),
        learnings=tuple(_repeated_learnings(view, plans)),
        executions=tuple(_long_executions(view, plans)),
        reviews=tuple(_review_rounds(view, plans)),
    )


def _issue_kinds(plans: Sequence[PlanDocuments]) -> list[IssueKind]:
    patterns = [pattern for pattern in failure_patterns() if pattern.where == "methodology"]
    counts, files = Counter[str](), defaultdict[str, set[str]](set)
    for plan in plans:
        for document in plan.verdicts:
            for issue in work_learning().issues(document):
                hits = pattern_hits(issue.title, patterns)
                kind = hits[0].pattern.id if hits else OTHER_ISSUES
                counts[kind] += 1
                files[kind].add(document.path)
    meanings = {pattern.id: pattern.says for pattern in patterns}
    ordered_kinds = sorted(counts, key=lambda kind: (kind == OTHER_ISSUES, -counts[kind], kind))
    return [
        IssueKind(kind, meanings.get(kind, "Issues of no known kind."), counts[kind], tuple(sorted(files[kind])))
        for kind in ordered_kinds
    ]


def _repeated_learnings(view: View, plans: Sequence[PlanDocuments]) -> list[RepeatedLearning]:
    """Return the learnings that lines of several documents state, the most frequent first.

    Two lines say the same if most of their words are common. A line is compared only with lines that share one of its
    rarest words, so the work grows with the lines.
    """
    lines = [line for plan in plans for document in _work_documents(plan) for line in _learning_lines(view, document)]
    frequency = Counter(word for _, _, words in lines for word in words)
    by_word: dict[str, list[int]] = defaultdict(list)
    first_line_of: list[int] = []
    for number, (_, _, words) in enumerate(lines):
        rare_words = sorted(words, key=lambda word: (frequency[word], word))[:RARE_WORDS]
        similar_lines = sorted({other for word in rare_words for other in by_word[word][:MAX_COMPARED]})
        same_line = next((other for other in similar_lines if _are_same(words, lines[other][2])), number)
        first_line_of.append(first_line_of[same_line] if same_line != number else number)
        for word in rare_words:
            by_word[word].append(number)
    groups: dict[int, set[str]] = defaultdict(set)
    for number, first in enumerate(first_line_of):
        groups[first].add(lines[number][0])
    rows = [
        RepeatedLearning(without_secrets(lines[first][1]), len(paths), tuple(sorted(paths)))
        for first, paths in groups.items()
        if len(paths) > 1
    ]
    return sorted(rows, key=lambda row: (-row.count, row.text))[:MAX_LISTED]


def _are_same(words: frozenset[str], other_words: frozenset[str]) -> bool:
    return len(words & other_words) >= SAME_SHARE * len(words | other_words)


def _learning_lines(view: View, document: Document) -> Iterator[tuple[str, str, frozenset[str]]]:
    for case in work_learning().cases_of(document, view.text(document.path)):
        if case.kind != "learning":
            continue
        for line in case.text.splitlines():
            text = line.strip().lstrip("-*+>0123456789. ").replace("**", "").strip()
            words = frozenset(content_words(text))
            if len(words) >= MIN_LEARNING_WORDS and not text.endswith(":") and not _DURATION.search(text):
                yield document.path, text[:300], words


def _work_documents(plan: PlanDocuments) -> tuple[Document, ...]:
    return (*plan.executions, *plan.verdicts)


def _long_executions(view: View, plans: Sequence[PlanDocuments]) -> list[LongExecution]:
    rows = []
    for plan in plans:
        for document in plan.executions:
            iteration_count = work_learning().iterations(document, view.text(document.path))
            if iteration_count >= MIN_ITERATIONS:
                item = view.achievement_of(document.path)
                rows.append(LongExecution(document.path, plan.feature, item.id if item else None, iteration_count))
    return sorted(rows, key=lambda row: (-row.iterations, row.path))[:MAX_LISTED]


def _review_rounds(view: View, plans: Sequence[PlanDocuments]) -> list[ReviewRounds]:
    rows = []
    for plan in plans:
        fixes = Counter[str]()
        for document in plan.verdicts:
            item = view.achievement_of(document.path)
            if item is not None and any(True for _ in work_learning().issues(document)):
                fixes[item.id] += 1
        for item in view.state(plan.path).achievements:
            if fixes[item.id] or item.round > 1:
                rows.append(ReviewRounds(plan.feature, item.id, fixes[item.id], item.round))
    return sorted(rows, key=lambda row: (-row.round, -row.fixes, row.feature, row.achievement))[:MAX_LISTED]
