"""The terms of a query as tests of entries, and the messages about keys and values that do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from planmark.plans.model import Lifecycle, Outcome, PlanCondition, Role, State
from planmark.plans.phrases import state_sentence
from planmark.plans.priority import PRIORITY_LEVELS, parse_priority
from planmark.plans.registry import format_named, formats
from planmark.queries.document_properties import property_readers
from planmark.queries.find_entries import EntrySource, FindEntry, normal_form
from planmark.queries.find_query import (
    QUERY_EXAMPLES,
    QUERY_KEY_ALIASES,
    QUERY_KEYS,
    Term,
    values_of_term,
    written_term,
)
from planmark.queries.lookup import NoAnswerError
from planmark.text.day_ranges import DayRange, day_range
from planmark.text.similarity import most_similar

MAX_SHOWN_CHARACTERS = 80
"""Maximum number of characters of a term in a message."""
MAX_LISTED_VALUES = 24
"""Maximum number of known values that a message lists."""
QUERY_STATES: tuple[str, ...] = tuple(
    dict.fromkeys((*get_args(State), *get_args(PlanCondition), "closed", *get_args(Lifecycle), *get_args(Outcome)))
)
"""The values of `state:` in a query: states of items and of plans, lifecycles, and outcomes of executions."""
_STATE_BY_CLAUSE: dict[str, str] = {}
for _state in get_args(State):
    _clause = normal_form(state_sentence("", _state))
    _STATE_BY_CLAUSE |= {_clause: _state, re.sub(r"^(?:is|has|has_an?|needs_a)_", "", _clause): _state}
"""Mapping from the words for a state in sentences, in the form of `normal_form` (`needs_a_fix`), to the state."""

_PREFIX_BY_KEY = {"plan": "@", "category": "#"}
"""Mapping from a key to the character that may precede its values, such as `@` in `plan:@CHECKOUT`."""
EntryTest = Callable[[FindEntry], bool]


class TermTest(NamedTuple):
    """A term with its test of entries. If `is_word` is true, the test searches texts. Such tests are slow, so they run
    last.
    """

    term: Term
    test: EntryTest
    is_word: bool


def term_tests(source: EntrySource, terms: Sequence[Term]) -> list[TermTest]:
    """Return the tests of the terms of a query.

    Raises NoAnswerError for an empty query, an unknown key or an unknown value. The message names known keys or values.
    """
    if not terms:
        raise NoAnswerError(_empty_query_message(), "usage")
    tests, remaining_terms = [], list(terms)
    while remaining_terms:
        term = remaining_terms.pop(0)
        if term.key and term.key not in QUERY_KEYS:
            raise NoAnswerError(_unknown_key_message(term), "usage")
        if not term.key:
            tests.append(TermTest(term, word_test(source, term), True))
            continue
        values = values_of_term(term)
        if not any(map(str.strip, values)):
            raise NoAnswerError(f"`{term.key}:` needs a value: {QUERY_KEYS[term.key]}", "usage")
        known_values = _known_values(source, term.key)
        if joined_term := _term_with_next_word(term, remaining_terms, known_values):
            remaining_terms.pop(0)
            term, values = joined_term, values_of_term(joined_term)
        meant_values = [name for value in values for name in _meant_values(term, value, known_values)]
        tests.append(TermTest(term, _property_test(term, meant_values), False))
    return tests


def _term_with_next_word(term: Term, remaining_terms: Sequence[Term], known_values: Collection[str]) -> Term | None:
    """Return `term` joined with the next word of the query, such as `state:awaiting` with `review`.

    Return None if the first word alone is a known value, or if both words together are not a known value.
    """
    if (
        term.is_quoted
        or term.key not in ("type", "state")
        or _meant_value(term.key, term.value, known_values)
        or not remaining_terms
    ):
        return None
    next_term = remaining_terms[0]
    joined_value = f"{term.value} {next_term.value}"
    is_word = not (next_term.key or next_term.is_negated or next_term.is_quoted)
    return term._replace(value=joined_value) if is_word and _meant_value(term.key, joined_value, known_values) else None


def _property_test(term: Term, values: Sequence[str]) -> EntryTest:
    """Return the test whether an entry has one of `values`. If the term is negated, return the opposite test."""
    if term.key == "created":
        test = _date_test([days for value in values if (days := day_range(value))])
    else:
        test = _value_test(_VALUES_BY_KEY[term.key], frozenset(values))
    return (lambda entry: not test(entry)) if term.is_negated else test


def _date_test(ranges: Sequence[DayRange]) -> EntryTest:
    """Return the test whether the date of an entry is in one of the ranges."""
    bounds = [(days.first.isoformat(), days.last.isoformat()) for days in ranges]
    return lambda entry: entry.created != "" and any(first <= entry.created <= last for first, last in bounds)


def _value_test(values_of: Callable[[FindEntry], Iterable[str]], values: frozenset[str]) -> EntryTest:
    """Return a test of entries. An entry passes if `values_of` returns one of `values` for the entry."""
    return lambda entry: not values.isdisjoint(values_of(entry))


_VALUES_BY_KEY: dict[str, Callable[[FindEntry], Iterable[str]]] = {
    "type": lambda entry: entry.types,
    "state": lambda entry: entry.states,
    "priority": lambda entry: entry.priorities,
    "role": lambda entry: (entry.role,),
    "plan": lambda entry: (normal_form(entry.feature),),
    "id": lambda entry: (entry.item.id.casefold(), entry.item.ref.casefold()) if entry.item else (),
    "category": lambda entry: map(normal_form, entry.categories),
}
"""Mapping from a key to the function that returns the values of an entry for this key."""


def _known_values(source: EntrySource, key: str) -> Collection[str]:
    """Return the values of a key: its fixed values, if any, and the values that entries have."""
    if key == "created":
        return ()
    present_values = dict.fromkeys(value for entry in source.entries for value in _VALUES_BY_KEY[key](entry) if value)
    possible_values: dict[str, Iterable[str]] = {
        "type": (*property_readers().type_names, *_types_of_formats(), "achievement", "task"),
        "state": QUERY_STATES,
        "priority": PRIORITY_LEVELS,
        "role": get_args(Role),
    }
    return dict.fromkeys((*possible_values.get(key, ()), *present_values))


def _types_of_formats() -> Iterator[str]:
    """Yield the words for the kinds of documents in all formats other than the methodology."""
    for registered in formats():
        for words in format_named(registered.name).types.values():
            yield from words


def _meant_value(key: str, value: str, known_values: Collection[str]) -> str | None:
    """Return the known value that `value` means, as a user wrote it; None if it means no known value."""
    if key == "id":
        return value.casefold() if value.casefold() in known_values else None
    word = normal_form(value.removeprefix(_PREFIX_BY_KEY.get(key, "")))
    if word in known_values:
        return word
    if key == "state":
        return _STATE_BY_CLAUSE.get(word)
    if key == "priority" and (priority := parse_priority(value)) and priority.level != "unknown":
        return priority.level
    return None


def _meant_values(term: Term, value: str, known_values: Collection[str]) -> Sequence[str]:
    """Return the known values that `value` of a term means.

    If no plan or category has the name `value`, the result is all names that contain `value`. Raises NoAnswerError for
    an unknown value.
    """
    key = term.key
    if key == "created":
        if day_range(value) is None:
            shown_term = written_term(term)[:MAX_SHOWN_CHARACTERS]
            raise NoAnswerError(f"`{shown_term}`: not a date. created takes {QUERY_KEYS[key]}", "usage")
        return (value,)
    if (word := _meant_value(key, value, known_values)) is not None:
        return (word,)
    name_part = normal_form(value.removeprefix(_PREFIX_BY_KEY.get(key, "")))
    if (
        key in ("plan", "category")
        and name_part
        and (matching_names := [name for name in known_values if name_part in name])
    ):
        return matching_names
    raise NoAnswerError(_unknown_value_message(key, value, known_values), "usage")


def _unknown_key_message(term: Term) -> str:
    term = term._replace(key=term.key[:MAX_SHOWN_CHARACTERS], value=term.value[:MAX_SHOWN_CHARACTERS])
    similar_key = most_similar(term.key, [*QUERY_KEYS, *QUERY_KEY_ALIASES])
    hint = f"; did you mean `{QUERY_KEY_ALIASES.get(similar_key, similar_key)}:`?" if similar_key else "."
    quoted_term = f'"{term.key}:{term.value}"'
    return f"no key `{term.key}:`{hint} Keys: {', '.join(QUERY_KEYS)}. For words of the text, use quotation marks: {quoted_term}"


def _unknown_value_message(key: str, value: str, known_values: Collection[str]) -> str:
    value = value[:MAX_SHOWN_CHARACTERS]
    similar_value = most_similar(normal_form(value), known_values)
    hint = f"; did you mean `{_written_value(key, similar_value)}`?" if similar_value else "."
    listed_values = [
        name.replace("_", " ") if key == "state" else name for name in list(known_values)[:MAX_LISTED_VALUES]
    ]
    more = f" and {len(known_values) - MAX_LISTED_VALUES} more" if len(known_values) > MAX_LISTED_VALUES else ""
    values = (
        f" It takes: {', '.join(listed_values)}{more}" if known_values else f" No document here has a value of `{key}`"
    )
    return f"`{key}:` has no value `{value}`{hint}{values}"


def _written_value(key: str, value: str) -> str:
    """Return the term with `key` and the known value `value`, as a user can write it: `state:"needs fix"`."""
    words = value.replace("_", " ") if key == "state" else value
    return written_term(Term(key, words, is_quoted=" " in words))


def _empty_query_message() -> str:
    keys = "\n".join(f"  {key}: {says}" for key, says in QUERY_KEYS.items())
    examples = "\n".join(f"  planmark find '{example}'" for example in QUERY_EXAMPLES)
    return (
        'what to find? Words of the text, a "quoted phrase", or properties; `-` before a term excludes:\n'
        f"{keys}\nExamples:\n{examples}"
    )


def word_test(source: EntrySource, term: Term) -> EntryTest:
    """Return the test whether an entry has the word or phrase of a term.

    The test searches the text and the file name of a document, or the id and the title of an item.
    """
    search = word_search(term)
    if search is None:
        return lambda _: True

    def has_word(entry: FindEntry) -> bool:
        if not entry.is_document:
            return search(f"{entry.item.id if entry.item else ''} {entry.title}".casefold(), 0) is not None
        name = entry.path.rpartition("/")[2].casefold()
        return search(name, 0) is not None or search(source.text(entry.path).folded_text, 0) is not None

    return (lambda entry: not has_word(entry)) if term.is_negated else has_word


FindNextMatch = Callable[[str, int], "int | None"]
"""A function that takes a case-folded text and an offset, and returns the offset of the next match, else None."""


def word_search(term: Term) -> FindNextMatch | None:
    """Return the search for the word or phrase of a term; None if the term has no word.

    An unquoted word also matches the beginning of a longer word. A quoted word matches only a whole word. Between the
    words of a phrase, a text may have any white space, including the end of a line.
    """
    words = term.value.casefold().split()
    if not words:
        return None
    if len(words) > 1:
        start_condition = r"(?<![^\W_])" if words[0][0].isalnum() else ""
        end_condition = r"(?![^\W_])" if words[-1][-1].isalnum() else ""
        phrase = re.compile(r"\s+".join(map(re.escape, words)))
        whole_phrase = re.compile(f"{start_condition}{phrase.pattern}{end_condition}")

        longest_word = max(words, key=len)

        def phrase_at(text: str, start: int) -> int | None:
            # Plain text is searched first, because a pattern that begins with a condition is slow.
            match = phrase.search(text, start) if longest_word in text else None
            match = whole_phrase.search(text, match.start()) if match else None
            return match.start() if match else None

        return phrase_at
    word, is_whole_word = words[0], term.is_quoted
    begins_with_letter, ends_with_letter = word[0].isalnum(), word[-1].isalnum()

    def word_at(text: str, start: int) -> int | None:
        position = text.find(word, start)
        while position >= 0:
            end = position + len(word)
            is_word_start = not (begins_with_letter and position > 0 and text[position - 1].isalnum())
            is_word_end = not (is_whole_word and ends_with_letter and end < len(text) and text[end].isalnum())
            if is_word_start and is_word_end:
                return position
            position = text.find(word, position + 1)
        return None

    return word_at
