"""The references of a prompt to earlier work: similar cases of the workspace, and known failures."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from planmark.plans.case import Case, CaseKind
from planmark.plans.model import Step
from planmark.prompts.tokens import estimate_tokens
from planmark.text.failure_patterns import FailurePattern
from planmark.text.lazy_pattern import lazy_pattern

STEPS_WITH_REFERENCES: tuple[Step, ...] = ("address_fix", "unblock", "re_review")
"""The steps whose prompts have references."""
MAX_REFERENCES = 2
"""Maximum number of similar cases, and of known failures, in a prompt."""
MAX_REFERENCE_TOKENS = 60
"""Maximum number of tokens of one reference."""
MIN_EXCERPT_WORDS = 4
"""Minimum number of words of an excerpt. A case with a shorter excerpt gets no reference."""
_SOLUTION_WORD = lazy_pattern(
    r"(?i)\b(?:fix(?:ed|es)?|solution|solved|resolved|resolution|learned|learning|lesson|changed?|instead)\b"
)
"""A word that marks a line as a solution."""
_MARKUP = lazy_pattern(r"^[\s>#|*+-]*(?:\[.\]\s*)?|[*`]+")


class CaseReference(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A similar case: its document and lines (1-based, inclusive), its kind, its heading, and a short excerpt."""

    path: str
    start: int
    end: int
    kind: CaseKind
    title: str
    excerpt: str


class PatternReference(msgspec.Struct, frozen=True):
    """A known failure that a document shows at a 1-based line: its meaning, and what to do, in words. `setting` is the
    setting of Planmark that decides whether the failure occurs, or "".
    """

    id: str
    path: str
    line: int
    says: str
    fix: str
    setting: str = ""


class PromptReferences(NamedTuple):
    """The references of a prompt to similar cases and to known failures."""

    similar: tuple[CaseReference, ...] = ()
    patterns: tuple[PatternReference, ...] = ()


NO_REFERENCES = PromptReferences()


def case_reference(path: str, case: Case) -> CaseReference | None:
    """Return the reference to a case in the document at `path`, with at most MAX_REFERENCE_TOKENS tokens.

    Return None if fewer than MIN_EXCERPT_WORDS words fit into these tokens.
    """
    reference = CaseReference(path, case.start, case.end, case.kind, case.title, "")
    words = excerpt_words(case)
    while len(words) >= MIN_EXCERPT_WORDS:
        reference = msgspec.structs.replace(reference, excerpt=" ".join(words))
        excess_tokens = estimate_tokens(case_line(reference)) - MAX_REFERENCE_TOKENS
        if excess_tokens <= 0:
            return reference
        words = (
            [*words[: -max(1, excess_tokens // 2)], "…"]
            if words[-1] != "…"
            else [*words[: -1 - max(1, excess_tokens // 2)], "…"]
        )
    return None


def excerpt_words(case: Case) -> list[str]:
    """Return the words for the excerpt of a case: at most 80 words of six lines, without markup. The excerpt begins
    with the first line about a solution, else with the first line.
    """
    lines = [text for line in case.text.splitlines() if (text := _MARKUP.sub("", line).strip())]
    first_line = next((number for number, text in enumerate(lines) if _SOLUTION_WORD.search(text)), 0)
    return " ".join(lines[first_line : first_line + 6]).split()[:80]


def case_line(reference: CaseReference) -> str:
    """Return the line about a similar case in a prompt."""
    lines = f"lines {reference.start}-{reference.end}" if reference.end > reference.start else f"line {reference.start}"
    return f"`{reference.path}` {lines}: {reference.excerpt}"


def pattern_reference(pattern: FailurePattern, path: str, line: int) -> PatternReference:
    """Return the reference to a known failure that the document at `path` shows at a 1-based line."""
    return PatternReference(pattern.id, path, line, pattern.says, pattern.fix, pattern.setting)


def template_variables_of(references: PromptReferences) -> dict[str, Any]:
    """Return the variables of a template for references: the lines about similar cases and about known failures."""
    return {
        "similar": [case_line(reference) for reference in references.similar],
        "failures": [
            f"`{pattern.id}` (`{pattern.path}` line {pattern.line}): {pattern.says} {pattern.fix}"
            + (f" Setting: `{pattern.setting}`." if pattern.setting else "")
            for pattern in references.patterns
        ],
    }
