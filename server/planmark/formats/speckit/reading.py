"""The tasks, phases and stories of a `tasks.md`, as facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from planmark.formats.checkbox.lines import Heading, Line, full_width_to_ascii, heading_of, read_lines
from planmark.formats.checkbox.tasks import NO_POSITION, Grammar, Task, TaskGroup, TaskList, digest_of, read_tasks
from planmark.formats.speckit.deliverables import MAX_SEARCHED_CHARACTERS, files_to_create, named_files_of, paths_in
from planmark.formats.speckit.documents import story_numbers_in
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
from planmark.text.lazy_pattern import lazy_pattern

_PHASE_TITLE = lazy_pattern(
    r"[\W_]*(?:(?:phase|fase|étape|etapa|фаза|этап)\s+(?P<id>[A-Z]?\d+(?:\.\d+)?[a-z]?|[A-Z])\b"
    r"|(?:フェーズ|阶段|階段|단계)\s*(?P<east>\d+(?:\.\d+)?|N)|第\s*(?P<nth>\d+|[一二三四五六七八九十]+)\s*(?:阶段|階段|フェーズ))",
    re.IGNORECASE,
)
_CHECKPOINT_LABEL = lazy_pattern(
    r"[ \t>*_-]*(?:✅\s*)?\*\*\s*(?:checkpoint|チェックポイント|检查点|檢查點|punto de control|ponto de verificação|контрольная точка)",
    re.IGNORECASE,
)
_GOAL_LABEL = lazy_pattern(r"[ \t>-]*\*\*\s*(?:goal|purpose|objetivo|目标|目標|目的|ゴール|цель)", re.IGNORECASE)
_TEST_LABEL = lazy_pattern(
    r"[ \t>-]*\*\*\s*(?:independent test|prueba independiente|teste independente|独立テスト|独立测试|獨立測試|независимый тест)",
    re.IGNORECASE,
)
_BOLD_LABEL = lazy_pattern(r"[ \t]*(?:[-*+][ \t]+)?\*\*[^*\n]+\*\*")
_ANY_BOX = lazy_pattern(r"\s*- \[([ xX])\]")
"""Pattern for a box as the commands of spec-kit count it."""
_UNCHANGED_TEMPLATE = lazy_pattern(r"\[FEATURE NAME\]")
"""Pattern for a placeholder that is in the title only while the file is the unchanged template."""


class TaskFacts(msgspec.Struct, frozen=True):
    """The facts about a task that only spec-kit has.

    `section` is the line of the heading directly above the task, or 0. `stories` contains the numbers of the stories
    that the label of the task names, and `requirements` the ids that its text names. `files` contains the paths that
    its title names. `heading` tells whether the task is a heading. `acceptance` contains the lines of the acceptance
    criteria with a box below this heading, and `met_lines` those of the ticked criteria. `glued` tells whether a space
    is missing after the id. `second_box` contains the columns where a second box begins and ends, or is empty.
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
    """The facts of a phase: the numbers of its stories, and the lines of its goal, its independent test and its
    checkpoint. A line is 0 if the phase has no such line.
    """

    stories: tuple[int, ...] = ()
    goal: int = 0
    test: int = 0
    checkpoint: int = 0


