"""Possible paths of the files that documents name as their deliverables."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.plan import Plan
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.plans.document import Document

_NO_PATH = frozenset('*<>{}[]$?|"')
"""Characters that mark a name as a pattern or a template instead of a path."""


def deliverables(document: Document) -> Iterator[Deliverable]:
    """Yield the deliverables of a PLAN's achievements or of a SUBPLAN."""
    if isinstance(document.facts, Plan):
        for achievement in document.facts.achievements:
            yield from achievement.deliverables
    elif isinstance(document.facts, Subplan):
        yield from document.facts.deliverables


@functools.lru_cache(maxsize=16_384)
def candidates(document_path: str, named: str) -> tuple[str, ...]:
    """Return the paths, relative to the workspace, that the name of a deliverable may mean.

    The name may be relative to the root, to the document's folder, or to a folder above it. Return () if the name is
    not a path inside the workspace.
    """
    bare = named.removeprefix("@").removeprefix("./").rstrip("/")
    parts = bare.split("/")
    if not bare or bare.startswith("/") or ".." in parts or ":" in bare or "\\" in bare or _NO_PATH & set(bare):
        return ()
    folder = document_path.split("/")[:-1]
    above = ["/".join(folder[:depth]) for depth in range(len(folder), 0, -1)]
    return (bare, *(f"{place}/{bare}" for place in above))


def is_pattern(named: str) -> bool:
    """Tell whether a name is a pattern such as `src/*.py`."""
    return any(character in named for character in "*?[]{}")


def possible_places(document_path: str, named: str) -> tuple[str, ...]:
    """Return the `candidates` of a name.

    For a pattern, return the candidates of the folder before its first wildcard.
    """
    if not is_pattern(named):
        return candidates(document_path, named)
    parts = named.split("/")
    fixed = next(number for number, part in enumerate(parts) if is_pattern(part))
    return candidates(document_path, "/".join(parts[:fixed]))


def places(document: Document) -> tuple[str, ...]:
    """Return every possible path of a document's deliverables, files to change and tests.

    The first folder of each name is included.
    """
    facts = document.facts if isinstance(document.facts, Subplan) else None
    files = (*facts.files, *facts.tests.files) if facts else ()
    paths = (
        place
        for named in (*deliverables(document), *files)
        for place in (*possible_places(document.path, named.path), top_folder(named.path))
    )
    return tuple(dict.fromkeys(place for place in paths if place))


def top_folder(named: str) -> str:
    """Return the first folder of a path; "" if the path has no folder."""
    first, slash, _ = named.removeprefix("@").removeprefix("./").partition("/")
    return first if slash else ""
