"""The lines of a feature that explain a task: requirements, its story, its phase, the plan and the constitution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planmark.formats.checkbox.id_ranges import ids_including_ranges
from planmark.formats.checkbox.lines import heading_of
from planmark.formats.checkbox.outline import Outline, last_text_line, sections_with_names
from planmark.formats.checkbox.passages import (
    MAX_LINES_OF_WHOLE_DOCUMENT,
    outline_at,
    passage_without_subsections,
    passages_about,
    passages_of_mentioned_documents,
    section_passages,
    task_passages,
    whole_document_passage,
)
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.formats.speckit.documents import SpecFacts, Story
from planmark.formats.speckit.evaluate import spec_of, tasks_of
from planmark.formats.speckit.grammar import requirement_ids_in
from planmark.formats.speckit.layout import CONSTITUTION, CONTRACT
from planmark.formats.speckit.reading import Phase, TaskFacts
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

SUMMARY_TITLES = frozenset({"summary", "overview", "resumen", "resumo", "概要", "摘要", "zusammenfassung", "резюме"})
"""Titles, in lower case, of the section with a summary. The constants below contain the titles of other sections."""
CONTEXT_TITLES = frozenset(
    {"technical context", "contexto técnico", "技术上下文", "技術コンテキスト", "technischer kontext"}
)
STRUCTURE_TITLES = frozenset(
    {"project structure", "source code", "estructura del proyecto", "项目结构", "プロジェクト構造"}
)
PRINCIPLES_TITLES = frozenset({"core principles", "principles", "principios", "核心原则", "基本原則"})
REQUIREMENTS_TITLES = frozenset({"requirements", "functional requirements", "requisitos", "要件", "需求", "требования"})
SUCCESS_TITLES = frozenset({"success criteria", "criterios de éxito", "成功基準", "成功标准", "критерии успеха"})
MAX_LINES_OF_WHOLE_SPEC = 250
"""Maximum number of lines of a specification that a prompt tells the agent to read as a whole."""
MAX_STORY_LINES = 40
"""Maximum number of lines after the heading of a story that a prompt tells the agent to read; more are omitted."""


def task_facts_of(situation: Situation) -> TaskFacts:
    """Return those facts about the task of the situation that only spec-kit has; without a task, return empty facts."""
    details = tasks_of(situation.plan).details
    return details[situation.index] if 0 <= situation.index < len(details) else TaskFacts()


def phase_of(situation: Situation) -> Phase | None:
    """Return the phase of the task of the situation, or None."""
    phases = tasks_of(situation.plan).phases
    task = situation.task
    return phases[task.group] if task and task.group != NO_POSITION and task.group < len(phases) else None


def stories_of(situation: Situation) -> list[Story]:
    """Return the user stories that the label of the task names; without a label, those of its phase."""
    spec, phase = spec_of(situation.plan), phase_of(situation)
    story_numbers = task_facts_of(situation).stories or (phase.stories if phase else ())
    return [story for story in spec.stories if story.number in story_numbers] if spec else []


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the task with its details."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def requirements(situation: Situation) -> Iterator[Passage]:
    """Yield the requirements and success criteria that the task names, as the specification states them."""
    spec = spec_of(situation.plan)
    path = f"{situation.plan.site.folder}/spec.md"
    task_text = situation.task_text
    requirement_ids = dict.fromkeys(
        (*task_facts_of(situation).requirements, *requirement_ids_in(task_text), *ids_including_ranges(task_text))
    )
    if spec and requirement_ids:
        yield from requirement_lines(situation.plan, path, spec, requirement_ids)


def requirement_lines(plan: PlanInput, path: str, spec: SpecFacts, requirement_ids: Iterable[str]) -> Iterator[Passage]:
    """Yield the lines of the requirements with the given ids. `path` is the path of the specification."""
    lines = outline_at(plan, path).lines
    line_by_id: dict[str, int] = {}
    for requirement in spec.requirements:
        line_by_id.setdefault(requirement.id, requirement.line)
    lines_of_requirements = set(line_by_id.values())
    for requirement_id in requirement_ids:
        if requirement_id not in line_by_id:
            continue
        last_line = start = line_by_id[requirement_id]
        for line in lines[start:]:
            is_after_end = (
                line.number in lines_of_requirements or not line.text.startswith((" ", "\t")) or not line.text.strip()
            )
            if is_after_end:
                break
            last_line = line.number
        yield Passage(path, start, last_line, requirement_id)


def feature_purpose(situation: Situation) -> Iterator[Passage]:
    """Yield the lines that say what the feature is for: the summary of the plan, then the first user story."""
    folder = situation.plan.site.folder
    yield from section_passages(situation.plan, f"{folder}/plan.md", SUMMARY_TITLES, "what the feature is for")
    spec, path = spec_of(situation.plan), f"{folder}/spec.md"
    for story in spec.stories[:1] if spec else ():
        yield Passage(path, story.line + 1, max(story.line + 1, story.last), "what the feature is for")


def stories(situation: Situation) -> Iterator[Passage]:
    """Yield the user stories of the task, with their independent tests and scenarios."""
    path = f"{situation.plan.site.folder}/spec.md"
    document_outline = outline_at(situation.plan, path)
    for story in stories_of(situation):
        yield from _story_passage(document_outline, path, story)


def _story_passage(document_outline: Outline, path: str, story: Story) -> Iterator[Passage]:
    """Yield the heading of a user story, and at most `MAX_STORY_LINES` lines after it."""
    last_line = last_text_line(document_outline.lines, story.line, min(story.last, story.line + MAX_STORY_LINES))
    yield Passage(path, story.line, max(story.line, last_line), f"user story {story.number}")


def phase(situation: Situation) -> Iterator[Passage]:
    """Yield the goal, the independent test and the checkpoint of the phase of the task."""
    story_phase = phase_of(situation)
    if story_phase:
        lines_and_reasons = (
            (story_phase.goal, "the goal of the phase"),
            (story_phase.test, "the independent test of the phase"),
        )
        for line_number, reason in (*lines_and_reasons, (story_phase.checkpoint, "the checkpoint of the phase")):
            if line_number:
                yield Passage(situation.path, line_number, line_number, reason)


def plan_md(situation: Situation) -> Iterator[Passage]:
    """Yield the whole `plan.md` if it is short. Of a longer file, yield the summary, the technical context, the
    structure, and the sections with names from the task.
    """
    path = f"{situation.plan.site.folder}/plan.md"
    line_count = outline_at(situation.plan, path).length
    if line_count <= MAX_LINES_OF_WHOLE_DOCUMENT:
        yield from whole_document_passage(situation.plan, path, "the technical plan")
        return
    for titles, part_name in (
        (SUMMARY_TITLES, "the summary"),
        (CONTEXT_TITLES, "the technical context"),
        (STRUCTURE_TITLES, "the structure"),
    ):
        yield from section_passages(situation.plan, path, titles, f"{part_name} of plan.md")
    yield from passages_about(situation.plan, path, situation.names, "the technical plan")


def constitution(situation: Situation) -> Iterator[Passage]:
    """Yield the principles of the constitution, else the whole constitution."""
    for path in paths_with_role(situation.plan, CONSTITUTION):
        passages = list(section_passages(situation.plan, path, PRINCIPLES_TITLES, "the principles of the constitution"))
        yield from passages or whole_document_passage(situation.plan, path, "the constitution")


def paths_with_role(plan: PlanInput, role: str) -> list[str]:
    """Return the paths of the documents with a role."""
    return [path for path, document in plan.documents.items() if document.role == role]


def related_passages(situation: Situation) -> Iterator[Passage]:
    """Yield lines of the data model, the contracts, the research and the quickstart about the names in the task.

    A short document with such names is yielded as a whole. Of a longer document, only the section that best matches the
    names is yielded, without its sub-sections.
    """
    plan = situation.plan
    folder = plan.site.folder
    contracts = paths_with_role(plan, CONTRACT)
    for path in (f"{folder}/data-model.md", *contracts, f"{folder}/research.md", f"{folder}/quickstart.md"):
        name = path.removeprefix(f"{folder}/")
        document_outline = outline_at(plan, path)
        best_sections = sections_with_names(document_outline, situation.names, 1)
        if best_sections and document_outline.length <= MAX_LINES_OF_WHOLE_DOCUMENT:
            yield from whole_document_passage(plan, path, name)
        elif best_sections:
            yield passage_without_subsections(path, best_sections[0], f"{name}: {best_sections[0].title}")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield the whole `tasks.md`."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/tasks.md", "the tasks")


def spec(situation: Situation) -> Iterator[Passage]:
    """Yield the whole specification if it is short, else its stories and its requirements."""
    path = f"{situation.plan.site.folder}/spec.md"
    facts, document_outline = spec_of(situation.plan), outline_at(situation.plan, path)
    if facts is None or document_outline.length <= MAX_LINES_OF_WHOLE_SPEC:
        yield from whole_document_passage(situation.plan, path, "the specification")
        return
    for story in facts.stories:
        yield from _story_passage(document_outline, path, story)
    yield from section_passages(situation.plan, path, REQUIREMENTS_TITLES, "the requirements")
    yield from section_passages(situation.plan, path, SUCCESS_TITLES, "the success criteria")


def supporting_documents(situation: Situation) -> Iterator[Passage]:
    """Yield the whole data model, contracts, research and quickstart."""
    folder = situation.plan.site.folder
    contracts = paths_with_role(situation.plan, CONTRACT)
    for path in (f"{folder}/data-model.md", *contracts, f"{folder}/research.md", f"{folder}/quickstart.md"):
        yield from whole_document_passage(situation.plan, path, path.removeprefix(f"{folder}/"))


def named_documents(situation: Situation) -> Iterator[Passage]:
    """Yield the documents that the task names."""
    yield from passages_of_mentioned_documents(situation.plan, situation.path, situation.task_text, situation.names)


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the requirements that an item names, its story, and the goal of its phase."""
    situation = situation_of_item(plan, state, item)
    return [*requirements(situation), *_story_heads(situation), *phase(situation)]


def _story_heads(situation: Situation) -> Iterator[Passage]:
    """Yield the heading and the first paragraph of each user story of the task."""
    path = f"{situation.plan.site.folder}/spec.md"
    lines = outline_at(situation.plan, path).lines
    for story in stories_of(situation):
        last_line = story.line
        for line in lines[story.line : story.last]:
            if line.text.strip():
                last_line = line.number
            elif last_line > story.line:
                break
        end_line = next((line.number for line in lines[story.line : last_line] if heading_of(line.text)), last_line + 1)
        yield Passage(path, story.line, end_line - 1, f"user story {story.number}")
