"""Lookup of the sections and header fields of a document by their names in the vocabulary."""

from __future__ import annotations

from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY, is_field, section_names_opened_by
from planmark.markdown.parsed_source import SectionPosition, Source, fields_in, header_sections, search_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary


def sections_with_name(source: Source, name: str) -> list[int]:
    """Return the indexes of the headings that open the section `name` (a key of `vocabulary.SECTIONS`), in order."""
    return _headings_by_section(source).get(name, [])


_cached_headings: tuple[Source, dict[str, list[int]]] = ((), {})
"""The document of the last call of `_headings_by_section`, and the result. Callers ask for many names in one document."""


def _headings_by_section(source: Source) -> dict[str, list[int]]:
    """Return a mapping from the name of a section to the indexes of the headings that open a section with this name.

    The names are keys of `vocabulary.SECTIONS`. Names without a heading in the document are omitted.
    """
    global _cached_headings
    cached_source, headings = _cached_headings
    if cached_source is not source:
        headings = {}
        for index, names in search_sections(source, _section_names):
            for name in names:
                headings.setdefault(name, []).append(index)
        _cached_headings = source, headings
    return headings


@memoize_per_section
def _section_names(section: Section) -> frozenset[str]:
    """Return the names of sections (keys of `vocabulary.SECTIONS`) that the heading of `section` opens."""
    return section_names_opened_by(section.title) if section.kind == "heading" else frozenset()


def header_field(
    source: Source, field: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY
) -> tuple[SectionPosition, str] | None:
    """Return (position, value) of the first header field with the canonical name `field` and a value, else None."""
    for position, written_field in fields_in(source, header_sections(source)):
        if written_field.value and is_field(written_field.name, field, vocabulary):
            return position, written_field.value
    return None
