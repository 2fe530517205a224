"""The inputs of rules: the spots of a section, a document with its text, and a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from planmark.diagnostics.codes import finding
from planmark.documents.document import Document
from planmark.documents.file_names import Kind
from planmark.documents.parsed_source import Source
from planmark.documents.vocabulary import Vocabulary
from planmark.plans.diagnostic import Diagnostic, Severity
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import ReadText, Snapshot


class SectionDiagnostic(NamedTuple):
    """A diagnostic inside a section: its line there (0-based), and the other fields of a `Diagnostic`."""

    code: str
    line: int
    message: str
    words: str = ""
    wanted: str | None = None
    certain: bool = False
    severity: Severity | None = None

    def at(self, path: str, start: int) -> Diagnostic:
        """Return the diagnostic in a document in which the section begins at the 0-based line `start`."""
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


class DocumentInput(NamedTuple):
    """A document with its text. `source` has the sections of the repaired text; () for a file that is not Markdown."""

    document: Document
    text: str
    source: Source
    settings: Settings
    vocabulary: Vocabulary

    @property
    def kind(self) -> Kind:
        """The kind of the document, by its name."""
        return self.document.name.kind


class DocumentReference(NamedTuple):
    """A document as a line (1-based) names it: the file name with `.md`, and the name as it is written.

    `words` name a range of lines, and `end` is its last line; 0 if the text names no lines.
    """

    file_name: str
    written: str
    line: int
    in_header: bool
    announced: bool
    end: int
    words: str


class WorkspaceInput(NamedTuple):
    """A snapshot with the texts of its documents and its evaluated plans, by path."""

    snapshot: Snapshot
    text: ReadText
    judged: Mapping[str, PlanEvaluation]
