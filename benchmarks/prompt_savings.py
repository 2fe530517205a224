"""Savings of `--since`, `--batch`, `--through` and one session, in tokens and prompts: a table for the page about prompts.

    python benchmarks/prompt_savings.py WORKSPACE [PAGE]

WORKSPACE is a real workspace of the methodology. The history of the example is that of this repository. Edits are random with a
fixed seed. All figures are estimates of tokens, so they are the same on every machine.
"""

from __future__ import annotations

import io
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.plans.model import DONE_STATES, AchievementState, Step
from planmark.plans.roles import step_about
from planmark.prompts.budget import OverBudgetError
from planmark.prompts.delta import delta
from planmark.prompts.plan_prompts import plan_prompts
from planmark.prompts.prompt import ESTIMATING_COUNTER, Prompt, PromptOptions
from planmark.prompts.units import pieces_of, units_of
from planmark.queries.batch import BatchLimits, batch_result
from planmark.queries.feature_costs import AchievementTokens, budget_result
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

BEGIN, END = "<!-- savings: begin -->", "<!-- savings: end -->"
REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE = "examples/workspace"
EDITS = 100
SEED = 28
BUDGET = 8_000
BIG_PLAN = 20
SESSION_GOAL = "at least 25 % fewer tokens"


class Row(NamedTuple):
    """A row of the table: what was compared, how often, before, after, and the goal in words."""

    what: str
    cases: int
    before: float
    after: float
    goal: str


def view_of(index: Index) -> View:
    """Return the view of the index now."""
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def new_tokens(earlier: Prompt, earlier_view: View, prompt: Prompt, view: View) -> int:
    """Return the tokens of a prompt for the one who has an earlier prompt."""
    units = units_of(pieces_of(earlier, earlier_view.text))
    return delta(prompt, "p_earlier", units, view.text, ESTIMATING_COUNTER, str).prompt.tokens.total


def open_prompts(view: View) -> Iterator[tuple[PlanDocuments, AchievementState, Prompt]]:
    """Yield the prompts of all achievements that are not done."""
    for plan in view.snapshot.plans:
        for item in view.state(plan.path).achievements:
            if item.state not in DONE_STATES:
                try:
                    yield plan, item, prompt_of(view, plan, item.id)
                except NoAnswerError:
                    continue


def after_edits(index: Index) -> Row:
    """Measure the same step after a line was added to a random section of a random document of the prompt."""
    rng, before, after, cases = random.Random(SEED), 0, 0, 0
    view = view_of(index)
    chosen = list(open_prompts(view))
    for plan, item, prompt in rng.sample(chosen, min(EDITS, len(chosen))):
        units = [unit for unit in units_of(pieces_of(prompt, view.text)) if unit.path]
        if not units:
            continue
        unit = rng.choice(units)
        lines = view.text(unit.path).split("\n")
        lines.insert(rng.randint(unit.start, unit.end), "One more line about this.")
        index.set_overlay(unit.path, "\n".join(lines))
        edited = view_of(index)
        own = next(one for one in edited.snapshot.plans if one.path == plan.path)
        try:
            again = prompt_of(edited, own, item.id)
        except NoAnswerError:
            again = None
        if again is not None and again.step == prompt.step:
            cases += 1
            before += again.tokens.total
            after += new_tokens(prompt, view, again, edited)
        index.set_overlay(unit.path, None)
    return Row("the same step after a random edit", cases, before, after, "at least 70 % fewer tokens")


