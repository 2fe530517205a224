"""The passages that explain a step of a superpowers plan: its task, the header, the constraints, and the design."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.formats.checkbox.outline import last_text_line
from planmark.formats.checkbox.passages import (
    last_line_of_task,
    outline_at,
    passages_about,
    section_passages,
    task_passages,
    whole_document_passage,
)
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.formats.superpowers.grammar import listed_paths_in
from planmark.formats.superpowers.layout import role_of
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState
from planmark.text.lazy_pattern import lazy_pattern

_HEADER_LABEL = lazy_pattern(
    r"\s*(?:>\s*)?\*\*(?:Goal|Architecture|Tech Stack|Ziel|Architektur|Objetivo|Arquitectura|Цель|目标|目標|架构|架構|技术栈|技術棧)",
    re.IGNORECASE,
)
"""Pattern for a line of the header that states the goal, the architecture or the technology of the plan."""
_CONSUMES_LABEL = lazy_pattern(r"\s*[-*+]\s+(?:\*\*)?Consumes(?:\*\*)?\s*[:：]", re.IGNORECASE)
"""Pattern for a line that says which results of earlier tasks a task needs."""
_PRODUCES_LABEL = lazy_pattern(r"\s*[-*+]\s+(?:\*\*)?Produces(?:\*\*)?\s*[:：]", re.IGNORECASE)
"""Pattern for a line that says which results of a task later tasks may need."""
_CODE_NAME = lazy_pattern(r"`([\w.]{2,200})")
_TASK_MENTION = lazy_pattern(r"\bTask\s+(?P<id>[A-Z]?\d{1,4}(?:\.\d{1,4}){0,4}[A-Za-z]?)\b")
GOAL_TITLES = frozenset({"goal", "goals", "objective", "ziel", "objetivo", "цель", "目标", "目標", "목표"})
"""Titles, in lower case, of the section that states the goal of a plan. This section is used if the plan has no header.
"""
CONSTRAINTS_TITLES = frozenset({"global constraints", "constraints", "globale vorgaben", "全域約束", "全局约束"})
"""Titles, in lower case, of the section with the constraints of every task."""
GOAL_SEARCH_LINES = 60
"""Number of lines at the beginning of a plan in which its goal is searched."""
MAX_TASK_BEGINNING_LINES = 12
"""Maximum number of lines after the heading of a task that are shown for an item. In most plans, these lines list the
files of the task.
"""


def task_of_step(situation: Situation) -> Task | None:
    """Return the innermost task that contains the step of the situation, or the step itself if it is a task.

    If no task contains the step, return the outermost step above it. Return None if the situation has no step.
    """
    index = situation.index
    tasks = situation.task_list.tasks
    while index != NO_POSITION and tasks[index].kind != "task" and tasks[index].parent != NO_POSITION:
        index = tasks[index].parent
    return tasks[index] if index != NO_POSITION else None


def step(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the step."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task, "the step")


def whole_task(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the task that contains the step, if the step is not a task itself."""
    task = task_of_step(situation)
    if task and task is not situation.task:
        last = max(task.line, last_text_line(situation.lines, task.line, last_line_of_task(situation.lines, task)))
        yield Passage(situation.path, task.line, last, "the task with all its steps")


def header_lines(situation: Situation) -> Iterator[Passage]:
    """Yield the goal, the architecture and the technology of the plan."""
    yield from _header_lines(situation.plan)


def _header_lines(plan: PlanInput) -> Iterator[Passage]:
    """Yield the lines of the header of a plan: the goal, the architecture and the technology.

    If the plan has no header, yield the section that states its goal.
    """
    path = plan.site.path
    lines = [line.number for line in outline_at(plan, path).lines[:GOAL_SEARCH_LINES] if _HEADER_LABEL.match(line.text)]
    if lines:
        yield Passage(path, lines[0], lines[-1], "the goal of the plan")
    else:
        yield from section_passages(plan, path, GOAL_TITLES, "the goal of the plan")


def whole_plan(situation: Situation) -> Iterator[Passage]:
    """Yield the whole plan."""
    yield from whole_document_passage(situation.plan, situation.plan.site.path, "the plan as it is")


def listed_files(situation: Situation) -> Iterator[str]:
    """Yield the files that the task of the step lists to create, to modify or to test."""
    task = task_of_step(situation)
    if task is not None:
        for line in situation.lines[task.line - 1 : last_line_of_task(situation.lines, task)]:
            yield from listed_paths_in(line.text)


def constraints(situation: Situation) -> Iterator[Passage]:
    """Yield the constraints that apply to every task."""
    # Task headings often have a lower level than the heading of the constraints. The section of the constraints then
    # seems to contain the tasks.
    first_task_line = next((task.line for task in situation.task_list.tasks), 0)
    for passage in section_passages(
        situation.plan, situation.plan.site.path, CONSTRAINTS_TITLES, "the constraints of every task"
    ):
        end = first_task_line - 1 if passage.start < first_task_line <= passage.end else passage.end
        yield passage._replace(end=last_text_line(situation.lines, passage.start, end))


def declarations_of_needed_results(situation: Situation) -> Iterator[Passage]:
    """Yield the lines in which earlier tasks declare the results that the task of the step needs."""
    task_with_step = task_of_step(situation)
    if task_with_step is None:
        return
    task_lines = situation.lines[task_with_step.line - 1 : last_line_of_task(situation.lines, task_with_step)]
    consumed_texts = [line.text for line in task_lines if _CONSUMES_LABEL.match(line.text)]
    names = {name for text in consumed_texts for name in _CODE_NAME.findall(text)}
    ids = {match["id"] for text in consumed_texts for match in _TASK_MENTION.finditer(text)}
    tasks = [task for task in situation.task_list.tasks if task.kind == "task" and task.line < task_with_step.line]
    for line in situation.lines[: task_with_step.line - 1] if consumed_texts else ():
        if not _PRODUCES_LABEL.match(line.text):
            continue
        producing_task = next((task for task in reversed(tasks) if task.line < line.number), None)
        if producing_task and (producing_task.id in ids or not names.isdisjoint(_CODE_NAME.findall(line.text))):
            yield Passage(situation.path, line.number, line.number, f"what task {producing_task.id} produces")


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the specification that the plan implements.

    Of a long specification, yield only the sections that contain names from the text of the step.
    """
    for path in situation.plan.documents:
        if role_of(path) == "design":
            yield from passages_about(situation.plan, path, situation.names, "the design")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield the lines from the first line of the first task to the first line of the last task or step."""
    tasks = situation.task_list.tasks
    if tasks:
        yield Passage(situation.path, tasks[0].line, tasks[-1].line, "all tasks")


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the goal of the plan, and the beginning of the task that contains an item."""
    situation = situation_of_item(plan, state, item)
    task = task_of_step(situation)
    passages = list(_header_lines(plan))
    if task and task.marker == "":
        end = min(last_line_of_task(situation.lines, task), task.line + MAX_TASK_BEGINNING_LINES)
        next_start = next(
            (other_task.line for other_task in situation.task_list.tasks if other_task.line > task.line), end + 1
        )
        last = last_text_line(situation.lines, task.line, min(end, next_start - 1))
        if last > task.line:
            passages.append(Passage(situation.path, task.line, last, "the task"))
    return passages
