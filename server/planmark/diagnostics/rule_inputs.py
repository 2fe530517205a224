"""The inputs and results of rules and fixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.markdown.parsed_source import Source
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixData
from planmark.plans.document import Document
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lines import line_index
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText, Snapshot
from planmark.workspace.workspace_edits import Change


class SectionDiagnostic(NamedTuple):
    """A diagnostic inside a section. `line` is 0-based and relative to the section. Other fields: see `Diagnostic`."""

    check: DiagnosticCode
    line: int
    message: str
    target_text: str = ""
    fix: FixData | None = None

    def at(self, path: str, start: int) -> Diagnostic:
        """Return the diagnostic for the document `path`, in which the section begins at the 0-based line `start`."""
        return self.check.at(path, start + self.line + 1, self.message, target_text=self.target_text, fix=self.fix)


class DocumentInput(NamedTuple):
    """A document with its text. `source` has the sections of the text. It is () for a file that is not Markdown."""

    document: Document
    text: str
    source: Source
    settings: Settings
    vocabulary: Vocabulary

    @property
    def kind(self) -> str:
        """The kind of the document, which its file name determines."""
        return self.document.name.kind


class DocumentReference(NamedTuple):
    """A reference in a document to a different document, on the 1-based `line`.

    `file_name` is the name of the other document with `.md`, and `written_name` the name as the text writes it.
    `in_header` tells whether the reference is in the header. `is_announced` tells whether the text says that the other
    document is planned or gone. If the reference has a line range, `range_text` is the text of the range, and `end` is
    its last line. Otherwise, `end` is 0.
    """

    file_name: str
    written_name: str
    line: int
    in_header: bool
    is_announced: bool
    end: int
    range_text: str


class WorkspaceInput(NamedTuple):
    """The input of a workspace rule.

    `text` returns the text of a document. `evaluations` maps the path of a plan to its evaluation.
    """

    snapshot: Snapshot
    text: ReadText
    evaluations: Mapping[str, PlanEvaluation]


class Fix(NamedTuple):
    """A fix: a title that describes the fix, and the changes. `is_preferred` tells whether the fix is safe without a
    review.

    A safe fix never creates, removes or moves a verdict, and never marks finished work as unfinished. Only people
    decide about such changes.
    """

    title: str
    is_preferred: bool
    changes: tuple[Change, ...]


class FixContext(NamedTuple):
    """The input of a function that makes fixes: a diagnostic, and the current `text` of its document.

    `read` returns the text of any document.
    """

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
