"""The functions of the methodology that read properties of documents. They are its part `properties`; see
`methodology_part`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.plans.document import DocumentName
from planmark.plans.registry import methodology_part
from planmark.plans.vocabulary import Status, Vocabulary


class PropertyReaders(NamedTuple):
    """The functions that read properties of documents.

    `types` takes the parts of a file name, and returns the words for the kind of the document. Users see the first
    word. `type_names` are all words that `types` can return. `date` returns the first date in a text as ISO text; "" if
    the text has no date. `status` returns the normal form of a written status; None if the text is no status.
    """

    types: Callable[[DocumentName], tuple[str, ...]]
    type_names: tuple[str, ...]
    date: Callable[[str], str]
    status: Callable[[str, Vocabulary], Status | None]


@functools.cache
def property_readers() -> PropertyReaders:
    """Return the functions of the methodology that read properties. The first call imports the module of the functions."""
    readers: PropertyReaders = methodology_part("properties")
    return readers
