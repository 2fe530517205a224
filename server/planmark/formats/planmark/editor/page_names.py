"""The parsed file name of an editor document."""

from __future__ import annotations

from planmark.formats.planmark.documents.file_names import Name
from planmark.ide.document import EditorDocument


def page_name(page: EditorDocument) -> Name:
    """Return the parsed file name of a document of the methodology."""
    assert isinstance(page.name, Name)
    return page.name
