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
def candidate_paths(document_path: str, path: str) -> tuple[str, ...]:
    """Return the paths, relative to the workspace, that the name of a deliverable may mean.

    The name may be relative to the root, to the document's folder, or to a folder above it. Return () if the name is
    not a path inside the workspace.
    """
    bare_text = path.removeprefix("@").removeprefix("./").rstrip("/")
    parts = bare_text.split("/")
    if (
        not bare_text
        or bare_text.startswith("/")
        or ".." in parts
        or ":" in bare_text
        or "\\" in bare_text
        or _NO_PATH & set(bare_text)
    ):
        return ()
    folder = document_path.split("/")[:-1]
    above = ["/".join(folder[:depth]) for depth in range(len(folder), 0, -1)]
    return (bare_text, *(f"{place}/{bare_text}" for place in above))


def is_pattern(path: str) -> bool:
    """Tell whether a name is a pattern such as `src/*.py`."""
    return any(character in path for character in "*?[]{}")


def candidates_before_wildcard(document_path: str, path: str) -> tuple[str, ...]:
    """Return the `candidate_paths` of a name.

    For a pattern, return the candidates of the folder before its first wildcard.
    """
    if not is_pattern(path):
        return candidate_paths(document_path, path)
    parts = path.split("/")
    fixed_parts = next(number for number, part in enumerate(parts) if is_pattern(part))
    return candidate_paths(document_path, "/".join(parts[:fixed_parts]))


def possible_paths(document: Document) -> tuple[str, ...]:
    """Return every possible path of a document's deliverables, files to change and tests.

    The first folder of each name is included.
    """
    facts = document.facts if isinstance(document.facts, Subplan) else None
    files = (*facts.files, *facts.tests.files) if facts else ()
    paths = (
        place
        for deliverable in (*deliverables(document), *files)
        for place in (*candidates_before_wildcard(document.path, deliverable.path), top_folder(deliverable.path))
    )
    return tuple(dict.fromkeys(place for place in paths if place))


def top_folder(path: str) -> str:
    """Return the first folder of a path; "" if the path has no folder."""
    first, slash, _ = path.removeprefix("@").removeprefix("./").partition("/")
    return first if slash else ""
