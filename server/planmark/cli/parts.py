"""`planmark next --review` and `--step research`: the parts of a step, with a prompt for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.console import Cell, json_text, line, paragraph, table
from planmark.cli.context import CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, CommandError
from planmark.cli.table import Column
from planmark.plans.model import AchievementState
from planmark.plans.registry import role_of
from planmark.prompts.parts import MAX_FILES, ChangedPath, Work
from planmark.prompts.prompt import Counter, Prompt
from planmark.queries.api_types import PromptResult, Run, prompt_result
from planmark.queries.meant import NamedPlan, of_methodology
from planmark.queries.part_results import ResearchResult, ReviewResult
from planmark.queries.parts import part_prompts, parts_named, suitable
from planmark.queries.review_scope import ReviewScope, review_scope, unknown_scope
from planmark.queries.workspace_view import View
from planmark.storage import git
from planmark.storage.git_diff import Base, ChangedFile, base_of, changes

AUTO = "auto"
COLUMNS = (Column("REVIEW"), Column("TIER"), Column("PROMPT", form="text"))


class PartOptions(NamedTuple):
    """The options of `next` that the parts of a step go by."""

    base: str | None
    dry_run: bool
    budget: int | None
    counter: Counter
    json: bool
    out: str | None


class Changes(NamedTuple):
    """What git shows of the work: the reviews that it needs, the commit that it began at, and the files."""

    scope: ReviewScope
    base: Base | None
    files: tuple[ChangedFile, ...] = ()


def review(
    view: View, named: NamedPlan, achievement: AchievementState | None, reviewers: str, options: PartOptions
) -> CommandResult:
    """Return the prompts of the reviewers in a list, or with `auto` of those that the changes since the base need.

    With `dry_run`, return only which reviews are needed. Raises CommandError for an unknown revision, NoAnswerError for
    an unknown reviewer or an achievement without work to review.
    """
    names = () if reviewers == AUTO else parts_named("review", reviewers)
    known = _changes(view, options.base)
    prompts: list[Prompt] = []
    if not options.dry_run:
        plan = of_methodology(named.plan, "next --review")
        achievement = suitable(view, plan, "review", achievement)
        names = names or tuple(row.reviewer for row in known.scope.reviews)
        work = _work(known)
        prompts += part_prompts(
            view, plan, "review", achievement, names, work, budget=options.budget, counter=options.counter
        )
    result = ReviewResult(
        workspace=view.snapshot.root,
        plan=named.plan.path,
        feature=named.plan.feature,
        achievement=achievement.id if achievement else None,
        base=known.base.commit if known.base else None,
        compared_with=known.base.says if known.base else "nothing",
        prompts=_results(view, prompts),
        **known.scope._asdict(),
    )
    if options.dry_run or not names:
        code = DONE if options.dry_run else NOTHING_TO_DO
        output = json_text(result) if options.json else "".join(_scope_text(result))
        return CommandResult(code, output, feature=named.plan.feature)
    return _shown(prompts, json_text(result), options)


def research(
    view: View, named: NamedPlan, achievement: AchievementState | None, kinds: str, options: PartOptions
) -> CommandResult:
    """Return the prompts of the kinds of research in a list, for the design of an achievement.

    Raises NoAnswerError for an unknown kind, or an achievement that has its design.
    """
    names = parts_named("research", kinds)
    plan = of_methodology(named.plan, "next --step research")
    achievement = suitable(view, plan, "research", achievement)
    prompts = list(
        part_prompts(view, plan, "research", achievement, names, budget=options.budget, counter=options.counter)
    )
    result = ResearchResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        achievement=achievement.id,
        prompts=_results(view, prompts),
    )
    return _shown(prompts, json_text(result), options)


def _results(view: View, prompts: Sequence[Prompt]) -> tuple[PromptResult, ...]:
    run = Run(view.snapshot.revision, 0.0, view.read == 0)
    return tuple(prompt_result(view.snapshot.root, prompt, run) for prompt in prompts)


def _shown(prompts: Sequence[Prompt], as_json: str, options: PartOptions) -> CommandResult:
    """Return the prompts as JSON, as files, or as text, where a line begins each of several."""
    notes = tuple(dict.fromkeys(note for prompt in prompts for note in prompt.notes))
    first = prompts[0]
    result = CommandResult(
        *(DONE, as_json, "safe"),
        feature=first.feature,
        step=first.step,
        tokens=sum(prompt.tokens.total for prompt in prompts),
        notes=notes,
    )
    if options.json:
        return result
    if options.out:
        written = [_write(options.out, prompt, is_alone=len(prompts) == 1) for prompt in prompts]
        return result._replace(output="", notes=(*notes, *written))
    if len(prompts) == 1:
        return result._replace(output=first.prompt, form="verbatim")
    parts = (
        f"──── {number} of {len(prompts)}: {prompt.part} (tier {prompt.tier}{_order(prompt, number)}) ────\n\n{prompt.prompt}"
        for number, prompt in enumerate(prompts, 1)
    )
    return result._replace(output="\n".join(parts), form="verbatim")


def _order(prompt: Prompt, number: int) -> str:
    if prompt.part == "security":
        return ", begins first"
    return "" if number == 1 else ", may run beside the others"


def _write(out: str, prompt: Prompt, *, is_alone: bool) -> str:
    """Write a prompt to a file; one of several to a file with the name of its part before the ending."""
    path = Path(out) if is_alone else Path(out).with_suffix(f".{prompt.part}{Path(out).suffix}")
    try:
        path.write_text(prompt.prompt, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}", UNREADABLE) from None
    return f"{prompt.feature} {prompt.achievement}: {prompt.step} {prompt.part} → {path}"


def _changes(view: View, revision: str | None) -> Changes:
    """Return what git shows since a revision, or since HEAD left the default branch; without git, that it is unknown."""
    try:
        inside = git.repository(Path(view.snapshot.root))
        base = base_of(inside, revision)
        files = tuple(file for file in changes(inside, base) if not _is_plan_document(view, file))
    except git.GitError as error:
        if revision is not None:
            raise CommandError(f"--base: {error}", BAD_USAGE) from None
        return Changes(unknown_scope(str(error)), None)
    return Changes(review_scope(files), base, files)


def _work(known: Changes) -> Work:
    if known.base is None:
        return Work(problem=known.scope.reason)
    commit = known.base.commit or ""
    command = f"git diff {commit[:12]}" if commit else "git status"
    listed = tuple(ChangedPath(file.path, file.kind, file.lines) for file in known.files[:MAX_FILES])
    return Work(command, _compared(known.base), listed, len(known.files))


def _compared(base: Base) -> str:
    return f"{base.says} ({base.commit[:12]})" if base.commit else base.says


def _is_plan_document(view: View, file: ChangedFile) -> bool:
    """Tell whether a changed file is a document of a plan, which is no work to review here."""
    owners, sites = view.snapshot.owners, view.snapshot.sites
    return all(
        path in owners or role_of(path) is not None or any(path in site.documents for site in sites)
        for path in {file.path, file.before or file.path}
    )


def _command(about: str, reviewers: str) -> str:
    return f"planmark next {about} --review {reviewers}"


def _scope_text(result: ReviewResult) -> Iterator[str]:
    """Yield the lines that say which reviews are needed, and why."""
    about = f"@{result.feature} {result.achievement or ''}".rstrip()
    yield paragraph(f"{about}: ", (result.type, "bold"), f" change: {result.reason}")
    yield paragraph(f"Compared with {_compared(Base(result.base, result.compared_with))}")
    if result.compared_with.startswith("HEAD,"):
        yield paragraph(
            f"Work that is committed there is not seen; name where it began: {_command(about, 'auto')} --base REF"
        )
    for path in result.evidence:
        yield line(f"  {path}")
    yield line()
    if result.reviews:
        rows: list[list[Cell]] = [
            [(row.reviewer, ""), (str(row.tier), ""), (_command(about, row.reviewer), "")] for row in result.reviews
        ]
        yield table(COLUMNS, rows)
    else:
        yield paragraph(f"No review is needed. Check the documents: planmark check {about}")
    if result.skipped:
        yield paragraph(f"Not needed: {', '.join(result.skipped)}")
