"""The grammar of a feature-planner plan: its title, phases, labelled boxes, gates, and lines that state a status."""

from __future__ import annotations

import re
from typing import NamedTuple

from planmark.formats.checkbox.lines import Heading, full_width_to_ascii
from planmark.plans.model import State
from planmark.text.lazy_pattern import lazy_pattern

STATES_BY_MARKER: dict[str, State] = {" ": "open", "x": "done", "X": "done"}
MAX_SEARCHED_CHARACTERS = 2_000
"""Maximum number of characters of a line in which words and paths are searched."""
TITLE_PATTERN = lazy_pattern(r"Implementation Plan:\s*(?P<title>\S.*)$", re.IGNORECASE)
"""Pattern of the title of a plan."""
_PLACEHOLDER_START = lazy_pattern(r"\s*[\[<{]")
_PHASE_TITLE = lazy_pattern(
    r"(?:[^\w\s(]{1,4}\s{1,4})?(?P<optional>\((?:선택|선택적|optional)\)\s{0,4})?"
    r"(?:Phase\s{1,4}(?P<id>\d{1,6}(?:\.\d{1,6})*)|(?P<last>마지막|Last|Final)\s{1,4}Phase)\s{0,4}[:—–-]\s*(?P<title>.*)$",
    re.IGNORECASE,
)
_OPTIONAL_MARK = lazy_pattern(r"[(\[]\s?(?:선택|선택적|optional)\s?[)\]]", re.IGNORECASE)
_ROLLBACK_TITLE = lazy_pattern(r"\W*(?:rollback|롤백)", re.IGNORECASE)
_GATE_HEADING = lazy_pattern(
    r"\W*(?:(?:\w+\s+)?quality gates?|validation|verification|manual test|acceptance|품질 게이트|검증)\b", re.IGNORECASE
)
_OTHER_CHECKLIST_HEADING = lazy_pattern(
    r"\W*(?:commit|(?:final |review )?checklist|success criteria|definition of done|dod|dependencies|커밋|완료 조건)\b",
    re.IGNORECASE,
)
_BOLD_LABEL = lazy_pattern(r" {0,3}(?:\*\*|__)(?P<text>[^*\n]{1,200})(?:\*\*|__)")
_GATE_LABEL = lazy_pattern(
    r"[\W_]*(?:validation|quality gates?|verification|manual test|acceptance|검증|품질 게이트)\b", re.IGNORECASE
)
_TDD_GROUP = lazy_pattern(r"[\W_]*(?P<name>RED|GREEN|REFACTOR|CODE REVIEW)\b", re.IGNORECASE)
BOX_PATTERN = lazy_pattern(
    r"^\s*(?:[-*+])\s+(?P<box>\[(?P<marker>[^\]\w]|[xXvVoO]|\w(?=\]\s*\*\*(?:Test|Task|Review)\s)|)\])(?![(\[:])(?P<rest>.*)$"
)
"""Pattern for a box, also for a box with an unknown mark, and for `[]`, because its task may be open."""
_LABELLED_TITLE = lazy_pattern(
    r"\s*\*\*\s?(?P<id>(?:Test|Task|Review)\s+\d{1,6}(?:\.\d{1,6})*)\s?(?:\*\*\s*:|:\s*\*\*)\s*(?P<title>.*)$"
)
_STATUS_LINE = lazy_pattern(
    r"\s*(?:[-*]\s+)?\*\*(?:Status|상태)\s*(?:\*\*\s*:|:\s*\*\*)\s*(?P<text>.*)$", re.IGNORECASE
)
_FOOTER_LINE = lazy_pattern(r"\s*(?:[-*]\s+)?\*\*Plan Status\s*(?:\*\*\s*:|:\s*\*\*)\s*(?P<text>.*)$", re.IGNORECASE)
_DONE_WORD = lazy_pattern(r"✅|\b(?:completed?|done)\b|완료", re.IGNORECASE)
_BEGUN_WORD = lazy_pattern(r"🔄|\bin progress\b|진행", re.IGNORECASE)
_OPEN_WORD = lazy_pattern(r"⏳|🟡|\b(?:pending|draft|not started|ready to start)\b|대기|초안", re.IGNORECASE)
_FILES_LABEL = lazy_pattern(
    r"\s*[-*+]\s+(?:\*\*)?Files?(?:\(s\))?\s*(?:\*\*\s*:|:)(?:\*\*)?(?P<rest>.*)$", re.IGNORECASE
)
_LIST_ITEM_BEFORE_CODE = lazy_pattern(r"\s*(?:[-*+]|\d{1,4}[.)])\s+(?=`)")
_REMOVAL_WORD = lazy_pattern(r"\b(?:delet|remov|renam|mov)(?:e[sd]?|ing)\b|삭제|제거|이동", re.IGNORECASE)
_PATH_IN_CODE = lazy_pattern(r"`(?P<path>[^`\s]{1,300})`")
_PATH = lazy_pattern(r"(?:\./)?(?P<path>[\w.@()\[\]+~-]+(?:/[\w.@()\[\]+~-]+)+\.[A-Za-z][A-Za-z0-9]{0,9})$")
TEST_COUNTS_PATTERN = lazy_pattern(
    r"\(passed=(?:\d{1,9}|\*\*), failed=(?P<failed>\d{1,9}), skipped=(?P<skipped>\d{1,9})\)", re.IGNORECASE
)


class NamedPhase(NamedTuple):
    """The id and the title of a phase, and whether its heading says that it is optional."""

    id: str
    title: str
    is_optional: bool


