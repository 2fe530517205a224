"""`planmark profile`: measures the stages from reading a workspace to a prompt for an achievement, cold and warm."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator

from planmark.cli.console import Cell, json_text, line, paragraph, scan_progress, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE, UNREADABLE, CommandError
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, root_of
from planmark.metrics.recorder import Recorder
from planmark.plans.phrases import name_in_words
from planmark.prompts.prompt import Prompt
from planmark.queries.meant import methodology_plan
from planmark.queries.profile import STAGE_ADVICE, Priority, ProfileResult, ProfileTarget, StageReport, profile
from planmark.queries.workspace_view import View
from planmark.storage.cache_dir import write_cached
from planmark.text.pluralize import counted_noun
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments

PRIORITY_STYLES: dict[Priority, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
MAX_LISTED_STAGE_PARTS = 4
"""Maximum number of parts of a stage that its row lists, each with its time."""
COLUMNS = (
    Column("STAGE"),
    Column("COLD"),
    Column("SHARE", 2),
    Column("WARM"),
    Column("SHARE", 3),
    Column("PRIORITY", 1),
    Column("PARTS OF COLD, MS", 4, "text", 20),
)


class Options(CommandOptions):
    """The options of the command."""

    feature: str
    achievement: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("feature", metavar="@FEATURE", help="a plan: its name, a part of it, or a path")
    parser.add_argument("--achievement", metavar="N.N", help="this achievement instead of the next one")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema profile)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    startup_cpu_seconds = time.process_time()
    index = Index(root_of(options))

    def target_plan(view: View) -> PlanDocuments:
        return methodology_plan(find_plan(view, options.feature), "profile")

    def write_prompt(prompt: Prompt) -> None:
        workspace = hashlib.sha256(str(index.root).encode()).hexdigest()[:8]
        subject = "_".join(part for part in (prompt.feature, prompt.achievement, prompt.step) if part)
        try:
            write_cached(f"prompts/{workspace}/{subject}.md", prompt.prompt)
        except OSError as error:
            message = f"cannot write the prompt to the cache folder: {error.strerror or error}"
            raise CommandError(message, UNREADABLE) from None

    with scan_progress(quiet=options.quiet) as progress:
        target = ProfileTarget(target_plan, options.achievement, write_prompt)
        result = profile(index, target, Recorder(time.perf_counter), startup_cpu_seconds, progress)
    return CommandResult(DONE, json_text(result) if options.json else "".join(_profile_lines(result)))


def _profile_lines(result: ProfileResult) -> Iterator[str]:
    run = result.run
    yield line(
        f"{result.feature} {result.achievement or ''}: {name_in_words(result.step)}, one cycle cold and one warm"
    )
    yield line()
    rows = [_stage_row(stage) for stage in run.stages]
    total_row: list[Cell] = [
        ("all", ""),
        *_time_cells(run.cold.ms, 1.0),
        *_time_cells(run.warm.ms, 1.0),
        ("", ""),
        ("", ""),
    ]
    yield table(COLUMNS, [*rows, total_row])
    slowest_stage = run.stages[0]
    yield line()
    yield paragraph(
        f"Bottleneck: {slowest_stage.stage}, {slowest_stage.cold_share:.0%} of the cold cycle. How to shorten it: {STAGE_ADVICE[slowest_stage.stage]}"
    )
    for name, cycle in (("Cold", run.cold), ("Warm", run.warm)):
        documents_text, sections_text = (
            counted_noun(cycle.documents_read, "document"),
            counted_noun(cycle.sections_parsed, "section"),
        )
        yield paragraph(
            f"{name}: {documents_text} read, {sections_text} parsed, {counted_noun(cycle.prompts_made, 'prompt')} rendered"
        )
    limit_texts = {"goal": f"within the goal of {result.goal_ms:,.0f} ms", "gate": f"within {result.gate_ms:,.0f} ms"}
    limit_text = limit_texts.get(run.within, f"over the maximum of {result.gate_ms:,.0f} ms")
    goal_note = "" if run.within == "goal" else f", over the goal of {result.goal_ms:,.0f} ms"
    yield paragraph(
        f"The cold cycle is {limit_text}{goal_note}; the start before it took {run.startup_cpu_seconds:.2f} s of processor time"
    )


def _stage_row(stage: StageReport) -> list[Cell]:
    parts = ", ".join(f"{name} {ms:,.1f}" for name, ms in list(stage.parts.items())[:MAX_LISTED_STAGE_PARTS])
    cells = [*_time_cells(stage.cold_ms, stage.cold_share), *_time_cells(stage.warm_ms, stage.warm_share)]
    return [(stage.stage, ""), *cells, (stage.priority, PRIORITY_STYLES[stage.priority]), (parts, "")]


def _time_cells(ms: float, share: float) -> list[Cell]:
    return [(f"{ms:,.1f} ms", ""), (f"{share:.0%}", "")]
