"""Plans of a format from texts, without a workspace on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace, states


class Plan(NamedTuple):
    """A plan as its format reads it."""

    state: PlanState
    diagnostics: list[Diagnostic]

    def item(self, identity: str) -> AchievementState:
        """Return the first item with an id or a ref."""
        return next(item for item in self.state.achievements if identity in (item.id, item.ref))

    def states(self) -> dict[str, str]:
        """Return the state of each item by its ref."""
        return states(self.state)

    def found(self, code: str) -> list[Diagnostic]:
        """Return the diagnostics with a code."""
        return [one for one in self.diagnostics if one.code == code]

    def lines(self, code: str) -> list[int]:
        """Return the lines of the diagnostics with a code."""
        return [one.line for one in self.found(code)]


def plans(
    name: str, files: Mapping[str, str], others: Iterable[str] = (), ignored: Iterable[str] = ()
) -> dict[str, Plan]:
    """Return the plans among files, by path. `others` are paths of files without a role."""
    workspace = FormatWorkspace(format_named(name), files, others, ignored)
    return {site.path: Plan(*workspace.checked(feature)) for feature, site in workspace.sites.items()}
