"""The functions of the methodology that read the properties of documents, as a value that is found by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.plans.document import DocumentName
from planmark.plans.registry import methodology_part
from planmark.plans.vocabulary import Status, Vocabulary


class PropertyReaders(NamedTuple):
    """The functions that read properties of documents.

    `types` returns the words for the kind of document that a file name has; users see the first word.
    `type_names` are all words that `types` can return. `date` returns the first date in a text as ISO text, "" without
    one. `status` returns the normal form of a status, None for other words.
    """

    types: Callable[[DocumentName], tuple[str, ...]]
    type_names: tuple[str, ...]
    date: Callable[[str], str]
    status: Callable[[str, Vocabulary], Status | None]


@functools.cache
def property_readers() -> PropertyReaders:
    """Return the readers. Their module is imported at the first call."""
    readers: PropertyReaders = methodology_part("properties")
    return readers
