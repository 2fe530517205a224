"""`planmark finish`: integrates the work of a lease, if the states in its work tree prove that the work is done."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from planmark.cli.console import json_text, line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, PROBLEMS_FOUND, WAITING, CommandError
from planmark.cli.lease_access import convert_lease_errors
from planmark.cli.workspace_access import find_plan_and_document, open_workspace, root_of
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import find_lease, lost_lease_message, plan_name
from planmark.coordination.lease_store import Leases, LeaseStore
from planmark.queries.item_order import item_name
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import named_achievement
from planmark.queries.open_steps import LeasedNames
from planmark.queries.work_results import FinishKind, FinishResult
from planmark.run.branches import feature_in
from planmark.run.finish import FinishedWork, conflict_prompt, finish_work

EXIT_CODES: Mapping[FinishKind, int] = {
    "ok": DONE,
    "no_progress": PROBLEMS_FOUND,
    "conflict": PROBLEMS_FOUND,
    "outside": WAITING,
    "gone": NOTHING_TO_DO,
}
"""Mapping from the way in which the work ended to the exit code of the command."""


class Options(CommandOptions):
    """The options of the command."""

    about: list[str]
    lease: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "about",
        nargs="*",
        metavar="@FEATURE N.N",
        help="a plan and an achievement; default: the work of the worktree around the current folder",
    )
    parser.add_argument("--lease", metavar="ID", help="the lease, as `planmark work` shows it")
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema finish)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    if len(options.about) > 2:
        raise CommandError("`planmark finish` takes a plan and an achievement: planmark finish @FEATURE N.N", BAD_USAGE)
    root = root_of(options)
    store = LeaseStore(root)
    with convert_lease_errors():
        leases = store.read()
    lease = _lease_named(context, store, leases)
    finished_work = finish_work(root, lease)
    feature = feature_in(lease.branch) if lease.branch else plan_name(lease.plan)
    prompt = conflict_prompt(lease, finished_work.into, finished_work.paths) if finished_work.kind == "conflict" else ""
    result = CommandResult(EXIT_CODES[finished_work.kind], feature=feature, step=lease.step)
    if options.json:
        return result._replace(output=json_text(_finish_result(finished_work, lease, feature, prompt)))
    return result._replace(output="".join(line(text) for text in _lines(finished_work, lease, feature)) + prompt)


def _lines(finished_work: FinishedWork, lease: Lease, feature: str) -> Iterator[str]:
    """Yield the lines that say how the work ended, and what the person does next."""
    name = f"@{feature} {lease.achievement}".rstrip()
    states = (
        f"{finished_work.before} → {finished_work.after}"
        if finished_work.after and finished_work.after != finished_work.before
        else finished_work.before
    )
    yield f"{name}: {FINISH_KIND_WORDS[finished_work.kind]}" + (f" ({states})" if states else "")
    if finished_work.by:
        yield f"  {finished_work.by}"
    if finished_work.commit:
        yield f"  integrated into {finished_work.into}: {finished_work.commit[:12]}"
        yield f"  take it over: planmark work merge @{feature}"
    if finished_work.kind == "outside":
        yield from (f"  {path}" for path in finished_work.paths)
        yield f"  undo these changes in {lease.worktree}, or take them over by hand; then finish again"
    for finding in finished_work.findings:
        yield f"  preflight: {finding.path}:{finding.line}: {finding.message}"
    if finished_work.listed:
        yield f"  no document names the files of this item; it has changed: {', '.join(finished_work.listed)}"
    if finished_work.kept:
        yield f"  {finished_work.kept} stays" if finished_work.kind != "ok" else f"  stays: {finished_work.kept}"
    if finished_work.kind == "no_progress":
        yield f"  go on there, then finish again; or give the step back: planmark lease release {lease.id}"


FINISH_KIND_WORDS: Mapping[FinishKind, str] = {
    "ok": "done",
    "no_progress": "not done, nothing was integrated",
    "outside": "changed what it must not, nothing was integrated",
    "conflict": "in conflict with other work, nothing was integrated",
    "gone": "gone, nothing was integrated and the lease has ended",
}
"""Mapping from the way in which the work ended to the words for a person."""


def _finish_result(finished_work: FinishedWork, lease: Lease, feature: str, prompt: str) -> FinishResult:
    return FinishResult(
        feature=feature, achievement=lease.achievement, lease=lease, prompt=prompt, **finished_work._asdict()
    )


def _lease_named(context: CommandContext[Options], store: LeaseStore, leases: Leases) -> Lease:
    """Return the lease that the user names. If the user names none, return the lease of the current work tree.

    Raises CommandError.
    """
    options = context.options
    if options.lease:
        return _lease_with_id(leases, options.lease)
    all_leases = [stored_lease.lease for stored_lease in leases.values() if stored_lease.lease is not None]
    if not options.about:
        tree_leases = [lease for lease in all_leases if lease.branch and Path(lease.worktree) == store.place.tree]
        if not tree_leases:
            raise CommandError(
                "name the work: planmark finish @FEATURE N.N, or --lease ID (planmark lease list)", BAD_USAGE
            )
        return max(tree_leases, key=lambda lease: lease.state == "held")
    plan, item = _named_work(context, store, all_leases)
    named_leases = [lease for lease in all_leases if lease.plan == plan and item in (None, lease.achievement)]
    held_leases = [lease for lease in named_leases if lease.state == "held"]
    if len(held_leases) > 1:
        names_text = ", ".join(sorted(lease.achievement or "the plan" for lease in held_leases))
        raise CommandError(
            f"@{plan_name(plan)} has {len(held_leases)} leases; name one of them: {names_text}", BAD_USAGE
        )
    ended_leases = [lease for lease in named_leases if lease.reason == "done"] if item is not None else []
    if not held_leases and not ended_leases:
        raise CommandError(f"{' '.join(options.about)} is not leased (planmark lease list)", NOTHING_TO_DO)
    return (held_leases or ended_leases)[0]


def _lease_with_id(leases: Leases, lease_id: str) -> Lease:
    """Return the lease with an id.

    Raises CommandError if the id is unknown, or if a later lease has replaced the lease.
    """
    stored_and_former = find_lease(leases.values(), lease_id)
    if stored_and_former is None:
        raise CommandError(f"there is no lease {lease_id} here (planmark lease list --all)", BAD_USAGE)
    stored_lease, former = stored_and_former
    if former is not None or stored_lease.lease is None:
        raise CommandError(lost_lease_message(stored_lease, former) if former else stored_lease.problem, WAITING)
    return stored_lease.lease


def _named_work(context: CommandContext[Options], store: LeaseStore, leases: Iterable[Lease]) -> tuple[str, str | None]:
    """Return a tuple: the path of the plan that the user names, and the name of the item. The path is relative to the
    top of the repository. The name of the item is None if the user names no item. If the plan is gone, its leases give
    the path. Raises NoAnswerError.
    """
    feature, item = (*context.options.about, None)[:2]
    view = open_workspace(context)
    names = LeasedNames(store.place.prefix, leases)
    try:
        named_plan = find_plan_and_document(view, str(feature))
        achievement = named_achievement(view, named_plan, item)
    except NoAnswerError:
        feature_word = str(feature).removeprefix("@").casefold()
        plan_paths = {
            lease.plan
            for lease in leases
            if plan_name(lease.plan).casefold() == feature_word and item == lease.achievement
        }
        if len(plan_paths) != 1:
            raise
        return plan_paths.pop(), item
    path = names.path_of(named_plan.plan.path)
    if achievement is None:
        return path, None
    name = item_name(achievement)
    return path, names.leased_name_by_name(view.state(named_plan.plan.path)).get(name, name)
