"""What a command works on: the snapshot, the judged plans, and the plan that the user means."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import BAD_USAGE, UNREADABLE, CommandError
from planmark.cli.output import reading
from planmark.documents.names import parse_name
from planmark.workflow.plan import Judged, judge_fully
from planmark.workspace.files import find_root, read_text, refuse_forbidden
from planmark.workspace.index import Index, Progress, no_progress
from planmark.workspace.snapshot import PlanFiles, Snapshot


class Workspace(NamedTuple):
    """A snapshot and the state of every plan in it, by path."""

    snapshot: Snapshot
    judged: dict[str, Judged]
    read: int

    def text(self, path: str) -> str:
        """The text of a document (relative path); "" where it cannot be read."""
        return read_text(Path(self.snapshot.root), path, self.snapshot.settings)[0] or ""


def root_of(args: argparse.Namespace) -> Path:
    """The workspace that `--workspace` names, else the one around the current folder. Raises WorkspaceError."""
    return refuse_forbidden(Path(args.workspace)) if args.workspace else find_root(Path.cwd())


def open_workspace(args: argparse.Namespace, *, ignore_claims: bool = False) -> Workspace:
    """The workspace as it is on the disk now; what could not be read is said on standard error."""
    index = Index(root_of(args))
    with reading(quiet=args.quiet) as progress:
        workspace = judged_workspace(index, progress, ignore_claims=ignore_claims)
    if not args.quiet:
        for problem in workspace.snapshot.problems:
            print(f"planmark: {problem.path} {problem.message}", file=sys.stderr)
    return workspace


def judged_workspace(index: Index, progress: Progress = no_progress, *, ignore_claims: bool = False) -> Workspace:
    """A fresh snapshot of `index`, judged."""
    snapshot = index.refresh(progress)
    judged = {files.path: judge_fully(files, ignore_claims=ignore_claims) for files in snapshot.plans}
    return Workspace(snapshot, judged, index.read)


def find_plan(workspace: Workspace, wanted: str) -> PlanFiles:
    """The plan that `@FEATURE`, a name or a path means. Raises CommandError: unknown, several, or not readable.

    A name is tried exactly, without case, as a unique prefix, as a unique substring, in this order.
    """
    plans = workspace.snapshot.plans
    if not plans:
        raise CommandError(no_plans(workspace.snapshot), UNREADABLE)
    if found := _by_path(workspace.snapshot, wanted):
        return found
    name = _bare_name(wanted)
    folded = name.casefold()
    for test in (
        lambda plan: plan.feature == name,
        lambda plan: plan.feature.casefold() == folded,
        lambda plan: plan.feature.casefold().startswith(folded),
        lambda plan: folded in plan.feature.casefold(),
    ):
        matching = [plan for plan in plans if folded and test(plan)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            listed = "\n".join(f"  @{plan.feature}  {plan.path}" for plan in matching)
            raise CommandError(f"{wanted} fits {len(matching)} plans; name one, or its path:\n{listed}", BAD_USAGE)
    raise CommandError(_unknown(workspace.snapshot, wanted, name), BAD_USAGE)


def no_plans(snapshot: Snapshot) -> str:
    """What to say where there is no plan: what was looked for, where, and what is there."""
    message = f"no plan in {snapshot.root}: looked for PLAN_<FEATURE>.md in every folder that is not hidden or ignored"
    if snapshot.not_plans:
        listed = "\n".join(f"  {rejected.path}: {rejected.reason}" for rejected in snapshot.not_plans)
        message += f".\nNot taken for plans:\n{listed}"
    if snapshot.ignored_folders:
        message += f".\n{snapshot.ignored_folders} folders were left out by .gitignore or `files.exclude`"
    return message


def _by_path(snapshot: Snapshot, wanted: str) -> PlanFiles | None:
    """The plan of a path to a PLAN, SUBPLAN, EXECUTION_TASK or verdict, from here or from the root."""
    bare = wanted.removeprefix("@")
    if "/" not in bare and "\\" not in bare and not bare.endswith(".md"):
        return None
    root = Path(snapshot.root)
    for candidate in (Path.cwd() / bare, root / bare):
        path = _relative(candidate, root)
        if path is None or not (root / path).is_file():
            continue
        for plan in snapshot.plans:
            if any(d.path == path for d in (plan.document, *plan.subplans, *plan.executions, *plan.verdicts)):
                return plan
            if any(copy.path == path for copy in plan.copies):
                return plan
        reason = next((rejected.reason for rejected in snapshot.not_plans if rejected.path == path), "")
        reason = reason or next((problem.message for problem in snapshot.problems if problem.path == path), "")
        raise CommandError(f"{path} belongs to no plan" + (f": {reason}" if reason else ""), UNREADABLE)
    if "/" in bare or "\\" in bare:
        raise CommandError(f"no file {bare}, neither here nor in {root}", UNREADABLE)
    return None


def _relative(path: Path, root: Path) -> str | None:
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else None


def _bare_name(wanted: str) -> str:
    """`@X`, `X`, `PLAN_X`, `PLAN_X.md` and the names of its documents all mean X."""
    bare = wanted.removeprefix("@")
    name = parse_name(bare if bare.endswith(".md") else f"{bare}.md")
    return name.feature if name and name.feature else bare


def _unknown(snapshot: Snapshot, wanted: str, name: str) -> str:
    features = sorted({plan.feature for plan in snapshot.plans})
    near = difflib.get_close_matches(name.upper(), features, 3, 0.5)
    if near:
        return f"no plan {wanted} in {snapshot.root}; did you mean {' or '.join(f'@{feature}' for feature in near)}?"
    shown = ", ".join(f"@{feature}" for feature in features[:12])
    more = f" and {len(features) - 12} more (planmark status)" if len(features) > 12 else ""
    return f"no plan {wanted} in {snapshot.root}. Plans: {shown}{more}"
