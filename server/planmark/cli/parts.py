"""`planmark next --review` and `--step research`: each part of a review or of research has a prompt of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.console import Cell, json_text, line, paragraph, table
from planmark.cli.context import CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, CommandError
from planmark.cli.table import Column
from planmark.plans.model import AchievementState
from planmark.prompts.parts import WorkUnderReview
from planmark.queries.api_types import PromptResult
from planmark.queries.part_results import ResearchResult, ReviewResult
from planmark.queries.parts import PartTerms, base_in_words, changed_work, research_result, review_result
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage import git
from planmark.storage.git_diff import ComparisonBase, WorkDiff, diff_since

COLUMNS = (Column("REVIEW"), Column("TIER"), Column("PROMPT", form="text"))


class PartOptions(NamedTuple):
    """The options of `planmark next` that apply to the prompts of a step's parts.

    `base` is the revision of git before the work under review. `out` is the path of the file for the prompts, None for
    standard output.
    """

    base: str | None
    dry_run: bool
    terms: PartTerms
    is_json: bool
    out: str | None


def review_prompts(
    view: View, plan: AnyPlan, achievement: AchievementState | None, reviewers: str, options: PartOptions
) -> CommandResult:
    """Return the prompts for `reviewers`, which are names of reviewers with commas between them.

    If no review is needed, or with `dry_run`, return no prompt. Then the output says which reviews are needed, and
    why. Raises CommandError for an unknown revision. Raises NoAnswerError if there is no prompt for a reviewer.
    """
    diff = _diff_since(view, options.base)
    result = review_result(view, plan, achievement, reviewers, diff, None if options.dry_run else options.terms)
    if result.prompts:
        return _prompts_result(result, options)
    output = json_text(result) if options.is_json else "".join(_needed_review_lines(result))
    return CommandResult(DONE if options.dry_run else NOTHING_TO_DO, output, feature=plan.feature)


def changed_work_since(view: View, revision: str) -> WorkUnderReview:
    """Return the changes that git shows since a revision. Raises CommandError for an unknown revision."""
    return changed_work(view, _diff_since(view, revision))


def _diff_since(view: View, revision: str | None) -> WorkDiff:
    try:
        return diff_since(Path(view.snapshot.root), revision)
    except git.GitError as error:
        raise CommandError(f"--base: {error}", BAD_USAGE) from None


def research_prompts(
    view: View, plan: AnyPlan, achievement: AchievementState | None, kinds: str, options: PartOptions
) -> CommandResult:
    """Return the prompts for research that the design of an achievement needs.

    `kinds` are the kinds of research, with commas between them. Raises NoAnswerError if there is no prompt.
    """
    return _prompts_result(research_result(view, plan, achievement, kinds, options.terms), options)


def _prompts_result(result: ReviewResult | ResearchResult, options: PartOptions) -> CommandResult:
    """Return the result of the command: the prompts as JSON, in files, or as text.

    If a text has several prompts, each prompt is preceded by a line with the name of its part.
    """
    prompts = result.prompts
    notes = tuple(dict.fromkeys(note for prompt in prompts for note in prompt.notes))
    tokens = sum(prompt.tokens.total for prompt in prompts)
    command_result = CommandResult(DONE, notes=notes, feature=result.feature, step=prompts[0].step, tokens=tokens)
    if options.is_json:
        return command_result._replace(output=json_text(result))
    if options.out:
        written_paths = [_write_prompt(options.out, prompt, is_alone=len(prompts) == 1) for prompt in prompts]
        return command_result._replace(notes=(*notes, *written_paths))
    return command_result._replace(output=_prompts_text(prompts), form="verbatim")


def _prompts_text(prompts: Sequence[PromptResult]) -> str:
    if len(prompts) == 1:
        return prompts[0].prompt
    parts = (
        f"──── {number} of {len(prompts)}: {prompt.part} (tier {prompt.tier}{_prompt_order_note(prompt, number)}) ────\n\n{prompt.prompt}"
        for number, prompt in enumerate(prompts, 1)
    )
    return "\n".join(parts)


def _prompt_order_note(prompt: PromptResult, number: int) -> str:
    if prompt.part == "security":
        return ", begins first"
    return "" if number == 1 else ", may run beside the others"


def _write_prompt(out: str, prompt: PromptResult, *, is_alone: bool) -> str:
    """Write a prompt to a file, and return a note with the path of the file.

    With `is_alone`, the path is `out`. Otherwise, the name of the prompt's part is inserted before the extension of
    `out`.
    """
    path = Path(out) if is_alone else Path(out).with_suffix(f".{prompt.part}{Path(out).suffix}")
    try:
        path.write_text(prompt.prompt, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}", UNREADABLE) from None
    return f"{prompt.feature} {prompt.achievement}: {prompt.step} {prompt.part} → {path}"


def _review_command(arguments: str, reviewers: str) -> str:
    return f"planmark next {arguments} --review {reviewers}"


def _needed_review_lines(result: ReviewResult) -> Iterator[str]:
    """Yield lines that say which reviews a change needs, and why."""
    arguments = f"@{result.feature}" + (f" --achievement {result.achievement}" if result.achievement else "")
    name = f"@{result.feature} {result.achievement or ''}".rstrip()
    yield paragraph(f"{name}: ", (result.type, "bold"), f" change: {result.reason}")
    yield paragraph(f"Compared with {base_in_words(ComparisonBase(result.base, result.compared_with))}")
    if result.compared_with.startswith("HEAD,"):
        yield paragraph(
            f"Committed work is not seen. Name where it began: {_review_command(arguments, 'auto')} --base REF"
        )
    for path in result.evidence:
        yield line(f"  {path}")
    yield line()
    if result.reviews:
        rows: list[list[Cell]] = [
            [(row.reviewer, ""), (str(row.tier), ""), (_review_command(arguments, row.reviewer), "")]
            for row in result.reviews
        ]
        yield table(COLUMNS, rows)
    else:
        yield paragraph("No review is needed. Check the documents: planmark check")
    if result.skipped:
        yield paragraph(f"Not needed: {', '.join(result.skipped)}")
