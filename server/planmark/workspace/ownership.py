"""The interface of the assignment of documents to plans. The methodology defines the rules."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import NamedTuple, Protocol

from planmark.plans.document import Document
from planmark.plans.model import Skipped
from planmark.plans.registry import methodology_part
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import Orphan, PlanDocuments, PlanTable

WordsOfVerdict = Callable[[str], Container[str]]
"""A function from the path of a verdict to the words in its text that may be the name of a feature."""
DigestOf = Callable[[str], bytes]
"""A function from the path of a document to the digest of its text."""


class OwnershipResult(NamedTuple):
    """The current result of `Ownership`; see `Snapshot`."""

    table: PlanTable
    plans: tuple[PlanDocuments, ...]
    owners: PathMap[str]
    orphans: tuple[Orphan, ...]
    strays: tuple[str, ...]
    misnamed: tuple[Document, ...]


class Ownership(Protocol):
    """The assignment of documents to plans, updated change by change. Only the writer of an index uses it."""

    def update(
        self,
        changed_paths: Iterable[str],
        paths: Sequence[str],
        documents: PathMap[Document],
        capitals: WordsOfVerdict,
        digest: DigestOf,
        skipped: Sequence[Skipped] = (),
    ) -> OwnershipResult:
        """Assign the changed documents, and return the new result.

        `paths` are all listed files. `capitals` returns the words of a verdict that may be features. `skipped` are the
        folders and documents that were not read, sorted by path.
        """
        ...


def new_ownership(settings: Settings) -> Ownership:
    """Return an empty assignment, for a workspace with these settings."""
    ownership: Ownership = methodology_part("ownership")(settings)
    return ownership
