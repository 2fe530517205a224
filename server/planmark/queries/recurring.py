"""Facts that recur in the documents of plans.

They are kinds of issues, repeated learnings, executions with many iterations, and achievements with many reviews.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from planmark import __version__
from planmark.plans.document import Document
from planmark.queries.learning import learning_readers
from planmark.queries.workspace_view import View
from planmark.text.failure_patterns import pattern_hits
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.masking import without_secrets
from planmark.workspace.case_index import content_words
from planmark.workspace.pattern_catalogue import failure_patterns
from planmark.workspace.snapshot import PlanDocuments

OTHER_ISSUES = "other"
"""The kind of an issue that no pattern of the catalogue fits."""
MAX_LISTED = 10
"""Maximum number of entries in each list of a result: learnings, executions and reviews."""
MIN_ITERATIONS = 2
"""Minimum number of iterations of an execution that is listed."""
MIN_LEARNING_WORDS = 4
"""Minimum number of different words of a line. Shorter lines are not compared."""
MIN_SHARED_WORDS_RATIO = 0.6
"""Minimum number of words that two lines share, divided by the number of all their words. With this ratio or more, the
lines say the same.
"""
MAX_COMPARED_LINES = 40
"""Maximum number of earlier lines that a line is compared with, for each of its rare words."""
RARE_WORD_COUNT = 3
"""Number of the rarest words of a line. The line is compared only with lines that share one of these words."""

_DURATION = lazy_pattern(r"\d\s*(?:m|h|min|minutes?|hours?)\b")
"""A duration, such as `5 min`. A line with a duration counts as statistics, not as a learning."""


class IssueKind(msgspec.Struct, frozen=True):
    """A kind of issue in reviews. `kind` is the id of a known failure, or `other`, and `says` is its meaning.

    `count` is the number of issues of the kind, and `files` are the documents that have them.
    """

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
    """The reviews of an achievement: the number of FIX files (`fixes`), and the number of the last round (`round`)."""

    feature: str
    achievement: str
    fixes: int
    round: int


class RecurringResult(msgspec.Struct, frozen=True, kw_only=True):
    """The problems that come back in a workspace: issues, repeated learnings, and long executions."""

    schema: str = "planmark.recurring/1"
    planmark: str = __version__
    workspace: str
    feature: str | None
    issues: tuple[IssueKind, ...]
    learnings: tuple[RepeatedLearning, ...]
    executions: tuple[LongExecution, ...]
    reviews: tuple[ReviewRounds, ...]


def recurring_result(view: View, plans: Sequence[PlanDocuments], feature: str | None) -> RecurringResult:
    """Return the facts that recur in the documents of `plans`.

    `feature` is the name of the plan if `plans` is about one plan, else None.
    """
    return RecurringResult(
        workspace=view.snapshot.root,
        feature=feature,
        issues=tuple(_issue_kinds(plans)),
        learnings=tuple(_repeated_learnings(view, plans)),
        executions=tuple(_long_executions(view, plans)),
        reviews=tuple(_review_rounds(view, plans)),
    )


def _issue_kinds(plans: Sequence[PlanDocuments]) -> list[IssueKind]:
    """Return the kinds of issues in the verdicts of `plans`, the most frequent kind first. The kind `other` is last."""
    patterns = [pattern for pattern in failure_patterns() if pattern.where == "methodology"]
    count_by_kind, paths_by_kind = Counter[str](), defaultdict[str, set[str]](set)
    for plan in plans:
        for document in plan.verdicts:
            for issue in learning_readers().issues(document):
                hits = pattern_hits(issue.title, patterns)
                kind = hits[0].pattern.id if hits else OTHER_ISSUES
                count_by_kind[kind] += 1
                paths_by_kind[kind].add(document.path)
    meanings = {pattern.id: pattern.says for pattern in patterns}
    ordered_kinds = sorted(count_by_kind, key=lambda kind: (kind == OTHER_ISSUES, -count_by_kind[kind], kind))
    return [
        IssueKind(
            kind,
            meanings.get(kind, "Issues of no known kind."),
            count_by_kind[kind],
            tuple(sorted(paths_by_kind[kind])),
        )
        for kind in ordered_kinds
    ]


def _repeated_learnings(view: View, plans: Sequence[PlanDocuments]) -> list[RepeatedLearning]:
    """Return the learnings that several documents state, the learning with the most documents first.

    Two lines state the same learning if `_say_the_same` returns True for their words. A line is compared only with
    lines that share one of its rarest words, because a comparison of all pairs of lines takes too long.
    """
    # (Path of the document, text, words of the text)
    lines = [line for plan in plans for document in _work_documents(plan) for line in _learning_lines(view, document)]
    frequency = Counter(word for _, _, words in lines for word in words)
    numbers_by_word: dict[str, list[int]] = defaultdict(list)
    first_number_of: list[int] = []
    for number, (_, _, words) in enumerate(lines):
        rare_words = sorted(words, key=lambda word: (frequency[word], word))[:RARE_WORD_COUNT]
        compared_numbers = sorted(
            {other for word in rare_words for other in numbers_by_word[word][:MAX_COMPARED_LINES]}
        )
        same_number = next((other for other in compared_numbers if _say_the_same(words, lines[other][2])), number)
        first_number_of.append(first_number_of[same_number] if same_number != number else number)
        for word in rare_words:
            numbers_by_word[word].append(number)
    paths_by_first_number: dict[int, set[str]] = defaultdict(set)
    for number, first_number in enumerate(first_number_of):
        paths_by_first_number[first_number].add(lines[number][0])
    rows = [
        RepeatedLearning(without_secrets(lines[first_number][1]), len(paths), tuple(sorted(paths)))
        for first_number, paths in paths_by_first_number.items()
        if len(paths) > 1
    ]
    return sorted(rows, key=lambda row: (-row.count, row.text))[:MAX_LISTED]


def _say_the_same(words: frozenset[str], other_words: frozenset[str]) -> bool:
    """Tell whether two lines with the words `words` and `other_words` share at least MIN_SHARED_WORDS_RATIO of all
    their words.
    """
    return len(words & other_words) >= MIN_SHARED_WORDS_RATIO * len(words | other_words)


def _learning_lines(view: View, document: Document) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield a tuple for each line of a learning in a document: the path of the document, the text, and its words."""
    for case in learning_readers().cases_of(document, view.text(document.path)):
        if case.kind != "learning":
            continue
        for line in case.text.splitlines():
            text = line.strip().lstrip("-*+>0123456789. ").replace("**", "").strip()
            words = frozenset(content_words(text))
            if len(words) >= MIN_LEARNING_WORDS and not text.endswith(":") and not _DURATION.search(text):
                yield document.path, text[:300], words


