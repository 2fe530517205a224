"""`planmark finish`: integrates the work of a lease, if the states of its tree prove that it is done."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from planmark.cli.console import json_text, line
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, PROBLEMS_FOUND, WAITING, CommandError
from planmark.cli.lease_access import lease_errors
from planmark.cli.workspace_access import find_named, open_workspace, root_of
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import find_lease, lost_lease_message, plan_name
from planmark.coordination.lease_store import Leases, LeaseStore
from planmark.queries.item_order import item_name
from planmark.queries.lookup import NoAnswerError
from planmark.queries.meant import achievement_meant
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
    with lease_errors():
        leases = store.read()
    lease = _lease_named(context, store, leases)
    done = finish_work(root, lease)
    feature = feature_in(lease.branch) if lease.branch else plan_name(lease.plan)
    prompt = conflict_prompt(lease, done.into, done.paths) if done.kind == "conflict" else ""
    result = CommandResult(EXIT_CODES[done.kind], feature=feature, step=lease.step)
    if options.json:
        return result._replace(output=json_text(_finish_result(done, lease, feature, prompt)))
    return result._replace(output="".join(line(text) for text in _lines(done, lease, feature)) + prompt)


def _lines(done: FinishedWork, lease: Lease, feature: str) -> Iterator[str]:
    """Yield what the end of work is, and what to do next."""
    name = f"@{feature} {lease.achievement}".rstrip()
    states = f"{done.before} → {done.after}" if done.after and done.after != done.before else done.before
    yield f"{name}: {HEADINGS[done.kind]}" + (f" ({states})" if states else "")
    if done.by:
        yield f"  {done.by}"
    if done.commit:
        yield f"  integrated into {done.into}: {done.commit[:12]}"
        yield f"  take it over: planmark work merge @{feature}"
    if done.kind == "outside":
        yield from (f"  {path}" for path in done.paths)
        yield f"  undo these changes in {lease.worktree}, or take them over by hand; then finish again"
    for finding in done.findings:
        yield f"  preflight: {finding.path}:{finding.line}: {finding.message}"
    if done.listed:
        yield f"  no document names the files of this item; it has changed: {', '.join(done.listed)}"
    if done.kept:
        yield f"  {done.kept} stays" if done.kind != "ok" else f"  stays: {done.kept}"
    if done.kind == "no_progress":
        yield f"  go on there, then finish again; or give the step back: planmark lease release {lease.id}"


HEADINGS: Mapping[FinishKind, str] = {
    "ok": "done",
    "no_progress": "not done, nothing was integrated",
    "outside": "changed what it must not, nothing was integrated",
    "conflict": "in conflict with other work, nothing was integrated",
    "gone": "gone, nothing was integrated and the lease has ended",
}


def _finish_result(done: FinishedWork, lease: Lease, feature: str, prompt: str) -> FinishResult:
    return FinishResult(feature=feature, achievement=lease.achievement, lease=lease, prompt=prompt, **done._asdict())


def _lease_named(context: CommandContext[Options], store: LeaseStore, leases: Leases) -> Lease:
    """Return the lease that the user names, or that of the work tree around the workspace. Raises CommandError."""
    options = context.options
    if options.lease:
        return _lease_with_id(leases, options.lease)
    every = [stored.lease for stored in leases.values() if stored.lease is not None]
    if not options.about:
        here = [lease for lease in every if lease.branch and Path(lease.worktree) == store.place.tree]
        if not here:
            raise CommandError(
                "name the work: planmark finish @FEATURE N.N, or --lease ID (planmark lease list)", BAD_USAGE
            )
        return max(here, key=lambda lease: lease.state == "held")
    plan, item = _named(context, store, every)
    own = [lease for lease in every if lease.plan == plan and item in (None, lease.achievement)]
    held = [lease for lease in own if lease.state == "held"]
    if len(held) > 1:
        listed = ", ".join(sorted(lease.achievement or "the plan" for lease in held))
        raise CommandError(f"@{plan_name(plan)} has {len(held)} leases; name one of them: {listed}", BAD_USAGE)
    ended = [lease for lease in own if lease.reason == "done"] if item is not None else []
    if not held and not ended:
        raise CommandError(f"{' '.join(options.about)} is not leased (planmark lease list)", NOTHING_TO_DO)
    return (held or ended)[0]


def _lease_with_id(leases: Leases, lease_id: str) -> Lease:
    stored = find_lease(leases.values(), lease_id)
    if stored is None:
        raise CommandError(f"there is no lease {lease_id} here (planmark lease list --all)", BAD_USAGE)
    now, former = stored
    if former is not None or now.lease is None:
        raise CommandError(lost_lease_message(now, former) if former else now.why, WAITING)
    return now.lease


def _named(context: CommandContext[Options], store: LeaseStore, leases: Iterable[Lease]) -> tuple[str, str | None]:
    """Return the plan, by its path from the top, and the name of the item that the user names.

    A plan that is gone is named as its leases are. Raises NoAnswerError.
    """
    feature, item = (*context.options.about, None)[:2]
    view = open_workspace(context)
    names = LeasedNames(store.place.prefix, leases)
    try:
        named = find_named(view, str(feature))
        about = achievement_meant(view, named, item)
    except NoAnswerError:
        word = str(feature).removeprefix("@").casefold()
        gone = {
            lease.plan for lease in leases if plan_name(lease.plan).casefold() == word and item == lease.achievement
        }
        if len(gone) != 1:
            raise
        return gone.pop(), item
    path = names.path_of(named.plan.path)
    if about is None:
        return path, None
    name = item_name(about)
    return path, names.names_of(view.state(named.plan.path)).get(name, name)
