"""`planmark budget`: the cost of each prompt."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence

from planmark.cli.console import Cell, json_text, line, paragraph, print_note, scan_progress, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, open_workspace
from planmark.plans.format import PlanSite
from planmark.plans.phrases import effort_text, name_in_words
from planmark.queries.budget import PromptCost, achievement_costs, next_step_costs, token_share_by_tier
from planmark.queries.feature_costs import AchievementTokens, FeatureBudgetResult, budget_result
from planmark.queries.lookup import NoAnswerError, no_plans_message, urgency_sort_key
from planmark.queries.meant import methodology_plan
from planmark.queries.role_costs import RoleCost, role_costs
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun, line_range

BAR_CELLS = 12
"""Width of the bar that shows the share of the budget, in cells."""
COLUMNS = (
    Column("PLAN", form="name", min_width=18),
    Column("ID"),
    Column("STEP", form="text", min_width=10),
    Column("ROLE", 4),
    Column("TIER", 5),
    Column("TOKENS"),
    Column("OF BUDGET", 2),
    Column("WHOLE", 1),
    Column("SAVED", 3),
)

ROLE_COLUMNS = (
    Column("ROLE"),
    Column("TIER"),
    Column("SHARE"),
    Column("PROMPTS"),
    Column("MEDIAN"),
    Column("LARGEST"),
)

FEATURE_COLUMNS = (
    Column("PLAN", form="name", min_width=12),
    Column("ID"),
    Column("ALL ROLES"),
    Column("OF BUDGET", 2),
    Column("ONE SESSION", 3),
    Column("UNKNOWN YET", 4, "text", 10),
    Column("SHORTEN FIRST", form="text", min_width=36),
)


class Options(CommandOptions):
    """The options of the command."""

    feature: str | None
    roles: bool
    by_feature: bool
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "feature",
        nargs="?",
        metavar="@FEATURE",
        help="the achievements of a plan; default: the next prompt of every plan",
    )
    parser.add_argument("--roles", action="store_true", help="the tokens of each role, with its share of the budget")
    parser.add_argument(
        "--feature",
        dest="by_feature",
        action="store_true",
        help="the tokens of all roles, by achievement and feature, and what to shorten first",
    )
    parser.add_argument("--json", action="store_true", help="with --feature: as JSON (schema: planmark schema budget)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    view = open_workspace(context)
    feature = context.options.feature
    if context.options.json and not context.options.by_feature:
        raise CommandError("--json needs --feature: planmark budget @FEATURE --feature --json", BAD_USAGE)
    if context.options.roles or context.options.by_feature:
        return _roles_result(context, view)
    if feature:
        plan = find_plan(view, feature)
        plan_costs = achievement_costs(view, plan)
        plans = [plan]
    else:
        plans = sorted(view.plans, key=lambda plan: urgency_sort_key(view.state(plan.path)))
        plan_costs = next_step_costs(view, plans)
    for cost in plan_costs:
        if cost.problem:
            print_note(f"{cost.feature} {cost.achievement or ''}: {cost.problem}", quiet=False)
    return CommandResult(DONE, "".join(_prompt_cost_lines(view, plans, plan_costs)))


def _roles_result(context: CommandContext[Options], view: View) -> CommandResult:
    """Return the result of `--roles`, the tokens of each role, or of `--feature`, the tokens of each achievement."""
    options = context.options
    chosen_plans = [find_plan(view, options.feature)] if options.feature else view.plans
    work_plans = [plan for plan in chosen_plans if not isinstance(plan, PlanSite)]
    if chosen_plans and not work_plans:
        methodology_plan(chosen_plans[0], "budget --feature" if options.by_feature else "budget --roles")
    if not work_plans:
        raise NoAnswerError(no_plans_message(view.snapshot), "unreadable")
    with scan_progress(quiet=options.quiet, activity="measuring") as progress:
        if not options.by_feature:
            return CommandResult(DONE, "".join(_role_lines(view, role_costs(view, work_plans, progress))))
        result = budget_result(view, work_plans, progress)
    return CommandResult(DONE, json_text(result) if options.json else "".join(_feature_lines(result)))


def _feature_lines(result: FeatureBudgetResult) -> Iterator[str]:
    rows = [
        _feature_row(feature.feature, achievement, result.budget)
        for feature in result.features
        for achievement in feature.achievements
    ]
    yield table(FEATURE_COLUMNS, rows)
    yield line()
    for feature in result.features:
        achievement_count = len(feature.achievements)
        yield paragraph(
            f"@{feature.feature}: {feature.within} of {achievement_count} achievements have all roles within {result.budget:,} tokens; {feature.total:,} tokens in all, {feature.session:,} if one agent designs and executes"
        )
        for achievement in feature.achievements:
            name = achievement.achievement
            if achievement.total > result.budget:
                yield paragraph(
                    f"{name}: all roles of this achievement: {achievement.total:,} of {result.budget:,} tokens"
                )
            for note in (*achievement.reductions, *achievement.problems):
                yield paragraph(
                    f"  {name} would leave out next: {note}" if note in achievement.reductions else f"  {note}"
                )


def _feature_row(feature: str, achievement: AchievementTokens, token_budget: int) -> list[Cell]:
    """Return the cells of an achievement: its tokens, and the passage to shorten first."""
    share = achievement.total / token_budget
    passage = achievement.shorten_first
    passage_text = ""
    if passage is not None:
        name, lines = passage.path.rpartition("/")[2], line_range(passage.start, passage.end)
        prompt_note = f", in {counted_noun(passage.prompts, 'prompt')}" if passage.prompts > 1 else ""
        passage_text = f"{name} {lines}: {passage.tokens:,} tokens{prompt_note}"
    return [
        (feature, ""),
        (achievement.achievement, ""),
        (f"{achievement.total:,}", ""),
        (f"{share:.0%}", "red" if share > 1 else "green"),
        (f"{achievement.session:,}", ""),
        (", ".join(achievement.unknown), "dim"),
        (passage_text, ""),
    ]


def _role_lines(view: View, role_costs: Sequence[RoleCost]) -> Iterator[str]:
    yield table(ROLE_COLUMNS, [_role_row(cost) for cost in role_costs])
    yield line()
    token_budget = view.snapshot.settings["prompts.tokenBudget"]
    median_total = sum(cost.median for cost in role_costs)
    yield paragraph(
        f"All roles of an achievement together: {median_total:,} of {token_budget:,} tokens, by the medians."
    )
    yield paragraph("The prompts of executions contain the tests, so test-master has none of its own.")


def _role_row(cost: RoleCost) -> list[Cell]:
    preset = cost.preset
    median: Cell = ("-", "dim")
    largest: Cell = ("-", "dim")
    if cost.totals:
        median = (f"{cost.median:,}", "" if cost.median <= preset.share else "yellow")
        largest = (f"{cost.totals[-1]:,}", "")
    prompt_count = (str(len(cost.totals)), "")
    return [(preset.name, ""), (str(preset.tier), ""), (f"{preset.share:,}", ""), prompt_count, median, largest]


def _prompt_cost_lines(view: View, plans: Iterable[AnyPlan], plan_costs: Sequence[PromptCost]) -> Iterator[str]:
    yield table(COLUMNS, [_prompt_cost_row(cost) for cost in plan_costs])
    shares = token_share_by_tier(plan_costs)
    if shares:
        yield line()
        yield paragraph("Share of each tier: " + ", ".join(f"{tier}: {share:.0%}" for tier, share in shares.items()))
    for plan in plans:
        effort = effort_text(view.state(plan.path))
        if effort:
            yield line(f"Remaining effort, {plan.feature}: {effort}")
    yield paragraph("WHOLE is the prompt with every document that it names, and the PLAN, in full.")


def _prompt_cost_row(cost: PromptCost) -> list[Cell]:
    feature, achievement = (cost.feature, ""), (cost.achievement or "", "")
    step_cells: list[Cell] = [(name_in_words(cost.step), ""), (cost.role, ""), (str(cost.tier), "")]
    if cost.problem:
        return [feature, achievement, *step_cells, ("no prompt", "red"), ("", ""), ("", ""), ("", "")]
    share = cost.total / cost.token_budget if cost.token_budget else 1.0
    filled_cells = min(BAR_CELLS, round(BAR_CELLS * share))
    style = "red" if share > 1 else "yellow" if cost.total > cost.soft_limit else "green"
    bar = f"{'█' * filled_cells}{'░' * (BAR_CELLS - filled_cells)} {share:.0%}"
    saved_share = f"{1 - cost.total / cost.whole_tokens:.0%}" if cost.whole_tokens else ""
    return [
        feature,
        achievement,
        *step_cells,
        (f"{cost.total:,}", ""),
        (bar, style),
        (f"{cost.whole_tokens:,}", ""),
        (saved_share, ""),
    ]
