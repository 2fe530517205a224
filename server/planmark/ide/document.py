"""One document of a view, with its text, facts and positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from planmark.markdown.blocks import Field
from planmark.markdown.parsed_source import Source, blocks_of, parse_sections
from planmark.markdown.sections import split_into_sections
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
"""A function that returns the target of a link. It takes the relative path of a document and a 1-based line.

The line 0 stands for the whole document.
"""


@dataclass(frozen=True)
class LineSpan:
    """A range inside one 0-based line: 0-based columns in code points; `end` is exclusive."""

    line: int
    start: int
    end: int

    def touches(self, line: int, column: int) -> bool:
        """Tell whether a cursor at `line` and `column` is inside the range, or directly before or after the range."""
        return self.line == line and self.start <= column <= self.end


@dataclass(frozen=True)
class PlacedField:
    """A field, and the spans of the field's name and value in the document."""

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
        """The parsed file name; None if it is not a name of the methodology."""
        return document_format().parse_name(self.path.rpartition("/")[2])

    @cached_property
    def text(self) -> str:
        """The text of the document: in the editor if the document is open there, else on the disk."""
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
        """The sections of the document, with the text as written.

        The parser reads some sections in repaired form. Any other section is the same object here and in the parser's
        result.
        """
        return split_into_sections(self.text, parse_sections(self.text))

    @cached_property
    def paths_by_name(self) -> dict[tuple[str, str], str | None]:
        """A cache for the names of documents in this text.

        The key is a tuple: the name, and the folder before the name. The value is the path of the named document, or
        None if no such document exists.
        """
        return {}

    @property
    def document(self) -> Document | None:
        """The parsed document; None if the file is not parsed as a document of the methodology."""
        return self.view.snapshot.documents.get(self.path)

    @property
    def site(self) -> PlanSite | None:
        """The plan in a format other than the methodology that contains the document; None without such a plan."""
        return self.view.formats.site_of_document(self.path)

    @cached_property
    def plan(self) -> PlanDocuments | None:
        """The plan of the methodology that contains the document; None without such a plan."""
        return self.view.plan_of(self.path)

    @property
    def evaluation(self) -> PlanEvaluation | None:
        """The evaluation of `plan`; None if `plan` is None."""
        return self.view.evaluations[self.plan.path] if self.plan else None

    @property
    def achievement(self) -> AchievementState | None:
        """The achievement that the document is about; None for a document that is not about one achievement, such as a
        PLAN.
        """
        return self.view.achievement_of(self.path)

    @cached_property
    def achievement_ids_by_line(self) -> dict[int, str]:
        """Mapping from a 0-based line of a PLAN to the id of the first achievement that the line defines or lists.

        The mapping is empty if this document is not a PLAN.
        """
        if self.plan is None or self.path != self.plan.path:
            return {}
        ids_by_line: dict[int, str] = {}
        for achievement in self.plan.facts.achievements:
            for place in (achievement.position, achievement.index_at):
                if place:
                    ids_by_line.setdefault(self.plan.document.line(place) - 1, achievement.id)
        return ids_by_line

    def line(self, number: int) -> str:
        """Return the text of a 0-based line; "" if the line does not exist."""
        return self.lines.line(number) if 0 <= number < len(self.lines) else ""

    def span_of_line_text(self, number: int) -> LineSpan:
        """Return the span of a 0-based line, without the blanks at its beginning and its end."""
        text = self.line(number)
        return LineSpan(number, len(text) - len(text.lstrip()), max(len(text) - len(text.lstrip()), len(text.rstrip())))

    def fields_on(self, line: int) -> list[PlacedField]:
        """Return the fields that begin on a 0-based line."""
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
