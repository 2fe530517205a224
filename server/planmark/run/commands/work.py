"""`planmark work`: begins a step in a git worktree of its own.

`planmark work merge` shows the command with which a person takes over the integrated work.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from planmark.cli.console import json_text, line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, CommandError
from planmark.cli.next_lease import role_named
from planmark.cli.workspace_access import find_plan_and_document, open_workspace
from planmark.queries.lookup import most_urgent_plan
from planmark.queries.meant import NamedPlan
from planmark.queries.work_results import WorkResult, WorkTreeResult
from planmark.run.begin import StartedWork, WorkTerms, begin_work
from planmark.run.branches import current_tip, work_place
from planmark.run.repository import GitRepository, branch_of, commit_of, is_ancestor, open_repository, output
from planmark.run.tree_objects import merge_trees
from planmark.text.pluralize import counted_noun

MERGE_WORD = "merge"
"""The first word of `planmark work merge @FEATURE`, by which a person takes over the integrated work of a plan."""


class Options(CommandOptions):
    """The options of the command."""

    about: list[str]
    agent: str | None
    role: str | None
    process: int | None
    no_worktree: bool
    out: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "about",
        nargs="*",
        metavar="@FEATURE N.N",
        help="a plan, and an achievement instead of the next one; `merge @FEATURE` takes the integrated work over",
    )
    parser.add_argument("--agent", metavar="NAME", help="the agent; default: PLANMARK_AGENT, or a new name")
    parser.add_argument("--role", metavar="ROLE", help="only a step of this role")
    parser.add_argument(
        "--process", type=int, metavar="PID", help="the agent's process; when it ends, so does the lease"
    )
    parser.add_argument("--no-worktree", action="store_true", help="work in the workspace itself")
    parser.add_argument("--out", metavar="FILE", help="write the prompt to FILE")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema work)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    if options.about and options.about[0] == MERGE_WORD:
        return _show_merge_command(context)
    feature, item, *more = (*options.about, None, None)
    if any(more):
        raise CommandError("`planmark work` takes a plan and an achievement: planmark work @FEATURE N.N", BAD_USAGE)
    if options.json and options.out:
        raise CommandError("--json and --out exclude each other: the prompt is a part of the JSON", BAD_USAGE)
    role = role_named(options.role)
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, feature) if feature else NamedPlan(most_urgent_plan(view))
    terms = WorkTerms(item, options.agent, role, options.process, not options.no_worktree)
    started_work = begin_work(view, named_plan, terms)
    notes = (*started_work.notes, *_notes(started_work))
    step = started_work.step
    result = CommandResult(
        *(DONE, started_work.prompt.prompt, "verbatim", notes),
        feature=step.feature,
        step=step.step,
        tokens=started_work.prompt.tokens.total,
    )
    if options.json:
        return result._replace(output=json_text(_work_result(started_work, notes)), form="safe", notes=())
    if options.out:
        _write(options.out, started_work.prompt.prompt)
        return result._replace(output="", notes=(f"the prompt → {options.out}", *notes))
    return result


def _notes(started_work: StartedWork) -> list[str]:
    """Return the notes for the person about work that has begun: its lease, its folder, and the next commands."""
    lease, feature = started_work.lease, started_work.step.feature
    item = f" {lease.achievement}" if lease.achievement else ""
    notes = [f"{lease.id}: {lease.agent} holds @{feature}{item} until {lease.until}"]
    if started_work.tree is not None:
        notes.append(f"folder: {started_work.root}")
        notes.append(f"branch: {started_work.tree.branch}")
    notes.append(f"while it lasts: planmark lease renew {lease.id}")
    notes.append(f"at the end: planmark finish --lease {lease.id}")
    return notes


def _work_result(started_work: StartedWork, notes: tuple[str, ...]) -> WorkResult:
    tree, step = started_work.tree, started_work.step
    work_tree = None
    if tree is not None:
        repository = open_repository(started_work.root.resolve())
        into = work_place(repository, step.feature).into
        work_tree = WorkTreeResult(folder=str(tree.folder), branch=tree.branch, base=tree.base, into=into)
    return WorkResult(
        workspace=str(started_work.root),
        feature=step.feature,
        achievement=started_work.lease.achievement,
        step=step.step,
        label=step.label,
        role=step.role,
        before=started_work.before,
        lease=started_work.lease,
        tree=work_tree,
        prompt=started_work.prompt,
        notes=notes,
    )


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", UNREADABLE) from None


def _show_merge_command(context: CommandContext[Options]) -> CommandResult:
    """Return the command with which a person merges the integrated work of a plan."""
    options = context.options
    if len(options.about) != 2:
        raise CommandError("`planmark work merge` takes a plan: planmark work merge @FEATURE", BAD_USAGE)
    if options.json or options.out or options.no_worktree:
        raise CommandError("`planmark work merge @FEATURE` takes no further option", BAD_USAGE)
    view = open_workspace(context)
    feature = view.state(find_plan_and_document(view, options.about[1]).plan.path).feature
    repository = open_repository(Path(view.snapshot.root))
    work = work_place(repository, feature)
    tip, head = current_tip(work), commit_of(repository, "HEAD")
    if not tip:
        raise CommandError(f"nothing of @{feature} is integrated: {work.into} does not exist", NOTHING_TO_DO)
    if is_ancestor(repository, tip, head):
        branch_text = branch_of(repository, repository.top) or "this checkout"
        raise CommandError(f"{branch_text} has everything of {work.into}: nothing is to be merged", NOTHING_TO_DO)
    notes = [f"{counted_noun(_commit_count(repository, head, tip), 'commit')} of {work.into}"]
    if conflicts := merge_trees(repository, head, tip).conflicts:
        notes.append(f"the merge will stop at conflicts in {', '.join(conflicts[:4])}")
    command = f"git -C {shlex.quote(str(repository.top))} merge {shlex.quote(work.into)}"
    return CommandResult(DONE, line(command), notes=tuple(notes), feature=feature)


def _commit_count(repository: GitRepository, old_commit: str, new_commit: str) -> int:
    """Return the number of commits that `new_commit` has and `old_commit` does not have, without merges."""
    return int(output(repository, "rev-list", "--count", "--no-merges", f"{old_commit}..{new_commit}"))
