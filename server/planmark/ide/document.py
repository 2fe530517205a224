"""One document of a view, with its text, facts and positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from planmark.markdown.blocks import Field
from planmark.markdown.parsed_source import Source, blocks_of, parse_sections
from planmark.markdown.sections import split
from planmark.plans.document import Document, DocumentName
from planmark.plans.document_format import document_format
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.queries.workspace_view import View
from planmark.text.lines import LineIndex, line_index
from planmark.text.lookalikes import narrowed_text
from planmark.workspace.snapshot import PlanDocuments

MakeLink = Callable[[str, int], str]
"""A function that returns the target of a link, for a document (relative path) and a 1-based line.

With the line 0, the link leads to the whole document.
"""


@dataclass(frozen=True)
class LineSpan:
    """A range inside one line."""

    line: int
    start: int
    end: int

    def touches(self, line: int, column: int) -> bool:
        """Tell whether a cursor is inside the range, or directly before or after it."""
        return self.line == line and self.start <= column <= self.end


@dataclass(frozen=True)
class PlacedField:
    """A field with the spans of its name and its value in the document."""

    field: Field
    name: LineSpan
    value: LineSpan


@dataclass(frozen=True)
class EditorDocument:
    """One document of a view: `path` is relative to the workspace."""

    view: View
    path: str

    @cached_property
    def name(self) -> DocumentName | None:
        """The parsed file name."""
        return document_format().parse_name(self.path.rpartition("/")[2])

    @cached_property
    def text(self) -> str:
        """The text in the editor if the document is open, else on the disk."""
        return self.view.text(self.path)

    @cached_property
    def searchable_text(self) -> str:
        """The text in which names are searched: full-width digits and colons are replaced by their usual forms.

        Every offset is the same as in `text`.
        """
        return narrowed_text(self.text)

    @cached_property
    def lines(self) -> LineIndex:
        """The lines of the text."""
        return line_index(self.text)

    @cached_property
    def source(self) -> Source:
        """The sections with their texts as written. A section that the parser did not repair is the parser's own object."""
        return split(self.text, parse_sections(self.text))

    @cached_property
    def paths_by_name(self) -> dict[tuple[str, str], str | None]:
        """A cache for the names in this document: (name, folder before the name) → path, or None without a document."""
        return {}

    @property
    def document(self) -> Document | None:
        """The parsed document; None if the file is not parsed as a document of the methodology."""
        return self.view.snapshot.documents.get(self.path)

    @property
    def site(self) -> PlanSite | None:
        """The plan of another format that the document belongs to."""
        return self.view.formats.site_of_document(self.path)

    @property
    def plan(self) -> PlanDocuments | None:
        """The plan that the document belongs to."""
        return self.view.plan_of(self.path)

    @property
    def evaluation(self) -> PlanEvaluation | None:
        """The evaluation of the document's plan."""
        return self.view.evaluations[self.plan.path] if self.plan else None

    @property
    def achievement(self) -> AchievementState | None:
        """The achievement that the document is about; None for a PLAN, or without an achievement."""
        return self.view.achievement_of(self.path)

    @cached_property
    def defined_lines(self) -> dict[int, str]:
        """0-based line of this PLAN → the first achievement that the PLAN defines or lists on the line."""
        if self.plan is None or self.path != self.plan.path:
            return {}
        result: dict[int, str] = {}
        for achievement in self.plan.facts.achievements:
            for place in (achievement.position, achievement.index_at):
                if place:
                    result.setdefault(self.plan.document.line(place) - 1, achievement.id)
        return result

    def line(self, number: int) -> str:
        """Return the text of a 0-based line; "" if the line does not exist."""
        return self.lines.line(number) if 0 <= number < len(self.lines) else ""

    def whole_line(self, number: int) -> LineSpan:
        """Return the span of a line without the blanks around its text."""
        text = self.line(number)
        return LineSpan(number, len(text) - len(text.lstrip()), max(len(text) - len(text.lstrip()), len(text.rstrip())))

    def fields_on(self, line: int) -> list[PlacedField]:
        """Return the fields that begin on a line."""
        for index, section in enumerate(self.source):
            if section.start <= line < section.start + section.section.lines:
                line_in_section = line - section.start
                return [
                    _place_field(field, line)
                    for field in blocks_of(self.source, index).fields
                    if field.line == line_in_section
                ]
        return []


def _place_field(field: Field, line: int) -> PlacedField:
    name, value = field.name_span, field.value_span
    return PlacedField(
        field, LineSpan(line, name.start_column, name.end_column), LineSpan(line, value.start_column, value.end_column)
    )


def is_blank(document: EditorDocument) -> bool:
    """Tell whether a document has no text."""
    return not document.text.strip()
