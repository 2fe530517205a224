"""Lookup of the sections and header fields of a document by their names in the vocabulary."""

from __future__ import annotations

from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY, is_field, sections_opened
from planmark.markdown.parsed_source import SectionPosition, Source, fields_in, header_sections, search_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary


def sections_with_name(source: Source, name: str) -> list[int]:
    """Return the indexes of the headings that open the section `name` (a key of `vocabulary.SECTIONS`), in order."""
    return _headings(source).get(name, [])


_last_headings: tuple[Source, dict[str, list[int]]] = ((), {})
"""The document of the last call with its result, because callers ask for many names in one document."""


def _headings(source: Source) -> dict[str, list[int]]:
    """Map each section name to the indexes of the headings that open such a section."""
    global _last_headings
    matches, headings = _last_headings
    if matches is not source:
        headings = {}
        for index, names in search_sections(source, _topics_of_heading):
            for name in names:
                headings.setdefault(name, []).append(index)
        _last_headings = source, headings
    return headings


@memoize_per_section
def _topics_of_heading(section: Section) -> frozenset[str]:
    return sections_opened(section.title) if section.kind == "heading" else frozenset()


def header_field(
    source: Source, field: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY
) -> tuple[SectionPosition, str] | None:
    """Return (position, value) of the first field in the header that is `field` and has a value; else None."""
    for place, declared_field in fields_in(source, header_sections(source)):
        if declared_field.value and is_field(declared_field.name, field, vocabulary):
            return place, declared_field.value
    return None
