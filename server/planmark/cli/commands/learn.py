"""`planmark learn`: similar earlier work and known failures, and what recurs."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from planmark.cli.console import json_text, line, paragraph, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, CommandError
from planmark.cli.table import Column
from planmark.cli.workspace_access import find_plan, find_plan_and_document, open_workspace
from planmark.plans.phrases import STATE_MARKS, name_in_words
from planmark.queries.learning import Experience, KnownFailure, LearnResult, SimilarWork
from planmark.queries.meant import methodology_plan, needed_achievement
from planmark.queries.recurring import RecurringResult, recurring_result
from planmark.queries.reference_use import answer_for_achievement, answer_for_text
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun, line_range
from planmark.workspace.learning_record import open_learning_record

STANDARD_INPUT = "-"
"""The argument that stands for the text of standard input."""
MAX_FILES_PER_ROW = 3
"""Maximum number of files that a row names."""
_PLAN_NAME, _ACHIEVEMENT_ID = lazy_pattern(r"@\S+"), lazy_pattern(r"\d+(?:\.\d+)+")
ISSUE_COLUMNS = (
    Column("ISSUES"),
    Column("KIND", form="name", min_width=16),
    Column("FILES", form="text", min_width=20),
)
LEARNING_COLUMNS = (Column("FILES"), Column("LEARNING", form="prose", min_width=30))
EXECUTION_COLUMNS = (Column("ITERATIONS"), Column("ID"), Column("EXECUTION", form="name", min_width=30))
REVIEW_COLUMNS = (Column("ROUND"), Column("FIXES"), Column("ID"), Column("PLAN", form="name", min_width=18))


class Options(CommandOptions):
    """The options of the command."""

    about: list[str]
    forget: bool
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "about",
        nargs="*",
        metavar="@FEATURE N.N | TEXT | -",
        help="an achievement, a text such as an error message, or - for standard input; a plan, or nothing, shows what recurs",
    )
    parser.add_argument("--forget", action="store_true", help="forget which references were given and used here")
    parser.add_argument(
        "--json", action="store_true", help="the result as JSON (schema: planmark schema learn, or recurring)"
    )


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    if options.forget:
        return _forget_references(context)
    feature, item, text = _named_subject(options.about)
    view = open_workspace(context)
    if text is not None:
        return _learn_command_result(options, answer_for_text(view, text))
    if item is not None or (feature is not None and find_plan_and_document(view, feature).document):
        named_plan = find_plan_and_document(view, feature or "")
        plan = methodology_plan(named_plan.plan, "learn")
        return _learn_command_result(
            options, answer_for_achievement(view, plan, needed_achievement(view, named_plan, item))
        )
    plans = [methodology_plan(find_plan(view, feature), "learn")] if feature else list(view.snapshot.plans)
    result = recurring_result(view, plans, plans[0].feature if feature else None)
    return CommandResult(DONE, json_text(result) if options.json else "".join(_recurring_lines(result)))


def _named_subject(about: list[str]) -> tuple[str | None, str | None, str | None]:
    """Return a tuple of the plan, the achievement and the text that the arguments name. A missing part is None."""
    if not about:
        return None, None, None
    if about == [STANDARD_INPUT]:
        return None, None, sys.stdin.buffer.read().decode("utf-8", "replace")
    is_id = len(about) == 2 and _ACHIEVEMENT_ID.fullmatch(about[1])
    if is_id or (len(about) == 1 and _PLAN_NAME.fullmatch(about[0])):
        return about[0], about[1] if is_id else None, None
    if about[0].startswith("@") and len(about) == 2:
        raise CommandError(f"{about[1]} is no id: planmark learn @FEATURE N.N", BAD_USAGE)
    return None, None, " ".join(about)


def _learn_command_result(options: Options, result: LearnResult) -> CommandResult:
    return CommandResult(DONE, json_text(result) if options.json else "".join(_answer_lines(result)))


def _answer_lines(result: LearnResult) -> Iterator[str]:
    if result.state is not None:
        yield line(f"@{result.feature} {result.achievement}: {STATE_MARKS[result.state]} {name_in_words(result.state)}")
        yield line()
    if result.failures:
        yield line(("Known failures in the text", "bold"))
        for failure in result.failures:
            yield from _failure_lines(failure)
        yield line()
    if result.similar:
        yield line(("Similar work", "bold"))
        for similar in result.similar:
            yield from _similar_work_lines(similar)
        yield line()
    if not result.failures and not result.similar:
        yield paragraph("Nothing similar in this workspace, and no known failure.")


def _failure_lines(failure: KnownFailure) -> Iterator[str]:
    place_text = f"{failure.path}:{failure.line}" if failure.path else f"line {failure.line}"
    line_count_text = f", {counted_noun(failure.lines, 'line')}" if failure.lines > 1 else ""
    yield paragraph(
        (f"  {failure.id}", "cyan"),
        f"  {place_text}{line_count_text}{_experience_text(failure.experience)}",
        indent=" " * 4,
    )
    yield paragraph(f"    {failure.text}", indent=" " * 6)
    yield paragraph(f"    {failure.says} {failure.fix}", indent=" " * 4)
    if failure.setting:
        yield paragraph(f"    Setting: {failure.setting}", indent=" " * 6)
    yield paragraph(f"    See {failure.source}", indent=" " * 6)


def _similar_work_lines(similar: SimilarWork) -> Iterator[str]:
    lines = line_range(similar.start, similar.end)
    yield paragraph(
        (f"  {similar.kind}", "cyan"), f"  {similar.path} {lines}{_experience_text(similar.experience)}", indent=" " * 4
    )
    yield paragraph(f"    {similar.title}: {similar.excerpt}", indent=" " * 4)


def _experience_text(experience: Experience) -> str:
    """Return a text that says how often a reference was used, and how often progress followed; "" if it is unused."""
    if not experience.used:
        return ""
    return f", used {experience.used} times, {experience.advanced} with progress"


def _recurring_lines(result: RecurringResult) -> Iterator[str]:
    scope_text = f"@{result.feature}" if result.feature else "this workspace"
    if not (result.issues or result.learnings or result.executions or result.reviews):
        yield paragraph(f"Nothing recurs in {scope_text}.")
        return
    yield line(f"What recurs in {scope_text}")
    yield line()
    if result.issues:
        rows = [
            [(str(entry.count), ""), (entry.kind, ""), (_file_names(entry.files), "dim")] for entry in result.issues
        ]
        yield table(ISSUE_COLUMNS, rows)
        yield line()
    if result.learnings:
        yield table(LEARNING_COLUMNS, [[(str(entry.count), ""), (entry.text, "")] for entry in result.learnings])
        yield line()
    if result.executions:
        rows = [
            [(str(entry.iterations), ""), (entry.achievement or "-", ""), (entry.path.rpartition("/")[2], "")]
            for entry in result.executions
        ]
        yield table(EXECUTION_COLUMNS, rows)
        yield line()
    if result.reviews:
        rows = [
            [(str(entry.round), ""), (str(entry.fixes), ""), (entry.achievement, ""), (entry.feature, "")]
            for entry in result.reviews
        ]
        yield table(REVIEW_COLUMNS, rows)


def _file_names(paths: tuple[str, ...]) -> str:
    names = [path.rpartition("/")[2] for path in paths[:MAX_FILES_PER_ROW]]
    more_note = f" and {len(paths) - MAX_FILES_PER_ROW} more" if len(paths) > MAX_FILES_PER_ROW else ""
    return ", ".join(names) + more_note


def _forget_references(context: CommandContext[Options]) -> CommandResult:
    """Remove the record, in the cache folder, of which references were offered and used in the workspace."""
    if context.options.about:
        raise CommandError("--forget takes nothing else: it is for the whole workspace", BAD_USAGE)
    view = open_workspace(context, report_problems=False)
    record = open_learning_record(Path(view.snapshot.root))
    if record is None:
        raise CommandError("the counts cannot be removed: the cache folder cannot be written", UNREADABLE)
    try:
        forgotten_count = record.forget()
    except sqlite3.Error as error:
        raise CommandError(f"the counts cannot be removed: {error}", UNREADABLE) from None
    finally:
        record.close()
    return CommandResult(DONE, line(f"Forgot {counted_noun(forgotten_count, 'reference')} that had been offered."))
