"""The facts of `parallel.json`: declared dependencies between the achievements of one PLAN.

The `status` values in the file are never evidence (the methodology, §2.9).
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from planmark.formats.planmark.documents.dependencies import NeededAchievement
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.ids import ID, ID_PATTERN
from planmark.plans.document import JsonIssue
from planmark.text.json_spans import JsonKey, JsonSpan, json_spans_by_path
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.masking import without_secrets

PARALLEL_LEVELS = ("level_1", "level_2", "level_3")
"""The allowed values of `parallelization_level`."""
STATUSES = ("not_started", "subplan_created", "execution_created", "in_progress", "complete", "failed", "skipped")
"""The allowed values of the `status` of an achievement."""
REQUIRED_KEYS = ("plan_name", "parallelization_level")
"""Keys that the object at the top level must have."""

_ID = lazy_pattern(ID_PATTERN)
_MISTAKEN_KEYS = lazy_pattern(
    r"[\W_]*(?:depend(?:s[\W_]*on|enc(?:y|ies)|s)?|deps?|blocked[\W_]*by|requires?|needs?|waits?[\W_]*for|after"
    r"|prerequisites?)[\W_]*",
    re.IGNORECASE,
)
"""Pattern for keys that an author may write in place of `dependencies`.

Planmark does not read the value of such a key. The achievement of the entry with the key waits until the author
corrects the key.
"""
MAX_KEY_CHARACTERS = 40
"""Maximum number of characters of a key in a message; longer keys are cut off."""
_ID_OF_OTHER_PLAN = lazy_pattern(rf"@(?P<plan>{FEATURE_PATTERN})\s+(?:(?i:achievement)\s+)?(?P<id>{ID_PATTERN})")


class UnreadablePart(msgspec.Struct, frozen=True):
    """A part of the file that is not readable. `says` is the reason, and `line` is the 0-based line of the part."""

    says: str
    line: int


class DependencyEntry(msgspec.Struct, frozen=True):
    """The entry of one achievement in `parallel.json`.

    `achievement` is the id, and `line` is the line of the id. `status` is the stored status, or None if the entry has
    no status. `status_line` is the line of the status. Lines are 0-based in the file.

    `depends_on` and `blocks` contain the names of achievements: `1.1`, or `@OTHER 1.1` for a different plan. If the
    entry has no list `blocks`, `blocks` is None. `broken` is the reason why the dependencies of the entry are not fully
    readable, else None.
    """

    achievement: str
    depends_on: tuple[str, ...]
    line: int
    blocks: tuple[str, ...] | None
    status: str | None
    status_line: int
    broken: UnreadablePart | None = None


class Parallel(msgspec.Struct, frozen=True):
    """Facts of a parallel file. `level` is the value of `parallelization_level`.

    `plan_line` is the 0-based line of `plan_name`. `broken` is the reason why the dependencies of the file are not
    fully readable, else None. For example, the file is not a JSON object, has no list `achievements`, or has an entry
    without a readable id.
    """

    plan_name: str
    plan_line: int
    level: str
    entries: tuple[DependencyEntry, ...]
    broken: UnreadablePart | None = None

    @property
    def names_others(self) -> bool:
        """Whether an entry depends on, or blocks, an achievement of a different plan."""
        name_lists = ((*entry.depends_on, *(entry.blocks or ())) for entry in self.entries)
        return any(name.startswith("@") for names in name_lists for name in names)


class ParallelFile(NamedTuple):
    """A parallel file during parsing. `line_feeds` are the character offsets of its line feeds.

    `places` maps each JSON path to the offsets of its value. `problems` grows while the file is parsed.
    """

    text: str
    line_feeds: Sequence[int]
    places: Mapping[tuple[JsonKey, ...], JsonSpan]
    problems: list[JsonIssue]

    def line(self, *path: JsonKey) -> int:
        """Return the 0-based line of the value at a JSON path.

        If the path does not exist, return the line of the nearest value around it.
        """
        while path and path not in self.places:
            path = path[:-1]
        return bisect.bisect_left(self.line_feeds, self.places[path].key_start) if path in self.places else 0

    def written_value(self, *path: JsonKey) -> str:
        """Return the value at a JSON path as the file writes it, or "" if the value has more than one line."""
        place = self.places.get(path)
        value_text = self.text[place.start : place.end] if place else ""
        return "" if "\n" in value_text else value_text


def parse_parallel(text: str) -> tuple[Parallel, tuple[JsonIssue, ...]]:
    """Return the facts of a parallel file, and its errors. Never raises: every readable part is read."""
    try:
        root_value = json.loads(text, object_pairs_hook=_object_without_repeated_keys)
    except _RepeatedKeyError as error:
        key = json.dumps(error.key, ensure_ascii=False)
        return _unreadable_result(
            f"the key {key[:MAX_KEY_CHARACTERS]} stands twice in one object",
            text.count("\n", 0, max(text.rfind(key), 0)),
        )
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: {error.msg}" if text.strip() else "it is empty, or its text cannot be read"
        return _unreadable_result(reason, error.lineno - 1)
    except (ValueError, RecursionError):
        return _unreadable_result("not readable as JSON: too deep, or a number with too many digits", 0)
    if not isinstance(root_value, dict):
        return _unreadable_result("the top level must be an object", 0)
    file = ParallelFile(text, [match.start() for match in re.finditer("\n", text)], json_spans_by_path(text), [])
    for key in REQUIRED_KEYS:
        if key not in root_value:
            file.problems.append(JsonIssue(f"`{key}` is missing", 0, severity="warning"))
    level = _text_or_empty(root_value.get("parallelization_level"))
    if "parallelization_level" in root_value and level not in PARALLEL_LEVELS:
        line, written_value = file.line("parallelization_level"), file.written_value("parallelization_level")
        message = f"`parallelization_level` must be one of {', '.join(PARALLEL_LEVELS)}"
        file.problems.append(JsonIssue(message, line, written_value, "warning"))
    entries, broken_part = root_value.get("achievements"), None
    if not isinstance(entries, list):
        broken_part = UnreadablePart("`achievements` must be a list", file.line("achievements"))
        file.problems.append(JsonIssue(broken_part.says, broken_part.line, file.written_value("achievements")))
    declared_entries = tuple(_dependency_entries(entries, file)) if isinstance(entries, list) else ()
    broken_part = broken_part or _entry_without_achievement(entries if isinstance(entries, list) else [], file)
    name = _text_or_empty(root_value.get("plan_name"))
    return Parallel(name, file.line("plan_name"), level, declared_entries, broken_part), tuple(file.problems)


class _RepeatedKeyError(ValueError):
    """A JSON object contains the same key twice. JSON parsers disagree about which of the two values counts."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _object_without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object from its (key, value) pairs. Raises _RepeatedKeyError if a key is in several pairs."""
    members = dict(pairs)
    if len(members) < len(pairs):
        earlier_keys: set[str] = set()
        raise _RepeatedKeyError(next(key for key, _ in pairs if key in earlier_keys or earlier_keys.add(key)))  # type: ignore[func-returns-value]
    return members


