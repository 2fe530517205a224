"""The names that a task line of a feature may name: stories, requirements and success criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.speckit.documents import SpecFacts
from planmark.plans.format import PlanInput, Suggestion

_STORY = re.compile(r"\[(?P<typed>U?S?\d*)$")
_REQUIREMENT = re.compile(r"(?<![\w-])(?P<typed>(?:FR|SC)-?\d*)$")


def names(plan: PlanInput, before: str) -> Sequence[Suggestion]:
    """Return the stories that may follow `[`, or the requirements that may follow `FR-` or `SC-`."""
    specs = [(path, one.facts) for path, one in plan.documents.items() if isinstance(one.facts, SpecFacts)]
    if match := _STORY.search(before):
        typed = len(match["typed"])
        return [Suggestion(f"US{story.number}", story.title, typed) for _, spec in specs for story in spec.stories]
    if match := _REQUIREMENT.search(before):
        typed, kind = len(match["typed"]), match["typed"][:2]
        return [
            Suggestion(one.id, _line(plan, path, one.line), typed)
            for path, spec in specs
            for one in spec.requirements
            if one.id.startswith(kind)
        ]
    return ()


def _line(plan: PlanInput, path: str, number: int) -> str:
    lines = plan.text(path).splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""