def in_history() -> Row:
    """Measure the same steps of the example after each commit that changed it."""
    listed = ["git", "-C", str(REPOSITORY), "log", "--format=%H", "--reverse", "--", EXAMPLE]
    commits = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    before, after, cases = 0, 0, 0
    earlier: dict[tuple[str, str, Step], tuple[Prompt, View]] = {}
    for commit in commits:
        archived = ["git", "-C", str(REPOSITORY), "archive", commit, EXAMPLE]
        with tempfile.TemporaryDirectory() as name:
            data = subprocess.run(archived, capture_output=True, check=False).stdout
            if not data:
                continue
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                archive.extractall(name, filter="data")
            view = view_of(Index(Path(name) / EXAMPLE))
            texts = {path: view.text(path) for path in view.snapshot.paths}
            kept = build_view(view.snapshot, lambda path, texts=texts: texts.get(path, ""), exists=view.exists)  # type: ignore[misc]
            now = {(plan.feature, item.id, prompt.step): prompt for plan, item, prompt in open_prompts(kept)}
            for key, prompt in now.items():
                if key in earlier and earlier[key][0].prompt != prompt.prompt:
                    cases += 1
                    before += prompt.tokens.total
                    after += new_tokens(*earlier[key], prompt, kept)
            earlier = {key: (prompt, kept) for key, prompt in now.items()}
    return Row("the same step after a commit of the example", cases, before, after, "at least 70 % fewer tokens")


def forced(
    view: View, plan: PlanDocuments, item: AchievementState, step: Step, *, goes_on: bool = False
) -> Prompt | None:
    """Return the prompt of a step of an achievement, whichever step it has; None if it exceeds the budget."""
    asked = step_about(step, item.id, item.subplan or plan.path, "measured")
    terms = PromptOptions(renderer=view.renderer, goes_on=goes_on)
    try:
        return plan_prompts().next_prompt(view.reader, plan, view.evaluations[plan.path], asked, terms)
    except OverBudgetError:
        return None


def worked_items(view: View) -> Iterator[tuple[PlanDocuments, AchievementState]]:
    """Yield the achievements that have a SUBPLAN and an execution."""
    for plan in view.snapshot.plans:
        for item in view.state(plan.path).achievements:
            if item.subplan and item.executions and item.state != "dropped":
                yield plan, item


def next_steps(view: View, first: Step, second: Step) -> Row:
    """Measure a step for the one who has the prompt of the step before it."""
    before, after, cases = 0, 0, 0
    for plan, item in worked_items(view):
        earlier, prompt = forced(view, plan, item, first), forced(view, plan, item, second)
        if earlier and prompt:
            cases += 1
            before += prompt.tokens.total
            after += new_tokens(earlier, view, prompt, view)
    words = f"{second.replace('_', ' ')} after {first.replace('_', ' ')}"
    return Row(words, cases, before, after, "")


def whole_session(rows: Sequence[Row]) -> Row:
    """Return the sum of the next steps of one session."""
    return Row(
        "all next steps of a session that designs and executes",
        sum(row.cases for row in rows),
        sum(row.before for row in rows),
        sum(row.after for row in rows),
        SESSION_GOAL,
    )


def batches(view: View, count: int) -> Row:
    """Measure the first batch of designs of every plan that has enough of them."""
    before, after, cases = 0, 0, 0
    for plan in view.snapshot.plans:
        try:
            result = batch_result(view, plan, BatchLimits(count))
        except NoAnswerError:
            continue
        if result.step == "create_subplan" and len(result.members) == count:
            cases += 1
            before += result.alone
            after += result.tokens.total
    goal = {2: "at least 25 % fewer tokens", 4: "at least 40 % fewer tokens"}.get(count, "")
    return Row(f"designs in batches of {count}", cases, before, after, goal)