class TasksFacts(msgspec.Struct, frozen=True, tag="tasks"):
    """The facts of a `tasks.md`. `details` has one value for each task, and `phases` one for each group, both in the
    order of `task_list`.

    `template` tells whether the file is the unchanged template. `title_line` is the line of the title, or 1.
    `ticked_boxes` and `all_boxes` are counts. Like the commands of spec-kit, they include boxes that belong to no task.
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
    """A heading and its line. `parent` is the position of the section around this section, or `NO_POSITION`."""

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
    position_by_id = {task.id: index for index, task in enumerate(drafts.tasks) if task.id}
    optional_flags = _optional_flags(sections)
    tasks, details = [], []
    for index, draft in enumerate(drafts.tasks):
        section_index = section_of_line[draft.line - 1]
        task_facts = drafts.details.get(draft.line)
        outer_index = sections[section_index].parent if task_facts else section_index
        task_place = _TaskPlace(
            phases.phase_of_task[index],
            sections[section_index].line if section_index >= 0 and not task_facts else 0,
            outer_index >= 0 and optional_flags[outer_index],
        )
        task, detail = _task_and_details(
            lines[draft.line - 1].text, draft, task_place, task_facts or _NO_DETAIL, position_by_id
        )
        tasks.append(task)
        details.append(detail)
    title_section = next((section for section in sections if section.heading.level == 1), None)
    marks = [match[1] for line in lines if "- [" in line.text and (match := _ANY_BOX.match(line.text))]
    task_list = msgspec.structs.replace(
        task_list,
        tasks=tuple(tasks),
        groups=tuple(_group_of(sections[index]) for index in phases.phase_headings),
        checklist=drafts.checklist,
    )
    return TasksFacts(
        title=title_section.heading.title if title_section else "",
        title_line=title_section.line if title_section else 1,
        template=bool(title_section and _UNCHANGED_TEMPLATE.search(title_section.heading.title)),
        task_list=task_list,
        details=tuple(details),
        phases=_phase_facts(lines, sections, section_of_line, phases.phase_headings),
        ticked_boxes=len(marks) - marks.count(" "),
        all_boxes=len(marks),
    )


def _sections(lines: Sequence[Line]) -> tuple[list[_Section], list[int]]:
    """Return the sections, and for each line the position of the section that contains the line.

    A heading belongs to its own section. A line before the first heading has `NO_POSITION`.
    """
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
    """Return a flag for each section: True if its tasks are optional.

    Tasks are optional if the heading of the section, or of a section around it, says so. The title of the file does not
    count.
    """
    result: list[bool] = []
    for section in sections:
        is_outer_optional = section.parent >= 0 and result[section.parent]
        result.append(is_outer_optional or (section.heading.level > 1 and is_optional(section.heading.title)))
    return result


class _Drafts(NamedTuple):
    """The tasks in file order, before their details are read.

    `details` maps the line of a task that is a heading to its facts. `checklist` contains the lines of the boxes that
    belong to no task.
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
    """Return the tasks of the task lines together with the headings that are tasks.

    A heading is not a task if a task line has the same id, or if task lines with ids are below the heading. Such a
    heading explains or groups these lines. `section_of_line` is as `_sections` returns it.
    """
    texts = (lines[section.line - 1].text for section in sections)
    heading_tasks = {index: heading_task for index, text in enumerate(texts) if (heading_task := task_of_heading(text))}
    if not heading_tasks:
        return _Drafts(list(task_list.tasks), {}, task_list.checklist)
    task_ids = {task.id for task in task_list.tasks if task.id}
    grouping_indexes = set()
    for task in task_list.tasks:
        if task.id:
            heading_index = _heading_task_above(sections, section_of_line[task.line - 1], heading_tasks)
            if heading_index != NO_POSITION and not task.id.startswith(f"{heading_tasks[heading_index].id}."):
                grouping_indexes.add(heading_index)
    heading_tasks = {
        index: task
        for index, task in heading_tasks.items()
        if task.id not in task_ids and index not in grouping_indexes
    }
    if not heading_tasks:
        return _Drafts(list(task_list.tasks), {}, task_list.checklist)
    return _merge_tasks(lines, sections, section_of_line, task_list, heading_tasks, grammar)


def _heading_task_above(sections: Sequence[_Section], section_index: int, heading_tasks: dict[int, HeadingTask]) -> int:
    """Return the position of the innermost section whose heading is a task, or `NO_POSITION`.

    The search begins at the section `section_index`. `heading_tasks` maps the position of a section to the task.
    """
    while section_index >= 0 and section_index not in heading_tasks:
        section_index = sections[section_index].parent
    return section_index


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
    """Return the tasks of the task lines and the heading tasks, in file order.

    The boxes below a heading task become its steps or its acceptance criteria. `heading_tasks` maps the position of a
    section to the task that its heading states.
    """
    boxes_by_section = {index: _Boxes([], []) for index in heading_tasks}
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
            boxes_by_section[heading_index].acceptance.append(task)
        else:
            boxes_by_section[heading_index].steps.append(task)
    tasks: list[Task] = []
    details: dict[int, TaskFacts] = {}
    remaining_line_tasks = iter([*line_tasks, None])
    line_task = next(remaining_line_tasks)
    for index in sorted(heading_tasks):
        while line_task and line_task.line < sections[index].line:
            tasks.append(msgspec.structs.replace(line_task, parent=NO_POSITION, level=0))
            line_task = next(remaining_line_tasks)
        heading_position = len(tasks)
        tasks.append(_heading_task(lines[sections[index].line - 1], heading_tasks[index], boxes_by_section[index]))
        criteria = boxes_by_section[index].acceptance
        details[sections[index].line] = TaskFacts(
            acceptance=tuple(task.line for task in criteria),
            met_lines=tuple(task.line for task in criteria if task.state == "done"),
            heading=True,
        )
        for step_number, step in enumerate(boxes_by_section[index].steps, 1):
            step_id = step.id or f"{heading_tasks[index].id}.{step_number}"
            tasks.append(msgspec.structs.replace(step, id=step_id, parent=heading_position, level=1, kind="subtask"))
    while line_task:
        tasks.append(msgspec.structs.replace(line_task, parent=NO_POSITION, level=0))
        line_task = next(remaining_line_tasks)
    return _Drafts(tasks, details, tuple(checklist))


