"""The sources of a prompt: functions that return line ranges of the documents that a step concerns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.placeholders import section_is_filled
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.formats.planmark.prompts.context import (
    Material,
    lines_of,
    ready_achievements,
    sections_of,
    tasks_with_outcomes,
)
from planmark.formats.planmark.workflow.decision_table import subplan_facts
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.markdown.parsed_source import (
    LineRange,
    Source,
    field_passage,
    fields_in,
    line_number,
    passage,
    section_start_lines,
)
from planmark.markdown.sections import split_into_sections
from planmark.plans.document import Document
from planmark.plans.model import SETTLED_STATES
from planmark.prompts.budget import Excerpt

FALLBACK_LINES = 60
"""Number of lines to read at the beginning or end of a document that lacks the sections to read."""
MAX_BRIEF_LINES = 15
"""Maximum number of lines to read of a header, or of the learnings of one execution in a shortened prompt."""
HANDOFF_REASON = "the handoff; if it names other steps or paths than this prompt, this prompt counts"
"""The reason that a prompt gives for reading a handoff."""
LEVEL_WITHOUT_HEADING = 9
"""A number above the levels of all headings."""
MAX_BODY_LINES = 60
"""Maximum number of lines of a body that the prompt quotes; for a longer body, the prompt gives its line range."""


def whole_document(material: Material, document: Document | None, why: str) -> Iterator[Excerpt]:
    """Yield one excerpt with all lines of a document. If `document` is None, yield no excerpt.

    `why` is the reason that the prompt gives for reading the excerpt.
    """
    if document is not None:
        yield Excerpt(document.path, 1, max(1, len(lines_of(material, document.path))), why)


def excerpt_of(document: Document, part: LineRange, why: str) -> Excerpt:
    """Return an excerpt with the lines of the passage `part`; `why` is the reason for reading these lines."""
    return Excerpt(document.path, *document.lines(part), why)


def body(material: Material) -> Iterator[Excerpt]:
    """Yield the body of the achievement in the PLAN. If there is no body, yield the achievement's line in the index."""
    if material.achievement and material.achievement.body:
        yield excerpt_of(material.plan.document, material.achievement.body, "the achievement")
    elif material.achievement:
        line = material.plan.document.line(material.achievement.position)
        yield Excerpt(material.plan.path, line, line, "the achievement, in the index: no body defines it")


def handoff(material: Material) -> Iterator[Excerpt]:
    """Yield each handoff of the PLAN, unless the handoff names as next an achievement that is no longer open."""
    open_ids = {
        achievement.id
        for achievement in material.evaluation.state.achievements
        if achievement.state not in SETTLED_STATES
    }
    for plan_handoff in material.plan.facts.handoffs:
        if all(next_id in open_ids for next_id, _ in plan_handoff.next_ids):
            yield excerpt_of(material.plan.document, plan_handoff.passage, HANDOFF_REASON)


def handoff_even_if_stale(material: Material) -> Iterator[Excerpt]:
    """Yield each handoff of the PLAN, even if the handoff names as next an achievement that is no longer open."""
    for handoff in material.plan.facts.handoffs:
        yield excerpt_of(material.plan.document, handoff.passage, "the handoff")


def ready_bodies(material: Material) -> Iterator[Excerpt]:
    """Yield the bodies of the achievements that can be worked on now."""
    ready_ids = {achievement.id for achievement in ready_achievements(material)}
    for achievement in material.plan.facts.achievements:
        if achievement.id in ready_ids and achievement.body:
            yield excerpt_of(material.plan.document, achievement.body, f"achievement {achievement.id}")


def design(material: Material) -> Iterator[Excerpt]:
    """Yield the sections Objective and Approach of the SUBPLAN. If it has neither, yield the whole SUBPLAN."""
    subplan = material.inputs.subplan if material.inputs else None
    if subplan is None:
        return
    excerpts = list(filled_sections_with_names(material, subplan, ("objective", "approach")))
    yield from excerpts or whole_document(material, subplan, "the SUBPLAN")


def design_for_executor(material: Material) -> Iterator[Excerpt]:
    """Yield the part of the SUBPLAN that an executor needs: the sections Objective and Approach.

    If there is no Approach, yield the whole SUBPLAN. Also yield the whole SUBPLAN if the heading of the Approach is on
    a deeper level than the heading of the Objective.
    """
    document = _subplan_document(material)
    if document is None:
        return
    source = sections_of(material, document.path)
    levels = {name: _highest_section_level(source, name) for name in ("objective", "approach")}
    has_own_approach = levels["approach"] <= levels["objective"]
    yield from design(material) if has_own_approach else whole_document(material, document, "the SUBPLAN")


def _highest_section_level(source: Source, name: str) -> int:
    """Return the smallest level of the headings of all filled sections with the name `name`.

    If no section with this name is filled, return LEVEL_WITHOUT_HEADING.
    """
    filled_sections = (index for index in sections_with_name(source, name) if section_is_filled(source, index))
    return min((source[index].section.level for index in filled_sections), default=LEVEL_WITHOUT_HEADING)