def _work_documents(plan: PlanDocuments) -> tuple[Document, ...]:
    """Return the documents of a plan that may state learnings: executions and verdicts."""
    return (*plan.executions, *plan.verdicts)


def _long_executions(view: View, plans: Sequence[PlanDocuments]) -> list[LongExecution]:
    """Return the executions with at least MIN_ITERATIONS iterations, the most iterations first."""
    rows = []
    for plan in plans:
        for document in plan.executions:
            iteration_count = learning_readers().iterations(document, view.text(document.path))
            if iteration_count >= MIN_ITERATIONS:
                item = view.achievement_of(document.path)
                rows.append(LongExecution(document.path, plan.feature, item.id if item else None, iteration_count))
    return sorted(rows, key=lambda row: (-row.iterations, row.path))[:MAX_LISTED]


def _review_rounds(view: View, plans: Sequence[PlanDocuments]) -> list[ReviewRounds]:
    """Return the achievements that have several rounds or a FIX with issues, the achievement with most rounds first."""
    rows = []
    for plan in plans:
        fix_count_by_id = Counter[str]()
        for document in plan.verdicts:
            item = view.achievement_of(document.path)
            if item is not None and any(True for _ in learning_readers().issues(document)):
                fix_count_by_id[item.id] += 1
        for item in view.state(plan.path).achievements:
            if fix_count_by_id[item.id] or item.round > 1:
                rows.append(ReviewRounds(plan.feature, item.id, fix_count_by_id[item.id], item.round))
    return sorted(rows, key=lambda row: (-row.round, -row.fixes, row.feature, row.achievement))[:MAX_LISTED]
