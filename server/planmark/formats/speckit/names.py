"""The names that a task line of a feature may contain: stories, requirements and success criteria."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.formats.speckit.documents import SpecFacts
from planmark.plans.format import PlanInput, Suggestion
from planmark.text.lazy_pattern import lazy_pattern

_TYPED_STORY = lazy_pattern(r"\[(?P<typed>U?S?\d*)$")
"""Pattern for the beginning of a story label at the end of a text."""
_TYPED_REQUIREMENT = lazy_pattern(r"(?<![\w-])(?P<typed>(?:FR|SC)-?\d*)$")
"""Pattern for the beginning of the id of a requirement at the end of a text."""


def names(plan: PlanInput, text_before: str) -> Sequence[Suggestion]:
    """Return the names that may follow a text: stories after `[`, requirements after `FR-` or `SC-`.

    `text_before` is the part of a line before the cursor.
    """
    specs = [
        (path, document.facts) for path, document in plan.documents.items() if isinstance(document.facts, SpecFacts)
    ]
    if match := _TYPED_STORY.search(text_before):
        typed_length = len(match["typed"])
        return [
            Suggestion(f"US{story.number}", story.title, typed_length) for _, spec in specs for story in spec.stories
        ]
    if match := _TYPED_REQUIREMENT.search(text_before):
        typed_length, prefix = len(match["typed"]), match["typed"][:2]
        return [
            Suggestion(requirement.id, _text_of_line(plan, path, requirement.line), typed_length)
            for path, spec in specs
            for requirement in spec.requirements
            if requirement.id.startswith(prefix)
        ]
    return ()


def _text_of_line(plan: PlanInput, path: str, line_number: int) -> str:
    """Return the text of a 1-based line without blanks around it; "" for a line after the end."""
    lines = plan.text(path).splitlines()
    return lines[line_number - 1].strip() if line_number <= len(lines) else ""
