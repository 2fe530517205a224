"""The tier of model that a step needs, and why. The table is `plans/roles.py`; three things override it."""

from __future__ import annotations

import re
from typing import NamedTuple

from planmark.formats.planmark.documents.named_sections import header_field
from planmark.plans.model import NextStep
from planmark.prompts.context import Material, sections_of
from planmark.prompts.parts import Part
from planmark.prompts.template_context import deliverables
from planmark.workspace.settings import vocabulary_of

MEANS = {1: "pattern work", 2: "design and implementation", 3: "security and deep review"}
DEEP = 3
SENSITIVE = re.compile(
    r"(?:^|[/_.-])(?:auth(?:[nz]|enticat\w*|ori[sz]\w*)?|crypto\w*|encrypt\w*|login|oauth\w*|passwords?|payments?|permissions?|secrets?|security|tokens?)(?=$|[/_.-])",
    re.IGNORECASE,
)
"""Names of files whose review needs the deepest tier."""
_NUMBER = re.compile(r"[0-9]")


class Tier(NamedTuple):
    """A tier from 1 to 3, the model that the settings name for it ("" for no model), and the reason."""

    number: int
    model: str
    reason: str


def tier_of(material: Material, step: NextStep) -> Tier:
    """Return the tier of a step.

    The first of these decides: the SUBPLAN's field, sensitive files under review, the settings' tier of the role, the
    step's tier.
    """
    roles = material.snapshot.settings["roles"]
    number, reason = _number(material, step, roles)
    model = roles.get(str(number), "")
    return Tier(number, model if isinstance(model, str) else "", reason)


def tier_of_part(part: Part, roles: dict[str, object]) -> Tier:
    """Return the tier of a part of a step: that of its role in the settings, or its own."""
    set_for_role = roles.get(part.role)
    is_set = isinstance(set_for_role, int) and set_for_role in MEANS
    number = set_for_role if is_set and isinstance(set_for_role, int) else part.tier
    model = roles.get(str(number), "")
    reason = f"the settings say so for the {part.role}" if is_set else MEANS[number]
    return Tier(number, model if isinstance(model, str) else "", reason)


def _number(material: Material, step: NextStep, roles: dict[str, object]) -> tuple[int, str]:
    subplan = material.inputs.subplan if material.inputs else None
    if subplan is not None:
        vocabulary = vocabulary_of(material.snapshot.settings)
        found = header_field(sections_of(material, subplan.path), "model_tier", vocabulary)
        named = _NUMBER.search(found[1]) if found else None
        if named and int(named[0]) in MEANS:
            return int(named[0]), f"{subplan.path} asks for it"
    if step.role == "reviewer" and material.achievement:
        sensitive = next((path for path in deliverables(material) if SENSITIVE.search(path)), None)
        if sensitive:
            return DEEP, f"{sensitive} is sensitive"
    set_for_role = roles.get(step.role)
    if isinstance(set_for_role, int) and set_for_role in MEANS:
        return set_for_role, f"the settings say so for the {step.role}"
    return step.tier, MEANS[step.tier]
