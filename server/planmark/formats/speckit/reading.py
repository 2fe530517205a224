"""The tasks, phases and stories of a `tasks.md`, as facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox.lines import Heading, Line, full_width_to_ascii, heading_of, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION, Grammar, Task, TaskGroup, TaskList, digest_of, read_tasks
from planmark.formats.speckit.deliverables import MAX_SEARCHED_CHARACTERS, created_by, files_of, paths_in
from planmark.formats.speckit.documents import numbers_in
from planmark.formats.speckit.grammar import (
    ACCEPTANCE_PATTERN,
    DOUBLE_BOX,
    HeadingTask,
    dependencies_in,
    grammar_of,
    has_lettered_ids,
    is_deferred,
    is_optional,
    marks_of,
    requirement_ids_in,
    task_of_heading,
)
from planmark.plans.model import State

_PHASE_TITLE = re.compile(
    r"[\W_]*(?:(?:phase|fase|étape|etapa|фаза|этап)\s+(?P<id>[A-Z]?\d+(?:\.\d+)?[a-z]?|[A-Z])\b"
    r"|(?:フェーズ|阶段|階段|단계)\s*(?P<east>\d+(?:\.\d+)?|N)|第\s*(?P<nth>\d+|[一二三四五六七八九十]+)\s*(?:阶段|階段|フェーズ))",
    re.IGNORECASE,
)
_CHECKPOINT_LABEL = re.compile(
    r"[ \t>*_-]*(?:✅\s*)?\*\*\s*(?:checkpoint|チェックポイント|检查点|檢查點|punto de control|ponto de verificação|контрольная точка)",
    re.IGNORECASE,
)
_GOAL_LABEL = re.compile(r"[ \t>-]*\*\*\s*(?:goal|purpose|objetivo|目标|目標|目的|ゴール|цель)", re.IGNORECASE)
_TEST_LABEL = re.compile(
    r"[ \t>-]*\*\*\s*(?:independent test|prueba independiente|teste independente|独立テスト|独立测试|獨立測試|независимый тест)",
    re.IGNORECASE,
)
_BOLD_LABEL = re.compile(r"[ \t]*(?:[-*+][ \t]+)?\*\*[^*\n]+\*\*")
_ANY_BOX = re.compile(r"\s*- \[([ xX])\]")
_UNCHANGED_TEMPLATE = re.compile(r"\[FEATURE NAME\]")


class TaskFacts(msgspec.Struct, frozen=True):
    """The facts about a task that are not on its line.

    `section` is the line of the heading directly above the task, or 0. `stories` are the stories that its own label
    names. `acceptance` are the lines of the acceptance criteria with a box below a heading task, and `met_lines` are
    the lines of the ticked ones. `heading` tells whether the task is a heading. `glued` tells whether a space is
    missing after the id. `second_box` contains the columns of a second box, or is empty.
    """

    section: int = 0
    stories: tuple[int, ...] = ()
    requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    acceptance: tuple[int, ...] = ()
    met_lines: tuple[int, ...] = ()
    heading: bool = False
    glued: bool = False
    second_box: tuple[int, ...] = ()


class Phase(msgspec.Struct, frozen=True):
    """The facts of a phase: its stories, and the lines of its goal, its independent test and its checkpoint, or 0."""

    stories: tuple[int, ...] = ()
    goal: int = 0
    test: int = 0
    checkpoint: int = 0


class TasksFacts(msgspec.Struct, frozen=True, tag="tasks"):
    """The facts of a `tasks.md`. `details` has the order of the tasks, and `phases` the order of the groups.

    `template` tells whether the file is the unchanged template. `title_line` is the line of the title, or 1. The boxes
    are those that spec-kit's own commands count: every box, whatever it belongs to.
    """

    title: str = ""
    title_line: int = 1
    template: bool = False
    task_list: TaskList = TaskList()
    details: tuple[TaskFacts, ...] = ()
    phases: tuple[Phase, ...] = ()
    ticked_boxes: int = 0
    all_boxes: int = 0


class _Section(NamedTuple):
    """A heading. `parent` is the position of the section that contains this one, or `NO_POSITION`."""

    line: int
    heading: Heading
    parent: int


def read(text: str) -> TasksFacts:
    """Return the facts of a `tasks.md`."""
    lines = read_lines(text)
    sections, section_of_line = _sections(lines)
    grammar = grammar_of(has_lettered_ids(line.text for line in lines if line.kind == "text"))
    task_list = read_tasks(lines, grammar).task_list
    drafts = _add_heading_tasks(lines, sections, section_of_line, task_list, grammar)
    phases = _phases_of_tasks(sections, [section_of_line[task.line - 1] for task in drafts.tasks])
    positions = {task.id: index for index, task in enumerate(drafts.tasks) if task.id}
    optional_flags = _optional_flags(sections)
    tasks, details = [], []
    for index, draft in enumerate(drafts.tasks):
        section_index = section_of_line[draft.line - 1]
        task_facts = drafts.details.get(draft.line)
        outer_index = sections[section_index].parent if task_facts else section_index
        place = _Place(
            phases.phase_of_task[index],
            sections[section_index].line if section_index >= 0 and not task_facts else 0,
            outer_index >= 0 and optional_flags[outer_index],
        )
        task, detail = _task_and_details(lines[draft.line - 1].text, draft, place, task_facts or _NO_DETAIL, positions)
        tasks.append(task)
        details.append(detail)
    title = next((section for section in sections if section.heading.level == 1), None)
    boxes = [match[1] for line in lines if "- [" in line.text and (match := _ANY_BOX.match(line.text))]
    task_list = msgspec.structs.replace(
        task_list,
        tasks=tuple(tasks),
        groups=tuple(_group_of(sections[index]) for index in phases.phase_headings),
        checklist=drafts.checklist,
    )
    return TasksFacts(
        title=title.heading.title if title else "",
        title_line=title.line if title else 1,
        template=bool(title and _UNCHANGED_TEMPLATE.search(title.heading.title)),
        task_list=task_list,
        details=tuple(details),
        phases=_phase_facts(lines, sections, section_of_line, phases.phase_headings),
        ticked_boxes=len(boxes) - boxes.count(" "),
        all_boxes=len(boxes),
    )


def _sections(lines: Sequence[Line]) -> tuple[list[_Section], list[int]]:
    """Return the headings, and for each line (0-based) the position of the heading that it is or that is above it."""
    sections: list[_Section] = []
    section_of_line: list[int] = []
    open_sections: list[int] = []
    for line in lines:
        heading = heading_of(line.text) if line.kind == "text" and "#" in line.text else None
        if heading:
            while open_sections and sections[open_sections[-1]].heading.level >= heading.level:
                open_sections.pop()
            sections.append(_Section(line.number, heading, open_sections[-1] if open_sections else NO_POSITION))
            open_sections.append(len(sections) - 1)
        section_of_line.append(open_sections[-1] if open_sections else NO_POSITION)
    return sections, section_of_line


def _optional_flags(sections: Sequence[_Section]) -> list[bool]:
    """Tell for each heading below the title whether it, or a heading around it, says that its tasks are optional."""
    result: list[bool] = []
    for section in sections:
        is_outer_optional = section.parent >= 0 and result[section.parent]
        result.append(is_outer_optional or (section.heading.level > 1 and is_optional(section.heading.title)))
    return result


class _Drafts(NamedTuple):
    """The tasks in file order.

    `details` are the facts about the tasks that are headings, by line. `checklist` are the lines of boxes that belong
    to no task.
    """

    tasks: list[Task]
    details: dict[int, TaskFacts]
    checklist: tuple[int, ...]


def _add_heading_tasks(
    lines: Sequence[Line],
    sections: Sequence[_Section],
    section_of_line: Sequence[int],
    task_list: TaskList,
    grammar: Grammar,
) -> _Drafts:
    """Return the task lines and the headings that are tasks.

    A heading is not a task if a task line has the same id, or if task lines with ids are below the heading. Such a
    heading explains or groups these lines.
    """
    texts = (lines[section.line - 1].text for section in sections)
    heading_tasks = {index: heading_task for index, text in enumerate(texts) if (heading_task := task_of_heading(text))}
    if not heading_tasks:
        return _Drafts(list(task_list.tasks), {}, task_list.checklist)
    task_ids = {task.id for task in task_list.tasks if task.id}
    group_indexes = set()
    for task in task_list.tasks:
        if task.id:
            heading_index = _heading_task_above(sections, section_of_line[task.line - 1], heading_tasks)
            if heading_index != NO_POSITION and not task.id.startswith(f"{heading_tasks[heading_index].id}."):
                group_indexes.add(heading_index)
    heading_tasks = {
        index: task for index, task in heading_tasks.items() if task.id not in task_ids and index not in group_indexes
    }
    if not heading_tasks:
        return _Drafts(list(task_list.tasks), {}, task_list.checklist)
    return _merge_tasks(lines, sections, section_of_line, task_list, heading_tasks, grammar)


def _heading_task_above(sections: Sequence[_Section], index: int, heading_tasks: dict[int, HeadingTask]) -> int:
    while index >= 0 and index not in heading_tasks:
        index = sections[index].parent
    return index


class _Boxes(NamedTuple):
    """The boxes below a heading task: the boxes of its steps, and the boxes of its acceptance criteria."""

    steps: list[Task]
    acceptance: list[Task]


def _merge_tasks(
    lines: Sequence[Line],
    sections: Sequence[_Section],
    section_of_line: Sequence[int],
    task_list: TaskList,
    heading_tasks: dict[int, HeadingTask],
    grammar: Grammar,
) -> _Drafts:
    boxes = {index: _Boxes([], []) for index in heading_tasks}
    id_by_line = {task.line: task.id for task in task_list.tasks}
    acceptance_flags = _acceptance_flags(lines)
    line_tasks: list[Task] = []
    checklist: list[int] = []
    for task in read_tasks(lines, grammar._replace(has_checklists=False)).task_list.tasks:
        heading_index = _heading_task_above(sections, section_of_line[task.line - 1], heading_tasks)
        if heading_index == NO_POSITION and id_by_line.get(task.line):
            line_tasks.append(task)
        elif heading_index == NO_POSITION:
            checklist.append(task.line)
        elif acceptance_flags[task.line - 1] and not task.id:
            boxes[heading_index].acceptance.append(task)
        else:
            boxes[heading_index].steps.append(task)
    tasks: list[Task] = []
    details: dict[int, TaskFacts] = {}
    remaining_tasks = iter([*line_tasks, None])
    line_task = next(remaining_tasks)
    for index in sorted(heading_tasks):
        while line_task and line_task.line < sections[index].line:
            tasks.append(msgspec.structs.replace(line_task, parent=NO_POSITION, level=0))
            line_task = next(remaining_tasks)
        parent = len(tasks)
        tasks.append(_heading_task(lines[sections[index].line - 1], heading_tasks[index], boxes[index]))
        accepted_tasks = boxes[index].acceptance
        details[sections[index].line] = TaskFacts(
            acceptance=tuple(task.line for task in accepted_tasks),
            met_lines=tuple(task.line for task in accepted_tasks if task.state == "done"),
            heading=True,
        )
        for number, step in enumerate(boxes[index].steps, 1):
            step_id = step.id or f"{heading_tasks[index].id}.{number}"
            tasks.append(msgspec.structs.replace(step, id=step_id, parent=parent, level=1, kind="subtask"))
    while line_task:
        tasks.append(msgspec.structs.replace(line_task, parent=NO_POSITION, level=0))
        line_task = next(remaining_tasks)
    return _Drafts(tasks, details, tuple(checklist))


def _heading_task(line: Line, heading_task: HeadingTask, boxes: _Boxes) -> Task:
    states = [task.state for task in (*boxes.steps, *boxes.acceptance)]
    ticked_count = states.count("done")
    state: State = "open" if not ticked_count else "done" if ticked_count == len(states) else "in_progress"
    return Task(
        line.number, line.number, heading_task.id, heading_task.title, "", (0, 0), state, digest_of(line.text, (0, 0))
    )


def _acceptance_flags(lines: Sequence[Line]) -> list[bool]:
    """Tell for each line whether the label or heading above it begins a list of acceptance criteria."""
    result, is_accepting = [], False
    for line in lines:
        if line.kind == "text" and ((heading := heading_of(line.text)) or _BOLD_LABEL.match(line.text)):
            is_accepting = bool(ACCEPTANCE_PATTERN.search(heading.title if heading else line.text))
        result.append(is_accepting)
    return result


class _Place(NamedTuple):
    """The place of a task.

    `group` is the position of its phase, and `section` the line of its heading. `is_optional` tells whether a heading
    makes the task optional.
    """

    group: int
    section: int
    is_optional: bool


_NO_DETAIL = TaskFacts()


def _task_and_details(
    text: str, task: Task, place: _Place, task_facts: TaskFacts, positions: dict[str, int]
) -> tuple[Task, TaskFacts]:
    """Return a task and its details, completed by the marks and words of its line."""
    marks = marks_of(task.title)
    heading = task_facts.heading
    rest = task.title if heading else text[task.box[1] :].strip()
    second = None if heading else DOUBLE_BOX.match(text)
    if second:
        rest = text[second.end() :].strip()
    rest = rest[:MAX_SEARCHED_CHARACTERS]
    paths = paths_in(marks.title)
    refined = msgspec.structs.replace(
        task,
        title=marks.title,
        parallel=marks.is_parallel,
        group=place.group,
        optional=place.is_optional or is_optional(marks.title),
        state="deferred" if is_deferred(rest) else task.state,
        depends_on=dependencies_in(rest, positions),
        creates=created_by(paths),
    )
    detail = TaskFacts(
        section=place.section,
        acceptance=task_facts.acceptance,
        met_lines=task_facts.met_lines,
        heading=heading,
        stories=marks.stories,
        requirements=requirement_ids_in(rest),
        files=files_of(paths),
        glued=not heading and _is_glued(rest, task.id),
        second_box=second.span("second") if second else (),
    )
    return refined, detail


def _is_glued(rest: str, name: str) -> bool:
    index = full_width_to_ascii(rest).find(name) if name else -1
    return index >= 0 and rest[index + len(name) : index + len(name) + 1].isalnum()


class _PhasesOfTasks(NamedTuple):
    """The positions of the headings that are phases, and for each task the position of its phase, or `NO_POSITION`."""

    phase_headings: list[int]
    phase_of_task: list[int]


def _phases_of_tasks(sections: Sequence[_Section], owners: Sequence[int]) -> _PhasesOfTasks:
    """Return the phase of each task: the innermost heading that is named as a phase, if there is one.

    Otherwise, it is the heading at the highest level below the title at which the tasks have several headings. Without
    such a level, it is the innermost heading.
    """
    paths: dict[int, list[int]] = {}
    for owner in dict.fromkeys(owners):
        path, index = [], owner
        while index >= 0:
            path.append(index)
            index = sections[index].parent
        paths[owner] = path[::-1]
    dividing_level = _dividing_level(sections, paths)
    phase_of_path = {owner: _phase_of_path(sections, path, dividing_level) for owner, path in paths.items()}
    used_phases = sorted({index for index in phase_of_path.values() if index >= 0})
    positions = {index: position for position, index in enumerate(used_phases)}
    return _PhasesOfTasks(used_phases, [positions.get(phase_of_path[owner], NO_POSITION) for owner in owners])


def _phase_of_path(sections: Sequence[_Section], path: Sequence[int], dividing_level: int) -> int:
    for index in reversed(path):
        if sections[index].heading.level > 1 and _PHASE_TITLE.match(full_width_to_ascii(sections[index].heading.title)):
            return index
    dividing_headings = [
        index
        for index in path
        if sections[index].heading.level >= dividing_level and not _is_heading_task(sections[index])
    ]
    other_headings = [index for index in path if not _is_heading_task(sections[index])]
    return dividing_headings[0] if dividing_headings else other_headings[-1] if other_headings else NO_POSITION


def _is_heading_task(section: _Section) -> bool:
    return task_of_heading(f"{'#' * section.heading.level} {section.heading.title}") is not None


def _dividing_level(sections: Sequence[_Section], paths: dict[int, list[int]]) -> int:
    for level in range(2, 6):
        headings_of_level = {
            index for path in paths.values() for index in path if sections[index].heading.level == level
        }
        if len(headings_of_level) > 1:
            return level
    return 6


def _group_of(section: _Section) -> TaskGroup:
    match = _PHASE_TITLE.match(full_width_to_ascii(section.heading.title))
    name = (match["id"] or match["east"] or match["nth"]) if match else ""
    return TaskGroup(section.line, section.heading.level, name, section.heading.title)


def _phase_facts(
    lines: Sequence[Line], sections: Sequence[_Section], section_of_line: Sequence[int], phase_sections: Sequence[int]
) -> tuple[Phase, ...]:
    """Return what the lines of each phase say about its goal, its test and its checkpoint."""
    phase_of = [NO_POSITION] * len(sections)
    positions = {index: position for position, index in enumerate(phase_sections)}
    for index, section in enumerate(sections):
        phase_of[index] = positions.get(index, phase_of[section.parent] if section.parent >= 0 else NO_POSITION)
    lines_by_name: list[dict[str, int]] = [{} for _ in phase_sections]
    patterns = (("goal", _GOAL_LABEL), ("test", _TEST_LABEL), ("checkpoint", _CHECKPOINT_LABEL))
    for line, section_index in zip(lines, section_of_line, strict=True):
        phase = phase_of[section_index] if section_index >= 0 else NO_POSITION
        if phase == NO_POSITION or "**" not in line.text or line.kind not in ("text", "quote"):
            continue
        for name, pattern in patterns:
            if pattern.match(line.text):
                lines_by_name[phase].setdefault(name, line.number)
    return tuple(
        Phase(numbers_in(sections[index].heading.title), **lines_by_name[position])
        for position, index in enumerate(phase_sections)
    )
