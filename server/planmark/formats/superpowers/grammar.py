"""The grammar of a superpowers plan: headings that are tasks or steps, step boxes, and the files of a task."""

from __future__ import annotations

import re
from typing import NamedTuple

from planmark.formats.checkbox.lines import Heading, full_width_to_ascii
from planmark.plans.model import State
from planmark.text.lazy_pattern import lazy_pattern

STATES_BY_MARKER: dict[str, State] = {" ": "open", "x": "done", "X": "done"}
"""Content of a box → the state of its step."""
_TASK_WORD = r"(?:Task|Tarea|Tarefa|Aufgabe|Tâche|任务|任務|タスク|Задача)"
_TASK_TITLE = lazy_pattern(
    rf"{_TASK_WORD}\s*(?P<id>[A-Z]?\d+(?:\.\d+)*[A-Za-z]?|[A-Z])(?!\w)\s*(?:\[\w+\])?\s*[:.—–-]?\s*(?P<title>.*)$"
)
_PHASE_TITLE = lazy_pattern(
    r"(?:Phase|Stage|Part|Fase|Etappe)\s+(?P<id>\w+)\s*[:.—–-]?\s*(?P<title>.*)$", re.IGNORECASE
)
_ID_AND_TITLE = lazy_pattern(r"(?P<id>[A-Z]\d+)\s*[:.—–-]\s*(?P<title>.*)$")
"""Pattern for a heading such as `S1 — title`."""
_TASKS_HEADING = lazy_pattern(r"(?:Tasks|Tareas|Tarefas|Aufgaben|任务|任務|タスク)\s*$", re.IGNORECASE)
_GROUP_TITLE = lazy_pattern(
    r"(?:Phase|Chunk|Part|Fase|Feature|Plan|Stage|Etappe|Group|Milestone|Wave|Batch)\b\s*[-#]?\s*(?P<id>\w+)",
    re.IGNORECASE,
)
"""Pattern for a heading that groups tasks, such as `Phase 1` or `Chunk 2`."""
_STEP_WORD = r"(?:Step|Schritt|Paso|Passo|Étape|步骤|步驟|ステップ|Шаг)"
_STEP_HEADING = lazy_pattern(rf"{_STEP_WORD}\s*(?P<number>\d+[a-z]?)\s*[:.—–-]?\s*(?P<title>.*)$")
BOX_PATTERN = lazy_pattern(
    rf"^\s*(?:[-*+]|\d{{1,4}}[.)])\s+(?P<box>\[(?P<marker>[^\]\w]|[xXvVoO]|\w(?=\]\s*\*\*{_STEP_WORD}\s*\d)|)\])(?=\s|\*\*|$)(?P<rest>.*)$"
)
"""Pattern for a box. It also matches a box with an unknown mark, and `[]`: the step of such a box may be open."""
_STEP_TEXT = lazy_pattern(
    rf"\s*(?:\*\*|__)?{_STEP_WORD}\s*(?P<number>\d+[a-z]?)\s*[:.]?\s*(?:\*\*|__)?\s*(?P<title>.*)$"
)
"""Pattern for the text of a box that begins with the number of a step."""
BOLD_STEP = lazy_pattern(rf"^\s*\*\*{_STEP_WORD}\s*\d+[a-z]?\s*[:.：]")
"""Pattern for a step that is written as a bold line without a box."""
BOLD_TASK = lazy_pattern(r"^\*\*(?:Task\s+\w+|[A-Z]\d+)(?:\.(?=\s|\*)|\s*[:：—–-])")
"""Pattern for a paragraph that reads like a task: it begins with a bold task name."""
_SUPERSEDES_LINE = lazy_pattern(r"\s*(?:[>*+-]\s*)?\**Supersedes?\**\s*[:：]?\**\s*(?P<names>\S.*)$", re.IGNORECASE)
"""Pattern for a line that names the plans that this plan replaces."""
_CLAUSE_END = lazy_pattern(r"[.;](?=\s|$)|\s[–—-]\s")
"""Pattern for the end of the names in a line that matches `_SUPERSEDES_LINE`."""
_PLAN_NAME = lazy_pattern(r"(?<![\w/.-])(?:[\w.-]{1,80}/){0,8}(?P<name>[\w.-]{1,200}\.md)(?![\w-])")
_ACCEPTANCE_TITLE = lazy_pattern(
    r"[^\w]*(?:acceptance|success criteria|definition of done|done when|self-?review|verification checklist"
    r"|criterios de aceptaci|akzeptanz|abnahme|验收|驗收|完成标准|完成標準|приёмк|критерии)|.*\b(?:checklist|gates?)\b",
    re.IGNORECASE,
)
"""Pattern for the title of a list of acceptance criteria."""
_OPTIONAL_MARK = lazy_pattern(
    r"[(（]\s*(?:optional|可選|可选|opcional|任意|опционально)|^\W*Option(?:al(?:er|e)?|nel)\b", re.IGNORECASE
)
_DEFERRED_MARK = lazy_pattern(r"[(（]\s*(?:略過|略过|跳過|跳过|skipped|deferred|entfällt|omitid[oa])", re.IGNORECASE)
_CREATES_LABEL = lazy_pattern(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Create|New(?: file)?|Crear|Criar|Neu|Anlegen|Erstellen|新增|建立|新建|創建|创建|作成|Создать)"
    r"(?:\s+file|(?:\s+or\s+|\s*/\s*)\w+)?(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_CODE_SPAN = lazy_pattern(r"`([^`\n]{1,300})`")
_PATH = lazy_pattern(r"(?:\./)?(?P<path>[\w.@()\[\] +~-]+(?:/[\w.@()\[\] +~-]+)*)(?::\d+(?:-\d+)?)?$")
_MODIFIES_LABEL = lazy_pattern(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Modify|Modifies|Edit|Update|Change|Modificar|Editar|Ändern|Anpassen|Modifier|修改|編輯|编辑|変更"
    r"|Изменить)(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_TESTS_LABEL = lazy_pattern(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Tests?|Prueba|Teste|測試|测试|テスト|Тест)(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_LINE_RANGE = lazy_pattern(
    r"(?:\./)?(?P<path>[\w.@()\[\] +~-]+(?:/[\w.@()\[\] +~-]+)*):L?(?P<start>\d{1,7})(?:\s?[-–]\s?L?(?P<end>\d{1,7}))?$"
)
"""Pattern for a path with the numbers of lines to change, such as `a.py:10-20`."""
_COMMIT_COMMAND = lazy_pattern(
    r"git\s+commit\s[^\n\"']{0,80}?-(?:a?m|-message)[ =]?\s*(?P<mark>[\"'])(?P<message>[^\n]+?)(?P=mark)"
)
"""Pattern for a git command with the message of a commit."""
_TASK_MENTION = lazy_pattern(
    rf"(?<!\w){_TASK_WORD}\s*#?(?P<id>[A-Z]?\d{{1,4}}(?:\.\d{{1,4}}){{0,4}}[A-Za-z]?)(?![\w])", re.IGNORECASE
)
"""Pattern for the name of a task in the subject of a commit."""
HEADER_PATTERN = lazy_pattern(
    r"superpowers:(?:executing-plans|subagent-driven-development)|For Claude:.*REQUIRED SUB-SKILL", re.IGNORECASE
)
"""Pattern for a line of the header by which superpowers marks a plan."""
PLAN_TITLE = lazy_pattern(r"Implementation Plan\b.*$", re.IGNORECASE)
"""Pattern for the end of the title of a plan."""
_DONE_CLAIM = lazy_pattern(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?(?:(?:closeout |current |overall )?status(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*)?[^\w]{0,4}"
    r"(?P<says>implemented|completed?|done|shipped|merged|closed)\b",
    re.IGNORECASE,
)
"""Pattern for the beginning of a line that states that a plan is done."""
_STATUS_WORD = lazy_pattern(r"\bstatus\b", re.IGNORECASE)
PLACEHOLDER_PATTERN = lazy_pattern(r"\bTBD\b|\bsimilar to Task \w+\b", re.IGNORECASE)
"""Pattern for words in place of text that is still to be written."""
MAX_SEARCHED_CHARACTERS = 2_000
"""Maximum number of characters per line in which words and paths are searched.

Later characters are ignored.
"""


class TitledId(NamedTuple):
    """The id or number of a task or step, and its title, from a heading or a box."""

    id: str
    title: str


def _titled_id(match: re.Match[str] | None, text: str, group: str = "id") -> TitledId | None:
    """Return the id and the title of a heading or box; None if `match` is None.

    `text` is the original text, which may contain full-width characters. `group` is the name of the regular expression
    group that contains the id.
    """
    return TitledId(match[group], text[match.start("title") :].strip(" *_")) if match else None


def task_heading(heading: Heading) -> TitledId | None:
    """Return the id and title of a task heading; None for any other heading."""
    return (
        _titled_id(_TASK_TITLE.match(full_width_to_ascii(heading.title)), heading.title) if heading.level <= 4 else None
    )


def phase_heading(heading: Heading) -> TitledId | None:
    """Return the id and title of a phase heading; None for any other heading.

    If a plan has no task heading, its phases count as tasks.
    """
    return (
        _titled_id(_PHASE_TITLE.match(full_width_to_ascii(heading.title)), heading.title)
        if heading.level <= 4
        else None
    )


def heading_with_id(heading: Heading) -> TitledId | None:
    """Return the id and title of a heading such as `S1 — title`; None for any other heading.

    Below a heading `Tasks`, such a heading is a task.
    """
    return _titled_id(_ID_AND_TITLE.match(full_width_to_ascii(heading.title)), heading.title)


def is_tasks_heading(heading: Heading) -> bool:
    """Tell whether the title of a heading is `Tasks`."""
    return bool(_TASKS_HEADING.match(heading.title))


def group_name_of(heading: Heading) -> str | None:
    """Return the word after `Phase`, `Chunk` or a similar word in a heading; None if the heading is not a group."""
    match = _GROUP_TITLE.match(full_width_to_ascii(heading.title))
    return match["id"] if match else None


def step_heading(heading: Heading) -> TitledId | None:
    """Return the number and title of a step heading; None for any other heading."""
    return _titled_id(_STEP_HEADING.match(full_width_to_ascii(heading.title)), heading.title, "number")


def step_of(rest: str) -> TitledId:
    """Return the number of a step, "" if it has no number, and its title. `rest` is the text after the box."""
    match = _STEP_TEXT.match(full_width_to_ascii(rest))
    return _titled_id(match, rest, "number") or TitledId("", rest.strip())


def begins_acceptance_criteria(text: str) -> bool:
    """Tell whether `text`, a heading or a bold label, begins a list of acceptance criteria.

    Such criteria are no steps.
    """
    return bool(_ACCEPTANCE_TITLE.match(text[:MAX_SEARCHED_CHARACTERS]))


def is_optional(text: str) -> bool:
    """Tell whether `text`, the title of a task or step, says that the task or step is optional."""
    return bool(_OPTIONAL_MARK.search(text[:MAX_SEARCHED_CHARACTERS]))


def is_deferred(text: str) -> bool:
    """Tell whether `text`, the title of a task or step, says that the task or step is skipped."""
    return bool(_DEFERRED_MARK.search(text[:MAX_SEARCHED_CHARACTERS]))


def created_paths_in(text: str) -> tuple[str, ...]:
    """Return the paths in a line `- Create: ...`; () for any other line."""
    match = _CREATES_LABEL.match(text[:MAX_SEARCHED_CHARACTERS])
    if not match:
        return ()
    path_matches = (_PATH.match(code.strip()) for code in _CODE_SPAN.findall(match["rest"]))
    return tuple(
        path_match["path"]
        for path_match in path_matches
        if path_match and "." in path_match["path"].rpartition("/")[2][1:]
    )


def listed_paths_in(text: str) -> tuple[str, ...]:
    """Return the paths in a line `- Create: ...`, `- Modify: ...` or `- Test: ...`, without line numbers."""
    line = text[:MAX_SEARCHED_CHARACTERS]
    match = _MODIFIES_LABEL.match(line) or _TESTS_LABEL.match(line)
    path_matches = [_PATH.match(code.strip()) for code in _CODE_SPAN.findall(match["rest"])] if match else []
    names = (
        path_match["path"]
        for path_match in path_matches
        if path_match and "." in path_match["path"].rpartition("/")[2][1:]
    )
    return (*created_paths_in(text), *names)


class FileRange(NamedTuple):
    """A range of lines of a file that a task should change. `start` and `end` are its first and last 1-based line."""

    path: str
    start: int
    end: int


def changed_ranges_in(text: str) -> tuple[FileRange, ...]:
    """Return the ranges that a line `- Modify: ...` states. A path without line numbers is ignored."""
    match = _MODIFIES_LABEL.match(text[:MAX_SEARCHED_CHARACTERS])
    range_matches = [_LINE_RANGE.match(code.strip()) for code in _CODE_SPAN.findall(match["rest"])] if match else []
    ranges = [
        (range_match["path"], int(range_match["start"]), int(range_match["end"] or range_match["start"]))
        for range_match in range_matches
        if range_match
    ]
    return tuple(FileRange(path, start, end) for path, start, end in ranges if 1 <= start <= end)


def commit_messages(text: str) -> tuple[str, ...]:
    """Return the messages of the commands `git commit -m "..."` in a line."""
    return tuple(match["message"] for match in _COMMIT_COMMAND.finditer(text[:MAX_SEARCHED_CHARACTERS]))


def mentioned_tasks(subject: str) -> tuple[str, ...]:
    """Return the ids, in upper case, of the tasks that the subject of a commit names."""
    return tuple(
        dict.fromkeys(match["id"].upper() for match in _TASK_MENTION.finditer(subject[:MAX_SEARCHED_CHARACTERS]))
    )


def claims_done(text: str, is_below_status: bool) -> bool:
    """Tell whether a line states that the plan is implemented.

    The line must contain the word “status”, or be the first line below a heading about the status. `is_below_status`
    tells whether it is this first line.
    """
    text = text[:MAX_SEARCHED_CHARACTERS]
    return bool((is_below_status or _STATUS_WORD.search(text)) and _DONE_CLAIM.match(text))


def is_status_heading(heading: Heading) -> bool:
    """Tell whether a heading is about the status of the plan."""
    return bool(_STATUS_WORD.search(heading.title))


def superseded_names_in(text: str) -> tuple[str, ...]:
    """Return the file names, in lower case, of the plans that a line such as `Supersedes: a.md` names."""
    match = _SUPERSEDES_LINE.match(text[:500])
    names = _CLAUSE_END.split(match["names"], maxsplit=1)[0] if match else ""
    return tuple(name_match["name"].lower() for name_match in _PLAN_NAME.finditer(names))
