"""Preflight of an achievement, or of an item in a different format: its findings about the files before a review."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from planmark.plans.format import PlanSite
from planmark.plans.model import AchievementState
from planmark.plans.preflight import PREFLIGHT_CODES, Preflight, PreflightFinding
from planmark.plans.registry import methodology_part
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.settings import is_code_off
from planmark.workspace.snapshot import Exists


@functools.cache
def methodology_preflight() -> Preflight:
    """Return the preflight of the methodology. The first call imports its module."""
    preflight: Preflight = methodology_part("preflight")
    return preflight


def preflight_of(
    view: View, plan: AnyPlan, achievement: AchievementState, exists: Exists | None = None
) -> tuple[PreflightFinding, ...]:
    """Return the findings of preflight about an achievement, or about an item of a plan in a different format.

    `exists` tells whether a file exists. If `exists` is None, the last scan decides, and the disk is not read.
    """
    if isinstance(plan, PlanSite):
        return tuple(_findings_of_item(view, plan, achievement))
    inputs = view.evaluations[plan.path].inputs[achievement.id]
    return methodology_preflight().find(view.snapshot, plan, inputs, exists or view.snapshot.present_paths.__contains__)


def findings_before_review(
    view: View, plan: AnyPlan, achievement: AchievementState, exists: Exists | None = None
) -> tuple[PreflightFinding, ...]:
    """Return the findings of preflight about an achievement that waits for a review; () for other achievements.

    In formats other than the methodology, return the findings about an item that is ticked, but unsupported.
    """
    is_due = (
        achievement.state == "unsupported"
        if isinstance(plan, PlanSite)
        else achievement.state in methodology_preflight().due_states
    )
    return preflight_of(view, plan, achievement, exists) if is_due else ()


def _findings_of_item(view: View, site: PlanSite, item: AchievementState) -> Iterator[PreflightFinding]:
    """Yield the findings about an item: the diagnostics with a code in PREFLIGHT_CODES on the lines of the item.

    The lines of an item end before the next item of its document. Codes that the settings turn off are left out.
    """
    item_lines = sorted(
        achievement.line for achievement in view.state(site.path).achievements if achievement.path == item.path
    )
    next_line = next((line for line in item_lines if line > item.line), None)
    for diagnostic in view.formats[site.path].diagnostics:
        is_on_item = (
            diagnostic.path == item.path
            and item.line <= diagnostic.line
            and (next_line is None or diagnostic.line < next_line)
        )
        if (
            is_on_item
            and diagnostic.code in PREFLIGHT_CODES
            and not is_code_off(view.snapshot.settings, item.path, diagnostic.code)
        ):
            yield PreflightFinding(diagnostic.code, diagnostic.path, diagnostic.line, diagnostic.message)
