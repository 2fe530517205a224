"""The documents of a plan that a work tree would not show, because they are not committed."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from planmark.cli.errors import UNREADABLE, WAITING, CommandError
from planmark.plans.document_format import document_format
from planmark.plans.format import PlanSite
from planmark.queries.workspace_view import AnyPlan, View
from planmark.run.branches import WorkPlace
from planmark.run.repository import BRANCH_PREFIX, GitRepository, call, is_ancestor, output
from planmark.run.tree_objects import changed_files
from planmark.run.worktrees import IntegrationCheckout
from planmark.text.pluralize import counted_noun

MAX_LISTED = 8
CHANGE_WORDS = {"?": "not in git", "!": "ignored by git"}
FIELDS_BEFORE_PATH = {"1": 7, "u": 9, "?": 0}
"""The kind of an entry of `git status --porcelain=v2` → the number of fields between it and the path."""


class UncommittedFile(NamedTuple):
    """A file, relative to the workspace, and why a new work tree does not show its content."""

    path: str
    reason: str


class CheckoutStatus(NamedTuple):
    """A checkout: its commit and its branch ("" without one), its changed files, and the ignored documents of a plan."""

    commit: str
    branch: str
    files: list[UncommittedFile]


def require_author(repository: GitRepository) -> None:
    """Raise CommandError if git does not know who commits."""
    for variable in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if call(repository, "var", variable).code:
            raise CommandError(
                "git does not know who commits here: git config user.name NAME, and git config user.email ADDRESS",
                UNREADABLE,
            )


def refuse_uncommitted(repository: GitRepository, view: View, plan: AnyPlan, status: CheckoutStatus) -> tuple[str, ...]:
    """Return notes about other uncommitted changes. Raises CommandError if documents of the plan are not committed.

    Otherwise, work in the new tree would repeat what only the uncommitted documents show as done.
    """
    if not status.commit:
        raise CommandError(
            f"{repository.top} has no commit yet, and each work tree begins from one: git add -A && git commit",
            WAITING,
        )
    changed_files = status.files
    plan_files = [file for file in changed_files if _is_of_plan(view, plan, file)]
    if not plan_files:
        if changed_files:
            return (
                f"{counted_noun(len(changed_files), 'uncommitted file')} of this checkout will not be in the work tree",
            )
        return ()
    feature = view.state(plan.path).feature
    list_text = "\n".join(f"  {file.path} ({file.reason})" for file in plan_files[:MAX_LISTED])
    more = f"\n  and {len(plan_files) - MAX_LISTED} more" if len(plan_files) > MAX_LISTED else ""
    are = "is" if len(plan_files) == 1 else "are"
    raise CommandError(
        f"{counted_noun(len(plan_files), 'document')} of @{feature} {are} not committed, and a work tree shows only what is:\n"
        f"{list_text}{more}\n"
        f"Commit {'it' if len(plan_files) == 1 else 'them'}: {commit_command(plan_files, feature)}\n"
        f"Or work in this folder, without a tree: planmark work @{feature} --no-worktree",
        WAITING,
    )


def refuse_unmerged(work: WorkPlace, plan: AnyPlan, status: CheckoutStatus, home: IntegrationCheckout) -> None:
    """Raise CommandError if the checkout has committed documents of the plan that the integration branch lacks.

    That can happen on a branch that is not the upstream of the integration branch. The upstream was just merged.
    """
    repository, into, head, tip = work.repository, work.into, status.commit, home.commit
    integration = home.state.branches.get(into)
    if integration is not None and integration.relation and f"{BRANCH_PREFIX}{status.branch}" == integration.upstream:
        return
    if is_ancestor(repository, head, tip):
        return
    base = os.fsdecode(call(repository, "merge-base", head, tip).out).strip()
    plan_paths = {f"{repository.prefix}{path}" for path in documents_of(plan)}
    missing_paths = (
        [path for path in changed_files(repository, base, head) if path in plan_paths] if base else sorted(plan_paths)
    )
    if missing_paths:
        branch_or_commit = status.branch or head[:12]
        raise CommandError(
            f"{branch_or_commit} has {counted_noun(len(missing_paths), 'document')} of the plan that {into} does not have, such as {missing_paths[0]}. "
            f"Work would repeat what they say is done. Merge {branch_or_commit} into the branch that {into} follows, or let it follow "
            f"{branch_or_commit}: git branch --set-upstream-to={branch_or_commit} {into}",
            WAITING,
        )


def commit_command(uncommitted_files: Sequence[UncommittedFile], feature: str) -> str:
    """Return the commands that commit files, to be run in the workspace."""
    force = " --force" if any(file.reason == CHANGE_WORDS["!"] for file in uncommitted_files) else ""
    paths = " ".join(shlex.quote(file.path) for file in uncommitted_files[:MAX_LISTED])
    more = " …" if len(uncommitted_files) > MAX_LISTED else ""
    return f"git add{force} -- {paths}{more} && git commit -m {shlex.quote(f'plan({feature}): documents')}"


def checkout_status(repository: GitRepository, plan: AnyPlan) -> CheckoutStatus:
    """Return the status of the person's checkout, with only the files of the workspace."""
    folder = repository.workspace_in(repository.top)
    options = ("--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--no-renames", "--untracked-files=all")
    entries = output(repository, "status", *options, "--", ".", folder=folder).split(b"\0")
    branch_values, files = dict[str, str](), list[UncommittedFile]()
    for entry in (os.fsdecode(entry) for entry in entries if entry):
        kind, _, entry_rest = entry.partition(" ")
        if kind == "#":
            name, _, value = entry_rest.partition(" ")
            branch_values[name] = "" if value in ("(initial)", "(detached)") else value
            continue
        path = entry_rest.split(" ", FIELDS_BEFORE_PATH[kind])[-1]
        files.append(
            UncommittedFile(
                path.removeprefix(repository.prefix), CHANGE_WORDS.get(kind) or _change_word(entry_rest[:2])
            )
        )
    documents = documents_of(plan)
    input_bytes = b"".join(os.fsencode(path) + b"\0" for path in documents)
    ignored_output = call(repository, "check-ignore", "-z", "--stdin", folder=folder, input_bytes=input_bytes)
    names = [os.fsdecode(path) for path in ignored_output.out.split(b"\0") if path] if ignored_output.code == 0 else []
    files += [UncommittedFile(name, CHANGE_WORDS["!"]) for name in names]
    return CheckoutStatus(branch_values.get("branch.oid", ""), branch_values.get("branch.head", ""), files)


def documents_of(plan: AnyPlan) -> tuple[str, ...]:
    """Return the paths of all documents of a plan."""
    if isinstance(plan, PlanSite):
        return tuple(dict.fromkeys((plan.path, *plan.documents)))
    documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts, *plan.misnamed)
    return tuple(document.path for document in (*documents, *((plan.parallel,) if plan.parallel else ())))


def _change_word(status: str) -> str:
    return "deleted" if "D" in status else "changed"


def _is_of_plan(view: View, plan: AnyPlan, file: UncommittedFile) -> bool:
    """Tell whether a file is a document of a plan, or was one before it was deleted."""
    if file.path in documents_of(plan):
        return True
    if file.reason != "deleted":
        return False
    name = file.path.rpartition("/")[2]
    if isinstance(plan, PlanSite):
        return file.path.startswith(f"{plan.folder}/") and name.endswith(".md")
    parts = document_format().parse_name(name)
    is_near = not plan.folder or file.path.startswith(f"{plan.folder}/")
    return parts is not None and is_near and parts.feature in ("", view.state(plan.path).feature)
