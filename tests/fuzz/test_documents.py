"""Arbitrary documents: facts and diagnostics that match the text, or a problem; never an exception.

A second parse gives the same result.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutations import EXAMPLE, NAMES, documents, json_values, scraps, seeds
from planmark.diagnostics import document_diagnostics
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.mentioned_words import names_mentioned_in
from planmark.formats.planmark.documents.serialization import pack, unpack
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import (
    LineRange,
    Quote,
    SectionPosition,
    clear_caches,
    parse_sections,
)
from planmark.plans.document import Document
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.text.lines import LineIndex
from planmark.text.lookalikes import narrowed_text
from planmark.text.mojibake import repair_mojibake
from planmark.workspace.index import Index
from planmark.workspace.settings import DEFAULTS

FILE_NAMES = frozenset({"PLAN_X.md", "SUBPLAN_X_11.md"})
IDS = st.sampled_from(["1.1", "1.2", "9.9", "Achievement 1.1", "1.1.1", "", "\ud800"])
PARALLEL_KEYS = (
    "achievements",
    "plan_name",
    "parallelization_level",
    "achievement_id",
    "dependencies",
    "blocks",
    "status",
)


@pytest.mark.parametrize("name", NAMES)
@given(documents() | scraps())
def test_a_document_has_facts_and_findings(name: str, text: str) -> None:
    check(name, text)


ENTRIES = st.dictionaries(st.sampled_from(PARALLEL_KEYS), json_values(IDS | st.lists(IDS, max_size=3)), max_size=5)
DECLARATIONS = st.dictionaries(
    st.sampled_from(PARALLEL_KEYS), st.lists(ENTRIES, max_size=4) | json_values(IDS), max_size=4
)


@given(documents("parallel.json") | scraps() | DECLARATIONS.map(lambda value: json.dumps(value, indent=1)))
def test_a_parallel_file_has_facts_and_findings(text: str) -> None:
    check("parallel.json", text)


@functools.cache
def example() -> tuple[Index, tuple[str, ...]]:
    """Return the index of the example workspace, which an editor has open, and the paths of its documents."""
    index = Index(EXAMPLE)
    return index, tuple(sorted(index.refresh().documents.keys()))


@given(st.integers(0, 1000), st.integers(0, 1000), documents() | scraps())
def test_a_workspace_with_a_broken_document_is_judged_and_prompted(which: int, seed: int, text: str) -> None:
    index, paths = example()
    path = paths[which % len(paths)]
    own = seeds(path.rpartition("/")[2])
    index.set_overlay(path, text if seed % 2 or not own else own[0][: seed * 7] + text)
    try:
        view = build_view(index.snapshot(), index.text_reader(), exists=index.exists)
        for finding in view.diagnostics:
            lines = len(LineIndex(view.text(finding.path)))
            assert 1 <= finding.line <= lines or (finding.line == 1 and not lines), finding
        for files in view.snapshot.plans:
            assert prompt_of(view, files).prompt.endswith("\n")
        assert said(view) == said(build_view(index.snapshot(), index.text_reader(), exists=index.exists))
    finally:
        index.set_overlay(path, None)


def said(view: View) -> Any:
    return view.diagnostics, [judged.state for judged in view.evaluations.values()]


def check(name: str, text: str) -> None:
    """Assert that every place is inside the text, and that a second parse and the packed form are equal."""
    document = known(name, text)
    # A quote shows a mark in place of an invisible character inside a word.
    check_places(document, split_lines(narrowed_text(repair_mojibake(text))))
    lines = len(LineIndex(text))
    mentioned = names_mentioned_in(text, parse_sections(text))
    found = document_diagnostics.document_diagnostics_of(document, text, mentioned, DEFAULTS, FILE_NAMES)
    for finding in found.own:
        assert 1 <= finding.line <= lines, finding
        assert finding.message
    clear_caches()
    assert known(name, text) == document
    assert (
        document_diagnostics.document_diagnostics_of(
            document, text, names_mentioned_in(text, parse_sections(text)), DEFAULTS, FILE_NAMES
        )
        == found
    )
    try:
        packed = pack(document)
    except UnicodeEncodeError:
        assert any("\ud800" <= character <= "\udfff" for character in text) or "\\u" in text
    else:
        assert unpack(name, packed) == document
    if written := document_diagnostics.pack(found):
        assert document_diagnostics.unpack(written) == found


def known(name: str, text: str) -> Document:
    document = parse(name, text)
    assert document
    return document


def check_places(document: Document, lines: list[str]) -> None:
    """Assert that places are lines of their sections, ranges end after their starts, and quotes match their lines."""
    starts = document.starts
    assert starts[-1] <= len(lines) + 1 and list(starts) == sorted(starts)
    for value in values(document):
        if isinstance(value, Quote):
            line = document.line(value.position) - 1
            text = lines[line] if line < len(lines) else ""
            assert words(value.text) in words(text)
        elif isinstance(value, LineRange):
            assert 0 <= value.start.section < len(starts) - 1
            first, last = document.lines(value)
            assert 1 <= first <= last <= starts[-1], value
        elif isinstance(value, SectionPosition):
            assert 0 <= value.section <= len(starts) - 1 and value.line >= 0
            assert document.line(value) <= starts[-1] + 1


def words(text: str) -> str:
    """Return the words of a text. A quote may omit marks and the end of a line beyond the part that Planmark reads."""
    return " ".join(re.findall(r"\w+", text))


def values(value: Any) -> Iterator[Any]:
    """Yield a value and all values inside it."""
    yield value
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from values(getattr(value, field))
    elif isinstance(value, (tuple, list, frozenset)) and not isinstance(value, SectionPosition):
        for part in value:
            yield from values(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from values(part)
