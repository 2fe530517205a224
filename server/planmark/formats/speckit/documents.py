"""The facts of the documents of a feature other than `tasks.md`: the specification, check lists, notes and
`.specify/feature.json`.
"""

from __future__ import annotations

import re

import msgspec

from planmark.formats.checkbox.lines import full_width_to_ascii, heading_of, read_lines
from planmark.text.lazy_pattern import lazy_pattern

_STORY_NUMBERS = lazy_pattern(
    r"(?:(?:user\s+)?\bstor(?:y|ies)|historia(?:\s+de\s+usuario)?|história(?:\s+de\s+usuário)?|ユーザーストーリー"
    r"|使用者故事|用户故事|用戶故事|пользовательская\s+история|история|récit(?:\s+utilisateur)?|(?:be)?nutzergeschichte|storia\s+utente"
    r"|사용자\s*스토리|(?-i:\bUS))\s*[-#]?\s*(\d+(?:(?:[-–]|\s*[,/&]\s*|\s+(?:and|y|e|и)\s+)\d+)*)\b",
    re.IGNORECASE,
)
"""Pattern of the words that name user stories by number, such as `User Story 2-3` or `US4, 5`."""
_PRIORITY = lazy_pattern(r"\b(P\d)\b")
_REQUIREMENT_LINE = lazy_pattern(
    r"^\s*(?:[-*+]|\d+[.)])?\s*(?:\*\*|__|`)?((?:FR|SC|NFR)-\d{1,4}[a-z]?)(?:\*\*|__|`)?\s*[:：*(—–-]"
)
_CLARIFICATION_MARK = lazy_pattern(r"\[NEEDS CLARIFICATION(?=[:\]])", re.IGNORECASE)
_CLARIFICATION_EXPLANATION = lazy_pattern(
    r"no \[NEEDS CLARIFICATION|use \[NEEDS CLARIFICATION|mark (?:it|with)", re.IGNORECASE
)
"""Pattern for text that explains the mark `[NEEDS CLARIFICATION]`, and so is no open question."""
_TEST_LABEL = lazy_pattern(
    r"^\s*(?:[-*+]\s+)?\*\*\s*(?:independent test|prueba independiente|独立テスト|独立测试|獨立測試)", re.IGNORECASE
)
_BOX_LINE = lazy_pattern(r"^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\](?=\s|$)")
MAX_STORY_RANGE_LENGTH = 50
"""Maximum difference between the ends of a range of stories such as `US2-US4`. Of a longer range, only the two ends
count.
"""


class Story(msgspec.Struct, frozen=True):
    """A user story of a specification.

    `priority` is a word such as `P1`, or "". `line` and `last` are its first and its last line. `test` is the line of
    its independent test, or 0.
    """

    number: int
    title: str
    priority: str
    line: int
    last: int
    test: int = 0


class Requirement(msgspec.Struct, frozen=True):
    """A requirement or a success criterion, such as FR-001, and its line."""

    id: str
    line: int


class SpecFacts(msgspec.Struct, frozen=True, tag="spec"):
    """The facts of a `spec.md`. `open_questions` contains the lines with an open question."""

    title: str = ""
    stories: tuple[Story, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    open_questions: tuple[int, ...] = ()


class ChecklistFacts(msgspec.Struct, frozen=True, tag="checklist"):
    """The numbers of ticked boxes and of all boxes of a check list, and the line of the first open box, or 0."""

    done_count: int = 0
    total: int = 0
    open_line: int = 0


class NoteFacts(msgspec.Struct, frozen=True, tag="note"):
    """The facts of a document of which only the title counts."""

    title: str = ""


class ActiveFacts(msgspec.Struct, frozen=True, tag="active"):
    """The facts of `.specify/feature.json`: the name of the active feature's folder; "" if the file names none."""

    feature: str = ""


class _FeatureFile(msgspec.Struct):
    """The content of `.specify/feature.json` that Planmark reads."""

    feature_directory: str = ""


def story_numbers_in(text: str) -> tuple[int, ...]:
    """Return the numbers of the user stories that a heading or a label names, such as `US2-US3` or `User Story 4-5`."""
    result: list[int] = []
    for match in _STORY_NUMBERS.finditer(full_width_to_ascii(text)):
        result += _listed_numbers(match[1])
    return tuple(dict.fromkeys(result))


def _listed_numbers(text: str) -> list[int]:
    """Return the numbers in a list such as `4, 5`, or from the first to the last number of a range such as `2-4`."""
    numbers = [int(part[:6]) for part in re.findall(r"\d+", text)]
    if (
        len(numbers) == 2
        and re.search(r"[-–]", text)
        and numbers[0] < numbers[1] <= numbers[0] + MAX_STORY_RANGE_LENGTH
    ):
        return list(range(numbers[0], numbers[1] + 1))
    return numbers


def read_spec(text: str) -> SpecFacts:
    """Return the facts of a specification."""
    title, requirements, unclear_lines = "", [], []
    stories: list[Story] = []
    story_level = 0
    lines = read_lines(text)
    for line in lines:
        if line.kind in ("fence", "comment", "front_matter"):
            continue
        if heading := heading_of(line.text):
            title = title or (heading.title if heading.level == 1 else "")
            if stories and story_level and heading.level <= story_level:
                stories[-1] = msgspec.structs.replace(stories[-1], last=line.number - 1)
                story_level = 0
            story_numbers = story_numbers_in(heading.title) if heading.level > 1 else ()
            if story_numbers:
                priority = _PRIORITY.search(heading.title)
                priority_text = priority[1] if priority else ""
                stories.append(Story(story_numbers[0], heading.title, priority_text, line.number, len(lines)))
                story_level = heading.level
        elif match := _REQUIREMENT_LINE.match(line.text):
            requirements.append(Requirement(match[1], line.number))
        elif story_level and not stories[-1].test and _TEST_LABEL.match(line.text):
            stories[-1] = msgspec.structs.replace(stories[-1], test=line.number)
        if _CLARIFICATION_MARK.search(line.text) and not _CLARIFICATION_EXPLANATION.search(line.text):
            unclear_lines.append(line.number)
    return SpecFacts(title, tuple(stories), tuple(requirements), tuple(unclear_lines))


def read_checklist(text: str) -> ChecklistFacts:
    """Return the facts of a check list."""
    done_count = total = open_line = 0
    for line in read_lines(text):
        if line.kind != "text" or not (match := _BOX_LINE.match(full_width_to_ascii(line.text))):
            continue
        total += 1
        done_count += match[1] != " "
        open_line = open_line or (line.number if match[1] == " " else 0)
    return ChecklistFacts(done_count, total, open_line)


def read_note(text: str) -> NoteFacts:
    """Return the facts of a document of which only the title counts."""
    for line in read_lines(text):
        if line.kind == "text" and (heading := heading_of(line.text)) and heading.level == 1:
            return NoteFacts(heading.title)
    return NoteFacts()


def read_active_feature(text: str) -> ActiveFacts:
    """Return the active feature that `.specify/feature.json` names."""
    try:
        feature_directory = msgspec.json.decode(text, type=_FeatureFile).feature_directory
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ActiveFacts()
    return ActiveFacts(feature_directory.replace("\\", "/").rstrip("/").rpartition("/")[2])
