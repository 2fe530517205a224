"""The words for the type of a document, such as `verdict` and `fix`. Queries and messages use these words. The file
name decides the type.
"""

from __future__ import annotations

from planmark.formats.planmark.documents.file_names import Name
from planmark.plans.document import DocumentName
from planmark.text.lazy_pattern import lazy_pattern

KIND_WORDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan",),
    "subplan": ("subplan",),
    "execution_task": ("execution", "execution_task"),
    "verdict": ("verdict",),
    "parallel": ("parallel",),
    "grammaplan": ("grammaplan",),
    "north_star": ("north_star",),
    "note": ("note",),
    "misnamed": ("misnamed",),
}
"""Mapping from the kind of a document to the words for this kind. Messages show the first word."""
TYPE_WORDS = (*(word for words in KIND_WORDS.values() for word in words), "approved", "fix", "resolution")
"""All words for types of documents, except the words for kinds of notes."""
_NOT_LETTERS = lazy_pattern(r"[\W_]+")


def type_words_of(name: DocumentName) -> tuple[str, ...]:
    """Return the words for the type of a document, such as `verdict` and `fix` for a FIX.

    A note in an EXECUTION_DEBUG file has the words `note`, `debug` and `execution_debug`.
    """
    words = KIND_WORDS.get(name.kind, (name.kind,))
    if isinstance(name, Name) and name.verdict:
        return *words, name.verdict
    if isinstance(name, Name) and name.note_kind:
        return *words, *note_type_words(name.note_kind)
    return words


def note_type_words(note_kind: str) -> tuple[str, str]:
    """Return the words for a kind of note: `case_study` and `execution_case_study` for `CASE-STUDY`."""
    word = _NOT_LETTERS.sub("_", note_kind.casefold()).strip("_")
    return word, f"execution_{word}"
