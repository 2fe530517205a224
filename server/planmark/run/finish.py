"""The end of work on a step, in four acts. Planmark checks by the states that the work is done, commits the work,
integrates it, and ends its lease. Then it removes the work tree.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.cli.errors import BAD_USAGE, WAITING, CommandError
from planmark.cli.lease_access import convert_lease_errors, lease_terms, share_lease
from planmark.coordination.lease import EndReason, Lease
from planmark.coordination.lease_acts import renew
from planmark.coordination.lease_rules import (
    DEFAULT_LEASE_TERMS,
    LeaseRequester,
    end_lease,
    lease_key_of,
    plan_and_item_of,
)
from planmark.coordination.lease_store import Leases, LeaseStore, current_machine_state
from planmark.plans.preflight import PreflightFinding
from planmark.plans.roles import task_in_words
from planmark.queries.preflight import preflight_of
from planmark.queries.work_results import FinishKind
from planmark.queries.workspace_view import View
from planmark.run.access import WorkAccess, access_for
from planmark.run.branches import WorkPlace, WorkState, current_tip, integration_lock, integration_tip, work_state
from planmark.run.changes import WorkFiles, paths_in_words, work_files
from planmark.run.generated import git_ignore_options
from planmark.run.integration import integrate
from planmark.run.progress import ItemProgress, has_box, progress_of
from planmark.run.reading import LeasedItem, leased_item
from planmark.run.repository import GitRepository, ListedTree, call, object_ids, output, output_text
from planmark.run.tree_objects import changed_files, tree_of_folder
from planmark.run.worktrees import (
    WorkTree,
    checkout_at,
    integration_folder,
    listed_tree_at,
    remove_worktree,
    worktree_of_lease,
)
from planmark.text.visible import visible_in_one_line
from planmark.workspace.settings import load_settings

MAX_COMMIT_SUBJECT_CHARACTERS = 100
"""Maximum number of characters in the first line of a commit message."""


class FinishedWork(NamedTuple):
    """The result of `finish_work`. `before` is the state of the item when the work began, and `after` the state now.

    `by` is the evidence, in one line. `commit` is the commit of the integration. `paths` are the files in conflict, or
    the files outside of the work. `listed` are the changed files, if no document names the files of the item.
    `findings` are the findings of the preflight. `kept` is the folder that stays, with the reason; "" if the folder was
    removed. `into` is the integration branch; "" if the work has no work tree.
    """

    kind: FinishKind
    before: str
    after: str
    by: str
    commit: str = ""
    paths: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    findings: tuple[PreflightFinding, ...] = ()
    kept: str = ""
    into: str = ""


class CommittedTree(NamedTuple):
    """The last commit in a work tree, and the id of its git tree."""

    commit: str
    tree: str


def finish_work(main_root: Path, lease: Lease, access: WorkAccess | None = None) -> FinishedWork:
    """Integrate the work of a lease if the states in its work tree prove that the work is done. Then end the lease.

    If the work is not done, nothing is integrated, and the lease and the work tree stay. If the lease has already ended
    as done, only its work tree is removed. `main_root` is the workspace of the person. A run passes its `access`.
    Raises CommandError if the lease is lost, or if git refuses.
    """
    store = access.store_of(main_root) if access is not None else LeaseStore(main_root)
    if (ended_lease := _stored_done_lease(store, lease)) is not None:
        return _remove_left_tree(main_root, ended_lease, access)
    if not lease.plan.startswith(store.place.prefix):
        raise CommandError(
            f"{lease.plan} is not in the workspace {main_root}: name its own one (planmark --workspace DIR finish …)",
            BAD_USAGE,
        )
    try:
        lease = _renewed_lease(store, main_root, lease)
    except CommandError:
        if (ended_lease := _stored_done_lease(store, lease)) is None:
            raise
        return _remove_left_tree(main_root, ended_lease, access)
    access = access_for(main_root, lease, access)
    work = access.place
    if not lease.branch or work is None:
        return _finish_in_place(store, lease, access)
    repository = work.repository
    with integration_lock(repository):
        state = work_state(work)
        tip = integration_tip(work, state)
    tree, listed_tree = worktree_of_lease(repository, lease, state), listed_tree_at(state.trees, Path(lease.worktree))
    if tree is None or listed_tree is None:
        raise CommandError(
            f"{lease.worktree} is not there any more. Its branch brings it back: git worktree add {lease.worktree} "
            f"{lease.branch}; or give the step back: planmark lease release {lease.id}",
            WAITING,
        )
    view = access.read(tree.root.resolve())
    item = leased_item(view, lease, repository.prefix)
    plans = (f"{tip}:{lease.plan}", f"{lease.base}:{lease.plan}")
    plan_blob_id, plan_blob_id_at_begin, head_tree = object_ids(repository, *plans, f"{listed_tree.commit}^{{tree}}")
    if _is_plan_gone(work, main_root, lease, plan_blob_id) or (
        plan_blob_id != plan_blob_id_at_begin and _is_item_gone(work, lease, access)
    ):
        return _finish_gone_item(store, work, lease, tree, access)
    if reason := _why_not_committable(repository, tree, listed_tree):
        return FinishedWork("no_progress", _state_at_begin(lease), "", reason, kept=str(tree.folder), into=work.into)
    if item is None:
        by = f"{plan_and_item_of(lease)} is not in {tree.folder / lease.plan} any more: undo the change of its line there"
        return FinishedWork("no_progress", _state_at_begin(lease), "", by, kept=str(tree.folder), into=work.into)
    committed = CommittedTree(listed_tree.commit, head_tree)
    finished, integrated_state = _finish_tree(store, work, lease, tree, view, item, tip, committed)
    if finished.kind == "ok":
        _end_lease(store, lease, "done", integration_folder(work), access)
        return finished._replace(kept=_kept_tree_text(tree, remove_worktree(work, tree, integrated_state)))
    return finished


def _why_not_committable(repository: GitRepository, tree: WorkTree, listed_tree: ListedTree) -> str:
    """Return the reason why the files of a work tree cannot be committed to its branch; "" if they can be committed."""
    folder = shlex.quote(str(tree.folder))
    if output(repository, "ls-files", "--unmerged", "-z", folder=tree.folder):
        return f"a merge or rebase in {folder} has unresolved files: resolve, add and commit them there"
    if listed_tree.branch != tree.branch:
        checked_out = listed_tree.branch or "a commit without a branch (perhaps a rebase that is not finished)"
        return f"{folder} has {checked_out} checked out, not {tree.branch}: git -C {folder} switch {tree.branch}"
    return ""


def _finish_tree(
    store: LeaseStore,
    work: WorkPlace,
    lease: Lease,
    tree: WorkTree,
    view: View,
    leased_item: LeasedItem,
    tip: str,
    committed: CommittedTree,
) -> tuple[FinishedWork, WorkState | None]:
    """Commit and integrate the work in a work tree, if its states prove that the work is done.

    Return a tuple: the result, and the state of the work after an integration. The second part is None if nothing was
    integrated. `tip` is the commit of the integration branch. `committed` is the last commit in the work tree.
    """
    repository = work.repository
    progress = progress_of(leased_item, lease)
    findings = preflight_of(view, leased_item.plan, leased_item.item, view.exists) if leased_item.item else ()
    head = committed.commit
    base = head if head == tip else output_text(repository, "merge-base", tip, head)
    folder_tree = tree_of_folder(repository, tree.folder)
    finished = FinishedWork(
        *("ok", progress.before, progress.after, progress.by),
        findings=findings,
        kept=str(tree.folder),
        into=work.into,
    )
    if head not in (tip, lease.base) and base == head and folder_tree == committed.tree:
        # A process was killed between the integration and the end of the lease.
        return finished._replace(commit=tip) if progress.has_advanced else finished._replace(kind="no_progress"), None
    files = work_files(changed_files(repository, base, folder_tree), view, leased_item, lease, repository.prefix)
    finished = finished._replace(listed=files.listed)
    if files.outside:
        _uncommit_verdicts(repository, tree, base, head, files.verdicts)
        return finished._replace(kind="outside", paths=files.outside, by=_why_outside(files, lease)), None
    if reason := _why_not_advanced(progress, leased_item, files, findings):
        return finished._replace(kind="no_progress", by=reason), None
    message = commit_message(lease, leased_item)
    if refusal_text := _commit(repository, tree, message, folder_tree, committed):
        return finished._replace(kind="no_progress", by=refusal_text), None
    integration = integrate(work, tree, lease, view, leased_item, message, lambda: _leases_kept_unchanged(store, lease))
    if integration.outcome == "conflict":
        by = integration.says or "the merge has conflicts"
        return finished._replace(kind="conflict", paths=integration.paths, by=by), None
    return finished._replace(commit=integration.commit), integration.state


def conflict_prompt(lease: Lease, into: str, paths: Sequence[str]) -> str:
    """Return the prompt for an agent whose work is in conflict with other work.

    `into` is the integration branch, and `paths` are the files in conflict.
    """
    paths_text = "\n".join(f"- `{visible_in_one_line(path)}`" for path in paths)
    name, folder = visible_in_one_line(plan_and_item_of(lease)), visible_in_one_line(lease.worktree)
    return CONFLICT_PROMPT.format(name=name, folder=folder, into=into, listed=paths_text)


CONFLICT_PROMPT = """# {name}: rebase and resolve

