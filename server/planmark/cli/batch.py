"""`planmark next --batch`: several steps of one kind in one prompt."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from planmark.cli.console import json_text
from planmark.cli.context import CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, WAITING, CommandError
from planmark.queries.batch import MAX_BATCH_STEPS, BatchLimits, BatchResult, batch_result
from planmark.queries.workspace_view import AnyPlan, View
from planmark.text.pluralize import counted_noun


class BatchOutput(NamedTuple):
    """The form of the output, and the file to write. With `is_json`, the batch is printed as JSON.

    `path` is the file that the prompt is written to; None for standard output.
    """

    is_json: bool
    path: str | None


def batch_command_result(view: View, plan: AnyPlan, terms: BatchLimits, output: BatchOutput) -> CommandResult:
    """Return the result of `planmark next --batch`: several steps of a plan in one prompt.

    Raises CommandError if the number of steps is not allowed, or if the file cannot be written. Raises NoAnswerError
    if no step can be in a batch.
    """
    if not 1 <= terms.max_members <= MAX_BATCH_STEPS:
        raise CommandError(f"--batch takes a number from 1 to {MAX_BATCH_STEPS}, not {terms.max_members}", BAD_USAGE)
    result = batch_result(view, plan, terms)
    command_result = CommandResult(
        WAITING if result.step == "confirm_state" else DONE,
        result.prompt,
        "verbatim",
        notes=(*result.notes, _token_count_note(result)),
        feature=result.feature,
        step=result.step,
        tokens=result.tokens.total,
    )
    if output.is_json:
        return command_result._replace(output=json_text(result), form="safe")
    if output.path:
        try:
            Path(output.path).write_text(result.prompt, encoding="utf-8", newline="\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(f"cannot write {output.path}: {reason}", UNREADABLE) from None
        return command_result._replace(
            output="", notes=(*command_result.notes, f"{result.feature}: {result.step} → {output.path}")
        )
    return command_result


def _token_count_note(result: BatchResult) -> str:
    tokens = result.tokens
    step_count_text = counted_noun(len(result.members), "step")
    return (
        f"{step_count_text}: {tokens.total:,} tokens, of them {tokens.to_read:,} to read; {result.alone:,} one by one"
    )
