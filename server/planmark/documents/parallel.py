"""`parallel.json`: declared dependencies between the achievements of the PLAN beside it.

Its stored `status` values are never evidence (the methodology, §2.9).
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.documents.ids import ID_PATTERN
from planmark.text.json_places import Place, Step, json_places

LEVELS = ("level_1", "level_2", "level_3")
STATUSES = ("not_started", "subplan_created", "execution_created", "in_progress", "complete", "failed", "skipped")
REQUIRED = ("plan_name", "parallelization_level", "achievements")

_ID = re.compile(ID_PATTERN)


class Declared(msgspec.Struct, frozen=True):
    """What one achievement declares; lines are 0-based in the file, `status` is what is stored, None where nothing is."""

    achievement: str
    depends_on: tuple[str, ...]
    line: int
    blocks: tuple[str, ...] | None
    status: str | None
    status_line: int


class Parallel(msgspec.Struct, frozen=True):
    """Facts of a parallel file; `plan_line` is the 0-based line of its `plan_name`."""

    plan_name: str
    plan_line: int
    level: str
    declared: tuple[Declared, ...]


class Invalid(msgspec.Struct, frozen=True):
    """What is wrong with a parallel file, and where (0-based line, the words there)."""

    message: str
    line: int
    words: str = ""
    severity: Literal["error", "warning"] = "error"


class Reading(NamedTuple):
    """A parallel file that is being read; `ends` are the offsets of its line feeds."""

    text: str
    ends: Sequence[int]
    places: Mapping[tuple[Step, ...], Place]
    problems: list[Invalid]

    def line(self, *path: Step) -> int:
        """The 0-based line of a value, or of the nearest one around it."""
        while path and path not in self.places:
            path = path[:-1]
        return bisect.bisect_left(self.ends, self.places[path].key_start) if path in self.places else 0

    def words(self, *path: Step) -> str:
        """The value at a path as it is written, if that is on one line."""
        place = self.places.get(path)
        written = self.text[place.start : place.end] if place else ""
        return "" if "\n" in written else written


def parse_parallel(text: str) -> tuple[Parallel, tuple[Invalid, ...]]:
    """Facts of a parallel file, and what is wrong with it. Never raises: what can be read is read."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return Parallel("", 0, "", ()), (Invalid(f"not valid JSON: {error.msg}", error.lineno - 1),)
    except (ValueError, RecursionError):
        return Parallel("", 0, "", ()), (
            Invalid("not readable as JSON: too deep, or a number with too many digits", 0),
        )
    if not isinstance(data, dict):
        return Parallel("", 0, "", ()), (Invalid("the top level must be an object", 0),)
    reading = Reading(text, [match.start() for match in re.finditer("\n", text)], json_places(text), [])
    for key in REQUIRED:
        if key not in data:
            reading.problems.append(Invalid(f"`{key}` is missing", 0, severity="warning"))
    level = _text(data.get("parallelization_level"))
    if "parallelization_level" in data and level not in LEVELS:
        line, words = reading.line("parallelization_level"), reading.words("parallelization_level")
        message = f"`parallelization_level` must be one of {', '.join(LEVELS)}"
        reading.problems.append(Invalid(message, line, words, "warning"))
    declared = tuple(_declared(data.get("achievements", []), reading))
    name = _text(data.get("plan_name"))
    return Parallel(name, reading.line("plan_name"), level, declared), tuple(reading.problems)


def _declared(entries: object, reading: Reading) -> list[Declared]:
    if not isinstance(entries, list):
        reading.problems.append(Invalid("`achievements` must be a list", reading.line("achievements")))
        return []
    found = []
    for number, entry in enumerate(entries):
        path: tuple[Step, ...] = ("achievements", number)
        achievement = _id(entry.get("achievement_id")) if isinstance(entry, dict) else None
        if achievement is None:
            message = f"an achievement without a readable `achievement_id`: {_shown(entry)}"
            reading.problems.append(Invalid(message, reading.line(*path)))
            continue
        line = reading.line(*path, "achievement_id")
        status = entry.get("status")
        if status is not None and status not in STATUSES:
            where = reading.line(*path, "status"), reading.words(*path, "status")
            message = f"`status` of {achievement} must be one of {', '.join(STATUSES)}; better none, the files tell it"
            reading.problems.append(Invalid(message, *where, "warning"))
        depends_on = _ids(entry, "dependencies", achievement, path, reading)
        if depends_on is None and "dependencies" in entry:
            continue
        blocks = _ids(entry, "blocks", achievement, path, reading)
        stored = status if isinstance(status, str) else None
        found.append(Declared(achievement, depends_on or (), line, blocks, stored, reading.line(*path, "status")))
    return found


def _ids(
    entry: dict[str, object], key: str, achievement: str, path: tuple[Step, ...], reading: Reading
) -> tuple[str, ...] | None:
    """The ids of a list; None where there is no list."""
    listed = entry.get(key)
    if listed is None:
        return None
    if not isinstance(listed, list):
        message = f"`{key}` of {achievement} must be a list of ids"
        reading.problems.append(Invalid(message, reading.line(*path, key)))
        return None
    for number, item in enumerate(listed):
        if _id(item) is None:
            message = f"{'dependency' if key == 'dependencies' else key} of {achievement} is not an id: {_shown(item)}"
            where = reading.line(*path, key, number), reading.words(*path, key, number)
            reading.problems.append(Invalid(message, *where))
    return tuple(known for item in listed if (known := _id(item)))


def _id(value: object) -> str | None:
    """`"1.1"` or `"Achievement 1.1"`; a number is none, since 1.10 would be 1.1."""
    text = value if isinstance(value, str) else ""
    bare = re.sub(r"(?i)^\s*achievement\s+", "", text).strip()
    return bare if _ID.fullmatch(bare) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
