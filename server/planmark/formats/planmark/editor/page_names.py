"""What the name of a page says, with all its parts."""

from __future__ import annotations

from planmark.formats.planmark.documents.file_names import Name
from planmark.ide.document import EditorDocument


def page_name(page: EditorDocument) -> Name:
    """Return what the name of a document of the methodology says."""
    assert isinstance(page.name, Name)
    return page.name
