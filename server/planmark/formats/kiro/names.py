"""The names that a line of a spec may name: the numbers of requirements and of their criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.lines import full_width_to_ascii
from planmark.formats.kiro.grammar import DETAIL_PATTERN, REQUIREMENT_WORDS
from planmark.formats.kiro.passages import lines_of_ids, requirement_documents
from planmark.plans.format import PlanInput, Suggestion

_TYPED_NUMBER = re.compile(r"[\d.]*$")


def names(plan: PlanInput, text_before: str) -> Sequence[Suggestion]:
    """Return the requirement numbers that may follow a label such as `_Requirements:`, with the line of each."""
    match = DETAIL_PATTERN.match(full_width_to_ascii(text_before))
    if not match or match["word"].strip().casefold() not in REQUIREMENT_WORDS:
        return ()
    typed_match = _TYPED_NUMBER.search(text_before)
    suggestions = []
    for path, facts in requirement_documents(plan):
        lines = plan.text(path).splitlines()
        for number, line in lines_of_ids(facts).items():
            detail = lines[line - 1].strip() if line <= len(lines) else ""
            suggestions.append(Suggestion(number, detail, len(typed_match[0]) if typed_match else 0))
    return suggestions
