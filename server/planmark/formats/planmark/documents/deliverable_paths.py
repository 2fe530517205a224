"""Possible paths of the files that documents name, such as deliverables."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.documents.plan import Plan
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.plans.document import Document

_CHARACTERS_NOT_IN_PATHS = frozenset('*<>{}[]$?|"')
"""Characters of patterns and templates. A text with one of these characters is not a path."""


def deliverables(document: Document) -> Iterator[Deliverable]:
    """Yield the deliverables of a SUBPLAN, or the deliverables of all achievements of a PLAN.

    Documents of other kinds have no deliverables.
    """
    if isinstance(document.facts, Plan):
        for achievement in document.facts.achievements:
            yield from achievement.deliverables
    elif isinstance(document.facts, Subplan):
        yield from document.facts.deliverables


@functools.lru_cache(maxsize=16_384)
def candidate_paths(document_path: str, path: str) -> tuple[str, ...]:
    """Return the paths that `path` may mean in the document at `document_path`.

    The returned paths are relative to the root of the workspace. `path` may be relative to the root of the workspace,
    to the document's folder, or to a folder above the document's folder. Return () if `path` is not a path inside the
    workspace.
    """
    bare_path = path.removeprefix("@").removeprefix("./").rstrip("/")
    parts = bare_path.split("/")
    if (
        not bare_path
        or bare_path.startswith("/")
        or ".." in parts
        or ":" in bare_path
        or "\\" in bare_path
        or _CHARACTERS_NOT_IN_PATHS & set(bare_path)
    ):
        return ()
    folder_parts = document_path.split("/")[:-1]
    folders_above = ["/".join(folder_parts[:depth]) for depth in range(len(folder_parts), 0, -1)]
    return (bare_path, *(f"{folder_above}/{bare_path}" for folder_above in folders_above))


def is_pattern(path: str) -> bool:
    """Tell whether a path is a pattern such as `src/*.py`."""
    return any(character in path for character in "*?[]{}")


def candidates_before_wildcard(document_path: str, path: str) -> tuple[str, ...]:
    """Return the paths that `path` may mean in the document at `document_path` (see `candidate_paths`).

    If `path` is a pattern, return the paths that the part before its first folder or file with a wildcard may mean.
    """
    if not is_pattern(path):
        return candidate_paths(document_path, path)
    parts = path.split("/")
    fixed_part_count = next(number for number, part in enumerate(parts) if is_pattern(part))
    return candidate_paths(document_path, "/".join(parts[:fixed_part_count]))


def possible_paths(document: Document) -> tuple[str, ...]:
    """Return every path that a file named in a document may have, and the first folder of each named path.

    In a PLAN, these files are the deliverables. In a SUBPLAN, they are the deliverables, the files to change, and the
    tests.
    """
    facts = document.facts if isinstance(document.facts, Subplan) else None
    named_files = (*facts.files, *facts.tests.files) if facts else ()
    paths = (
        possible_path
        for deliverable in (*deliverables(document), *named_files)
        for possible_path in (
            *candidates_before_wildcard(document.path, deliverable.path),
            top_folder(deliverable.path),
        )
    )
    return tuple(dict.fromkeys(possible_path for possible_path in paths if possible_path))


def top_folder(path: str) -> str:
    """Return the first folder of `path`, or "" if `path` has no folder."""
    first_folder, slash, _ = path.removeprefix("@").removeprefix("./").partition("/")
    return first_folder if slash else ""