def _heading_task(line: Line, heading_task: HeadingTask, boxes: _Boxes) -> Task:
    """Return the task that a heading states. Its state follows from the boxes below the heading."""
    states = [task.state for task in (*boxes.steps, *boxes.acceptance)]
    ticked_count = states.count("done")
    state: State = "open" if not ticked_count else "done" if ticked_count == len(states) else "in_progress"
    return Task(
        line.number, line.number, heading_task.id, heading_task.title, "", (0, 0), state, digest_of(line.text, (0, 0))
    )


def _acceptance_flags(lines: Sequence[Line]) -> list[bool]:
    """Return a flag for each line: True if the line is in a list of acceptance criteria. The last label or heading
    above the line decides.
    """
    result, is_in_criteria = [], False
    for line in lines:
        if line.kind == "text" and ((heading := heading_of(line.text)) or _BOLD_LABEL.match(line.text)):
            is_in_criteria = bool(ACCEPTANCE_PATTERN.search(heading.title if heading else line.text))
        result.append(is_in_criteria)
    return result


class _TaskPlace(NamedTuple):
    """The place of a task.

    `group` is the position of its phase. `section` is the line of the heading directly above the task, or 0.
    `is_optional` tells whether a heading around the task makes it optional.
    """

    group: int
    section: int
    is_optional: bool


_NO_DETAIL = TaskFacts()


def _task_and_details(
    line_text: str, task: Task, place: _TaskPlace, heading_facts: TaskFacts, position_by_id: dict[str, int]
) -> tuple[Task, TaskFacts]:
    """Return a task with the values from the marks and words of its line, and the facts about the task.

    `heading_facts` are the facts about a heading task; they are empty for any other task. The keys of `position_by_id`
    are the ids of all tasks.
    """
    marks = marks_of(task.title)
    heading = heading_facts.heading
    text_after_box = task.title if heading else line_text[task.box[1] :].strip()
    second_box_match = None if heading else DOUBLE_BOX.match(line_text)
    if second_box_match:
        text_after_box = line_text[second_box_match.end() :].strip()
    text_after_box = text_after_box[:MAX_SEARCHED_CHARACTERS]
    paths = paths_in(marks.title)
    complete_task = msgspec.structs.replace(
        task,
        title=marks.title,
        parallel=marks.is_parallel,
        group=place.group,
        optional=place.is_optional or is_optional(marks.title),
        state="deferred" if is_deferred(text_after_box) else task.state,
        depends_on=dependencies_in(text_after_box, position_by_id),
        creates=files_to_create(paths),
    )
    detail = TaskFacts(
        section=place.section,
        acceptance=heading_facts.acceptance,
        met_lines=heading_facts.met_lines,
        heading=heading,
        stories=marks.stories,
        requirements=requirement_ids_in(text_after_box),
        files=named_files_of(paths),
        glued=not heading and _is_glued(text_after_box, task.id),
        second_box=second_box_match.span("second") if second_box_match else (),
    )
    return complete_task, detail


def _is_glued(text_after_box: str, task_id: str) -> bool:
    """Tell whether a letter or digit directly follows the id of a task."""
    start = full_width_to_ascii(text_after_box).find(task_id) if task_id else -1
    return start >= 0 and text_after_box[start + len(task_id) : start + len(task_id) + 1].isalnum()


class _PhasesOfTasks(NamedTuple):
    """The phases, and the phase of each task.

    `phase_headings` contains the positions of the sections that are phases. `phase_of_task` contains for each task the
    position of its phase in `phase_headings`, or `NO_POSITION`.
    """

    phase_headings: list[int]
    phase_of_task: list[int]