def tests_without_commands(material: Material) -> Iterator[Excerpt]:
    """Yield the Tests sections of the SUBPLAN, if they contain no command that runs the tests."""
    document = _subplan_document(material)
    if document is not None and not subplan_facts(document).tests.commands:
        yield from filled_sections_with_names(material, document, ("tests",))


def filled_sections_with_names(material: Material, document: Document, names: tuple[str, ...]) -> Iterator[Excerpt]:
    """Yield the filled sections of a document whose names are in `names`.

    A section inside a yielded section is not yielded again.
    """
    source = sections_of(material, document.path)
    last_covered_section = -1
    headings = sorted({(index, name) for name in names for index in sections_with_name(source, name)})
    for index, name in headings:
        part = passage(source, index)
        if index > last_covered_section and section_is_filled(source, index):
            last_covered_section = part.end.section - 1
            yield excerpt_of(document, part, name.replace("_", " "))


def objective(material: Material) -> Iterator[Excerpt]:
    """Yield the section Objective of the SUBPLAN. If there is no such section, yield the first lines of the SUBPLAN."""
    yield from _subplan_excerpts(material, ("objective",)) or _first_lines(
        material, _subplan_document(material), "the SUBPLAN"
    )


def checks(material: Material) -> Iterator[Excerpt]:
    """Yield three sections of the SUBPLAN: the deliverables, the tests and the success criteria."""
    yield from _subplan_excerpts(material, ("deliverables", "tests", "success"))


def success_criteria(material: Material) -> Iterator[Excerpt]:
    """Yield the success criteria of the SUBPLAN."""
    yield from _subplan_excerpts(material, ("success",))


def completion_criteria(material: Material) -> Iterator[Excerpt]:
    """Yield the definition of the achievement, and the fields for success criteria and deliverables in its body.

    If the body has neither field, yield the first lines of the body.
    """
    for excerpt in body(material):
        source = split_into_sections("\n".join(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end]))
        starts = section_start_lines(source)
        excerpts = [Excerpt(excerpt.path, excerpt.start, excerpt.start, "the achievement")]
        for place, field in fields_in(source, range(len(source))):
            if is_field(field.name, "success") or is_field(field.name, "deliverables"):
                part = field_passage(place, field)
                first_line, end_line = line_number(starts, part.start), line_number(starts, part.end)
                excerpts.append(
                    Excerpt(
                        excerpt.path, excerpt.start + first_line, excerpt.start + end_line - 1, field.name.casefold()
                    )
                )
        yield from (
            excerpts
            if len(excerpts) > 1
            else [excerpt._replace(end=min(excerpt.end, excerpt.start + FALLBACK_LINES - 1))]
        )


def beginnings_of_learnings(material: Material) -> Iterator[Excerpt]:
    """Yield the first lines of the learnings of each execution that is done."""
    for excerpt in learnings(material):
        yield excerpt._replace(end=min(excerpt.end, excerpt.start + MAX_BRIEF_LINES - 1))


def last_iteration(material: Material) -> Iterator[Excerpt]:
    """Yield the header and the last iteration of each open or blocked execution.

    If an execution has no iterations, yield the last lines of the execution.
    """
    for task, outcome in tasks_with_outcomes(material):
        if outcome not in ("open", "blocked"):
            continue
        source = sections_of(material, task.path)
        why = f"the {outcome} execution"
        headings = sections_with_name(source, "iteration")
        line_count = max(1, len(lines_of(material, task.path)))
        if headings:
            start, end = task.lines(passage(source, headings[-1]))
            yield Excerpt(task.path, 1, min(MAX_BRIEF_LINES, start - 1) or 1, f"{why}, its header")
            yield Excerpt(task.path, start, end, f"{why}, its last iteration")
        else:
            yield Excerpt(task.path, max(1, line_count - FALLBACK_LINES), line_count, f"{why}, its end")


def plan_head(material: Material) -> Iterator[Excerpt]:
    """Yield the first lines of the PLAN."""
    yield from _first_lines(material, material.plan.document, "the beginning of the PLAN")


def fix_issues(material: Material) -> Iterator[Excerpt]:
    """Yield the issues of each open FIX file. If the issues of a file cannot be separated, yield the whole file."""
    for document in open_fixes(material):
        excerpts = [excerpt_of(document, issue.passage, "an issue to fix") for issue in verdict_facts(document).issues]
        yield from excerpts or whole_document(material, document, "the review that asks for the fix")


def open_fixes(material: Material) -> list[Document]:
    """Return the FIX files of earlier rounds that no RESOLUTION answers, then the last FIX."""
    if material.inputs is None or material.inputs.fix is None:
        return []
    return [*material.inputs.reviews.other_open_fixes, material.inputs.fix]


def learnings(material: Material) -> Iterator[Excerpt]:
    """Yield the sections about learnings and completion of each execution that is done.

    If an execution has no such section, yield the whole EXECUTION_TASK.
    """
    for task, outcome in tasks_with_outcomes(material):
        if outcome == "done":
            excerpts = list(filled_sections_with_names(material, task, ("learnings", "completion")))
            yield from excerpts or whole_document(material, task, "a done execution")