def _unreadable_result(reason: str, line: int) -> tuple[Parallel, tuple[JsonIssue, ...]]:
    """Return empty facts, and the error of a file that is not readable. `line` is the 0-based line of the error."""
    return Parallel("", 0, "", (), UnreadablePart(reason, line)), (JsonIssue(reason, line),)


def parse_needed_achievement(statement: str) -> NeededAchievement:
    """Return the needed achievement that `statement` names.

    `statement` is `1.1` for an achievement of the file's own plan, and `@OTHER 1.1` for an achievement of a different
    plan.
    """
    plan, _, achievement_id = statement.rpartition(" ")
    return NeededAchievement(plan.removeprefix("@"), achievement_id)


def _dependency_entries(entries: list[object], file: ParallelFile) -> list[DependencyEntry]:
    """Return an entry for each achievement in `entries`, the list `achievements` of the file.

    Errors are added to `file.problems`.
    """
    dependency_entries = []
    for number, entry in enumerate(entries):
        path: tuple[JsonKey, ...] = ("achievements", number)
        achievement = _id_of_value(entry.get("achievement_id")) if isinstance(entry, dict) else None
        if achievement is None or not isinstance(entry, dict):
            message = f"an achievement without a readable `achievement_id`: {_shorten_value(entry)}"
            file.problems.append(JsonIssue(message, file.line(*path)))
            # The entry may be about this achievement, so the achievement waits until the entry is correct.
            if id_match := ID.search(file.written_value(*path, "achievement_id")):
                line = file.line(*path, "achievement_id")
                dependency_entries.append(
                    DependencyEntry(id_match[0], (), line, None, None, line, UnreadablePart(message, line))
                )
            continue
        line = file.line(*path, "achievement_id")
        status = entry.get("status")
        if status is not None and status not in STATUSES:
            line_and_value = file.line(*path, "status"), file.written_value(*path, "status")
            message = f"`status` of {achievement} must be one of {', '.join(STATUSES)}; better leave it out, because the files show it"
            file.problems.append(JsonIssue(message, *line_and_value, "warning"))
        problem_count = len(file.problems)
        depends_on = _achievement_names_in_list(entry, "dependencies", achievement, path, file)
        for key in entry:
            if key != "dependencies" and entry[key] and _MISTAKEN_KEYS.fullmatch(key):
                message = f"{_shorten_value(key)} of {achievement} is not read: write `dependencies`"
                file.problems.append(JsonIssue(message, file.line(*path, key)))
        unread_issue = file.problems[problem_count] if len(file.problems) > problem_count else None
        blocks = _achievement_names_in_list(entry, "blocks", achievement, path, file)
        status_text = status if isinstance(status, str) else None
        broken = UnreadablePart(unread_issue.message, unread_issue.line) if unread_issue else None
        status_line = file.line(*path, "status")
        dependency_entries.append(
            DependencyEntry(achievement, depends_on or (), line, blocks, status_text, status_line, broken)
        )
    return dependency_entries


