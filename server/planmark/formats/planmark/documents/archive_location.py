"""The folder for finished documents that a PLAN names."""

from __future__ import annotations

from planmark.formats.planmark.documents.document_references import plain_value
from planmark.formats.planmark.documents.named_sections import header_field
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.markdown.parsed_source import Source, fields_in, search_sections
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary

_WORKSPACE_ROOT_VALUES = ("", ".", "./", "/")
"""Values of the field that name the root of the workspace, or no folder."""


def archive_location(source: Source, vocabulary: Vocabulary) -> str:
    """Return the folder that the field Archive Location names, or "" if no field names a folder.

    A field in the header takes precedence over fields below the header. The folder is a relative path with `/` between
    its parts.
    """
    position_and_value = header_field(source, "archive_location", vocabulary)
    if position_and_value:
        return _folder(position_and_value[1])
    archive_sections = [index for index, _ in search_sections(source, _may_contain_archive_location)]
    for _, field in fields_in(source, archive_sections):
        if is_field(field.name, "archive_location", vocabulary) and field.value:
            return _folder(field.value)
    return ""


@memoize_per_section
def _may_contain_archive_location(section: Section) -> bool:
    """Tell whether a section may contain a field Archive Location."""
    return "rchive location" in section.text.casefold()


def _folder(value: str) -> str:
    """Return the folder that `value` names, or "" if `value` is empty or names the root of the workspace."""
    words = plain_value(value).replace("\\", "/").split()
    folder = words[0] if words else ""
    return "" if folder in _WORKSPACE_ROOT_VALUES else folder.removeprefix("./").strip("/")
