"""The grammar of `tasks.md` of Kiro, and the facts of the documents of a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from planmark.formats.checkbox.deferral import says_deferred
from planmark.formats.checkbox.deliverables import created_paths
from planmark.formats.checkbox.lines import Heading, Line, full_width_to_ascii, read_lines, title_of
from planmark.formats.checkbox.tasks import NO_POSITION, Grammar, GroupName, Task, TaskList, TaskReading, read_tasks
from planmark.formats.kiro.requirements import Requirements, read_requirements
from planmark.text.lazy_pattern import lazy_pattern

_BOX_LINE = lazy_pattern(
    r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?P<box>\[(?P<marker>[^\]\[])\])(?P<optional>\\?\*)?(?:[ \t]+(?P<rest>.*)|$)"
)
_LEADING_ID = lazy_pattern(
    r"(?:\*\*)?(?P<id>\d{1,6}[a-z]?(?:\.\d{1,6})*[a-z]?)"
    r"(?:[.:)、](?=[^\x00-\x7f])|(?:[.:)、]?\*\*[.:)、]?|[.:)、]|(?P<optional>\*))?(?:[ \t]+(?P<parallel>\(P\)))?(?=[ \t]|$))"
)
"""Pattern for the id at the beginning of a task. A mark may follow: `*` for optional, or `(P)` for parallel."""
_PARALLEL_MARK_AT_END = lazy_pattern(r"(?<=[ \t])\(P\)$")
_MAJOR_HEADING = lazy_pattern(
    r"[\W_]{0,6}(?:(?:Task|Epic|Story|Step|Module|任务|任務|步骤|模块|模組|タスク|ステップ|작업|태스크|Aufgabe|Schritt|Tarea|Paso|Tarefa|"
    r"Passo|Tâche|Задача|Шаг|المهمة|مهمة)\s*)?(?P<id>\d{1,6}[a-z]?(?:\.\d{1,6})*)[*_]{0,3}(?:[.:)、]+\s*|\s+|$)",
    re.IGNORECASE,
)
"""Pattern for a heading in place of a major task, such as `Task 1: Title`."""
_PHASE_HEADING = lazy_pattern(
    r"[\W_]{0,6}(?P<word>Phase|Fase|Étape|Etapa|Milestone|Этап|Фаза|阶段|階段|フェーズ|단계|المرحلة)\s*(?P<id>\d{1,6}[a-z]?|[IVX]{1,5}|[A-Z])\b\s*[.:)—–-]*\s*",
    re.IGNORECASE,
)
"""Pattern for a heading that begins a phase of tasks, such as `Phase 1: Title`."""
DETAIL_PATTERN = lazy_pattern(
    r"[ \t]*(?:[-*+][ \t]+)?[_*]{0,3}(?P<word>[^\W\d][^:_*]{0,29}?)[*_]{0,3}[ \t]*:[ \t]*(?P<rest>.*)"
)
"""Pattern for a line of a task such as `_Requirements: 1.1_`.

The group `word` is the label, and the group `rest` is the text after the colon.
"""
DEPENDENCY_WORDS = frozenset(
    {
        *("depends", "depends on", "dependencies", "依赖", "依赖关系", "依賴", "依存", "依存関係", "의존", "의존성"),
        *("abhängigkeiten", "depende de", "dependencias", "dependências", "dépend de", "dipende da", "зависит от"),
    }
)
"""Labels, in lower case, before the ids of the tasks that a task depends on."""
REQUIREMENT_WORDS = frozenset(
    {
        *(
            "requirements",
            "requirement",
            "需求",
            "要件",
            "要求",
            "المتطلبات",
            "anforderungen",
            "anforderung",
            "요구사항",
        ),
        *("关联需求", "对应需求", "関連要件", "対応要件", "요구 사항", "متطلبات", "المتطلب"),
        *("requisitos", "requisito", "exigences", "exigence", "требования", "requerimientos", "requisiti"),
    }
)
"""Labels, in lower case, before the ids of the requirements that a task meets."""
_REMARK = lazy_pattern(r"[(（][^()（）]*[)）]")
"""Pattern for a remark in brackets. Numbers in a remark are not ids."""
_TASK_ID = lazy_pattern(
    r"(?<![\w.-])(\d{1,6}[a-z]?(?:\.\d{1,6})*[a-z]?)(?![\w])(?:\s?[-–~]\s?(\d{1,6}(?:\.\d{1,6})*)(?![\w.]))?"
)
"""Pattern for the id of a task, or a range of ids. The two groups are the first and the last id."""
REQUIREMENT_ID = lazy_pattern(
    r"(?<![\w.-])(\d{1,6}(?:\.\d{1,6})?)(?![\w])(?:\s?[-–~]\s?(\d{1,6}(?:\.\d{1,6})?)(?![\w.]))?"
)
"""Pattern for the number of a requirement or criterion, or a range of such numbers.

