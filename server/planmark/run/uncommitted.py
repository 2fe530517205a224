"""The documents of a plan that are missing in a new work tree, because they are not committed."""

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

MAX_LISTED_FILES = 8
"""Maximum number of files that the message of an error names."""
CHANGE_WORDS = {"?": "not in git", "!": "ignored by git"}
"""Mapping from the kind of an entry of `git status --porcelain=v2` to the words for it."""
FIELDS_BEFORE_PATH = {"1": 7, "u": 9, "?": 0}
"""Mapping from the kind of an entry of `git status --porcelain=v2` to the number of fields between the kind and the
path.
"""


class UncommittedFile(NamedTuple):
    """A file whose content is missing in a new work tree, and the reason.

    `path` is relative to the workspace.
    """

    path: str
    reason: str


class CheckoutStatus(NamedTuple):
    """The status of a checkout. `commit` is its commit, and `branch` its branch; "" if no branch is checked out.

    `files` are the changed files, and the documents of a plan that git ignores.
    """

    commit: str
    branch: str
    files: list[UncommittedFile]


def require_author(repository: GitRepository) -> None:
    """Raise CommandError if git does not know the author and the committer of new commits."""
    for variable in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if call(repository, "var", variable).code:
            raise CommandError(
                "git does not know who commits here: git config user.name NAME, and git config user.email ADDRESS",
                UNREADABLE,
            )


def refuse_uncommitted(repository: GitRepository, view: View, plan: AnyPlan, status: CheckoutStatus) -> tuple[str, ...]:
    """Raise CommandError if documents of the plan are not committed.

    Work in the new work tree could repeat work that only these documents show as done. Return notes about uncommitted
    files that are not documents of the plan.
    """
    if not status.commit:
        raise CommandError(
            f"{repository.top} has no commit yet, and each work tree begins from one: git add -A && git commit",
            WAITING,
        )
    changed_files = status.files
    plan_files = [file for file in changed_files if _is_plan_document(view, plan, file)]
    if not plan_files:
        if changed_files:
            return (
                f"{counted_noun(len(changed_files), 'uncommitted file')} of this checkout will not be in the work tree",
            )
        return ()
    feature = view.state(plan.path).feature
    list_text = "\n".join(f"  {file.path} ({file.reason})" for file in plan_files[:MAX_LISTED_FILES])
    more = f"\n  and {len(plan_files) - MAX_LISTED_FILES} more" if len(plan_files) > MAX_LISTED_FILES else ""
    be = "is" if len(plan_files) == 1 else "are"
    raise CommandError(
        f"{counted_noun(len(plan_files), 'document')} of @{feature} {be} not committed, and a work tree shows only what is:\n"
        f"{list_text}{more}\n"
        f"Commit {'it' if len(plan_files) == 1 else 'them'}: {commit_command(plan_files, feature)}\n"
        f"Or work in this folder, without a tree: planmark work @{feature} --no-worktree",
        WAITING,
    )


def refuse_unmerged(
    work: WorkPlace, plan: AnyPlan, status: CheckoutStatus, integration_checkout: IntegrationCheckout
) -> None:
    """Raise CommandError if the person has committed documents of the plan that the integration branch does not have.

    `status` is the status of the person's checkout. If the person's branch is the upstream of the integration branch,
    nothing can be missing: the upstream was just merged.
    """
    repository, into, head, tip = work.repository, work.into, status.commit, integration_checkout.commit
    integration_branch = integration_checkout.state.branches.get(into)
    if (
        integration_branch is not None
        and integration_branch.relation
        and f"{BRANCH_PREFIX}{status.branch}" == integration_branch.upstream
    ):
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
    """Return the command that commits files. It is run in the workspace."""
    force = " --force" if any(file.reason == CHANGE_WORDS["!"] for file in uncommitted_files) else ""
    paths = " ".join(shlex.quote(file.path) for file in uncommitted_files[:MAX_LISTED_FILES])
    more = " …" if len(uncommitted_files) > MAX_LISTED_FILES else ""
    return f"git add{force} -- {paths}{more} && git commit -m {shlex.quote(f'plan({feature}): documents')}"


def checkout_status(repository: GitRepository, plan: AnyPlan) -> CheckoutStatus:
    """Return the status of the person's checkout. `files` contains only files of the workspace."""
    folder = repository.workspace_in(repository.top)
    options = ("--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--no-renames", "--untracked-files=all")
    entries = output(repository, "status", *options, "--", ".", folder=folder).split(b"\0")
    branch_values, files = dict[str, str](), list[UncommittedFile]()
    for entry in (os.fsdecode(entry) for entry in entries if entry):
        kind, _, entry_fields = entry.partition(" ")
        if kind == "#":
            field_name, _, value = entry_fields.partition(" ")
            branch_values[field_name] = "" if value in ("(initial)", "(detached)") else value
            continue
        path = entry_fields.split(" ", FIELDS_BEFORE_PATH[kind])[-1]
        files.append(
            UncommittedFile(
                path.removeprefix(repository.prefix), CHANGE_WORDS.get(kind) or _change_word(entry_fields[:2])
            )
        )
    documents = documents_of(plan)
    input_bytes = b"".join(os.fsencode(path) + b"\0" for path in documents)
    ignored_output = call(repository, "check-ignore", "-z", "--stdin", folder=folder, input_bytes=input_bytes)
    ignored_paths = (
        [os.fsdecode(path) for path in ignored_output.out.split(b"\0") if path] if ignored_output.code == 0 else []
    )
    files += [UncommittedFile(field_name, CHANGE_WORDS["!"]) for field_name in ignored_paths]
    return CheckoutStatus(branch_values.get("branch.oid", ""), branch_values.get("branch.head", ""), files)


def documents_of(plan: AnyPlan) -> tuple[str, ...]:
    """Return the paths of all documents of a plan."""
    if isinstance(plan, PlanSite):
        return tuple(dict.fromkeys((plan.path, *plan.documents)))
    documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts, *plan.misnamed)
    return tuple(document.path for document in (*documents, *((plan.parallel,) if plan.parallel else ())))


def _change_word(status_letters: str) -> str:
    """Return the word for the change of a file, by the two letters that `git status` gives it."""
    return "deleted" if "D" in status_letters else "changed"


def _is_plan_document(view: View, plan: AnyPlan, file: UncommittedFile) -> bool:
    """Tell whether a file is a document of a plan, or was a document before it was deleted."""
    if file.path in documents_of(plan):
        return True
    if file.reason != "deleted":
        return False
    name = file.path.rpartition("/")[2]
    if isinstance(plan, PlanSite):
        return file.path.startswith(f"{plan.folder}/") and name.endswith(".md")
    name_parts = document_format().parse_name(name)
    is_in_folder = not plan.folder or file.path.startswith(f"{plan.folder}/")
    return name_parts is not None and is_in_folder and name_parts.feature in ("", view.state(plan.path).feature)
