"""Documents that are made to take time: each ends within a bound that only quadratic growth breaks.

The bound is CPU time of this process, many times the time that is needed.
"""

from __future__ import annotations

import re
import time

import pytest

from planmark.diagnostics.document_diagnostics import document_diagnostics_of
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.document_references import uppercase_words
from planmark.formats.planmark.documents.mentioned_words import names_mentioned_in
from planmark.formats.planmark.rules.formatting import UNPARSED_MESSAGES
from planmark.markdown.blocks import MAX_SECTION_CHARACTERS, reason_not_parsed
from planmark.markdown.parsed_source import MAX_SEARCHED_CHARACTERS, clear_caches, parse_sections
from planmark.markdown.sections import split_into_sections
from planmark.prompts.tokens import estimate_tokens
from planmark.text.json_spans import json_spans_by_path
from planmark.workspace.settings import DEFAULTS

SECONDS = 20.0
LONG = 60_000
NAMES = ("PLAN_X.md", "EXECUTION_TASK_X_11_01.md", "FIX_11.md")
HEAD = "# T\n\n**Achievement 1.1**: A\n\n## Current Status & Handoff\n\n"

LINES: dict[str, tuple[str, str, str]] = {
    "blanks before a word": ("", " ", "Achievement"),
    "marks before a word": ("", "!", "Achievement"),
    "bullets before a word": ("", "- ", "Achievement"),
    "stars behind a SUBPLAN": ("SUBPLAN_X", "*", "Achievement"),
    "dashes in a SUBPLAN": ("SUBPLAN_X", "-", "Achievement"),
    "ticks and blanks": ("✅ Achievement 1.1 ", "✅ ", "1"),
    "a tick and blanks": ("✅ Achievement 1.1 ✅", " ", "1"),
    "dashes apart": ("Achievement 1.1 ", " - ", "x"),
    "open brackets behind an id": ("Achievement 1.1 ", "(", "x"),
    "done without an end": ("Achievement 1.1 ", "(done", ""),
    "colons behind an id": ("Achievement 1.1", ":", "x"),
    "blanks behind a bold id": ("**Achievement 1.1**", " ", "x"),
    "a bold title without an end": ("**Achievement 1.1: ", " ", "x"),
    "ticks of a priority": ("- ✅ ", "✅", "priority 1: 1/2"),
    "priorities": ("**Status**: Priorities 1", " ", "x"),
    "priority lists": ("**Status**: ", "priorities 1, ", "x"),
    "an index of marks": ("## Achievement Index\n\n- Achievement 1.1: A ", "✅ ", "x"),
    "next, next": ("⏳ ", "next ", "x"),
    "brackets of a status": ("**Status**: ", "[", "x"),
    "dashes of a status": ("**Status**: x ", "-", "x"),
    "stars of a status": ("status", "*", "x"),
    "stars around words": ("", "**a", ""),
    "back-ticks": ("[TO BE FILLED", "`", "x"),
    "back-ticks by twos": ("[TO BE FILLED ", "``a`", ""),
    "an issue of blanks": ("### Critical Issues\n\n#### 1. a", " ", "x"),
    "an issue of stars": ("### Critical Issues\n\n#### 1. a", "*", "x"),
    "a bold issue without an end": ("### Critical Issues\n\n**1. ", " ", "x"),
    "blanks behind a name": ("PLAN_A.md", " ", "x"),
    "names": ("", "APPROVED_11 ", ""),
    "parts of a name": ("PLAN", "_A", ""),
    "folders": ("", "a/", "x"),
    "tildes": ("", "~", "x"),
    "dashes of a feature": ("PLAN_A", "-", "-"),
    "codes to ignore": ("<!-- planmark: ignore a", " ", "x"),
    "closing comments": ("<!-- ", "-->", "x"),
    "an achievement of digits": ("Achievement 1", ".1", "x"),
    "an achievement of dashes": ("**Achievement 1.1", "-", "x"),
    "feature names": ("", "A--", "A"),
    "dates": ("**Date**: ", "2026-01-", "x"),
    "months": ("**Date**: ", "jan ", "x"),
    "efforts": ("**Effort**: ", "1 - ", "x"),
    "form feeds": ("", "\f\v", "x"),
    "wide blanks": ("", "\u3000\u2003", "x"),
    "a heading of words": ("## ", "approach ", "x"),
    "links": ("", "[a](b)", ""),
    "attributes": ("<a", " a=1", ""),
    "emoji of another age": ("", "üé", ""),
}
"""Attacked part → how a line begins, what it repeats, how it ends."""


def spent(name: str, text: str) -> float:
    """Return the seconds of CPU time for all analyses of a single document."""
    clear_caches()
    started = time.process_time()
    document = parse(name, text)
    assert document
    document_diagnostics_of(document, text, names_mentioned_in(text, parse_sections(text)), DEFAULTS, frozenset())
    names_mentioned_in(text)
    estimate_tokens(text)
    return time.process_time() - started


