"""The interface for the assignment of documents to plans. The methodology implements the interface."""

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
"""A function from the path of a verdict to the words in its text. Each of the words may be a feature."""
DigestOf = Callable[[str], bytes]
"""A function from the path of a document to the digest of its text."""


class OwnershipResult(NamedTuple):
    """The result of `Ownership.update`. The documentation of `Snapshot` describes the fields, which have the same names
    there.
    """

    table: PlanTable
    plans: tuple[PlanDocuments, ...]
    owners: PathMap[str]
    orphans: tuple[Orphan, ...]
    strays: tuple[str, ...]
    misnamed: tuple[Document, ...]


class Ownership(Protocol):
    """The assignment of documents to plans, updated change by change. Only the writer of an index uses this object."""

    def update(
        self,
        changed_paths: Iterable[str],
        paths: Sequence[str],
        documents: PathMap[Document],
        capitals: WordsOfVerdict,
        digest: DigestOf,
        skipped: Sequence[Skipped] = (),
    ) -> OwnershipResult:
        """Assign the changed documents to plans, and return the assignment of all documents.

        `changed_paths` are the paths of the documents that changed since the last call, and `paths` all listed files.
        `documents` are all current documents. `capitals` returns words in the text of a verdict; each may be a feature.
        `digest` returns the digest of a document's text. `skipped` are the folders and documents that were not read,
        sorted by path.
        """
        ...


def new_ownership(settings: Settings) -> Ownership:
    """Return an ownership for a workspace with the given settings, to which no document is assigned yet."""
    ownership: Ownership = methodology_part("ownership")(settings)
    return ownership