def last_failed_execution(material: Material) -> Iterator[Excerpt]:
    """Yield the sections of the last failed execution about learnings, completion and what blocked the work.

    If the execution has no such section, yield the last lines of the EXECUTION_TASK.
    """
    failed_tasks = [task for task, outcome in tasks_with_outcomes(material) if outcome == "failed"]
    for task in failed_tasks[-1:]:
        line_count = max(1, len(lines_of(material, task.path)))
        excerpts = list(filled_sections_with_names(material, task, ("learnings", "completion", "blocker")))
        yield from excerpts or [
            Excerpt(task.path, max(1, line_count - FALLBACK_LINES), line_count, "the execution that failed")
        ]


def first_open_task(material: Material) -> Iterator[Excerpt]:
    """Yield the whole text of the first EXECUTION_TASK that is open."""
    for task, outcome in tasks_with_outcomes(material):
        if outcome == "open":
            yield from whole_document(material, task, "the open execution")
            return


def blocked_tasks(material: Material) -> Iterator[Excerpt]:
    """Yield the whole text of each blocked EXECUTION_TASK."""
    for task, outcome in tasks_with_outcomes(material):
        if outcome == "blocked":
            yield from whole_document(material, task, "the blocked execution")


def done_tasks(material: Material) -> Iterator[Excerpt]:
    """Yield the whole text of each EXECUTION_TASK that is done."""
    for task, outcome in tasks_with_outcomes(material):
        if outcome == "done":
            yield from whole_document(material, task, "a done execution")


def subplan(material: Material) -> Iterator[Excerpt]:
    """Yield the whole SUBPLAN."""
    yield from whole_document(material, material.inputs.subplan if material.inputs else None, "the SUBPLAN")


def fix(material: Material) -> Iterator[Excerpt]:
    """Yield the whole text of each open FIX file."""
    for document in open_fixes(material):
        yield from whole_document(material, document, "the review that asks for the fix")


def resolution(material: Material) -> Iterator[Excerpt]:
    """Yield the whole text of the RESOLUTION file."""
    yield from whole_document(
        material, material.inputs.resolution if material.inputs else None, "what was done about it"
    )


def plan(material: Material) -> Iterator[Excerpt]:
    """Yield the whole PLAN."""
    yield from whole_document(material, material.plan.document, "the PLAN")


def unneeded_documents(material: Material, reading: Sequence[Excerpt]) -> list[str]:
    """Return the sorted paths of the plan's documents that the step does not need.

    The step needs the documents in `reading` and the EXECUTION_TASKs of the achievement.
    """
    own_tasks = material.inputs.tasks if material.inputs else ()
    used_paths = {*(excerpt.path for excerpt in reading), *(document.path for document in own_tasks)}
    documents = (*material.plan.subplans, *material.plan.executions, *material.plan.verdicts)
    return sorted(document.path for document in documents if document.path not in used_paths)


def _subplan_document(material: Material) -> Document | None:
    """Return the SUBPLAN of the achievement; None if there is no SUBPLAN."""
    return material.inputs.subplan if material.inputs else None


def _subplan_excerpts(material: Material, names: tuple[str, ...]) -> list[Excerpt]:
    """Return the filled sections of the SUBPLAN whose names are in `names`."""
    document = _subplan_document(material)
    return list(filled_sections_with_names(material, document, names)) if document else []


def _first_lines(material: Material, document: Document | None, why: str) -> Iterator[Excerpt]:
    """Yield the first lines of a document; `why` is the reason for reading them."""
    if document is not None:
        yield Excerpt(document.path, 1, min(FALLBACK_LINES, max(1, len(lines_of(material, document.path)))), why)


def headers_to_change(material: Material) -> Iterator[Excerpt]:
    """Yield the header of each document that the open FIX files ask the executor to change."""
    for path in documents_to_change(material):
        lines = lines_of(material, path)[:MAX_BRIEF_LINES]
        header_length = next((number for number, line in enumerate(lines) if line.startswith("## ")), len(lines))
        yield Excerpt(path, 1, max(1, header_length), "its header to correct")


def documents_to_change(material: Material) -> list[str]:
    """Return the paths of the SUBPLANs and EXECUTION_TASKs that the open FIX files ask the executor to change.

    A FIX can name a document by its file name. The words SUBPLAN and EXECUTION_TASK in a FIX also name the documents of
    the reviewed achievement.
    """
    fixes = open_fixes(material)
    if material.inputs is None or not fixes:
        return []
    text = "\n".join(line for fix in fixes for line in lines_of(material, fix.path))
    paths = [task.path for task, _ in tasks_with_outcomes(material) if "EXECUTION_TASK" in text]
    if material.inputs.subplan is not None and "SUBPLAN" in text:
        paths.append(material.inputs.subplan.path)
    documents = (*material.plan.subplans, *material.plan.executions)
    paths += [document.path for document in documents if document.path.rpartition("/")[2].removesuffix(".md") in text]
    return list(dict.fromkeys(paths))
