"""What the rules look at: a section's spots, a document as it is written, a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import Diagnostic, Severity
from planmark.documents.document import Document
from planmark.documents.names import Kind
from planmark.documents.source import Source
from planmark.documents.vocabulary import Vocabulary
from planmark.workflow.plan import Judged
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText, Snapshot


class Spot(NamedTuple):
    """A finding inside a section: its line there (0-based), and the rest as in a Diagnostic."""

    code: str
    line: int
    message: str
    words: str = ""
    wanted: str | None = None
    certain: bool = False
    severity: Severity | None = None

    def at(self, path: str, start: int) -> Diagnostic:
        """The finding in a document in which the section begins at the 0-based line `start`."""
        return finding(
            self.code,
            path,
            start + self.line + 1,
            self.message,
            words=self.words,
            wanted=self.wanted,
            certain=self.certain,
            severity=self.severity,
        )


class Written(NamedTuple):
    """A document with its text. `source` are the sections of the repaired text, () for what is no Markdown."""

    document: Document
    text: str
    source: Source
    settings: Settings
    vocabulary: Vocabulary

    @property
    def kind(self) -> Kind:
        """What its name says it is."""
        return self.document.name.kind


class Named(NamedTuple):
    """A document as a line (1-based) names it: the file name with `.md`, and the name as it is written.

    `end` is the last line that it says the document has, 0 where it says none, in `words`.
    """

    file_name: str
    written: str
    line: int
    in_header: bool
    announced: bool
    end: int
    words: str


class Workspace(NamedTuple):
    """A snapshot with the texts of its documents and the judgements of its plans, by path."""

    snapshot: Snapshot
    text: ReadText
    judged: Mapping[str, Judged]
