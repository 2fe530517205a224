"""Which of the files that documents say they deliver are there."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from planmark.documents.deliverables import Deliverable
from planmark.documents.document import Document
from planmark.documents.plan import Plan
from planmark.documents.subplan import Subplan

_NO_PATH = frozenset('*<>{}[]$?|"')
"""A name with one of these is a pattern or a template, not a path."""


def deliverables(document: Document) -> Iterator[Deliverable]:
    """What a PLAN's achievements or a SUBPLAN name as delivered."""
    if isinstance(document.facts, Plan):
        for achievement in document.facts.achievements:
            yield from achievement.deliverables
    elif isinstance(document.facts, Subplan):
        yield from document.facts.deliverables


@functools.lru_cache(maxsize=16_384)
def candidates(document_path: str, named: str) -> tuple[str, ...]:
    """The paths, relative to the workspace, that a name may mean: from the root, or from the folders of the document up.

    () for what is no path inside the workspace.
    """
    bare = named.removeprefix("@").removeprefix("./").rstrip("/")
    parts = bare.split("/")
    if not bare or bare.startswith("/") or ".." in parts or ":" in bare or "\\" in bare or _NO_PATH & set(bare):
        return ()
    folder = document_path.split("/")[:-1]
    above = ["/".join(folder[:depth]) for depth in range(len(folder), 0, -1)]
    return (bare, *(f"{place}/{bare}" for place in above))


def places(document: Document) -> tuple[str, ...]:
    """Every path at which something that a document delivers may lie, and the first folders of these names."""
    found = (
        place
        for named in deliverables(document)
        for place in (*candidates(document.path, named.path), top_folder(named.path))
    )
    return tuple(dict.fromkeys(place for place in found if place))


def top_folder(named: str) -> str:
    """The first folder of a path; "" where it has none."""
    first, slash, _ = named.removeprefix("@").removeprefix("./").partition("/")
    return first if slash else ""
