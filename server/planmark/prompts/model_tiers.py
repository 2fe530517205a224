"""The tiers of models, and the reason for each tier."""

from __future__ import annotations

from typing import NamedTuple

from planmark.prompts.parts import Part

TIER_MEANINGS = {1: "pattern work", 2: "design and implementation", 3: "security and deep review"}
"""Mapping from a tier to the kind of work that needs a model of this tier."""


class Tier(NamedTuple):
    """The tier of a model: its number from 1 to 3, the model that the settings name, and the reason for the tier.

    `model` is "" if the settings name no model for this tier.
    """

    number: int
    model: str
    reason: str


def tier_of_part(part: Part, roles: dict[str, object]) -> Tier:
    """Return the tier of a part of a step: the tier that `roles` has for its role, else the default tier of the part.

    `roles` is the setting `roles`. It maps the name of a role to a tier. It also maps a tier as text, such as "2", to a
    model.
    """
    role_setting = roles.get(part.role)
    is_set_for_role = isinstance(role_setting, int) and role_setting in TIER_MEANINGS
    number = role_setting if is_set_for_role and isinstance(role_setting, int) else part.tier
    model = roles.get(str(number), "")
    reason = f"the settings say so for the {part.role}" if is_set_for_role else TIER_MEANINGS[number]
    return Tier(number, model if isinstance(model, str) else "", reason)
