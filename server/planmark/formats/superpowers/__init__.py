"""The format of superpowers: `docs/superpowers/plans/DATE-name.md` with tasks and steps."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from planmark.formats.checkbox.work_scopes import task_scopes
from planmark.formats.superpowers import layout, reading
from planmark.formats.superpowers.evaluate import evaluate, facts_of, places
from planmark.formats.superpowers.ledger import LedgerFacts, read_ledger
from planmark.formats.superpowers.links import links
from planmark.formats.superpowers.passages import details
from planmark.formats.superpowers.prompts import COMMAND_REPLACEMENTS, explain, prompt
from planmark.formats.superpowers.rules import check
from planmark.formats.superpowers.ticking import tick
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.work_scope import WorkScope


class DesignFacts(msgspec.Struct, frozen=True, tag="design"):
    """The facts of a specification. There are no fields, because Planmark only quotes a specification."""


def parse(_path: str, role: str, text: str) -> msgspec.Struct:
    """Return the facts of the document with this role and text."""
    if role == layout.LEDGER:
        return read_ledger(text)
    return DesignFacts() if role == layout.DESIGN else reading.read(text)


def counts_for_plan(document: FormatDocument) -> bool:
    """Tell whether a document counts for a plan. In `docs/plans/`, only a document with the text of a plan counts."""
    return document.role != layout.CANDIDATE or document.facts.is_plan


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return a mapping from the ref of each task to the scope of the work on the task."""
    return task_scopes(facts_of(plan_input).task_list.tasks, layout.root_of(plan_input.site.path))


FORMAT = Format(
    name=layout.NAME,
    title="superpowers",
    role_of=layout.role_of,
    parse=parse,
    facts=reading.PlanFacts | LedgerFacts | DesignFacts,
    places=places,
    discover=layout.discover,
    evaluate=evaluate,
    check=check,
    tick=tick,
    counts=counts_for_plan,
    explain=explain,
    prompt=prompt,
    details=details,
    links=links,
    commands=COMMAND_REPLACEMENTS,
    scopes=scopes,
    types={layout.DESIGN: ("spec", "design"), layout.CANDIDATE: ("plan",)},
)