@pytest.mark.parametrize("attack", LINES)
def test_a_line_costs_what_it_is_long(attack: str) -> None:
    """Try one long line, and several lines of the maximum length that Planmark reads, which end as the attack needs."""
    begin, repeated, end = LINES[attack]
    head, _, begin = begin.rpartition("\n")
    looked_at = (begin + repeated * (MAX_SEARCHED_CHARACTERS // len(repeated)))[
        : MAX_SEARCHED_CHARACTERS - len(end)
    ] + end
    long = begin + repeated * (LONG // len(repeated)) + end
    for name in NAMES:
        assert spent(name, f"{HEAD}{head}\n{long}\n" + f"{looked_at}\n" * 20) < SECONDS


DOCUMENTS: dict[str, str] = {
    "10,000 nested quotes": ">" * 10_000 + " x",
    "10,000 nested quotes, each with a line": "\n".join(">" * depth + " x" for depth in range(0, 10_000, 50)),
    "10,000 nested lists": "- " * 10_000 + "x",
    "nested lists, each with a line": "\n".join("  " * depth + "- x" for depth in range(1000)),
    "100,000 links": "[a](b) " * 100_000,
    "30,000 references": "[a]: b\n" * 30_000,
    "100,000 headings": "# a\n" * 100_000,
    "a line of 10 MB": "x" * 10_000_000,
    "1,000,000 back-ticks": "`" * 1_000_000,
    "1,000,000 asterisks": "*" * 1_000_000,
    "1,000,000 brackets": "[" * 1_000_000,
    "a table of 100,000 cells": "|a" * 100 + "\n" + "|-" * 100 + "\n" + ("|a" * 100 + "\n") * 1000,
    "a row of 100,000 cells": "|a" * 100_000 + "\n" + "|-" * 100_000 + "\n",
    "30,000 fields": "**A**: b\n" * 30_000,
    "30,000 nested fields": "- **A**: b\n  - **C**: d\n" * 15_000,
    "30,000 fences": "```\n\n" * 30_000,
    "30,000 comments": "<!-- planmark: ignore a -->\n" * 30_000,
    "30,000 blank lines": "\n" * 30_000 + "x",
    "20,000 achievements": "".join(f"**Achievement {n // 99}.{n % 99}**: A\n\n" for n in range(20_000)),
    "20,000 issues": "### Critical Issues\n\n" + "1. **A**\n" * 20_000,
    "20,000 iterations": "### Iteration 1\n\n" * 20_000,
    "20,000 names": "PLAN_A.md\n" * 20_000,
    "20,000 boxes": "- [ ] a\n" * 20_000,
}
"""Repeated part of a document → its text, below a head."""


@pytest.mark.parametrize("attack", DOCUMENTS)
def test_a_document_costs_what_it_is_large(attack: str) -> None:
    for name in ("PLAN_X.md", "FIX_11.md"):
        assert spent(name, HEAD + DOCUMENTS[attack] + "\n") < SECONDS


def test_a_section_that_is_too_long_to_be_parsed_says_so() -> None:
    (section,) = split_into_sections("x" * (MAX_SECTION_CHARACTERS + 1))
    assert reason_not_parsed(section.section) == "too long"
    document = parse("PLAN_X.md", section.section.text)
    assert document
    found = document_diagnostics_of(document, section.section.text, (), DEFAULTS, frozenset()).own
    assert [finding.message for finding in found if finding.code == "file-unreadable"] == [
        UNPARSED_MESSAGES["too long"]
    ]


def test_a_list_of_declarations_costs_what_it_is_long() -> None:
    """Place a problem with its line into each of 20,000 declarations."""
    entry = '{"achievement_id": "1.1",\n "dependencies": ["x"],\n "status": "odd"}'
    assert spent("parallel.json", '{"achievements": [' + f"{entry},\n" * 20_000 + f"{entry}]}}") < SECONDS


def test_nested_declarations_cost_what_they_are_deep() -> None:
    for depth in (500, 50_000):
        assert spent("parallel.json", '{"achievements": ' + "[" * depth + "]" * depth + "}") < SECONDS


def test_places_of_nested_declarations_take_no_more_room_than_their_text() -> None:
    depth, values = 500, 20_000
    places = json_spans_by_path("[" * depth + ",".join("1" * values) + "]" * depth)
    assert sum(map(len, places)) < 1000


def test_words_of_a_verdict_take_no_more_room_than_their_text() -> None:
    found = uppercase_words("A--" * 100_000)
    assert sum(map(len, found)) < 400_000


def test_every_repetition_of_the_attacks_is_one() -> None:
    """Reject a row with an empty repetition, because it would attack nothing."""
    assert all(repeated and not re.fullmatch(r"\w", begin) for begin, repeated, _ in LINES.values())
