"""The grammar of file names: the kind of document, its feature, its number (the methodology, §1.2 and §1.3)."""

from __future__ import annotations

import functools
import re
from typing import Literal

from planmark.formats.planmark.documents.ids import NUMBER_PATTERN
from planmark.plans.document import DocumentName
from planmark.text.lazy_pattern import lazy_pattern

FileKind = Literal[
    "plan", "subplan", "execution_task", "verdict", "parallel", "grammaplan", "north_star", "note", "misnamed", "format"
]
"""The kind of a file.

A `misnamed` file has no name of the grammar, but is meant as a document (see `formats/planmark/documents/misnamed.py`).
A `format` file belongs to a plan format other than the methodology (see `plans/registry.py`).
"""
VerdictKind = Literal["approved", "fix", "resolution"]

FEATURE_PATTERN = r"[A-Z0-9][A-Z0-9-]*"
NOTE_KIND_PATTERN = (
    r"(?:ANALYSIS|CASE-STUD(?:Y|IES)|CHECKPOINTS?|COMPLETION|DEBUG|GUIDE|LOGS?|NOTES?|OBSERVATIONS?|PARTS?|PHASES?|PLANS?"
    r"|REPORTS?|RESPONSES?|RESULTS?|REVIEWS?|STEPS?|SUMMARY|SUPPORT|TRACKING|WORK)"
)
"""Pattern for the kinds of notes that may have a number as topic. Any other word before a number may be a feature."""
_NUMBERS_AND_WORDS = lazy_pattern(r"([0-9]+)|([A-Z]+)")
"""Pattern that splits a suffix into numbers and words."""
_SUFFIX = r"(?P<suffix>(?:_[A-Z][A-Z0-9]*)*)"
"""Pattern for the words after the number of a file name."""

FILE_NAME_PATTERNS: tuple[tuple[FileKind, re.Pattern[str]], ...] = (
    ("plan", lazy_pattern(rf"PLAN_(?P<feature>{FEATURE_PATTERN})\.md")),
    ("subplan", lazy_pattern(rf"SUBPLAN_(?P<feature>{FEATURE_PATTERN})_(?P<number>{NUMBER_PATTERN}){_SUFFIX}\.md")),
    (
        "execution_task",
        lazy_pattern(
            rf"EXECUTION_TASK_(?P<feature>{FEATURE_PATTERN})_(?P<number>{NUMBER_PATTERN})"
            rf"_(?P<execution>[0-9]{{1,3}}){_SUFFIX}\.md"
        ),
    ),
    (
        "verdict",
        lazy_pattern(
            rf"(?P<verdict>APPROVED|FIX)_(?P<number>(?:{NUMBER_PATTERN})(?:_[0-9]{{1,2}})?)"
            rf"(?:_(?:R|ROUND|V)(?P<round>[0-9]{{1,2}}))?(?P<resolution>_RESOLUTION)?\.md",
            re.ASCII,
        ),
    ),
    ("grammaplan", lazy_pattern(rf"GRAMMAPLAN_(?P<feature>{FEATURE_PATTERN})\.md")),
    ("north_star", lazy_pattern(rf"NORTH_STAR_(?P<feature>{FEATURE_PATTERN})\.md")),
    (
        "note",
        lazy_pattern(
            rf"EXECUTION_(?!(?!{NOTE_KIND_PATTERN}_)[A-Z-]+_\d{{1,4}}(?:_|\.md))"
            r"(?P<note_kind>(?!TASKS?[_-])[A-Z]+(?:-[A-Z]+)*)_(?P<topic>(?!\d{1,4}_\d{1,3}\.md).+)\.md"
        ),
    ),
)
"""Pairs of a kind and the pattern of its file names. The first pattern that matches the whole file name decides."""

PARALLEL_NAMES = frozenset({"parallel.json"})
MAX_CACHED_NAMES = 65_536
"""Maximum number of parsed names in the cache."""
METHOD_FOLDERS = ("LLM/templates", "LLM/examples", "LLM/guides")
"""Folders with documents that explain the methodology. They do not count as work."""


