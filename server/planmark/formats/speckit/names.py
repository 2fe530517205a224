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
    specs = [
        (path, format_document.facts)
        for path, format_document in plan.documents.items()
        if isinstance(format_document.facts, SpecFacts)
    ]
    if match := _STORY.search(before):
        typed_length = len(match["typed"])
        return [
            Suggestion(f"US{story.number}", story.title, typed_length) for _, spec in specs for story in spec.stories
        ]
    if match := _REQUIREMENT.search(before):
        typed_length, kind = len(match["typed"]), match["typed"][:2]
        return [
            Suggestion(format_document.id, _line(plan, path, format_document.line), typed_length)
            for path, spec in specs
            for format_document in spec.requirements
            if format_document.id.startswith(kind)
        ]
    return ()


def _line(plan: PlanInput, path: str, number: int) -> str:
    lines = plan.text(path).splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""