The two groups are the first and the last number.
"""
_TRAILING_COMMA = lazy_pattern(r",(\s{0,100}[\]}])")
"""Pattern for a comma before a closing bracket, which JSON does not allow."""
MAX_IDS_OF_RANGE = 50
"""Maximum number of ids in a range. Of a longer range, only the first and the last id are read."""
MAX_GRAPH_CHARACTERS = 1_000_000
"""Maximum number of characters of a dependency graph. A longer graph is ignored."""

GRAMMAR = Grammar(
    task_pattern=_BOX_LINE,
    id_patterns=(_LEADING_ID,),
    states_by_marker={" ": "open", "x": "done", "X": "done", "-": "in_progress", "~": "open"},
    group_name_of=lambda heading: group_name(heading),
    parallel_pattern=_PARALLEL_MARK_AT_END,
    nests_by_id=True,
    has_checklists=True,
)


class RequirementUse(msgspec.Struct, frozen=True):
    """A requirement number in a line of a task. `id` is the number of the requirement or criterion.

    `task` is the position of the task in the task list.
    """

    line: int
    task: int
    id: str


class Tasks(msgspec.Struct, frozen=True, tag="tasks"):
    """The facts of a `tasks.md`.

    `uses` are the requirement numbers that tasks name. `waves` are the ids of the tasks in each wave of the dependency
    graph. `graph` is the 1-based line where the graph begins, 0 if there is no graph.
    """

    task_list: TaskList
    title: str
    uses: tuple[RequirementUse, ...]
    waves: tuple[tuple[str, ...], ...]
    graph: int


class Approvals(msgspec.Struct, frozen=True, tag="approvals"):
    """The facts of a `spec.json` of cc-sdd.

    `phase` is the phase that the file states. `tasks_approved` tells whether the tasks are approved, None if the file
    does not say.
    """

    phase: str
    tasks_approved: bool | None


class Steering(msgspec.Struct, frozen=True, tag="steering"):
    """The facts of a steering file.

    `inclusion` says when Kiro includes the file: for example `always`, or `fileMatch` if the work concerns a file whose
    name matches `pattern`.
    """

    title: str
    inclusion: str
    pattern: str


class Text(msgspec.Struct, frozen=True, tag="text"):
    """The facts of a document whose role has no class of its own: its title."""

    title: str


KiroFacts = Tasks | Requirements | Approvals | Steering | Text


def parse(_path: str, role: str, text: str) -> KiroFacts:
    """Return the facts of the document with this role and text."""
    if role == "approvals":
        return _parse_approvals(text)
    lines = read_lines(text)
    if role == "tasks":
        return _tasks_facts(lines)
    if role in ("requirements", "bugfix"):
        return read_requirements(lines)
    return _parse_steering(lines) if role == "steering" else Text(title_of(lines))


def group_name(heading: Heading) -> GroupName | None:
    """Return the number and the title of a heading that groups tasks; None for any other heading.

    Such a heading begins a phase, or stands in place of a major task with a box.
    """
    if heading.level < 2:
        return None
    title = full_width_to_ascii(heading.title)
    if phase := _PHASE_HEADING.match(title):
        return GroupName(f"{phase['word']} {phase['id']}", heading.title[phase.end() :].strip() or heading.title)
    match = _MAJOR_HEADING.match(title)
    return GroupName(match["id"], heading.title[match.end() :].strip(" \t*_") or heading.title) if match else None


def _tasks_facts(lines: Sequence[Line]) -> Tasks:
    """Return the facts of a tasks file: its tasks, the requirements that the tasks name, and the waves."""
    reading = read_tasks(lines, GRAMMAR)
    dependencies_by_task: dict[int, list[str]] = {}
    uses: list[RequirementUse] = []
    for index, line in enumerate(lines):
        owner = reading.owners[index]
        if owner == NO_POSITION or line.kind != "text" or (":" not in line.text and "：" not in line.text):
            continue
        match = DETAIL_PATTERN.match(full_width_to_ascii(line.text))
        word = match["word"].strip().lower() if match else ""
        if match and word in DEPENDENCY_WORDS:
            dependencies_by_task.setdefault(owner, []).extend(ids_in(match["rest"], _TASK_ID))
        elif match and word in REQUIREMENT_WORDS:
            uses += [
                RequirementUse(line.number, owner, requirement_id)
                for requirement_id in ids_in(match["rest"], REQUIREMENT_ID)
            ]
    graph, waves = _graph_line_and_waves(lines)
    return Tasks(_with_dependencies(reading, dependencies_by_task), title_of(lines), tuple(uses), waves, graph)


def _with_dependencies(reading: TaskReading, dependencies_by_task: dict[int, list[str]]) -> TaskList:
    """Return the task list with the dependencies of its tasks.

    `dependencies_by_task` is a mapping from the position of a task to the ids of the tasks that it depends on.
    """
    return msgspec.structs.replace(
        reading.task_list,
        tasks=tuple(
            _task_with_details(task, dependencies_by_task.get(index, []))
            for index, task in enumerate(reading.task_list.tasks)
        ),
    )


def _task_with_details(task: Task, dependencies: Sequence[str]) -> Task:
    """Return a task with its plain title, its dependencies, the state by its title, and the files to create."""
    state = "deferred" if task.state == "open" and says_deferred(task.title) else task.state
    creates = created_paths(task.title)
    # The id and the words behind it may be bold together: `**1. Title**`.
    title = task.title.replace("**", "") if task.id and task.title.count("**") == 1 else task.title
    if state == task.state and title == task.title and not creates and not dependencies:
        return task
    return msgspec.structs.replace(
        task, title=title, state=state, creates=creates, depends_on=tuple(dict.fromkeys(dependencies))
    )


def ids_in(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the ids in a list such as `1.1, 2.3-2.5`. Words in brackets are remarks.

    `pattern` matches one id or one range. Its two groups are the first id and the last id of the range.
    """
    bare_text = _REMARK.sub(" ", text) if "(" in text or "（" in text else text
    for match in pattern.finditer(bare_text.replace("_", " ")):
        yield from _ids_of_range(match[1], match[2])


