"""The format of feature-planner: `docs/plans/PLAN_name.md` with phases, tasks and quality gates."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from planmark.formats.checkbox.tick import tick_function
from planmark.formats.checkbox.work_scopes import task_scopes
from planmark.formats.featureplanner import layout, reading
from planmark.formats.featureplanner.evaluate import evaluate, facts_of, places
from planmark.formats.featureplanner.links import links
from planmark.formats.featureplanner.passages import details
from planmark.formats.featureplanner.prompts import COMMAND_REPLACEMENTS, explain, prompt
from planmark.formats.featureplanner.rules import check
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.work_scope import WorkScope


def parse(_path: str, _role: str, text: str) -> msgspec.Struct:
    """Return the facts of a document."""
    return reading.read(text)


def is_plan_document(document: FormatDocument) -> bool:
    """Tell whether a document is a plan: it must have the title of a plan, and a phase."""
    return bool(document.facts.is_plan)


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return the scope of the work on each task, by ref."""
    return task_scopes(facts_of(plan_input).task_list.tasks, layout.root_of(plan_input.site.path))


FORMAT = Format(
    name=layout.NAME,
    title="feature-planner",
    role_of=layout.role_of,
    parse=parse,
    facts=reading.PhasedPlanFacts,
    places=places,
    discover=layout.discover,
    evaluate=evaluate,
    check=check,
    tick=tick_function("x", with_parents=False),
    counts=is_plan_document,
    explain=explain,
    prompt=prompt,
    details=details,
    links=links,
    commands=COMMAND_REPLACEMENTS,
    scopes=scopes,
)