class Name(DocumentName, frozen=True, omit_defaults=True):
    """A parsed file name. `number` is the number as written, such as `11` or `01_11`.

    `suffix` contains the words after the number, such as `V2`, without the first underscore. `execution` is the number
    of an execution, else 0. `verdict` is the kind of a verdict. `note_kind` and `topic` are the two parts of the name
    of a note.

    `round` is the round of a verdict if a letter marks the round, as in `FIX_11_R2`. In `FIX_11_02`, the last digits
    may also be a round. The ids of the PLAN decide this. `number_and_round` splits the number.
    """

    execution: int = 0
    suffix: str = ""
    verdict: VerdictKind | None = None
    note_kind: str = ""
    topic: str = ""
    round: int | None = None

    @property
    def is_verdict_of_unknown_kind(self) -> bool:
        """Whether the file is meant as a verdict, but its name does not say which kind of verdict: `REVIEW_11.md`."""
        return self.meant_kind == "verdict" and self.verdict is None

    @property
    def is_archived(self) -> bool:
        """Whether the name marks the file as an archived copy: `…_ARCHIVED.md`."""
        return "ARCHIVED" in self.suffix.split("_")

    @property
    def rerun_mark(self) -> str:
        """The suffix that marks a re-run with the same number, such as `V2` or `RECOVERY`.

        The first run and archived copies have the mark "".
        """
        return "" if self.is_archived else self.suffix

    @property
    def rerun_order(self) -> tuple[tuple[bool, int, str], ...]:
        """The key that sorts the runs with the same number. The first run comes first, and `V10` comes after `V9`."""
        return tuple(
            (word != "", len(number.lstrip("0")), word or number.lstrip("0"))
            for number, word in _NUMBERS_AND_WORDS.findall(self.rerun_mark)
        )


@functools.lru_cache(maxsize=MAX_CACHED_NAMES)
def parse_name(file_name: str) -> Name | None:
    """Return the parsed name of a file, or None if `file_name` is not a name of the methodology.

    `file_name` contains no folder.
    """
    if file_name in PARALLEL_NAMES:
        return Name(kind="parallel")
    if file_name.endswith("-TEMPLATE.md"):
        return None
    for kind, pattern in FILE_NAME_PATTERNS:
        if match := pattern.fullmatch(file_name):
            return _name(kind, match.groupdict(default=""))
    return None


def number_and_round(number: str) -> tuple[str, int] | None:
    """Split the number of a verdict that may end with a round: `11_02` → (`11`, 2).

    Return None if `number` cannot end with a round.
    """
    first, _, last = number.rpartition("_")
    return (first, int(last)) if re.fullmatch(NUMBER_PATTERN, first) else None


def in_method_folder(path: str) -> bool:
    """Tell whether `path` is in a folder of templates, examples or guides of the methodology.

    `path` is relative, with `/` between its parts.
    """
    padded_path = f"/{path}"
    return any(f"/{folder}/" in padded_path for folder in METHOD_FOLDERS)


def _name(kind: FileKind, groups: dict[str, str]) -> Name:
    """Return the parsed name of a file of the kind `kind`.

    `groups` maps the names of the groups of the pattern to the texts that they match.
    """
    return Name(
        kind=kind,
        feature=groups.get("feature", ""),
        number=groups.get("number", ""),
        execution=int(groups.get("execution") or 0),
        suffix=groups.get("suffix", "").lstrip("_"),
        verdict=_verdict_kind(groups) if kind == "verdict" else None,
        note_kind=groups.get("note_kind", ""),
        topic=groups.get("topic", ""),
        round=int(groups["round"]) if groups.get("round") else None,
    )


def _verdict_kind(groups: dict[str, str]) -> VerdictKind:
    """Return the kind of a verdict. `groups` are the groups of the match of its file name."""
    if groups["resolution"]:
        return "resolution"
    return "approved" if groups["verdict"] == "APPROVED" else "fix"
