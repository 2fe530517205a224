"""The references of a prompt to earlier work: similar cases of the workspace, and known failures."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from planmark.plans.case import Case, CaseKind
from planmark.plans.model import Step
from planmark.prompts.tokens import estimate
from planmark.text.failure_patterns import FailurePattern

STEPS_WITH_REFERENCES: tuple[Step, ...] = ("address_fix", "unblock", "re_review")
"""The steps whose prompts have references."""
MAX_REFERENCES = 2
"""Maximum number of similar cases, and of known failures, in a prompt."""
MAX_REFERENCE_TOKENS = 60
"""Maximum number of tokens of one reference."""
MIN_WORDS = 4
"""Minimum number of words of an excerpt; a shorter excerpt says nothing."""
_ANSWER = re.compile(
    r"(?i)\b(?:fix(?:ed|es)?|solution|solved|resolved|resolution|learned|learning|lesson|changed?|instead)\b"
)
_LINE_MARK = re.compile(r"^[\s>#|*+-]*(?:\[.\]\s*)?|[*`]+")


class CaseReference(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A similar case: its document and lines (1-based, inclusive), its kind and heading, and what it says in short."""

    path: str
    start: int
    end: int
    kind: CaseKind
    title: str
    excerpt: str


class PatternReference(msgspec.Struct, frozen=True):
    """A known failure that a document shows, at a 1-based line: its meaning, what to do in words, and the setting."""

    id: str
    path: str
    line: int
    says: str
    fix: str
    setting: str = ""


class Learned(NamedTuple):
    """The references of a prompt."""

    similar: tuple[CaseReference, ...] = ()
    patterns: tuple[PatternReference, ...] = ()


NOTHING_LEARNED = Learned()


def case_reference(path: str, case: Case) -> CaseReference | None:
    """Return the reference to a case in at most MAX_REFERENCE_TOKENS tokens; None if its path leaves no room for words."""
    reference = CaseReference(path, case.start, case.end, case.kind, case.title, "")
    words = excerpt_words(case)
    while len(words) >= MIN_WORDS:
        reference = msgspec.structs.replace(reference, excerpt=" ".join(words))
        excess = estimate(case_line(reference)) - MAX_REFERENCE_TOKENS
        if excess <= 0:
            return reference
        words = [*words[: -max(1, excess // 2)], "…"] if words[-1] != "…" else [*words[: -1 - max(1, excess // 2)], "…"]
    return None


def excerpt_words(case: Case) -> list[str]:
    """Return the first words of a case without markup, from the first line with a solution, else from its beginning."""
    lines = [text for line in case.text.splitlines() if (text := _LINE_MARK.sub("", line).strip())]
    first_line = next((number for number, text in enumerate(lines) if _ANSWER.search(text)), 0)
    return " ".join(lines[first_line : first_line + 6]).split()[:80]


def case_line(reference: CaseReference) -> str:
    """Return the line of a prompt about a similar case."""
    lines = f"lines {reference.start}-{reference.end}" if reference.end > reference.start else f"line {reference.start}"
    return f"`{reference.path}` {lines}: {reference.excerpt}"


def pattern_reference(pattern: FailurePattern, path: str, line: int) -> PatternReference:
    """Return the reference to a known failure that a document shows in a line (1-based)."""
    return PatternReference(pattern.id, path, line, pattern.says, pattern.fix, pattern.setting)


def learned_lines(learned: Learned) -> dict[str, Any]:
    """Return the variables of a template that describe the references."""
    return {
        "similar": [case_line(reference) for reference in learned.similar],
        "failures": [
            f"`{pattern.id}` (`{pattern.path}` line {pattern.line}): {pattern.says} {pattern.fix}"
            + (f" Setting: `{pattern.setting}`." if pattern.setting else "")
            for pattern in learned.patterns
        ],
    }