class NamedTask(NamedTuple):
    """A task as its line names it.

    `id` is the label behind the box, such as `Test 1.1`, or "". `title` is the text behind the label.
    """

    id: str
    title: str


def subject_of_plan(title: str) -> str:
    """Return the subject in the title of a plan; "" for any other title, and for the title of the template."""
    match = TITLE_PATTERN.match(full_width_to_ascii(title))
    text = title[match.start("title") :].strip() if match else ""
    return "" if _PLACEHOLDER_START.match(text) else text


def phase_of(heading: Heading) -> NamedPhase | None:
    """Return the phase that a heading begins, or None. The id of `Phase 2` is `P2`."""
    match = _PHASE_TITLE.match(full_width_to_ascii(heading.title)) if 2 <= heading.level <= 4 else None
    if not match:
        return None
    title = heading.title[match.start("title") :].strip()
    phase_id = "Plast" if match["last"] else f"P{match['id']}"
    return NamedPhase(phase_id, title, bool(match["optional"]) or is_optional(title))


def is_optional(text: str) -> bool:
    """Tell whether the text of a phase or task says that it is optional."""
    return bool(_OPTIONAL_MARK.search(full_width_to_ascii(text[:MAX_SEARCHED_CHARACTERS])))


def is_rollback(heading: Heading) -> bool:
    """Tell whether a heading is about undoing the plan. Phases below such a heading are not read."""
    return bool(_ROLLBACK_TITLE.match(heading.title))


def is_gate(heading: Heading) -> bool:
    """Tell whether a heading begins the quality gate of a phase."""
    return bool(_GATE_HEADING.match(heading.title))


def is_other_checklist(heading: Heading) -> bool:
    """Tell whether a heading begins a list of boxes that belong neither to tasks nor to a gate."""
    return bool(_OTHER_CHECKLIST_HEADING.match(heading.title))


def bold_label_of(text: str) -> str:
    """Return the bold words at the beginning of a line; "" if it begins with other words."""
    match = _BOLD_LABEL.match(text)
    return match["text"] if match else ""


def is_gate_label(label: str) -> bool:
    """Tell whether bold words are the label of a quality gate."""
    return bool(_GATE_LABEL.match(label))


def tdd_group_of(label: str) -> str:
    """Return the name with which a label begins: RED, GREEN, REFACTOR or CODE REVIEW; else ""."""
    match = _TDD_GROUP.match(label)
    return match["name"].upper() if match else ""


def named_task(text_after_box: str) -> NamedTask:
    """Return the label and the title in the text after a box."""
    match = _LABELLED_TITLE.match(full_width_to_ascii(text_after_box))
    if not match:
        return NamedTask("", text_after_box.strip())
    return NamedTask(" ".join(match["id"].split()), text_after_box[match.start("title") :].strip())


def status_in(text: str) -> str:
    """Return the text after the label in a line `**Status**: …`; "" for any other line."""
    match = _STATUS_LINE.match(full_width_to_ascii(text[:MAX_SEARCHED_CHARACTERS]))
    return text[match.start("text") : match.end("text")].strip() if match else ""


def plan_status_in(text: str) -> str:
    """Return the text after the label in a line `**Plan Status**: …`; "" for any other line."""
    match = _FOOTER_LINE.match(full_width_to_ascii(text[:MAX_SEARCHED_CHARACTERS]))
    return text[match.start("text") : match.end("text")].strip() if match else ""


def state_in_status(text: str) -> str:
    """Return the state that a status names first: done, in_progress or open.

    Return "" if the status names no state, or if it lists several states to choose from.
    """
    matches = {
        "done": _DONE_WORD.search(text),
        "in_progress": _BEGUN_WORD.search(text),
        "open": _OPEN_WORD.search(text),
    }
    starts = {state: match.start() for state, match in matches.items() if match}
    if not starts or (len(starts) > 1 and " / " in text):
        return ""
    return min(starts, key=lambda state: starts[state])


def begins_file_list(text: str) -> bool:
    """Tell whether a line is `- File(s):` without a path, so that the list items below name the files."""
    match = _FILES_LABEL.match(full_width_to_ascii(text[:MAX_SEARCHED_CHARACTERS]))
    return match is not None and not match["rest"].strip()


def removes_files(title: str) -> bool:
    """Tell whether the title of a task says that it removes files."""
    return bool(_REMOVAL_WORD.search(title[:MAX_SEARCHED_CHARACTERS]))


def files_in(text: str, *, is_listed: bool = False) -> tuple[str, ...]:
    """Return the paths that a line names: a line `- File(s): …`, or with `is_listed` a list item below such a line.

    A folder, a file name without a folder, and a file to remove are omitted.
    """
    text = text[:MAX_SEARCHED_CHARACTERS]
    match = _LIST_ITEM_BEFORE_CODE.match(text) if is_listed else _FILES_LABEL.match(full_width_to_ascii(text))
    if not match:
        return ()
    start = match.end() if is_listed else match.start("rest")
    code_matches = list(_PATH_IN_CODE.finditer(text, start))[: 1 if is_listed else None]
    ends = [*(code_match.start() for code_match in code_matches[1:]), len(text)][: len(code_matches)]
    kept_matches = (
        code_match
        for code_match, end in zip(code_matches, ends, strict=True)
        if not _REMOVAL_WORD.search(text[code_match.end() : end])
    )
    path_matches = (_PATH.match(code_match["path"]) for code_match in kept_matches)
    return tuple(path_match["path"] for path_match in path_matches if path_match)
