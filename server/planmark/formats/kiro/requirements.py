"""The requirements of a spec: their numbers, titles and acceptance criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from planmark.formats.checkbox.lines import Line, full_width_to_ascii, heading_of

_REQUIREMENT_TITLE = re.compile(
    r"(?<!\w)(?:Requirement|Req\.?|需求|要件|要求|Anforderung|Requisito|Requerimiento|요구 ?사항|(?:ال)?متطلب(?:ات)?|Exigence|Требование|R)"
    r"\s*#?(?P<id>\d{1,6})(?:\.(?P<criterion>\d{1,6}))?(?![\w])\s*[.:)—–-]*\s*",
    re.IGNORECASE,
)
_NUMBER_ONLY = re.compile(
    r"^[\W_]{0,4}(?P<id>\d{1,6})(?:\.(?P<criterion>\d{1,6}))?(?!\.?\w)[*_]{0,3}\s{0,3}[.:)、—–-]+\s*"
)
"""Pattern for a heading with only a number.

Such a heading is a requirement only in a document in which no heading has a word such as `Requirement`.
"""
_CRITERION_LINE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?\**(?:(?P<major>\d{1,6})\.)?(?P<number>\d{1,6})(?:[.):]|\**[ \t])")
_WITHDRAWN_MARK = re.compile(
    r"[(（\[~]{1,2}[^)）\]]{0,20}(?:withdrawn|removed|superseded|deprecated|obsolete|dropped|已?撤销|已?废弃|已?取消|已?移除|取り下げ|廃止|"
    r"retirado|eliminado|entfallen|zurückgezogen|отозван)|(?:WITHDRAWN|REMOVED|SUPERSEDED|DEPRECATED|OBSOLETE)\b",
    re.IGNORECASE,
)


class Requirement(msgspec.Struct, frozen=True):
    """A requirement. `criteria` are pairs of the number and the line of an acceptance criterion.

    A `withdrawn` requirement stays in the document as a record; no task may name it.
    """

    id: str
    title: str
    line: int
    criteria: tuple[tuple[int, int], ...]
    withdrawn: bool

    @property
    def is_numbered_without_gap(self) -> bool:
        """True if the criteria are numbered from 1 without a gap, so that no criterion has a higher number."""
        numbers = {number for number, _ in self.criteria}
        return bool(numbers) and len(numbers) == max(numbers) and min(numbers) == 1


class Requirements(msgspec.Struct, frozen=True, tag="requirements"):
    """The requirements of a document, and the criteria with a full number such as `2.1` and their lines."""

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
                drafts.append(_requirement(match, heading.title, line.number))
                criteria.append([])
                level = heading.level
            elif match:
                numbered_criteria.append((f"{match['id']}.{match['criterion']}", line.number))
            elif heading.level <= level:
                level = 0
            continue
        item = _CRITERION_LINE.match(full_width_to_ascii(line.text))
        if not item:
            continue
        if item["major"]:
            numbered_criteria.append((f"{item['major']}.{item['number']}", line.number))
        elif level:
            criteria[-1].append((int(item["number"]), line.number))
    requirements = (
        msgspec.structs.replace(requirement, criteria=tuple(criteria_of_requirement))
        if criteria_of_requirement
        else requirement
        for requirement, criteria_of_requirement in zip(drafts, criteria, strict=True)
    )
    return Requirements(title, tuple(requirements), tuple(numbered_criteria))


def _requirement(match: re.Match[str], heading: str, line: int) -> Requirement:
    title = heading[match.end() :].strip()
    return Requirement(match["id"], title, line, (), bool(_WITHDRAWN_MARK.match(heading[match.end("id") :].strip())))


def known_ids(documents: Sequence[Requirements]) -> frozenset[str]:
    """Return each number that a task may name: the requirements that are not withdrawn, and their criteria."""
    ids: set[str] = set()
    for document in documents:
        for requirement in document.requirements:
            if requirement.withdrawn:
                continue
            ids.add(requirement.id)
            ids.update(f"{requirement.id}.{number}" for number, _ in requirement.criteria)
        ids.update(number for number, _ in document.numbered_criteria)
        ids.update(number.partition(".")[0] for number, _ in document.numbered_criteria)
    return frozenset(ids)
