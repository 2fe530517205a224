"""Rules for the structure of documents: their sections, their size, and the hours of a PLAN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planmark.diagnostics.rule_inputs import DocumentInput, Fix, FixContext
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import parse_sections
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, Severity
from planmark.plans.effort import total_effort
from planmark.plans.evaluation import PlanEvaluation
from planmark.workspace.settings import DEFAULTS
from planmark.workspace.snapshot import Snapshot
from planmark.workspace.workspace_edits import insert_whole_lines

MISSING_SECTION = DiagnosticCode("missing-section", "hint", "a required section that is missing")
DOCUMENT_SIZE = DiagnosticCode("size", "hint", "a document with more or fewer lines than its type should have")
EFFORT_EXCEEDED = DiagnosticCode("effort-exceeded", "hint", "a PLAN with more than 30 hours of work")


class RequiredSection(NamedTuple):
    """A section that a kind of document needs.

    `name` is a key of `vocabulary.SECTIONS`, `heading` is the heading to write, and `content` says what to write below it.
    """

    name: str
    heading: str
    content: str


REQUIRED_SECTIONS: dict[str, tuple[RequiredSection, ...]] = {
    "plan": (
        RequiredSection("objective", "🎯 Goal", "what is true when the plan is done"),
        RequiredSection("handoff", "📝 Current Status & Handoff", "what the next person has to know"),
    ),
    "subplan": (
        RequiredSection("objective", "🎯 Objective", "what is true when the achievement is done"),
        RequiredSection("approach", "📝 Approach", "the steps, in order"),
        RequiredSection("deliverables", "📋 Deliverables", "the files that exist when it is done"),
    ),
    "execution_task": (
        RequiredSection("log", "📝 Iteration Log", "what was tried, and what came of it"),
        RequiredSection("learnings", "📚 Learning Summary", "what the next execution should know"),
    ),
}
"""Kind of document → the sections that it needs, in their order (the methodology, §2.4 to §2.6)."""
SECTIONS_REPLACEABLE_BY_FIELD = ("objective", "approach")
"""Sections that a field of the header may replace."""
INFORMATION_SIZE_FACTOR = 2
"""If a document has more lines than the maximum times this factor, the severity of `size` is information instead of
hint.
"""
HINT_HOURS, INFORMATION_HOURS = 30, 40
"""Hours of a PLAN above which `effort-exceeded` is a hint, and above which it is information (the methodology, §5)."""


class AddSection(FixKind, frozen=True):
    """Fix that adds the required section with the heading `heading`."""

    heading: str


def missing_sections(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each required section that a document does not have."""
    for needed_section in (
        absent_sections(document_input) if not parsed_name(document_input.document).is_archived else ()
    ):
        message = f"the section `{needed_section.heading}` is missing: write down {needed_section.content}"
        yield MISSING_SECTION.at(document_input.document.path, 1, message, fix=AddSection(needed_section.heading))


def absent_sections(document_input: DocumentInput) -> list[RequiredSection]:
    """Return the sections that a document needs and does not have."""
    return [
        needed_section
        for needed_section in REQUIRED_SECTIONS.get(document_input.kind, ())
        if not sections_with_name(document_input.source, needed_section.name)
        and not (
            needed_section.name in SECTIONS_REPLACEABLE_BY_FIELD
            and header_field(document_input.source, needed_section.name, document_input.vocabulary) is not None
        )
    ]


def unusual_sizes(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a document with more or fewer lines than the settings allow for its kind."""
    limits = {**DEFAULTS["diagnostics.sizes"], **document_input.settings["diagnostics.sizes"]}.get(document_input.kind)
    if limits is None:
        return
    min_lines, max_lines = limits
    line_count = document_input.document.starts[-1]
    if line_count > max_lines:
        advice = {
            "execution_task": "close it, and go on in the next EXECUTION_TASK",
            "subplan": "split the achievement, or move the log into its EXECUTION_TASKs",
            "plan": "move designs into SUBPLANs, or split it under a GRAMMAPLAN",
        }.get(document_input.kind, "split it")
        message = f"{line_count} lines, but such a document should have at most {max_lines}: {advice}"
        severity: Severity | None = "information" if line_count > INFORMATION_SIZE_FACTOR * max_lines else None
        yield DOCUMENT_SIZE.at(document_input.document.path, 1, message, severity=severity)
    elif line_count < min_lines:
        message = (
            f"{line_count} lines, but such a document usually has at least {min_lines}: check that nothing is missing"
        )
        yield DOCUMENT_SIZE.at(document_input.document.path, 1, message)


def exceeded_effort(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a PLAN with more hours than one plan should have.

    If the header does not state the hours, the sum of the achievements' hours counts.
    """
    stated_effort = plan.facts.effort
    listed_efforts = [achievement.effort for achievement in plan.facts.achievements if achievement.effort]
    hours = (stated_effort or total_effort(listed_efforts)).high
    if hours > HINT_HOURS:
        subject = "the PLAN" if stated_effort else "its achievements together"
        message = f"{subject} may take {hours:g} hours, but one PLAN should have at most {HINT_HOURS}: split it"
        yield EFFORT_EXCEEDED.at(plan.path, 1, message, severity="information" if hours > INFORMATION_HOURS else None)


def add_section(context: FixContext, fix: AddSection) -> Iterator[Fix]:
    """Yield a fix that inserts the missing heading with a placeholder below it.

    The heading is inserted before the next section in the required order, else at the end of the document.
    """
    name = parse_name(context.path.rpartition("/")[2])
    required_sections = REQUIRED_SECTIONS.get(name.kind, ()) if name else ()
    required_index = next(
        (number for number, section in enumerate(required_sections) if section.heading == fix.heading), None
    )
    source = parse_sections(context.text)
    if required_index is None or sections_with_name(source, required_sections[required_index].name):
        return
    later_headings = [
        heading
        for section in required_sections[required_index + 1 :]
        for heading in sections_with_name(source, section.name)
    ]
    line_number = source[min(later_headings)].start if later_headings else len(split_lines(context.text))
    text = f"## {required_sections[required_index].heading}\n\n[FILL: {required_sections[required_index].content}]\n"
    text = f"{text}\n" if later_headings else f"\n{text}"
    yield Fix(
        f"Add the section `{required_sections[required_index].heading}`",
        False,
        (insert_whole_lines(context.path, context.text, line_number, text),),
    )


TOPIC = Topic(
    codes=(MISSING_SECTION, DOCUMENT_SIZE, EFFORT_EXCEEDED),
    document=(missing_sections, unusual_sizes),
    plan=(exceeded_effort,),
    fixes=((AddSection, add_section),),
)
