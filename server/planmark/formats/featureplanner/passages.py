"""The lines of a feature-planner plan that explain a task: the task, its phase, the quality gate, and the design."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.lines import Heading
from planmark.formats.checkbox.outline import DocumentSection, last_text_line
from planmark.formats.checkbox.passages import outline_at, passage_without_subsections, task_passages
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.formats.featureplanner.evaluate import facts_of, phase_position_at
from planmark.formats.featureplanner.grammar import is_gate
from planmark.formats.featureplanner.reading import GatedPhase
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState
from planmark.text.lazy_pattern import lazy_pattern

MAX_LINES_OF_PHASE_HEAD = 12
"""Maximum number of lines between the heading of a phase and its first task that a passage contains."""
_GOAL_TITLE = lazy_pattern(r"[\W\d]*(?:overview|goal|objective|목표|개요)", re.IGNORECASE)
_DESIGN_TITLE = lazy_pattern(
    r"[\W\d]*(?:architecture|background|context|dependencies|scope|배경|변경 범위|아키텍처)", re.IGNORECASE
)
_TESTS_TITLE = lazy_pattern(r"[\W\d]*(?:test strategy|테스트)", re.IGNORECASE)
_FINAL_CHECKLIST_TITLE = lazy_pattern(
    r"[\W\d]*(?:final checklist|completion|definition of done|완료 조건|dod)", re.IGNORECASE
)


def phase_and_heading_of(situation: Situation) -> tuple[GatedPhase, Task] | None:
    """Return the phase that contains the task of the situation, and the heading of the phase as an entry of the task
    list.

    Return None for a task outside all phases.
    """
    facts = facts_of(situation.plan)
    phase_position = phase_position_at(facts, situation.item.line) if situation.item else NO_POSITION
    return (
        (facts.phases[phase_position], facts.task_list.tasks[facts.phases[phase_position].index])
        if phase_position != NO_POSITION
        else None
    )


def is_last_open_task_of_phase(situation: Situation) -> bool:
    """Tell whether the phase of the situation's task has no other required leaf that still needs work."""
    phase_and_task = phase_and_heading_of(situation)
    item = situation.item
    if not phase_and_task or not item:
        return False
    first_line, last_line = phase_and_task[1].line, phase_and_task[1].end
    open_refs = [
        achievement.ref
        for achievement in situation.state.achievements
        if first_line < achievement.line <= last_line
        and achievement.leaf
        and not achievement.optional
        and achievement.state not in SETTLED_STATES
    ]
    return open_refs in ([item.ref], [])


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the task of the situation."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def whole_task(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the task that contains the sub-task of the situation, with all its sub-tasks."""
    tasks, position = situation.task_list.tasks, situation.index
    while position != NO_POSITION and tasks[position].kind == "subtask":
        position = tasks[position].parent
    if position != NO_POSITION and position != situation.index:
        subtasks = itertools.takewhile(lambda task: task.kind == "subtask", tasks[position + 1 :])
        last_line = max((tasks[position].end, *(task.end for task in subtasks)))
        yield Passage(situation.path, tasks[position].line, last_line, "the task with its sub-tasks")


def phase_head(situation: Situation) -> Iterator[Passage]:
    """Yield the heading of the phase with its goal, up to the first task."""
    phase_and_task = phase_and_heading_of(situation)
    if phase_and_task:
        yield from _passage_of_phase_head(situation.plan, situation.path, phase_and_task[1])


def _passage_of_phase_head(plan_input: PlanInput, path: str, phase_task: Task) -> Iterator[Passage]:
    """Yield the heading of the phase with its goal, up to the first task.

    `phase_task` is the entry of the task list for the heading of the phase.
    """
    tasks, document_outline = facts_of(plan_input).task_list.tasks, outline_at(plan_input, path)
    next_line = next((task.line for task in tasks if task.line > phase_task.line), phase_task.end + 1)
    next_line = next(
        (section.line for section in document_outline.sections if phase_task.line < section.line < next_line), next_line
    )
    last_line = last_text_line(
        document_outline.lines, phase_task.line, min(next_line - 1, phase_task.line + MAX_LINES_OF_PHASE_HEAD)
    )
    if last_line >= phase_task.line:
        yield Passage(path, phase_task.line, last_line, "the goal of the phase")


def gate(situation: Situation) -> Iterator[Passage]:
    """Yield the quality gate of the phase, if the task of the situation is the last open task of the phase."""
    phase_and_task = phase_and_heading_of(situation)
    if not phase_and_task or not is_last_open_task_of_phase(situation):
        return
    sections = outline_at(situation.plan, situation.path).sections
    for section in sections:
        if phase_and_task[1].line < section.line <= phase_and_task[1].end and is_gate(_heading_of_section(section)):
            yield Passage(situation.path, section.line, section.last_line, "the quality gate of the phase")


def _heading_of_section(section: DocumentSection) -> Heading:
    return Heading(section.level, section.title)


def section_about(title_pattern: re.Pattern[str], reason: str, situation: Situation) -> Iterator[Passage]:
    """Yield the first section at level 2 whose title matches, without its sub-sections.

    If all lines of the section are in sub-sections, yield the whole section. `reason` says why to read it.
    """
    path = situation.plan.site.path
    for section in outline_at(situation.plan, path).sections:
        if section.level == 2 and title_pattern.match(section.title):
            if section.last_own_line > section.line:
                yield passage_without_subsections(path, section, reason)
            else:
                yield Passage(path, section.line, section.last_line, reason)
            return


def goal(situation: Situation) -> Iterator[Passage]:
    """Yield the goal of the plan."""
    yield from section_about(_GOAL_TITLE, "the goal of the plan", situation)


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the plan about its design, such as its architecture or its scope."""
    yield from section_about(_DESIGN_TITLE, "the design", situation)


def strategy_of_tests(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the plan about its tests."""
    yield from section_about(_TESTS_TITLE, "the test strategy", situation)


def final_checklist(situation: Situation) -> Iterator[Passage]:
    """Yield the checklist for the end of the plan."""
    yield from section_about(_FINAL_CHECKLIST_TITLE, "the final checklist", situation)


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield the lines from the first phase to the last task."""
    tasks = situation.task_list.tasks
    if tasks:
        yield Passage(situation.path, tasks[0].line, tasks[-1].line, "all phases")


def details(plan_input: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the heading and the goal of the phase that contains an item."""
    return list(phase_head(situation_of_item(plan_input, state, item)))
