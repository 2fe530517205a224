"""The grammar of a task in `tasks.md`: its line or heading, its id, and the marks and words around its title."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from planmark.formats.checkbox.lines import Heading, full_width_to_ascii, heading_of
from planmark.formats.checkbox.tasks import Grammar, GroupName
from planmark.plans.model import State
from planmark.text.lazy_pattern import lazy_pattern

STATES_BY_MARKER: Mapping[str, State] = {" ": "open", "x": "done", "X": "done"}
"""Content of a box → the state of its task."""
_MARKER = r"[ xX]|[^\w\s\]]|\w(?=\][ \t]+[\[*`]{0,3}T\d{3})"
"""The content of a box. A letter other than x is a mark of the legend (`[P]`), unless a task id follows."""
_TASK_LINE = lazy_pattern(
    rf"^[ \t]*(?:[-*+]|\d{{1,4}}[.)])[ \t]+(?P<box>\[(?P<marker>{_MARKER}|)\])(?=[ \t]|$)"
    r"(?:[ \t]+(?:[-*+][ \t]+)?\[[ xX]\](?=[ \t]))?(?P<rest>.*)$"
)
DOUBLE_BOX = lazy_pattern(
    r"^[ \t]*(?:[-*+]|\d{1,4}[.)])[ \t]+\[[^\]]?\](?P<second>[ \t]+(?:[-*+][ \t]+)?\[[ xX]\](?=[ \t]))"
)
"""Pattern for the beginning of a task line with two boxes."""
_SKIP_MARK = r"(?:(?:SKIP|SKIPPED)\b[ \t]*:?[ \t]*)?"
_ID_OPENING, _ID_CLOSING = r"(?:\*\*|__|`|\[|~~)?", r"(?:\*\*|__|`|\])?[ \t]*[:：.]?(?:\*\*)?"
_NUMBERED_ID = lazy_pattern(
    rf"{_SKIP_MARK}{_ID_OPENING}(?P<id>[TP]\d{{3,}}(?:\.\d{{1,3}})*(?:[a-z](?![A-Za-z])|-[A-Z]+(?![A-Za-z0-9]))?){_ID_CLOSING}"
)
_LETTERED_ID = lazy_pattern(rf"{_SKIP_MARK}{_ID_OPENING}(?P<id>[A-Z]\d{{1,2}})(?=[ \t:*`\]]){_ID_CLOSING}")
_TASK_HEADING = lazy_pattern(
    r"\[?(?P<id>T\d{3,}[a-z]?|F\d+-T\d+|(?:Task|Tarea|Tarefa|Aufgabe|Tâche|Задача)[ \t]+\d+(?:\.\d+)?"
    r"|(?:任务|任務|タスク)[ \t]*\d+(?:\.\d+)?)(?![\w-]*\w)\]?[ \t]*[:：.–—-]?[ \t]*(?P<title>.*)$"
)
_REST_OF_RANGE = lazy_pattern(r"[ \t]*(?:[-–—~,&]|to\b|and\b|through\b)?[ \t]*T?\d{3}")
"""Pattern for the text after an id in a heading about a range of tasks, such as `-T012`."""
_LEADING_MARKS = lazy_pattern(r"(?:[ \t]*\[[^\]\[]{0,60}\](?!\())+")
_MARK = lazy_pattern(r"\[([^\]]*)\]")
_MARKS_AT_END = lazy_pattern(r"(?:[ \t]*\[[^\]\[]{0,60}\])+[ \t]*$")
_PARALLEL_MARK = lazy_pattern(r"P(?:arallel)?$", re.IGNORECASE)
_STORY_MARK = lazy_pattern(r"US[ -]?\d+(?:[ \t]*[-,/&+][ \t]*(?:US[ -]?)?\d+)*$", re.IGNORECASE)
_NUMBER = lazy_pattern(r"\d{1,6}")
_DEPENDENCY_LIST = lazy_pattern(
    r"[(\[][ \t]*(?:depends?[ \t]+on|dependencies|requires|after|depende[ \t]+de|依存|依赖|依賴|зависит[ \t]+от)"
    r"[ \t]*:?[ \t]*([^()\[\]]*T\d{3,}[^()\[\]]*)[)\]]",
    re.IGNORECASE,
)
_TASK_ID_OR_RANGE = lazy_pattern(
    r"(?<![\w/])(T\d{3,}(?:\.\d+)*[a-z]?(?:-[A-Z]+(?![A-Za-z0-9]))?)(?:[ \t]*(?:[-–—~]|to)[ \t]*T?(\d{3,}))?"
)
_REQUIREMENT_ID = lazy_pattern(r"\b((?:FR|SC|NFR)-\d{1,4}[a-z]?)\b")
_OPTIONAL_WORD = (
    r"(?:optional|opcional|optionnel(?:le)?|facultatif|opzionale|facoltativo|可选|可選|選擇性|任意|オプション|選用|선택(?: ?사항)?|"
    r"опционально|необязательно|اختياري)"
)
_OPTIONAL_MARK = lazy_pattern(
    rf"^[*_]*[(（]?{_OPTIONAL_WORD}[)）]?[*_]*[ \t]*[:：]|[(（\[][ \t]*{_OPTIONAL_WORD}(?P<why>[ \t]*[-–—:,][^()（）]*)?[)）\]][\W_]*$",
    re.IGNORECASE,
)
_CONDITION = lazy_pattern(
    r"\b(?:only (?:if|when)|if\b.*\brequest|s[oó]lo si|solo se|apenas se|somente se|só se|seulement si|uniquement si|nur wenn|"
    r"nur falls|только если|если запро)|仅|僅|只有|のみ|場合|경우",
    re.IGNORECASE,
)
"""Pattern for a condition such as `(OPTIONAL - only if tests requested)` of the template.

