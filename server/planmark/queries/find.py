"""The answer to `planmark find`: the documents and items that match a query, the best matches first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from planmark import __version__
from planmark.queries.find_entries import EntrySource, FindEntry
from planmark.queries.find_query import Term, parse_query, written_query, written_term
from planmark.queries.find_terms import FindNextMatch, TermTest, term_tests, word_search
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.text.masking import without_secrets

DEFAULT_MAX_MATCHES = 20
MAX_LINE_CHARACTERS = 200
"""Maximum number of characters of a matched line."""
TYPE_ORDER = ("plan", "achievement", "task", "subplan", "execution", "verdict")
"""Types of entries, in the order in which matches about the same item are shown. Other types follow."""


class FindMatch(msgspec.Struct, frozen=True):
    """A document or an item that matches.

    `line` is 1-based: the matched line, else the title of a document or the line of an item. `text` is the matched
    line, "" for a query without words. The first of `types` and the first of `states` are shown. `created` is ISO text.
    Unknown values are "".
    """

    path: str
    line: int
    type: str
    types: tuple[str, ...]
    title: str
    feature: str
    plan: str
    id: str
    states: tuple[str, ...]
    priority: str
    role: str
    created: str
    categories: tuple[str, ...]
    text: str


class TermCount(msgspec.Struct, frozen=True):
    """A term of a query without a result.

    `alone` is the number of matches of this term alone. `without` is the number of matches of the query without this
    term.
    """

    term: str
    alone: int
    without: int


class FoundInWorkspace(msgspec.Struct, frozen=True):
    """The matches in a workspace. `total` is the number of all matches, and `matches` are the first of them.

    `terms` counts the matches of each term of the query; it is empty if there are matches. `problem` is the reason why the
    query cannot be answered here, or "".
    """

    workspace: str
    total: int
    matches: tuple[FindMatch, ...]
    terms: tuple[TermCount, ...] = ()
    problem: str = ""


class FindResult(msgspec.Struct, frozen=True, kw_only=True):
    """The matches of a query in each workspace. `query` is the query in its canonical form."""

    schema: str = "planmark.find/1"
    planmark: str = __version__
    query: str
    workspaces: tuple[FoundInWorkspace, ...]


def find_result(views: Sequence[View], query: str, limit: int = DEFAULT_MAX_MATCHES) -> FindResult:
    """Return the first `limit` matches of a query in each workspace. If `limit` is 0, return all matches.

    Raises NoAnswerError if the query is empty, or if no workspace knows all keys and values of the query.
    """
    terms = parse_query(query)
    answers, errors = [], []
    for view in views:
        try:
            answers.append(_find_in_view(view, terms, limit))
        except NoAnswerError as error:
            errors.append(error)
            answers.append(FoundInWorkspace(view.snapshot.root, 0, (), problem=str(error)))
    if errors and len(errors) == len(answers):
        raise errors[0]
    return FindResult(query=written_query(terms), workspaces=tuple(answers))


def matching_entries(view: View, terms: Sequence[Term]) -> list[FindEntry]:
    """Return the entries that match all terms, in the order of `find_result`. Raises NoAnswerError as `find_result` does."""
    source = EntrySource(view)
    return _sorted_matches(source, term_tests(source, terms))


def _find_in_view(view: View, terms: Sequence[Term], limit: int) -> FoundInWorkspace:
    source = EntrySource(view)
    tests = term_tests(source, terms)
    entries = _sorted_matches(source, tests)
    shown_entries = entries[:limit] if limit > 0 else entries
    searches = _searches(tests)
    counts = () if entries else tuple(_term_counts(source, tests))
    matches = tuple(_find_match(view, source, entry, searches) for entry in shown_entries)
    return FoundInWorkspace(view.snapshot.root, len(entries), matches, counts)


def _sorted_matches(source: EntrySource, tests: Sequence[TermTest]) -> list[FindEntry]:
    """Return the entries that pass all tests, sorted by `_match_sort_key`."""
    entries: Sequence[FindEntry] = source.entries
    for test in sorted(tests, key=lambda test: test.is_word):
        entries = [entry for entry in entries if test.test(entry)]
    searches = _searches(tests)
    return sorted(entries, key=lambda entry: _match_sort_key(entry, searches))


def _searches(tests: Sequence[TermTest]) -> list[FindNextMatch]:
    """Return the searches for the words and phrases that an entry must have, without the excluded words."""
    terms = [test.term for test in tests if test.is_word and not test.term.is_negated]
    return [search for term in terms if (search := word_search(term))]


def _match_sort_key(entry: FindEntry, searches: Sequence[FindNextMatch]) -> tuple[Any, ...]:
    """Return the sort key of a match. Entries with most of the words in the title or the file name come first.

    Entries with equally many words have the order of `Entry.sort_key`, then of `TYPE_ORDER`.
    """
    name = f"{entry.title} {entry.path.rpartition('/')[2]}".casefold() if searches else ""
    missing_word_count = sum(search(name, 0) is None for search in searches)
    type_rank = TYPE_ORDER.index(entry.types[0]) if entry.types[0] in TYPE_ORDER else len(TYPE_ORDER)
    return missing_word_count, *entry.sort_key, type_rank, entry.path, entry.line


def _term_counts(source: EntrySource, tests: Sequence[TermTest]) -> list[TermCount]:
    """Return a `TermCount` for each term.

    It has the number of entries that match the term, and the number of entries that match all other terms.
    """
    return [
        TermCount(
            written_term(test.term),
            len(_sorted_matches(source, [test])),
            len(_sorted_matches(source, [other for other in tests if other is not test])) if len(tests) > 1 else 0,
        )
        for test in tests
    ]


def _find_match(view: View, source: EntrySource, entry: FindEntry, searches: Sequence[FindNextMatch]) -> FindMatch:
    line, text = _matched_line(view, source, entry, searches)
    return FindMatch(
        path=entry.path,
        line=line,
        type=entry.types[0],
        types=entry.types,
        title=without_secrets(entry.title),
        feature=entry.feature,
        plan=entry.plan.path if entry.plan else "",
        id=(entry.item.id or entry.item.ref) if entry.item else "",
        states=entry.states,
        priority=entry.priorities[0] if entry.priorities else "",
        role=entry.role,
        created=entry.created,
        categories=entry.categories,
        text=without_secrets(text),
    )


def _matched_line(
    view: View, source: EntrySource, entry: FindEntry, searches: Sequence[FindNextMatch]
) -> tuple[int, str]:
    """Return the line of an entry to show: its 1-based number and its text.

    It is the line with most words of the query, among the lines in which a word occurs for the first time. If the
    document contains no word of the query, it is the line of the entry, with the title as text. If the query has no
    words, the text is "".
    """
    if not searches:
        return entry.line, ""
    folded_text = source.text(entry.path).folded_text if entry.is_document else ""
    line_numbers = {
        folded_text.count("\n", 0, offset) for search in searches if (offset := search(folded_text, 0)) is not None
    }
    if not line_numbers:
        return entry.line, entry.title
    folded_lines = folded_text.split("\n")
    word_counts = {
        number: sum(search(folded_lines[number], 0) is not None for search in searches) for number in line_numbers
    }
    number = min(line_numbers, key=lambda number: (-word_counts[number], number))
    lines = view.text(entry.path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = lines[number].strip() if number < len(lines) else ""
    return number + 1, text if len(text) <= MAX_LINE_CHARACTERS else f"{text[:MAX_LINE_CHARACTERS]}…"
