"""The table of the formats that Planmark reads beside the methodology."""

from __future__ import annotations

import re

from planmark.plans.registry import RegisteredFormat
from planmark.text.lazy_pattern import lazy_pattern

FORMATS: tuple[RegisteredFormat, ...] = (
    RegisteredFormat(
        "openspec",
        "planmark.formats.openspec",
        lazy_pattern(r"(?:^|/)openspec/", re.IGNORECASE),
        "planmark.formats.openspec.codes",
    ),
    RegisteredFormat("kiro", "planmark.formats.kiro", lazy_pattern(r"(?:^|/)\.kiro/"), "planmark.formats.kiro.codes"),
    RegisteredFormat(
        "speckit",
        "planmark.formats.speckit",
        lazy_pattern(r"(?:^|/)(?:specs/\d{3}|\.specify/)"),
        "planmark.formats.speckit.codes",
    ),
    RegisteredFormat(
        "superpowers",
        "planmark.formats.superpowers",
        lazy_pattern(r"(?:^|/)(?:docs/(?:superpowers/)?(?:plans|specs)|\.superpowers/sdd)/", re.IGNORECASE),
        "planmark.formats.superpowers.codes",
    ),
    RegisteredFormat("gsd", "planmark.formats.gsd", lazy_pattern(r"(?:^|/)\.planning/"), "planmark.formats.gsd.codes"),
    RegisteredFormat(
        "featureplanner",
        "planmark.formats.featureplanner",
        lazy_pattern(r"(?:^|/)docs/plans/PLAN_"),
        "planmark.formats.featureplanner.codes",
        is_shared=True,
    ),
)
"""The formats beside the methodology, the most specific first.

A path belongs to the first format whose `role_of` returns a role for the path.
"""
METHODOLOGY_PARTS: dict[str, str] = {
    "vocabulary": "planmark.formats.planmark.documents.vocabulary:DEFAULT_VOCABULARY",
    "documents": "planmark.formats.planmark.documents.reading:METHODOLOGY_DOCUMENTS",
    "ownership": "planmark.formats.planmark.ownership.ownership:PlanOwnership",
    "work": "planmark.formats.planmark.workflow.evaluating:WORK",
    "prompts": "planmark.formats.planmark.prompts.prompting:PROMPTS",
    "templates": "planmark.formats.planmark.prompts:TEMPLATES_FOLDER",
    "authoring": "planmark.formats.planmark.commands.files:AUTHORING",
    "answers": "planmark.formats.planmark.commands.answers:WORK_ANSWERS",
    "editor": "planmark.formats.planmark.editor.editing:EDITOR",
    "work_editor": "planmark.formats.planmark.editor.editing:WORK_EDITOR",
    "rules": "planmark.formats.planmark.rules:RULES",
    "preflight": "planmark.formats.planmark.workflow.preflight:PREFLIGHT",
    "learning": "planmark.formats.planmark.commands.learning:LEARNING",
    "properties": "planmark.formats.planmark.commands.properties:PROPERTIES",
    "work_scopes": "planmark.formats.planmark.workflow.work_scopes:work_scopes",
}
"""Mapping from the name of a part of the methodology to `MODULE:NAME`: the module and the name of the value in it.

Each layer of the core defines the type of its part.
"""
