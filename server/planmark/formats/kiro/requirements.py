"""The requirements of a spec: their numbers, titles and acceptance criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from planmark.formats.checkbox.lines import Line, full_width_to_ascii, heading_of
from planmark.text.lazy_pattern import lazy_pattern

_REQUIREMENT_TITLE = lazy_pattern(
    r"(?<!\w)(?:Requirement|Req\.?|需求|要件|要求|Anforderung|Requisito|Requerimiento|요구 ?사항|(?:ال)?متطلب(?:ات)?|Exigence|Требование|R)"
    r"\s*#?(?P<id>\d{1,6})(?:\.(?P<criterion>\d{1,6}))?(?![\w])\s*[.:)—–-]*\s*",
    re.IGNORECASE,
)
"""Pattern for the number of a requirement (group `id`), or of a criterion, after a word in a heading."""
_NUMBER_ONLY = lazy_pattern(
    r"^[\W_]{0,4}(?P<id>\d{1,6})(?:\.(?P<criterion>\d{1,6}))?(?!\.?\w)[*_]{0,3}\s{0,3}[.:)、—–-]+\s*"
)
"""Pattern for a heading that begins with a number, without a word such as `Requirement` before it.

Such a heading is a requirement only if no heading of the document has such a word.
"""
_CRITERION_LINE = lazy_pattern(
    r"[ \t]*(?:[-*+][ \t]+)?\**(?:(?P<major>\d{1,6})\.)?(?P<number>\d{1,6})(?:[.):]|\**[ \t])"
)
"""Pattern for a line that begins with the number of a criterion, such as `1.` or `2.1`."""
_WITHDRAWN_PATTERN = lazy_pattern(
    r"[(（\[~]{1,2}[^)）\]]{0,20}(?:withdrawn|removed|superseded|deprecated|obsolete|dropped|已?撤销|已?废弃|已?取消|已?移除|取り下げ|廃止|"
    r"retirado|eliminado|entfallen|zurückgezogen|отозван)|(?:WITHDRAWN|REMOVED|SUPERSEDED|DEPRECATED|OBSOLETE)\b",
    re.IGNORECASE,
)
"""Pattern for the words after a requirement number that say that the requirement is withdrawn."""


class Requirement(msgspec.Struct, frozen=True):
    """A requirement with its number `id` and the 1-based line of its heading.

    `criteria` has two values for each acceptance criterion: its number and its line. If `withdrawn` is True, the
    requirement stays in the document as a record, but no task may name it.
    """

    id: str
    title: str
    line: int
    criteria: tuple[tuple[int, int], ...]
    withdrawn: bool

    @property
    def is_numbered_without_gap(self) -> bool:
        """True if the criteria are numbered from 1 without a gap.

        In that case, a criterion with a higher number certainly does not exist.
        """
        numbers = {number for number, _ in self.criteria}
        return bool(numbers) and len(numbers) == max(numbers) and min(numbers) == 1


class Requirements(msgspec.Struct, frozen=True, tag="requirements"):
    """The requirements of a document.

    `title` is the first heading. `numbered_criteria` has two values for each criterion with a full number such as
    `2.1`: this number and the line.
    """

    title: str
    requirements: tuple[Requirement, ...]
    numbered_criteria: tuple[tuple[str, int], ...]


def read_requirements(lines: Sequence[Line]) -> Requirements:
    """Return the requirements of a document in file order."""
    headings = (heading_of(line.text) for line in lines if line.kind == "text" and line.text.lstrip()[:1] == "#")
    has_named_heading = any(
        heading and _REQUIREMENT_TITLE.search(full_width_to_ascii(heading.title)) for heading in headings
    )
    pattern = _REQUIREMENT_TITLE if has_named_heading else _NUMBER_ONLY
    title = ""
    drafts: list[Requirement] = []
    criteria: list[list[tuple[int, int]]] = []
    numbered_criteria: list[tuple[str, int]] = []
    level = 0
    for line in lines:
        if line.kind != "text" or not line.text:
            continue
        heading = heading_of(line.text)
        if heading:
            title = title or heading.title
            match = (
                pattern.search(full_width_to_ascii(heading.title)) if heading.level > 1 or has_named_heading else None
            )
            if match and not match["criterion"]:
                drafts.append(_requirement_of_heading(match, heading.title, line.number))
                criteria.append([])
                level = heading.level
            elif match:
                numbered_criteria.append((f"{match['id']}.{match['criterion']}", line.number))
            elif heading.level <= level:
                level = 0
            continue
        criterion_match = _CRITERION_LINE.match(full_width_to_ascii(line.text))
        if not criterion_match:
            continue
        if criterion_match["major"]:
            numbered_criteria.append((f"{criterion_match['major']}.{criterion_match['number']}", line.number))
        elif level:
            criteria[-1].append((int(criterion_match["number"]), line.number))
    requirements = (
        msgspec.structs.replace(requirement, criteria=tuple(criteria_of_requirement))
        if criteria_of_requirement
        else requirement
        for requirement, criteria_of_requirement in zip(drafts, criteria, strict=True)
    )
    return Requirements(title, tuple(requirements), tuple(numbered_criteria))


def _requirement_of_heading(match: re.Match[str], heading: str, line: int) -> Requirement:
    """Return the requirement of a heading, without criteria. `match` is the match of its number in the heading."""
    title = heading[match.end() :].strip()
    return Requirement(match["id"], title, line, (), bool(_WITHDRAWN_PATTERN.match(heading[match.end("id") :].strip())))


def valid_requirement_ids(documents: Sequence[Requirements]) -> frozenset[str]:
    """Return the numbers that a task may name: of requirements that are not withdrawn, and of their criteria.

    `documents` are the facts of all documents with requirements.
    """
    ids: set[str] = set()
    for document in documents:
        for requirement in document.requirements:
            if requirement.withdrawn:
                continue
            ids.add(requirement.id)
            ids.update(f"{requirement.id}.{number}" for number, _ in requirement.criteria)
        withdrawn_ids = {requirement.id for requirement in document.requirements if requirement.withdrawn}
        for number, _ in document.numbered_criteria:
            if (requirement_id := number.partition(".")[0]) not in withdrawn_ids:
                ids.update((requirement_id, number))
    return frozenset(ids)
