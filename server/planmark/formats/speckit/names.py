"""The names that a task line of a feature may contain: stories, requirements and success criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.speckit.documents import SpecFacts
from planmark.plans.format import PlanInput, Suggestion

_TYPED_STORY = re.compile(r"\[(?P<typed>U?S?\d*)$")
_TYPED_REQUIREMENT = re.compile(r"(?<![\w-])(?P<typed>(?:FR|SC)-?\d*)$")


def names(plan: PlanInput, text_before: str) -> Sequence[Suggestion]:
    """Return the stories that may follow `[`, or the requirements that may follow `FR-` or `SC-`."""
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


def _text_of_line(plan: PlanInput, path: str, number: int) -> str:
    lines = plan.text(path).splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""