def designs_of_a_big_plan() -> Row:
    """Count the prompts that design a plan of twenty achievements of one priority, each with a file of its own."""
    bodies = "".join(
        f"**Achievement 1.{n + 1}**: Part {n}\n\n- Success: it does {n}\n- **Deliverables**: `src/part_{n}.py`\n\n"
        for n in range(BIG_PLAN)
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plans/BIG/PLAN_BIG.md"
        path.parent.mkdir(parents=True)
        path.write_text(
            f"# PLAN: Big\n\n**Status**: In Progress\n\n## Goal\n\nTwenty parts.\n\n{bodies}", encoding="utf-8"
        )
        index, prompts, designs = Index(Path(name)), 0, 0
        while designs < BIG_PLAN:
            view = view_of(index)
            result = batch_result(view, view.snapshot.plans[0], BatchLimits(6))
            prompts += 1
            for member in result.members:
                designs += 1
                target = Path(name) / member.writes[0]
                target.parent.mkdir(parents=True, exist_ok=True)
                text = f"# SUBPLAN\n\n**Achievement**: {member.achievement}\n\n## Objective\n\nIt works.\n\n## Approach\n\nOne, two.\n"
                target.write_text(text, encoding="utf-8")
    return Row(f"design prompts of a plan of {BIG_PLAN}", 1, designs, prompts, "at least 70 % fewer prompts")


def hand_offs(view: View) -> list[Row]:
    """Measure the hand-offs of achievements before their review, one by one and in two prompts."""
    alone: tuple[Step, ...] = ("create_subplan", "create_execution", "continue_execution", "synthesize")
    before, after, cases, over = 0, 0, 0, 0
    for plan, item in worked_items(view):
        single = [forced(view, plan, item, step) for step in alone]
        through = [forced(view, plan, item, step, goes_on=True) for step in ("create_subplan", "continue_execution")]
        if all(single) and all(through):
            cases += 1
            # The fifth hand-off mends what preflight found. Its prompt has at most 400 tokens, and is not counted.
            before += sum(one.tokens.total for one in single if one)
            after += sum(one.tokens.total for one in through if one)
        else:
            over += 1
    tokens = Row("tokens of the hand-offs before a review", cases, before, after, "")
    return [
        Row("hand-offs before a review", cases, 5, 2, "five become two"),
        tokens,
        Row("hand-offs that do not fit", over, 0, 0, ""),
    ]


def achievements_of(view: View) -> list[AchievementTokens]:
    """Return the tokens of all roles of all achievements."""
    return [one for feature in budget_result(view, view.snapshot.plans).features for one in feature.achievements]


def roles_within(every: Sequence[AchievementTokens]) -> list[Row]:
    """Count the achievements whose roles together stay under 8,000 tokens."""
    complete = [one for one in every if not one.unknown and not one.problems]
    rows = []
    for what, some in (("all roles known", complete), ("all achievements, roles known so far", every)):
        before = 100 * sum(one.total <= BUDGET and not one.problems for one in some) / max(1, len(some))
        after = 100 * sum(one.session <= BUDGET and not one.problems for one in some) / max(1, len(some))
        rows.append(Row(f"{what}: under 8,000 tokens, in %", len(some), before, after, ""))
        total, session = (
            statistics.median(sums) for sums in zip(*((one.total, one.session) for one in some), strict=True)
        )
        rows.append(Row(f"{what}: median tokens", len(some), total, session, ""))
    return rows


def next_reductions(every: Sequence[AchievementTokens]) -> str:
    """Return a table of what the largest prompts of achievements over the budget would leave out next."""
    counts: Counter[str] = Counter()
    for one in every:
        if one.total > BUDGET:
            counts.update({what.partition(" (")[0] for what in one.reductions})
    rows = [f"| {what} | {count} |" for what, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return "\n".join(
        ["| over 8,000 tokens: the largest prompt would leave out next | achievements |", "| --- | --- |", *rows]
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| compared | cases | before | after | fewer | goal |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        fewer = f"{1 - row.after / row.before:.0%}" if row.before else ""
        lines.append(f"| {row.what} | {row.cases} | {row.before:,.0f} | {row.after:,.0f} | {fewer} | {row.goal} |")
    return "\n".join(lines)


def measure(root: Path) -> str:
    """Return all figures of a workspace and of the example, as two tables."""
    index = Index(root)
    rows = [after_edits(index), in_history()]
    view = view_of(index)
    session = [
        next_steps(view, "create_subplan", "create_execution"),
        next_steps(view, "create_execution", "synthesize"),
    ]
    rows += [*session, whole_session(session), next_steps(view, "create_execution", "request_review")]
    rows += [batches(view, count) for count in (2, 3, 4)]
    every = achievements_of(view)
    rows += [designs_of_a_big_plan(), *hand_offs(view), *roles_within(every)]
    return f"{table(rows)}\n\n{next_reductions(every)}"


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        page = Path(sys.argv[2])
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{figures}\n{END}{rest.partition(END)[2]}", encoding="utf-8", newline="\n")
    else:
        print(figures)