def _entry_without_achievement(entries: Sequence[object], file: ParallelFile) -> UnreadablePart | None:
    """Return an error for the first entry with dependencies but without a readable `achievement_id`, else None.

    The achievement of this entry has to wait, but is unknown.
    """
    for number, entry in enumerate(entries):
        if isinstance(entry, dict) and (entry.get("dependencies") or entry.get("blocks")):
            id_text = file.written_value("achievements", number, "achievement_id")
            if _id_of_value(entry.get("achievement_id")) is None and not ID.search(id_text):
                message = (
                    f"an achievement without a readable `achievement_id` has dependencies: {_shorten_value(entry)}"
                )
                return UnreadablePart(message, file.line("achievements", number))
    return None


def _achievement_names_in_list(
    entry: dict[str, object], key: str, achievement: str, path: tuple[JsonKey, ...], file: ParallelFile
) -> tuple[str, ...] | None:
    """Return the names of achievements in the list at `key` of an entry, or None if the entry has no list at `key`.

    `path` is the JSON path of the entry, which belongs to `achievement`. Errors are added to `file.problems`.
    """
    entry_ids = entry.get(key)
    if entry_ids is None:
        return None
    if not isinstance(entry_ids, list):
        message = f"`{key}` of {achievement} must be a list of ids"
        file.problems.append(JsonIssue(message, file.line(*path, key)))
        return None
    for number, item in enumerate(entry_ids):
        if _achievement_name(item) is None:
            message = f"{'dependency' if key == 'dependencies' else key} of {achievement} is not an id: {_shorten_value(item)}"
            line_and_value = file.line(*path, key, number), file.written_value(*path, key, number)
            file.problems.append(JsonIssue(message, *line_and_value))
    return tuple(achievement_id for item in entry_ids if (achievement_id := _achievement_name(item)))


def _achievement_name(value: object) -> str | None:
    """Return the name of an achievement that a JSON value contains, else None.

    The name is `1.1`, or `@OTHER 1.1` for an achievement of a different plan.
    """
    other_plan_match = _ID_OF_OTHER_PLAN.fullmatch(value.strip()) if isinstance(value, str) else None
    return f"@{other_plan_match['plan']} {other_plan_match['id']}" if other_plan_match else _id_of_value(value)


def _id_of_value(value: object) -> str | None:
    """Return the id in a JSON value such as `"1.1"` or `"Achievement 1.1"`, else None.

    A JSON number is not an id, because 1.10 would become 1.1.
    """
    text = value if isinstance(value, str) else ""
    bare_text = re.sub(r"(?i)^\s*achievement\s+", "", text).strip()
    return bare_text if _ID.fullmatch(bare_text) else None


def _text_or_empty(value: object) -> str:
    """Return `value` if it is a string, else an empty string."""
    return value if isinstance(value, str) else ""


def _shorten_value(value: object) -> str:
    """Return the first 80 characters of a value as JSON, without secrets."""
    return without_secrets(json.dumps(value, ensure_ascii=False))[:80]
