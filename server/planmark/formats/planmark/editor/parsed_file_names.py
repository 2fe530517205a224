"""The parsed file name of an editor document."""

from __future__ import annotations

from planmark.formats.planmark.documents.file_names import Name
from planmark.ide.document import EditorDocument


def parsed_file_name(document: EditorDocument) -> Name:
    """Return the parsed file name of a document of the methodology."""
    assert isinstance(document.name, Name)
    return document.name
