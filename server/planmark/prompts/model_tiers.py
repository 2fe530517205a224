"""The tiers of models, and the reason for each tier."""

from __future__ import annotations

from typing import NamedTuple

from planmark.prompts.parts import Part

TIER_MEANINGS = {1: "pattern work", 2: "design and implementation", 3: "security and deep review"}


class Tier(NamedTuple):
    """A tier from 1 to 3, the model that the settings name for it ("" for no model), and the reason."""

    number: int
    model: str
    reason: str


def tier_of_part(part: Part, roles: dict[str, object]) -> Tier:
    """Return the tier of a part of a step: the tier of its role in the settings, else the default tier of the part."""
    set_for_role = roles.get(part.role)
    is_set = isinstance(set_for_role, int) and set_for_role in TIER_MEANINGS
    number = set_for_role if is_set and isinstance(set_for_role, int) else part.tier
    model = roles.get(str(number), "")
    reason = f"the settings say so for the {part.role}" if is_set else TIER_MEANINGS[number]
    return Tier(number, model if isinstance(model, str) else "", reason)
