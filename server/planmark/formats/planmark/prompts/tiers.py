"""The tier of model that a step of the methodology needs, with the reason.

The field Model Tier, sensitive files and settings override the tier of the step.
"""

from __future__ import annotations

import re

from planmark.formats.planmark.documents.named_sections import header_field
from planmark.formats.planmark.prompts.context import Material, sections_of
from planmark.formats.planmark.prompts.template_context import deliverables
from planmark.plans.model import NextStep
from planmark.prompts.model_tiers import TIER_MEANINGS, Tier
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.settings import vocabulary_of

HIGHEST_MODEL_TIER = 3


SENSITIVE_PATH = lazy_pattern(
    r"(?:^|[/_.-])(?:auth(?:[nz]|enticat\w*|ori[sz]\w*)?|crypto\w*|encrypt\w*|login|oauth\w*|passwords?|payments?|permissions?|secrets?|security|tokens?)(?=$|[/_.-])",
    re.IGNORECASE,
)
"""Pattern for paths of files whose review needs the highest tier."""


_NUMBER = lazy_pattern(r"[0-9]")


def tier_of(material: Material, step: NextStep) -> Tier:
    """Return the tier of model that a step needs.

    The first source that applies decides: the field Model Tier of the SUBPLAN, sensitive files under review, the tier
    of the role in the settings, the tier of the step.
    """
    roles = material.snapshot.settings["roles"]
    number, reason = _tier_number(material, step, roles)
    model = roles.get(str(number), "")
    return Tier(number, model if isinstance(model, str) else "", reason)


def _tier_number(material: Material, step: NextStep, roles: dict[str, object]) -> tuple[int, str]:
    """Return the number of the tier of a step, and the reason; `roles` is the setting `roles`."""
    subplan = material.inputs.subplan if material.inputs else None
    if subplan is not None:
        vocabulary = vocabulary_of(material.snapshot.settings)
        tier_field = header_field(sections_of(material, subplan.path), "model_tier", vocabulary)
        match = _NUMBER.search(tier_field[1]) if tier_field else None
        if match and int(match[0]) in TIER_MEANINGS:
            return int(match[0]), f"{subplan.path} asks for it"
    if step.role == "reviewer" and material.achievement:
        sensitive_path = next((path for path in deliverables(material) if SENSITIVE_PATH.search(path)), None)
        if sensitive_path:
            return HIGHEST_MODEL_TIER, f"{sensitive_path} is sensitive"
    tier_of_role = roles.get(step.role)
    if isinstance(tier_of_role, int) and tier_of_role in TIER_MEANINGS:
        return tier_of_role, f"the settings say so for the {step.role}"
    return step.tier, TIER_MEANINGS[step.tier]
