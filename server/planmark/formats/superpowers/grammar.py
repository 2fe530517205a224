"""The grammar of a superpowers plan: headings that are tasks or steps, step boxes, and the files of a task."""

from __future__ import annotations

import re
from typing import NamedTuple

from planmark.formats.checkbox.lines import Heading, full_width_to_ascii
from planmark.plans.model import State

STATES_BY_MARKER: dict[str, State] = {" ": "open", "x": "done", "X": "done"}
_TASK_WORD = r"(?:Task|Tarea|Tarefa|Aufgabe|Tâche|任务|任務|タスク|Задача)"
_TASK_TITLE = re.compile(
    rf"{_TASK_WORD}\s*(?P<id>[A-Z]?\d+(?:\.\d+)*[A-Za-z]?|[A-Z])(?!\w)\s*(?:\[\w+\])?\s*[:.—–-]?\s*(?P<title>.*)$"
)
_PHASE_TITLE = re.compile(r"(?:Phase|Stage|Part|Fase|Etappe)\s+(?P<id>\w+)\s*[:.—–-]?\s*(?P<title>.*)$", re.IGNORECASE)
_ID_AND_TITLE = re.compile(r"(?P<id>[A-Z]\d+)\s*[:.—–-]\s*(?P<title>.*)$")
_TASKS_HEADING = re.compile(r"(?:Tasks|Tareas|Tarefas|Aufgaben|任务|任務|タスク)\s*$", re.IGNORECASE)
_GROUP_TITLE = re.compile(
    r"(?:Phase|Chunk|Part|Fase|Feature|Plan|Stage|Etappe|Group|Milestone|Wave|Batch)\b\s*[-#]?\s*(?P<id>\w+)",
    re.IGNORECASE,
)
_STEP_WORD = r"(?:Step|Schritt|Paso|Passo|Étape|步骤|步驟|ステップ|Шаг)"
_STEP_HEADING = re.compile(rf"{_STEP_WORD}\s*(?P<number>\d+[a-z]?)\s*[:.—–-]?\s*(?P<title>.*)$")
BOX_PATTERN = re.compile(
    rf"^\s*(?:[-*+]|\d{{1,4}}[.)])\s+(?P<box>\[(?P<marker>[^\]\w]|[xXvVoO]|\w(?=\]\s*\*\*{_STEP_WORD}\s*\d)|)\])(?=\s|\*\*|$)(?P<rest>.*)$"
)
"""Pattern for a box, also for a box with an unknown mark, and for `[]`, because its step may be open."""
_STEP_TEXT = re.compile(rf"\s*(?:\*\*|__)?{_STEP_WORD}\s*(?P<number>\d+[a-z]?)\s*[:.]?\s*(?:\*\*|__)?\s*(?P<title>.*)$")
BOLD_STEP = re.compile(rf"^\s*\*\*{_STEP_WORD}\s*\d+[a-z]?\s*[:.：]")
BOLD_TASK = re.compile(r"^\*\*(?:Task\s+\w+|[A-Z]\d+)(?:\.(?=\s|\*)|\s*[:：—–-])")
_SUPERSEDES_LINE = re.compile(r"\s*(?:[>*+-]\s*)?\**Supersedes?\**\s*[:：]?\**\s*(?P<names>\S.*)$", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.;](?=\s|$)|\s[–—-]\s")
_PLAN_NAME = re.compile(r"(?<![\w/.-])(?:[\w.-]{1,80}/){0,8}(?P<name>[\w.-]{1,200}\.md)(?![\w-])")
_ACCEPTANCE_TITLE = re.compile(
    r"[^\w]*(?:acceptance|success criteria|definition of done|done when|self-?review|verification checklist"
    r"|criterios de aceptaci|akzeptanz|abnahme|验收|驗收|完成标准|完成標準|приёмк|критерии)|.*\b(?:checklist|gates?)\b",
    re.IGNORECASE,
)
_OPTIONAL_MARK = re.compile(
    r"[(（]\s*(?:optional|可選|可选|opcional|任意|опционально)|^\W*Option(?:al(?:er|e)?|nel)\b", re.IGNORECASE
)
_DEFERRED_MARK = re.compile(r"[(（]\s*(?:略過|略过|跳過|跳过|skipped|deferred|entfällt|omitid[oa])", re.IGNORECASE)
_CREATES_LABEL = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Create|New(?: file)?|Crear|Criar|Neu|Anlegen|Erstellen|新增|建立|新建|創建|创建|作成|Создать)"
    r"(?:\s+file|(?:\s+or\s+|\s*/\s*)\w+)?(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_CODE_SPAN = re.compile(r"`([^`\n]{1,300})`")
_PATH = re.compile(r"(?:\./)?(?P<path>[\w.@()\[\] +~-]+(?:/[\w.@()\[\] +~-]+)*)(?::\d+(?:-\d+)?)?$")
_MODIFIES_LABEL = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Modify|Modifies|Edit|Update|Change|Modificar|Editar|Ändern|Anpassen|Modifier|修改|編輯|编辑|変更"
    r"|Изменить)(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_TESTS_LABEL = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\*\*)?(?:Tests?|Prueba|Teste|測試|测试|テスト|Тест)(?:\*\*)?\s*(?:\([^)]*\))?\s*[:：](?:\*\*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_LINE_RANGE = re.compile(
    r"(?:\./)?(?P<path>[\w.@()\[\] +~-]+(?:/[\w.@()\[\] +~-]+)*):L?(?P<start>\d{1,7})(?:\s?[-–]\s?L?(?P<end>\d{1,7}))?$"
)
_COMMIT_COMMAND = re.compile(
    r"git\s+commit\s[^\n\"']{0,80}?-(?:a?m|-message)[ =]?\s*(?P<mark>[\"'])(?P<message>[^\n]+?)(?P=mark)"
)
_TASK_MENTION = re.compile(
    rf"(?<!\w){_TASK_WORD}\s*#?(?P<id>[A-Z]?\d{{1,4}}(?:\.\d{{1,4}}){{0,4}}[A-Za-z]?)(?![\w])", re.IGNORECASE
)
HEADER_PATTERN = re.compile(
    r"superpowers:(?:executing-plans|subagent-driven-development)|For Claude:.*REQUIRED SUB-SKILL", re.IGNORECASE
)
PLAN_TITLE = re.compile(r"Implementation Plan\b.*$", re.IGNORECASE)
_DONE_CLAIM = re.compile(
    r"\s*(?:[-*>]\s+)?(?:\*\*)?(?:(?:closeout |current |overall )?status(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*)?[^\w]{0,4}"
    r"(?P<says>implemented|completed?|done|shipped|merged|closed)\b",
    re.IGNORECASE,
)
_STATUS_WORD = re.compile(r"\bstatus\b", re.IGNORECASE)
PLACEHOLDER_PATTERN = re.compile(r"\bTBD\b|\bsimilar to Task \w+\b", re.IGNORECASE)
MAX_SEARCHED_CHARACTERS = 2_000
"""Maximum number of characters per line in which words and paths are searched; more are ignored."""


class TitledId(NamedTuple):
    """The written id or number of a heading or box, and its title."""

    id: str
    title: str


def _titled_id(match: re.Match[str] | None, text: str, group: str = "id") -> TitledId | None:
    return TitledId(match[group], text[match.start("title") :].strip(" *_")) if match else None


def task_heading(heading: Heading) -> TitledId | None:
    """Return the id and title of a task heading; None for any other heading."""
    return (
        _titled_id(_TASK_TITLE.match(full_width_to_ascii(heading.title)), heading.title) if heading.level <= 4 else None
    )


def phase_heading(heading: Heading) -> TitledId | None:
    """Return the id and title of a phase heading; None for any other heading.

    A phase counts as a task in a plan without tasks.
    """
    return (
        _titled_id(_PHASE_TITLE.match(full_width_to_ascii(heading.title)), heading.title)
        if heading.level <= 4
        else None
    )


def listed_heading(heading: Heading) -> TitledId | None:
    """Return the id and title of a heading such as `S1 — title`, which is a task below a heading `Tasks`; else None."""
    return _titled_id(_ID_AND_TITLE.match(full_width_to_ascii(heading.title)), heading.title)


def is_tasks_heading(heading: Heading) -> bool:
    """Tell whether the title of a heading is `Tasks`."""
    return bool(_TASKS_HEADING.match(heading.title))


def group_heading(heading: Heading) -> str | None:
    """Return the word after `Phase`, `Chunk` or a similar word in a heading; None if the heading is not a group."""
    match = _GROUP_TITLE.match(full_width_to_ascii(heading.title))
    return match["id"] if match else None


def step_heading(heading: Heading) -> TitledId | None:
    """Return the number and title of a step heading; None for any other heading."""
    return _titled_id(_STEP_HEADING.match(full_width_to_ascii(heading.title)), heading.title, "number")


def step_of(rest: str) -> TitledId:
    """Return the number ("" if absent) and the title of a step; `rest` is the text after the box."""
    match = _STEP_TEXT.match(full_width_to_ascii(rest))
    return _titled_id(match, rest, "number") or TitledId("", rest.strip())


def is_acceptance(text: str) -> bool:
    """Tell whether a heading or label begins a list of acceptance criteria, which are not steps."""
    return bool(_ACCEPTANCE_TITLE.match(text[:MAX_SEARCHED_CHARACTERS]))


def is_optional(text: str) -> bool:
    """Tell whether a title says that its task or step is optional."""
    return bool(_OPTIONAL_MARK.search(text[:MAX_SEARCHED_CHARACTERS]))


def is_deferred(text: str) -> bool:
    """Tell whether a title says that its task or step is skipped."""
    return bool(_DEFERRED_MARK.search(text[:MAX_SEARCHED_CHARACTERS]))


def created_in(text: str) -> tuple[str, ...]:
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


def files_in(text: str) -> tuple[str, ...]:
    """Return the paths in a line `- Create: ...`, `- Modify: ...` or `- Test: ...`, without line numbers."""
    line = text[:MAX_SEARCHED_CHARACTERS]
    match = _MODIFIES_LABEL.match(line) or _TESTS_LABEL.match(line)
    path_matches = [_PATH.match(code.strip()) for code in _CODE_SPAN.findall(match["rest"])] if match else []
    names = (
        path_match["path"]
        for path_match in path_matches
        if path_match and "." in path_match["path"].rpartition("/")[2][1:]
    )
    return (*created_in(text), *names)


class FileRange(NamedTuple):
    """A range of lines of a file that a task should change (1-based, both ends inclusive)."""

    path: str
    start: int
    end: int


def ranges_in(text: str) -> tuple[FileRange, ...]:
    """Return the ranges in a line `- Modify: ...`. A path without line numbers has no range."""
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
    """Return the ids of the tasks that the subject of a commit names."""
    return tuple(
        dict.fromkeys(match["id"].upper() for match in _TASK_MENTION.finditer(subject[:MAX_SEARCHED_CHARACTERS]))
    )


def claims_done(text: str, is_below_status: bool) -> bool:
    """Tell whether a line states that the plan is implemented.

    A line without the word status is such a statement only if `is_below_status` is True.
    """
    text = text[:MAX_SEARCHED_CHARACTERS]
    return bool((is_below_status or _STATUS_WORD.search(text)) and _DONE_CLAIM.match(text))


def is_status(heading: Heading) -> bool:
    """Tell whether a heading is about the status of the plan."""
    return bool(_STATUS_WORD.search(heading.title))


def superseded_in(text: str) -> tuple[str, ...]:
    """Return the file names, in lower case, of the plans that a line says it supersedes."""
    match = _SUPERSEDES_LINE.match(text[:500])
    names = _CLAUSE_END.split(match["names"], maxsplit=1)[0] if match else ""
    return tuple(name_match["name"].lower() for name_match in _PLAN_NAME.finditer(names))
