"""The inputs and results of rules and fixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.markdown.parsed_source import Source
from planmark.plans.diagnostic import CheckInfo, Diagnostic, FixData
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lines import line_index
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import Change


class SectionDiagnostic(NamedTuple):
    """A diagnostic inside a section: its code, its 0-based line in the section, and the other fields of a `Diagnostic`."""

    check: CheckInfo
    line: int
    message: str
    target_text: str = ""
    fix: FixData | None = None

    def at(self, path: str, start: int) -> Diagnostic:
        """Return the diagnostic in a document in which the section begins at the 0-based line `start`."""
        return self.check.at(path, start + self.line + 1, self.message, target_text=self.target_text, fix=self.fix)


class DocumentInput(NamedTuple):
    """A document with its text. `source` has the sections of the repaired text; () for a file that is not Markdown."""

    document: Document
    text: str
    source: Source
    settings: Settings
    vocabulary: Vocabulary

    @property
    def kind(self) -> str:
        """The kind of the document, by its name."""
        return self.document.name.kind


class DocumentReference(NamedTuple):
    """A reference to a document: the 1-based line, the file name with `.md`, and the name as written.

    `in_header` tells whether the reference is in the header of the document. `is_announced` tells whether the text says
    that the other document is planned or gone. `range_text` is the text of a line range, and `end` its last line; `end`
    is 0 if the reference has no line range.
    """

    file_name: str
    written_name: str
    line: int
    in_header: bool
    is_announced: bool
    end: int
    range_text: str


class WorkspaceInput(NamedTuple):
    """A snapshot with the texts of its documents and its evaluated plans, by path."""

    snapshot: Snapshot
    text: ReadText
    evaluations: Mapping[str, PlanEvaluation]


class Fix(NamedTuple):
    """A fix: a title that describes the fix, whether the fix is safe without review, and the changes.

    A `is_preferred` fix never creates, removes or moves a verdict, and never marks finished work as unfinished. Only
    people decide about such changes.
    """

    title: str
    is_preferred: bool
    changes: tuple[Change, ...]


class FixContext(NamedTuple):
    """A diagnostic, and the current text of its document."""

    snapshot: Snapshot
    diagnostic: Diagnostic
    text: str
    read: ReadText

    @property
    def path(self) -> str:
        """The path of the document."""
        return self.diagnostic.path

    @property
    def line_number(self) -> int:
        """The 0-based line of the diagnostic."""
        return self.diagnostic.line - 1

    @property
    def line(self) -> str:
        """The current text of the diagnostic's line; "" if the document no longer has this line."""
        lines = line_index(self.text)
        return lines.line(self.line_number) if 0 <= self.line_number < len(lines) else ""
