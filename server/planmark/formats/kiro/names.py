"""Suggestions for a line of a spec: the numbers of requirements and of their criteria."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.checkbox.lines import full_width_to_ascii
from planmark.formats.kiro.grammar import DETAIL_PATTERN, REQUIREMENT_WORDS
from planmark.formats.kiro.passages import line_by_requirement_id, requirement_documents
from planmark.plans.format import PlanInput, Suggestion
from planmark.text.lazy_pattern import lazy_pattern

_TYPED_NUMBER = lazy_pattern(r"[\d.]*$")


def names(plan: PlanInput, text_before: str) -> Sequence[Suggestion]:
    """Return the numbers of all requirements and criteria, if the cursor follows a label such as `_Requirements:`.

    The detail of a suggestion is the text of the line with the number. `text_before` is the text of the line before the
    cursor.
    """
    match = DETAIL_PATTERN.match(full_width_to_ascii(text_before))
    if not match or match["word"].strip().casefold() not in REQUIREMENT_WORDS:
        return ()
    typed_match = _TYPED_NUMBER.search(text_before)
    suggestions = []
    for path, facts in requirement_documents(plan):
        lines = plan.text(path).splitlines()
        for number, line in line_by_requirement_id(facts).items():
            detail = lines[line - 1].strip() if line <= len(lines) else ""
            suggestions.append(Suggestion(number, detail, len(typed_match[0]) if typed_match else 0))
    return suggestions
