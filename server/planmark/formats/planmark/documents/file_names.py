"""The grammar of file names: the kind of document, its feature, its number (the methodology, §1.2 and §1.3)."""

from __future__ import annotations

import functools
import re
from typing import Literal

from planmark.formats.planmark.documents.ids import NUMBER_PATTERN
from planmark.plans.document import DocumentName

Kind = Literal[
    "plan", "subplan", "execution_task", "verdict", "parallel", "grammaplan", "north_star", "note", "misnamed", "format"
]
"""The kind of a file.

A `misnamed` file has no name of the grammar, but is meant as a document (see `formats/planmark/documents/misnamed.py`).
A `format` file belongs to a plan format other than the methodology (see `plans/registry.py`).
"""
VerdictKind = Literal["approved", "fix", "resolution"]

FEATURE_PATTERN = r"[A-Z0-9][A-Z0-9-]*"
NOTE_KINDS = (
    r"(?:ANALYSIS|CASE-STUD(?:Y|IES)|CHECKPOINTS?|COMPLETION|DEBUG|GUIDE|LOGS?|NOTES?|OBSERVATIONS?|PARTS?|PHASES?|PLANS?"
    r"|REPORTS?|RESPONSES?|RESULTS?|REVIEWS?|STEPS?|SUMMARY|SUPPORT|TRACKING|WORK)"
)
"""Pattern for the kinds of notes that may have a number as topic. Any other word before a number may be a feature."""
_NUMBERS_AND_WORDS = re.compile(r"([0-9]+)|([A-Z]+)")
_SUFFIX = r"(?P<suffix>(?:_[A-Z][A-Z0-9]*)*)"

GRAMMAR: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("plan", re.compile(rf"PLAN_(?P<feature>{FEATURE_PATTERN})\.md")),
    ("subplan", re.compile(rf"SUBPLAN_(?P<feature>{FEATURE_PATTERN})_(?P<number>{NUMBER_PATTERN}){_SUFFIX}\.md")),
    (
        "execution_task",
        re.compile(
            rf"EXECUTION_TASK_(?P<feature>{FEATURE_PATTERN})_(?P<number>{NUMBER_PATTERN})"
            rf"_(?P<execution>[0-9]{{1,3}}){_SUFFIX}\.md"
        ),
    ),
    (
        "verdict",
        re.compile(
            rf"(?P<verdict>APPROVED|FIX)_(?P<number>(?:{NUMBER_PATTERN})(?:_[0-9]{{1,2}})?)"
            rf"(?:_(?:R|ROUND|V)(?P<round>[0-9]{{1,2}}))?(?P<resolution>_RESOLUTION)?\.md",
            re.ASCII,
        ),
    ),
    ("grammaplan", re.compile(rf"GRAMMAPLAN_(?P<feature>{FEATURE_PATTERN})\.md")),
    ("north_star", re.compile(rf"NORTH_STAR_(?P<feature>{FEATURE_PATTERN})\.md")),
    (
        "note",
        re.compile(
            rf"EXECUTION_(?!(?!{NOTE_KINDS}_)[A-Z-]+_\d{{1,4}}(?:_|\.md))"
            r"(?P<note_kind>(?!TASKS?[_-])[A-Z]+(?:-[A-Z]+)*)_(?P<topic>(?!\d{1,4}_\d{1,3}\.md).+)\.md"
        ),
    ),
)
"""Kind → the pattern of its file names. The first row that matches the whole file name wins."""

PARALLEL_NAMES = frozenset({"parallel.json"})
MAX_NAMES = 65_536
"""Maximum number of parsed names in the cache."""
METHOD_FOLDERS = ("LLM/templates", "LLM/examples", "LLM/guides")
"""Folders with documents that explain the methodology. They do not count as work."""


class Name(DocumentName, frozen=True, omit_defaults=True):
    """A parsed file name. `number` is as written (`11`, `01_11`); `suffix` has no leading underscore (`V2`).

    `round` is the round of a verdict if a letter marks it (`FIX_11_R2`). The last group of digits without a letter
    (`FIX_11_02`) may be a round too: `without_round` removes it, and the ids of the PLAN decide.
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
        """The mark of a re-run of the same number (`V2`, `RECOVERY`, …).

        The mark is "" for the first run and for archived copies.
        """
        return "" if self.is_archived else self.suffix

    @property
    def rerun_order(self) -> tuple[tuple[bool, int, str], ...]:
        """The sort key of re-runs. Numbers sort by value, so that `V10` follows `V9`; the first run comes first."""
        return tuple(
            (word != "", len(number.lstrip("0")), word or number.lstrip("0"))
            for number, word in _NUMBERS_AND_WORDS.findall(self.rerun_mark)
        )


@functools.lru_cache(maxsize=MAX_NAMES)
def parse_name(file_name: str) -> Name | None:
    """Return the parsed name of a file, without its folder. Return None if it is not a name of the methodology."""
    if file_name in PARALLEL_NAMES:
        return Name(kind="parallel")
    if file_name.endswith("-TEMPLATE.md"):
        return None
    for kind, pattern in GRAMMAR:
        if match := pattern.fullmatch(file_name):
            return _name(kind, match.groupdict(default=""))
    return None


def without_round(number: str) -> tuple[str, int] | None:
    """Return the number of a verdict without its round, and the round: `11_02` → (`11`, 2).

    Return None if the number cannot end with a round.
    """
    first, _, last = number.rpartition("_")
    return (first, int(last)) if re.fullmatch(NUMBER_PATTERN, first) else None


def in_method_folder(path: str) -> bool:
    """Tell whether `path` (relative, with `/`) is in a folder of templates, examples or guides of the method."""
    padded_path = f"/{path}"
    return any(f"/{folder}/" in padded_path for folder in METHOD_FOLDERS)


def _name(kind: Kind, groups: dict[str, str]) -> Name:
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
    if groups["resolution"]:
        return "resolution"
    return "approved" if groups["verdict"] == "APPROVED" else "fix"