def _ids_of_range(first: str, last: str | None) -> Iterator[str]:
    """Yield the ids from `first` to `last`.

    If `last` is None, yield only the first id. If the range is invalid or too long, yield the first and the last id.
    """
    yield first
    if not last or last == first:
        return
    first_prefix, _, first_number = first.rpartition(".")
    last_prefix, _, last_number = last.rpartition(".")
    if (
        (first_prefix == last_prefix or (first_prefix and not last_prefix))
        and first_number.isdecimal()
        and 0 < int(last_number) - int(first_number) <= MAX_IDS_OF_RANGE
    ):
        yield from (
            f"{first_prefix}.{number}" if first_prefix else str(number)
            for number in range(int(first_number) + 1, int(last_number) + 1)
        )
    else:
        yield last


def _graph_line_and_waves(lines: Sequence[Line]) -> tuple[int, tuple[tuple[str, ...], ...]]:
    """Return two values: the line where the dependency graph begins, and the task ids of each wave.

    Return (0, ()) if there is no graph.
    """
    block_lines: list[str] = []
    start = 0
    for line in lines:
        if line.kind == "fence":
            stripped_text = line.text.strip()
            if stripped_text.startswith(("```", "~~~")):
                waves = _waves_in_json("\n".join(block_lines)) if any('"waves"' in text for text in block_lines) else ()
                if waves:
                    return start, waves
                block_lines, start = [], line.number
            else:
                block_lines.append(line.text)
        elif block_lines:
            block_lines = []
    return 0, ()


def _waves_in_json(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the task ids of each wave in the JSON of a dependency graph; () if the JSON has no waves.

    The waves are sorted by their numbers, if each wave has a number.
    """
    data = _parse_json(text)
    waves = data.get("waves") if isinstance(data, dict) else None
    if not isinstance(waves, list):
        return ()
    orders = [_number_of_wave(wave) for wave in waves]
    if None not in orders:
        waves = [wave for _, wave in sorted(zip(orders, waves, strict=True), key=lambda pair: pair[0] or 0)]
    return tuple(_ids_of_wave(wave.get("tasks") if isinstance(wave, dict) else wave) for wave in waves)


def _number_of_wave(wave: Any) -> int | None:
    """Return the number of a wave in the JSON of a dependency graph; None if the wave has no number."""
    number = wave.get("id", wave.get("wave")) if isinstance(wave, dict) else None
    return number if isinstance(number, int) else None


def _ids_of_wave(tasks: Any) -> tuple[str, ...]:
    """Return the ids of the tasks of a wave. `tasks` is the task list of the wave in the JSON of a dependency graph.

    Words around a number, as in `task 1.2`, are not part of the id.
    """
    task_ids = [task.get("id") if isinstance(task, dict) else task for task in tasks] if isinstance(tasks, list) else []
    texts = [str(task).strip() for task in task_ids if isinstance(task, (str, int, float))]
    return tuple(match[1] if (match := _TASK_ID.search(text[:100])) else text for text in texts)


def _parse_json(text: str) -> Any:
    """Return the value of a JSON text; None if the text is too long or not valid JSON."""
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", text)) if len(text) <= MAX_GRAPH_CHARACTERS else None
    except (ValueError, RecursionError):
        return None


def _parse_approvals(text: str) -> Approvals:
    """Return the facts of a `spec.json`."""
    data = _parse_json(text)
    if not isinstance(data, dict):
        return Approvals("", None)
    approvals = data.get("approvals")
    tasks = approvals.get("tasks") if isinstance(approvals, dict) else None
    approved = tasks.get("approved") if isinstance(tasks, dict) else None
    phase = data.get("phase")
    return Approvals(phase if isinstance(phase, str) else "", approved if isinstance(approved, bool) else None)


def _parse_steering(lines: Sequence[Line]) -> Steering:
    """Return the facts of a steering file, from its front matter."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.kind != "front_matter":
            break
        name, _, value = line.text.partition(":")
        fields[name.strip()] = value.strip().strip("\"'")
    return Steering(title_of(lines), fields.get("inclusion") or "always", fields.get("fileMatchPattern", ""))
