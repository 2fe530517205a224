"""The costs of roles: the tokens of the prompts that each role would get now for the open achievements of plans. Each
role has a share of a budget.

The roles, their shares and the budget of 8,000 tokens come from the research on autonomous development.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from planmark.plans.model import DONE_STATES, AchievementState, Step
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.parts import STATES_FOR_PARTS, part_prompts
from planmark.queries.workspace_view import View
from planmark.workspace.index import ReportProgress, no_progress
from planmark.workspace.snapshot import PlanDocuments


class RolePreset(NamedTuple):
    """A role: its name, its tier, its share of the budget in tokens, and its work.

    `steps` are the steps that the role does completely. `part` is a pair for a role that does only one part of a step:
    the step, and the name of the part.
    """

    name: str
    tier: int
    share: int
    steps: tuple[Step, ...] = ()
    part: tuple[Step, str] | None = None


ROLE_PRESETS = (
    RolePreset("researcher-local", 1, 800, part=("research", "local")),
    RolePreset("researcher-web", 1, 600, part=("research", "web")),
    RolePreset("planner", 2, 1200, ("create_subplan", "fill_subplan", "synthesize")),
    RolePreset("test-master", 2, 1500),
    RolePreset(
        *("implementer", 2, 2000),
        (
            *("create_execution", "fill_execution", "continue_execution", "next_execution", "unblock"),
            "address_fix",
        ),
    ),
    RolePreset("reviewer", 1, 500, ("request_review", "re_review"), ("review", "quality")),
    RolePreset("security-auditor", 3, 800, part=("review", "security")),
    RolePreset("doc-master", 1, 400, part=("review", "docs")),
)
"""The roles in the order of their work. The prompt of `implementer` includes the tests, so `test-master` has no prompt.
"""


class RoleCost(NamedTuple):
    """A role, and its `totals`: the numbers of tokens of the prompts that the role would get now, sorted."""

    preset: RolePreset
    totals: tuple[int, ...]

    @property
    def median(self) -> int:
        """The median of `totals`; 0 if `totals` is empty."""
        return round(statistics.median(self.totals)) if self.totals else 0


def role_costs(view: View, plans: Iterable[PlanDocuments], progress: ReportProgress = no_progress) -> list[RoleCost]:
    """Return the costs of each role for the achievements of `plans` that are neither approved nor dropped.

    A prompt that cannot be made is left out, for example a prompt over its budget. `progress` is called with the number
    of finished achievements, and the number of all achievements.
    """
    totals_by_role: dict[str, list[int]] = {preset.name: [] for preset in ROLE_PRESETS}
    open_achievements = [
        (plan, achievement)
        for plan in plans
        for achievement in view.state(plan.path).achievements
        if achievement.state not in DONE_STATES
    ]
    for done_count, (plan, achievement) in enumerate(open_achievements):
        progress(done_count, len(open_achievements))
        for name, tokens in _prompt_tokens_by_role(view, plan, achievement):
            totals_by_role[name].append(tokens)
    return [RoleCost(preset, tuple(sorted(totals_by_role[preset.name]))) for preset in ROLE_PRESETS]


def _prompt_tokens_by_role(view: View, plan: PlanDocuments, achievement: AchievementState) -> Iterator[tuple[str, int]]:
    """Yield a pair for each prompt about an achievement: the role that gets the prompt, and its number of tokens."""
    for preset in ROLE_PRESETS:
        try:
            if achievement.step in preset.steps:
                yield preset.name, prompt_of(view, plan, achievement.id).tokens.total
            if preset.part and achievement.state in STATES_FOR_PARTS[preset.part[0]]:
                step, part = preset.part
                for prompt in part_prompts(view, plan, step, achievement, [part]):
                    yield preset.name, prompt.tokens.total
        except NoAnswerError:
            continue