def _phases_of_tasks(sections: Sequence[_Section], section_of_task: Sequence[int]) -> _PhasesOfTasks:
    """Return the phase of each task: the innermost heading that is named as a phase, if there is one.

    Otherwise, the phase is the heading at the highest level below the title at which the tasks have several headings.
    Without such a level, the phase is the innermost heading. `section_of_task` contains for each task the position of
    the section that contains the task.
    """
    chain_by_section: dict[int, list[int]] = {}
    for section_index in dict.fromkeys(section_of_task):
        chain, index = [], section_index
        while index >= 0:
            chain.append(index)
            index = sections[index].parent
        chain_by_section[section_index] = chain[::-1]
    dividing_level = _dividing_level(sections, chain_by_section)
    phase_by_section = {
        section_index: _phase_of_chain(sections, chain, dividing_level)
        for section_index, chain in chain_by_section.items()
    }
    used_phases = sorted({index for index in phase_by_section.values() if index >= 0})
    position_by_phase = {index: position for position, index in enumerate(used_phases)}
    return _PhasesOfTasks(
        used_phases,
        [position_by_phase.get(phase_by_section[section_index], NO_POSITION) for section_index in section_of_task],
    )


def _phase_of_chain(sections: Sequence[_Section], chain: Sequence[int], dividing_level: int) -> int:
    """Return the position of the section in `chain` that is the phase, or `NO_POSITION`.

    `chain` contains the positions of a section and the sections around it, the outermost first.
    """
    for index in reversed(chain):
        if sections[index].heading.level > 1 and _PHASE_TITLE.match(full_width_to_ascii(sections[index].heading.title)):
            return index
    dividing_headings = [
        index
        for index in chain
        if sections[index].heading.level >= dividing_level and not _is_heading_task(sections[index])
    ]
    other_headings = [index for index in chain if not _is_heading_task(sections[index])]
    return dividing_headings[0] if dividing_headings else other_headings[-1] if other_headings else NO_POSITION


def _is_heading_task(section: _Section) -> bool:
    """Tell whether the heading of a section has the form of a task."""
    return task_of_heading(f"{'#' * section.heading.level} {section.heading.title}") is not None


def _dividing_level(sections: Sequence[_Section], chain_by_section: dict[int, list[int]]) -> int:
    """Return the highest level below the title at which the tasks have several headings; 6 without such a level.

    `chain_by_section` contains for each section with tasks the sections around it, as in `_phase_of_chain`.
    """
    for level in range(2, 6):
        headings_of_level = {
            index for chain in chain_by_section.values() for index in chain if sections[index].heading.level == level
        }
        if len(headings_of_level) > 1:
            return level
    return 6


def _group_of(section: _Section) -> TaskGroup:
    """Return a phase as a group of tasks. The name of the group is the number in the heading, or ""."""
    match = _PHASE_TITLE.match(full_width_to_ascii(section.heading.title))
    number = (match["id"] or match["east"] or match["nth"]) if match else ""
    return TaskGroup(section.line, section.heading.level, number, section.heading.title)


def _phase_facts(
    lines: Sequence[Line], sections: Sequence[_Section], section_of_line: Sequence[int], phase_sections: Sequence[int]
) -> tuple[Phase, ...]:
    """Return for each phase its stories, and the first lines that state its goal, its test and its checkpoint."""
    phase_of_section = [NO_POSITION] * len(sections)
    position_by_section = {index: position for position, index in enumerate(phase_sections)}
    for index, section in enumerate(sections):
        phase_of_section[index] = position_by_section.get(
            index, phase_of_section[section.parent] if section.parent >= 0 else NO_POSITION
        )
    line_by_field: list[dict[str, int]] = [{} for _ in phase_sections]
    patterns = (("goal", _GOAL_LABEL), ("test", _TEST_LABEL), ("checkpoint", _CHECKPOINT_LABEL))
    for line, section_index in zip(lines, section_of_line, strict=True):
        phase_position = phase_of_section[section_index] if section_index >= 0 else NO_POSITION
        if phase_position == NO_POSITION or "**" not in line.text or line.kind not in ("text", "quote"):
            continue
        for field, pattern in patterns:
            if pattern.match(line.text):
                line_by_field[phase_position].setdefault(field, line.number)
    return tuple(
        Phase(story_numbers_in(sections[index].heading.title), **line_by_field[position])
        for position, index in enumerate(phase_sections)
    )