Your work is done, but others have changed the same lines meanwhile. In your work tree `{folder}`:

1. `git rebase {into}`
2. Resolve the conflicts, so that both changes hold. These files are in conflict:
{listed}
3. Leave the boxes of other items as `{into}` has them.
4. Run the tests that you ran before.

Do not push, switch branches, or use `git stash`. Then finish again.
"""


def _why_outside(files: WorkFiles, lease: Lease) -> str:
    """Return the reason why work is refused, in words: which files the agent has changed, but must not change."""
    if files.verdicts:
        return f"the {lease.role} has written a verdict, which only a reviewer does: {paths_in_words(files.verdicts)}"
    return f"changes outside of {plan_and_item_of(lease)}: {paths_in_words(files.outside)}"


def _why_not_advanced(
    progress: ItemProgress, leased_item: LeasedItem, files: WorkFiles, findings: tuple[PreflightFinding, ...]
) -> str:
    """Return the reason why the work is not done; "" if it is done."""
    if not progress.has_advanced:
        return progress.by or f"it is still {progress.after}"
    if has_box(leased_item):
        missing_findings = [finding for finding in findings if finding.code == MISSING_CODE]
        if missing_findings:
            return f"{missing_findings[0].path}:{missing_findings[0].line}: {missing_findings[0].message}"
        if not files.beside:
            return "the box is set, but nothing beside the documents of the plan has changed"
    return ""


def commit_message(lease: Lease, leased_item: LeasedItem) -> str:
    """Return the message of a commit of the work, with trailers that name the lease, the step and the agent."""
    task_text = task_in_words(lease.step, leased_item.state.format)
    subject = " ".join(f"plan({leased_item.state.feature} {lease.achievement}".split()) + f"): {task_text}"
    trailers = f"Planmark-Lease: {lease.id}\nPlanmark-Step: {lease.step}\nPlanmark-Agent: {lease.agent}\n"
    return f"{visible_in_one_line(subject)[:MAX_COMMIT_SUBJECT_CHARACTERS]}\n\n{trailers}"


def _commit(repository: GitRepository, tree: WorkTree, message: str, folder_tree: str, committed: CommittedTree) -> str:
    """Commit all changes in a work tree. Return "" if all is committed; otherwise return why git refuses.

    `folder_tree` is the id of the git tree of all files in the work tree. A hook may refuse a commit after it has
    reformatted files. Then the files are added, and the commit is tried again.
    """
    refusal_text, earlier_tree = "", folder_tree
    while True:
        output(repository, *git_ignore_options(repository), "add", "--all", folder=tree.folder)
        if not refusal_text and folder_tree == committed.tree:
            return ""
        if refusal_text:
            staged_tree = output_text(repository, "write-tree", folder=tree.folder)
            if staged_tree in (
                earlier_tree,
                output_text(repository, "rev-parse", "--verify", "HEAD^{tree}", folder=tree.folder),
            ):
                return refusal_text
            earlier_tree = staged_tree
        git_output = call(
            *(repository, "commit", "--quiet", "--no-gpg-sign", "--cleanup=whitespace", "-F", "-"),
            folder=tree.folder,
            input_bytes=message.encode("utf-8", "surrogateescape"),
        )
        if git_output.code == 0:
            return ""
        reason = git_output.error_line or git_output.out.decode("utf-8", "replace").strip()[-300:]
        refusal_text = f"git commit failed, commit it there yourself and finish again: {reason}"


def _uncommit_verdicts(
    repository: GitRepository, tree: WorkTree, base: str, head: str, verdicts: tuple[str, ...]
) -> None:
    """Remove verdicts from the branch of a work tree, if an agent has committed them.

    Their files stay in the folder, as uncommitted changes.
    """
    committed_verdicts = sorted({*verdicts} & {*changed_files(repository, base, head)})
    if not committed_verdicts:
        return
    output(repository, "--literal-pathspecs", "reset", "--quiet", base, "--", *committed_verdicts, folder=tree.folder)
    message = "planmark: take out the verdict of an executor\n"
    call(
        *(repository, "commit", "--quiet", "--no-gpg-sign", "--no-verify", "-F", "-"),
        folder=tree.folder,
        input_bytes=message.encode(),
    )


def _finish_in_place(store: LeaseStore, lease: Lease, access: WorkAccess) -> FinishedWork:
    """Finish work in the workspace itself: end the lease if the work is done. The person commits the work."""
    view = access.read(store.place.tree / store.place.prefix)
    item = leased_item(view, lease, store.place.prefix)
    if item is None:
        _end_lease(store, lease, "released", store.place.tree, access)
        return FinishedWork("gone", _state_at_begin(lease), "", GONE_REASON)
    progress = progress_of(item, lease)
    findings = preflight_of(view, item.plan, item.item, view.exists) if item.item else ()
    kind: FinishKind = "ok" if progress.has_advanced else "no_progress"
    if kind == "ok":
        _end_lease(store, lease, "done", store.place.tree, access)
    return FinishedWork(kind, progress.before, progress.after, progress.by, findings=findings)


def _finish_gone_item(
    store: LeaseStore, work: WorkPlace, lease: Lease, tree: WorkTree, access: WorkAccess
) -> FinishedWork:
    """End the lease of an item that is gone. The work tree stays if it contains work."""
    _end_lease(store, lease, "released", integration_folder(work), access)
    return FinishedWork(
        "gone", _state_at_begin(lease), "", GONE_REASON, kept=_kept_tree_text(tree, remove_worktree(work, tree))
    )


GONE_REASON = "the plan or the item is not there any more"
MISSING_CODE = "deliverable-missing"
"""The code of the preflight finding for a missing file that the item was to create."""


def _is_plan_gone(work: WorkPlace, main_root: Path, lease: Lease, plan_blob_id: str) -> bool:
    """Tell whether the plan of a lease is missing on the integration branch, or was deleted in the person's checkout.

    `plan_blob_id` is the id of the plan's document on the integration branch, by git; "" if it is missing there.
    """
    repository = work.repository
    plan_path = main_root / lease.plan.removeprefix(repository.prefix)
    is_deleted = not plan_path.exists() and call(repository, "cat-file", "-e", f"HEAD:{lease.plan}").code == 0
    return not plan_blob_id or is_deleted


def _is_item_gone(work: WorkPlace, lease: Lease, access: WorkAccess) -> bool:
    """Tell whether the item of a lease is missing on the integration branch."""
    with integration_lock(work.repository):
        state = work_state(work)
        integrated_view = access.read(checkout_at(work, integration_tip(work, state), state).resolve())
        return leased_item(integrated_view, lease, work.repository.prefix) is None


def _remove_left_tree(main_root: Path, lease: Lease, access: WorkAccess | None) -> FinishedWork:
    """Remove the work tree of a lease that has ended as done.

    The work tree still exists if a process was killed between the end of the lease and the removal.
    """
    kept_tree, commit, into, by = "", "", "", f"it was finished at {lease.ended}"
    work = access_for(main_root, lease, access).place if lease.branch else None
    if work is not None:
        commit = current_tip(work)
        tree = WorkTree(Path(lease.worktree), lease.branch, lease.base, work.repository.prefix)
        kept_tree, into = _kept_tree_text(tree, remove_worktree(work, tree)), work.into
    return FinishedWork("ok", _state_at_begin(lease), "", by, commit, kept=kept_tree, into=into)


def _state_at_begin(lease: Lease) -> str:
    """Return the state of the item when the work of a lease began; "" if the state is unknown."""
    return lease.began.state if lease.began else ""


def _kept_tree_text(tree: WorkTree, reason: str) -> str:
    """Return a text with the folder of a work tree and the reason why the folder stays; "" if `reason` is ""."""
    return f"{tree.folder}: {reason}" if reason else ""


def _stored_done_lease(store: LeaseStore, lease: Lease) -> Lease | None:
    """Return the lease as it is stored, if it has ended as done; else None."""
    with convert_lease_errors():
        return _done_lease_in(store.read(), lease)


def _done_lease_in(leases: Leases, lease: Lease) -> Lease | None:
    """Return the lease as it is in `leases`, if it has ended there as done; else None."""
    stored_lease = leases.get(lease_key_of(lease))
    current_lease = stored_lease.lease if stored_lease is not None else None
    is_done = current_lease is not None and (current_lease.state, current_lease.reason) == ("ended", "done")
    return current_lease if is_done and current_lease is not None and current_lease.id == lease.id else None


def _renewed_lease(store: LeaseStore, root: Path, lease: Lease) -> Lease:
    """Renew a lease, so that it does not lapse while its work is finished, and return it. Raises CommandError if the
    lease is lost.
    """
    with convert_lease_errors(), store.locked_leases() as leases:
        held_lease = renew(leases, lease.id, None, current_machine_state(), lease_terms(load_settings(root)))
        store.write(leases, held_lease)
    return held_lease


@contextlib.contextmanager
def _leases_kept_unchanged(store: LeaseStore, lease: Lease) -> Iterator[None]:
    """Keep all leases unchanged during the block of the `with` statement.

    Raises CommandError if `lease` is lost.
    """
    with convert_lease_errors(), store.locked_leases() as leases:
        renew(leases, lease.id, None, current_machine_state(), DEFAULT_LEASE_TERMS)
        yield


def _end_lease(store: LeaseStore, lease: Lease, reason: EndReason, tree_top: Path, access: WorkAccess) -> None:
    """End a lease, and write its end to the remote if leases are shared. Raises CommandError.

    `reason` is the reason of the end. `tree_top` is the top of the tree whose files show the reason.
    """
    with convert_lease_errors():
        with store.locked_leases() as leases:
            if reason == "done" and _done_lease_in(leases, lease) is not None:
                # An agent that leases a step ends the leases whose steps the integration branch shows as done.
                return
            held_lease = renew(leases, lease.id, None, current_machine_state(), DEFAULT_LEASE_TERMS)
            ended_lease = end_lease(
                held_lease,
                reason,
                current_machine_state(),
                LeaseRequester(held_lease.agent, held_lease.host, str(tree_top.resolve())),
            )
            store.write(leases, ended_lease)
        share_lease(store, access.remote, ended_lease, held_lease)
