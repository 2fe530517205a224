"""`parallel.json`: declared dependencies between the achievements of the PLAN beside it.

Its stored `status` values are never evidence (the methodology, §2.9).
"""

from __future__ import annotations

import json
import re

import msgspec

from planmark.documents.ids import ID_PATTERN

_ID = re.compile(ID_PATTERN)
_KEYED_ID = re.compile(rf'"achievement_id"\s*:\s*"?({ID_PATTERN})"?')


class Declared(msgspec.Struct, frozen=True):
    """The dependencies that one achievement declares; `line` is 0-based in the file."""

    achievement: str
    depends_on: tuple[str, ...]
    line: int


class Parallel(msgspec.Struct, frozen=True):
    """Facts of a parallel file."""

    plan_name: str
    level: str
    declared: tuple[Declared, ...]


class Invalid(msgspec.Struct, frozen=True):
    """What is wrong with a parallel file, and where (0-based line)."""

    message: str
    line: int


def parse_parallel(text: str) -> tuple[Parallel, tuple[Invalid, ...]]:
    """Facts of a parallel file, and what is wrong with it. Never raises: what can be read is read."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return Parallel("", "", ()), (Invalid(f"not valid JSON: {error.msg}", error.lineno - 1),)
    except (ValueError, RecursionError) as error:
        return Parallel("", "", ()), (Invalid(f"not readable as JSON: {error}", 0),)
    if not isinstance(data, dict):
        return Parallel("", "", ()), (Invalid("the top level must be an object", 0),)
    lines = {match[1]: text.count("\n", 0, match.start()) for match in reversed(list(_KEYED_ID.finditer(text)))}
    problems: list[Invalid] = []
    declared = tuple(_declared(data.get("achievements"), lines, problems))
    return Parallel(_text(data.get("plan_name")), _text(data.get("parallelization_level")), declared), tuple(problems)


def _declared(entries: object, lines: dict[str, int], problems: list[Invalid]) -> list[Declared]:
    if not isinstance(entries, list):
        problems.append(Invalid("`achievements` must be a list", 0))
        return []
    found = []
    for entry in entries:
        achievement = _id(entry.get("achievement_id")) if isinstance(entry, dict) else None
        if achievement is None:
            problems.append(Invalid(f"an achievement without a readable `achievement_id`: {_shown(entry)}", 0))
            continue
        line = lines.get(achievement, 0)
        listed = entry.get("dependencies", [])
        if not isinstance(listed, list):
            problems.append(Invalid(f"`dependencies` of {achievement} must be a list of ids", line))
            continue
        unreadable = [item for item in listed if _id(item) is None]
        problems += [Invalid(f"dependency of {achievement} is not an id: {_shown(item)}", line) for item in unreadable]
        found.append(Declared(achievement, tuple(known for item in listed if (known := _id(item))), line))
    return found


def _id(value: object) -> str | None:
    """`"1.1"`, `"Achievement 1.1"` or the number 1.1."""
    text = str(value) if isinstance(value, (str, float)) and not isinstance(value, bool) else ""
    bare = re.sub(r"(?i)^\s*achievement\s+", "", text).strip()
    return bare if _ID.fullmatch(bare) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