A task with such a condition is not optional, because its tests were requested.
"""
_DEFERRED_MARK = lazy_pattern(
    r"[(（][ \t]*(?i:skipped|deferred|postponed|跳过|跳過|略過|スキップ|延期|延後|omitid[oa]|aplazad[oa]|adiad[oa]|отложено|пропущено)"
    r"(?:[ \t]*[-–—:;,][^()]*|[ \t]+(?i:to|until|for|because|due|by)\b[^()]*)?[)）]"
    r"|\[[^\]\[]*\b(?:SKIP|SKIPPED|DEFERRED)\b[^\]\[]*\]|\*\*[ \t]*(?:SKIPPED|DEFERRED)\b"
    r"|(?:[—–]|(?<=\s)-(?=\s)|⏭️?)[ \t]*\*{0,2}(?i:skipped|deferred|postponed)\b(?=\*{0,2}[ \t]*(?:[(（:;.,]|$))"
    r"|^[\s*_]*(?:[A-Z]\d{1,4}[\w.-]*[ \t]+(?:\[[^\]\[]{0,60}\][ \t]*)*)?~~"
)
_SKIPPED_START = lazy_pattern(r"^[\s*_`]*(?:SKIP|SKIPPED)\b[ \t]*:")
ACCEPTANCE_PATTERN = lazy_pattern(
    r"accept|criteri|definition of done|done when|aceptaci|aceitação|验收|驗收|受け入れ|受入|完了条件|критери",
    re.IGNORECASE,
)
MAX_IDS_OF_RANGE = 500
"""Maximum difference between the ends of a range such as `T009-T012`. Of a longer range, only the two ends count."""
MAX_MARK_CHARACTERS = 200
"""Number of characters at the end of a title in which marks are searched."""


class Marks(NamedTuple):
    """A title without its marks, and what the marks say: whether the task is parallel, and its stories by number."""

    title: str
    is_parallel: bool
    stories: tuple[int, ...]


class HeadingTask(NamedTuple):
    """A heading that is a task: its level, its id and its title."""

    level: int
    id: str
    title: str


def grammar_of(uses_lettered_ids: bool) -> Grammar:
    """Return the grammar of task lines. `uses_lettered_ids` tells whether the file has ids such as A1."""
    return Grammar(
        task_pattern=_TASK_LINE,
        id_patterns=(_NUMBERED_ID, _LETTERED_ID) if uses_lettered_ids else (_NUMBERED_ID,),
        states_by_marker=STATES_BY_MARKER,
        group_name_of=_group_name_of_heading,
        nests_by_id=True,
        has_checklists=True,
    )


def _group_name_of_heading(heading: Heading) -> GroupName:
    """Return the title of a heading as the name of its group of tasks. Every heading is a group."""
    return GroupName("", heading.title)


def has_lettered_ids(line_texts: Iterable[str]) -> bool:
    """Tell whether ids such as A1 or B2 in the task lines of a file are the ids of the tasks.

    An id that occurs twice is not an id of a task, but a priority or a similar label. If there are also numbered ids,
    the numbers of each letter must begin at 0 or 1. A label such as `P1` is then a priority.
    """
    has_numbered_id, lettered_ids = False, []
    for line_text in line_texts:
        if "[" not in line_text or not (match := _TASK_LINE.match(line_text)):
            continue
        text_after_box = full_width_to_ascii(match["rest"].strip())
        if _NUMBERED_ID.match(text_after_box):
            has_numbered_id = True
        elif lettered_match := _LETTERED_ID.match(text_after_box):
            lettered_ids.append(lettered_match["id"])
    if not lettered_ids or len(set(lettered_ids)) < len(lettered_ids):
        return False
    if not has_numbered_id:
        return True
    numbers_by_letter: dict[str, list[int]] = {}
    for lettered_id in lettered_ids:
        numbers_by_letter.setdefault(lettered_id[0], []).append(int(lettered_id[1:]))
    return (
        "P" not in numbers_by_letter
        and len(lettered_ids) > 1
        and all(min(numbers) < 2 for numbers in numbers_by_letter.values())
    )


def task_of_heading(text: str) -> HeadingTask | None:
    """Return the task that a line states as a heading, or None. A heading about a range of tasks is no task."""
    heading = heading_of(text) if "#" in text else None
    if (
        not heading
        or not 2 <= heading.level <= 5
        or not (match := _TASK_HEADING.match(full_width_to_ascii(heading.title)))
    ):
        return None
    title = heading.title[match.start("title") :]
    if _REST_OF_RANGE.match(heading.title[match.end("id") :]):
        return None
    return HeadingTask(heading.level, match["id"], title.strip())


def marks_of(title: str) -> Marks:
    """Return a title without the marks at its beginning and end, such as `[P]` or `[US1,US2]`, and the meaning of these
    marks.
    """
    marks, title = "", title.strip()
    if match := _LEADING_MARKS.match(title):
        marks, title = match[0], title[match.end() :]
    if title.endswith("]") and (match := _MARKS_AT_END.search(title, max(0, len(title) - MAX_MARK_CHARACTERS))):
        final_marks = [mark.strip() for mark in _MARK.findall(match[0])]
        if all(_PARALLEL_MARK.match(mark) or _STORY_MARK.match(mark) for mark in final_marks):
            marks, title = marks + match[0], title[: match.start()]
    return Marks(title.strip(), *_parse_marks(marks))


@functools.lru_cache(maxsize=1024)
def _parse_marks(marks: str) -> tuple[bool, tuple[int, ...]]:
    """Return whether marks such as `[P] [US1]` say that a task is parallel, and the stories that they name."""
    is_parallel, stories = False, list[int]()
    for mark in (mark.strip() for mark in _MARK.findall(marks)):
        is_parallel = is_parallel or bool(_PARALLEL_MARK.match(mark))
        if _STORY_MARK.match(mark):
            numbers = [int(number) for number in _NUMBER.findall(mark)]
            if len(numbers) == 2 and "-" in mark.replace("US-", "US") and numbers[0] < numbers[1] < numbers[0] + 50:
                numbers = list(range(numbers[0], numbers[1] + 1))
            stories += numbers
    return is_parallel, tuple(dict.fromkeys(stories))


def is_optional(text: str) -> bool:
    """Tell whether a title or heading says that its task or its tasks are optional."""
    match = _OPTIONAL_MARK.search(text)
    return bool(match) and not _CONDITION.search(match["why"] or "")  # type: ignore[index]


def is_deferred(text_after_box: str) -> bool:
    """Tell whether the text after a box says that the task is skipped or deferred."""
    return bool(_SKIPPED_START.match(text_after_box) or _DEFERRED_MARK.search(text_after_box))


def dependencies_in(text: str, defined_ids: Mapping[str, int]) -> tuple[str, ...]:
    """Return the ids on which a task depends, as its text says. The keys of `defined_ids` are the ids that the file
    defines.

    A range such as `T003-T006` stands for its two ends, and for the ids between them that the file defines.
    """
    if "T" not in text or ("(" not in text and "[" not in text):
        return ()
    ids: list[str] = []
    for match in _DEPENDENCY_LIST.finditer(text):
        for first_id, last_digits in _TASK_ID_OR_RANGE.findall(match[1]):
            ids.append(first_id)
            if last_digits:
                ids += _ids_after_first(first_id, last_digits, defined_ids)
    return tuple(dict.fromkeys(ids))


def _ids_after_first(first_id: str, last_digits: str, defined_ids: Mapping[str, int]) -> list[str]:
    """Return the ids of a range, except its first id: the defined ids between its ends, and the last id."""
    start, end, width = int(re.sub(r"\D.*$", "", first_id[1:])), int(last_digits), len(last_digits)
    if not start < end <= start + MAX_IDS_OF_RANGE:
        return [f"T{last_digits}"]
    inner_ids = (f"T{number:0{width}d}" for number in range(start + 1, end))
    return [*(inner_id for inner_id in inner_ids if inner_id in defined_ids), f"T{last_digits}"]


def requirement_ids_in(text: str) -> tuple[str, ...]:
    """Return the ids of the requirements and success criteria that a text names."""
    return tuple(dict.fromkeys(_REQUIREMENT_ID.findall(text))) if "FR-" in text or "SC-" in text else ()
