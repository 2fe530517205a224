"""The language of `planmark find`: words, quoted phrases, and properties such as `state:approved`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

QUERY_KEYS: dict[str, str] = {
    "type": "the kind of a document: plan, subplan, execution, verdict, tasks, spec, …",
    "state": "the state by the files: `awaiting review`, approved, `in progress`, paused, …",
    "plan": "the name of a plan, or a part of it",
    "id": "the id of an achievement or task: 1.2",
    "priority": "critical, high, medium, low, lowest, or P0 to P4",
    "role": "the role of the next step: planner, designer, executor, reviewer",
    "created": "a date or a range: 2026-11-30, 2026-11, 2026-11-01..2026-11-30, >=2026-11-01",
    "category": "a category or a tag that the document declares",
}
"""Mapping from a key to a description of its values."""
QUERY_KEY_ALIASES = {
    "status": "state",
    "feature": "plan",
    "achievement": "id",
    "prio": "priority",
    "date": "created",
    "categories": "category",
    "tag": "category",
    "tags": "category",
}
"""Mapping from a further name of a key, which documents use, to the key."""
QUERY_EXAMPLES = (
    'state:"awaiting review"',
    "type:subplan plan:CHECKOUT created:>=2026-11-01",
    'cache "slow query" -type:verdict',
)
"""Example queries for the help."""
_TERM = lazy_pattern(
    r'\s*(?P<minus>-(?=\S))?(?:(?P<key>[A-Za-z][A-Za-z_-]*):(?!//|:)\s*)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>\S+))?'
)
_KEY_PREFIX = lazy_pattern(r"-?[A-Za-z][A-Za-z_-]*:(?!//|:)")


class Term(NamedTuple):
    """A term: one condition of a query.

    `key` is the key of a property in lower case, "" for a term that searches the text. If `is_negated`, the term
    excludes the entries that match. If `is_quoted`, the value was in quotation marks, so commas do not separate values.
    """

    key: str
    value: str
    is_negated: bool = False
    is_quoted: bool = False


def parse_query(text: str) -> tuple[Term, ...]:
    """Return the terms of a query, in order.

    Any text is valid. A quotation without a closing mark ends at the end of the text.
    """
    terms, position = [], 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None or match.end() == position:
            break
        position = match.end()
        is_quoted = match["quoted"] is not None
        value = match["quoted"] if is_quoted else match["bare"] or ""
        if key := (match["key"] or "").casefold():
            terms.append(Term(QUERY_KEY_ALIASES.get(key, key), value, bool(match["minus"]), is_quoted))
        elif value.strip():
            terms.append(Term("", value, bool(match["minus"]), is_quoted))
    return tuple(terms)


def written_term(term: Term) -> str:
    """Return a term as text in the language of queries, such as `-type:verdict`."""
    value = f'"{term.value}"' if term.is_quoted else term.value
    return f"{'-' * term.is_negated}{term.key}{':' * bool(term.key)}{value}"


def written_query(terms: Iterable[Term]) -> str:
    """Return the terms as a query that a user can write."""
    return " ".join(map(written_term, terms))


def query_of_arguments(arguments: Iterable[str]) -> str:
    """Return the query in the arguments of a command line. The shell has removed quotation marks from the arguments.

    A single argument is a whole query. If there are several arguments, each of them is one term, even with spaces.
    """
    argument_list = list(arguments)
    if len(argument_list) == 1:
        return argument_list[0]
    return " ".join(map(_quoted_argument, argument_list))


def _quoted_argument(argument: str) -> str:
    """Return an argument of a command line as one term. If its value has spaces, quotation marks enclose the value."""
    if '"' in argument or not re.search(r"\s", argument):
        return argument
    match = _KEY_PREFIX.match(argument)
    value_start = match.end() if match else int(argument.startswith("-"))
    return f'{argument[:value_start]}"{argument[value_start:].strip()}"'


def values_of_term(term: Term) -> tuple[str, ...]:
    """Return the values of a term. An entry matches the term if it has one of these values.

    Commas separate the values, unless the term is quoted.
    """
    if term.is_quoted:
        return (term.value.strip(),)
    return tuple(value for value in term.value.split(",") if value)
