"""The lines of a feature-planner plan that explain a task: its own, its phase, the gate, and the design."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.lines import Heading
from planmark.formats.checkbox.outline import DocumentSection, last_text_line
from planmark.formats.checkbox.passages import outline, own_lines, task_passages
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.formats.featureplanner.evaluate import facts_of, phase_above
from planmark.formats.featureplanner.grammar import is_gate
from planmark.formats.featureplanner.reading import GatedPhase
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

MAX_HEAD = 12
"""Maximum number of lines of a phase before its first task."""
_GOAL = re.compile(r"[\W\d]*(?:overview|goal|objective|목표|개요)", re.IGNORECASE)
_DESIGN = re.compile(
    r"[\W\d]*(?:architecture|background|context|dependencies|scope|배경|변경 범위|아키텍처)", re.IGNORECASE
)
_TESTS = re.compile(r"[\W\d]*(?:test strategy|테스트)", re.IGNORECASE)
_FINAL = re.compile(r"[\W\d]*(?:final checklist|completion|definition of done|완료 조건|dod)", re.IGNORECASE)


def phase_of(situation: Situation) -> tuple[GatedPhase, Task] | None:
    """Return the phase that holds the task, and its heading as a task."""
    facts = facts_of(situation.plan)
    number = phase_above(facts, situation.item.line) if situation.item else NO_POSITION
    return (facts.phases[number], facts.listed.tasks[facts.phases[number].at]) if number != NO_POSITION else None


def is_last(situation: Situation) -> bool:
    """Tell whether the task is the last open required leaf of its phase."""
    phase_and_task = phase_of(situation)
    item = situation.item
    if not phase_and_task or not item:
        return False
    first, last = phase_and_task[1].line, phase_and_task[1].end
    waiting = [
        one.ref
        for one in situation.state.achievements
        if first < one.line <= last and one.leaf and not one.optional and one.state not in SETTLED_STATES
    ]
    return waiting in ([item.ref], [])


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the task."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def block(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the task that holds the sub-task."""
    tasks, at = situation.listed.tasks, situation.at
    while at != NO_POSITION and tasks[at].kind == "subtask":
        at = tasks[at].parent
    if at != NO_POSITION and at != situation.at:
        below = itertools.takewhile(lambda one: one.kind == "subtask", tasks[at + 1 :])
        last = max((tasks[at].end, *(one.end for one in below)))
        yield Passage(situation.path, tasks[at].line, last, "the task with its sub-tasks")


def head(situation: Situation) -> Iterator[Passage]:
    """Yield the heading of the phase with its goal, up to the first task."""
    phase_and_task = phase_of(situation)
    if phase_and_task:
        yield from _head(situation.plan, situation.path, phase_and_task[1])


def _head(plan: PlanInput, path: str, phase: Task) -> Iterator[Passage]:
    tasks, document_outline = facts_of(plan).listed.tasks, outline(plan, path)
    first = next((one.line for one in tasks if one.line > phase.line), phase.end + 1)
    first = next((one.line for one in document_outline.sections if phase.line < one.line < first), first)
    last = last_text_line(document_outline.lines, phase.line, min(first - 1, phase.line + MAX_HEAD))
    if last >= phase.line:
        yield Passage(path, phase.line, last, "the goal of the phase")


def gate(situation: Situation) -> Iterator[Passage]:
    """Yield the quality gate of the phase, if the task is the last one."""
    phase_and_task = phase_of(situation)
    if not phase_and_task or not is_last(situation):
        return
    sections = outline(situation.plan, situation.path).sections
    for one in sections:
        if phase_and_task[1].line < one.line <= phase_and_task[1].end and is_gate(_heading(one)):
            yield Passage(situation.path, one.line, one.last, "the quality gate of the phase")


def _heading(section: DocumentSection) -> Heading:
    return Heading(section.level, section.title)


def about(pattern: re.Pattern[str], why: str, situation: Situation) -> Iterator[Passage]:
    """Yield the own lines of the first section whose title matches, or all of it if it has no own lines."""
    path = situation.plan.site.path
    for one in outline(situation.plan, path).sections:
        if one.level == 2 and pattern.match(one.title):
            if one.own > one.line:
                yield own_lines(path, one, why)
            else:
                yield Passage(path, one.line, one.last, why)
            return


def goal(situation: Situation) -> Iterator[Passage]:
    """Yield the goal of the plan."""
    yield from about(_GOAL, "the goal of the plan", situation)


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the decisions that the plan rests on."""
    yield from about(_DESIGN, "the design", situation)


def tests(situation: Situation) -> Iterator[Passage]:
    """Yield the strategy of the tests."""
    yield from about(_TESTS, "the test strategy", situation)


def final(situation: Situation) -> Iterator[Passage]:
    """Yield the checklist for the end of the plan."""
    yield from about(_FINAL, "the final checklist", situation)


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield the lines from the first phase to the last task."""
    tasks = situation.listed.tasks
    if tasks:
        yield Passage(situation.path, tasks[0].line, tasks[-1].line, "all phases")


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the goal of the phase that holds an item."""
    return list(head(situation_of_item(plan, state, item)))
