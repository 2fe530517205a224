"""One folder on the engine's thread: the index, the view and the current scan.

Only the engine's thread uses this module.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from planmark.coordination.lease_look import NO_LEASES, LeaseLook
from planmark.coordination.lease_store import LeaseStore
from planmark.lsp.saved_texts import SavedTexts
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import WorkspaceSizes
from planmark.metrics.trace import Timer, profiled
from planmark.plans.diagnostic import Diagnostic
from planmark.prompts.cache import PromptCache
from planmark.prompts.prompt import Prompt
from planmark.queries.api_types import ReadProgress
from planmark.queries.budget_check import over_budget_diagnostic
from planmark.queries.delivered import DeliveredPrompts
from planmark.queries.lease_check import lease_diagnostics
from planmark.queries.persistent_index import open_index, unsaved_rows
from planmark.queries.workspace_view import View, build_view
from planmark.storage.result_cache import ResultCache, open_result_cache
from planmark.workspace.left_out import git_branch
from planmark.workspace.settings import Settings
from planmark.workspace.snapshot import PlanDocuments, Snapshot
from planmark.workspace.work_evidence import WorkEvidence, WorkLook

MAX_DOCUMENTS_PER_SAVE = 200
"""Maximum number of documents whose facts one slice prepares for the store."""
SLICE_SECONDS = 0.02
"""Maximum seconds of one slice; between slices, more urgent jobs run."""
END_OF_STEPS: Any = object()
"""The value that marks the end of the steps of a check; the steps themselves yield None."""

logger = logging.getLogger(__name__)


class ScanProgress(NamedTuple):
    """The progress of a scan: `done_count` of `total_count` documents are read. The last slice sets `is_finished`."""

    done_count: int
    total_count: int
    is_finished: bool


class BudgetResult(NamedTuple):
    """The result of the budget check of `plan`.

    `inputs` are the settings of the workspace and the digest of its templates. `diagnostic` tells that the next prompt
    of the plan exceeds its budget; None if the prompt fits.
    """

    plan: PlanDocuments
    inputs: tuple[Settings, str]
    diagnostic: Diagnostic | None


class BudgetProgress(NamedTuple):
    """The progress of the budget check: whether every plan is checked, and whether the view has new diagnostics."""

    is_finished: bool
    has_new_diagnostics: bool


class FolderWorker:
    """The index of a folder, the view of the last snapshot, and the scan that is under way."""

    def __init__(self, uri: str, root: Path, settings: Mapping[str, Any], recorder: Recorder) -> None:
        """`uri` has the client's spelling.

        Raises WorkspaceError if `root` is not a folder or must not be a workspace.
        """
        self.uri = uri
        self.index = open_index(root, settings)
        self._saved_texts = SavedTexts(self.index)
        self.is_complete = False
        """True after the first complete scan. Before this scan is complete, no answer contains a fact that depends on
        other documents.
        """
        self.read_progress = ReadProgress(0, 0)
        """The progress of the first scan."""
        self.first_view: View | None = None
        """The view at the end of the first scan, until a later view is published to the client."""
        self.prompt_cache = PromptCache()
        self.delivered_prompts = DeliveredPrompts("", self._result_cache, time.time)
        """The delivered prompts. The server knows no name of the recipient, so the client may refer to any delivered
        prompt that Planmark remembers.
        """
        self.sizes = WorkspaceSizes()
        """The sizes of the last view."""
        self.work_evidence = WorkEvidence(self.index.root, at_once=False)
        """The commits and file lengths as of the last look."""
        self.lease_store = LeaseStore(self.index.root)
        """The store of the leases on disk. Only `FolderSession.look_at_leases` uses it, one call at a time."""
        self._lease_look: LeaseLook = NO_LEASES
        self._recorder = recorder
        self._view: View | None = None
        self._scan: Iterator[tuple[int, int]] | None = None
        """The remaining steps of the current scan.

        Each step yields the numbers of read documents and of all documents.
        """
        self._scan_seconds = 0.0
        self._current_check: tuple[View, Iterator[None]] | None = None
        """The view that is being checked, and the remaining steps of the check."""
        self._is_closed = False
        self._writer = ThreadPoolExecutor(1, "planmark-store")
        self._remembered_costs: dict[tuple[str, str | None], tuple[PlanDocuments, int]] = {}
        """The costs of prompts, by the path of the plan and the achievement.

        Each value is a tuple: the plan when the prompt was made, and the tokens of the prompt and its reading list.
        """
        self._budget_results: dict[str, BudgetResult] = {}
        """Mapping from the path of a plan to the result of its last budget check."""
        self._over_budget_diagnostics: tuple[Diagnostic, ...] = ()
        """The diagnostics of prompts over budget, as of the last complete check."""

    @property
    def root(self) -> Path:
        """The path of the folder, with symbolic links resolved."""
        return self.index.root

    def _result_cache(self) -> ResultCache | None:
        """Return the cache that keeps delivered prompts for other processes; None if the user wants no cache."""
        return open_result_cache(self.root, make=True) if self.index.settings["cache.enable"] else None

    def take_text(self, path: str, text: str | None, *, is_saved: bool) -> None:
        """Use the text of an open document instead of its file. If `text` is None, use the file again.

        `is_saved` tells that the client has just saved the document.
        """
        if text is None:
            self._saved_texts.forget(path)
            self.index.set_overlay(path, None)
            return
        stamp = self._saved_texts.stamp_if_saved(path, text, is_saved=is_saved)
        self.index.set_overlay(path, text, stamp)

    def view(self) -> View:
        """Return the current view; the same object until something changes."""
        start_time = self._recorder.clock()
        with Timer("index"):
            snapshot = self.index.snapshot()
        if self._view is None or self._view.snapshot is not snapshot:
            self._view = self._build_view(snapshot, self._view)
            self.sizes = WorkspaceSizes(len(snapshot.paths), len(snapshot.plans), snapshot.revision)
            self._recorder.record_update(self._recorder.clock() - start_time)
        return self._view

    @profiled("weigh")
    def budget_step(self) -> BudgetProgress:
        """Check whether the next prompts of changed plans fit their budgets, for at most one slice of time."""
        start_time = time.perf_counter()
        view = self.view()
        inputs = (view.snapshot.settings, view.renderer.digest)
        for plan in view.snapshot.plans:
            previous_result = self._budget_results.get(plan.path)
            if previous_result is not None and previous_result.plan is plan and previous_result.inputs == inputs:
                continue
            self._budget_results[plan.path] = BudgetResult(plan, inputs, over_budget_diagnostic(view, plan))
            if time.perf_counter() - start_time > SLICE_SECONDS:
                return BudgetProgress(is_finished=False, has_new_diagnostics=False)
        self._budget_results = {plan.path: self._budget_results[plan.path] for plan in view.snapshot.plans}
        diagnostics = tuple(result.diagnostic for result in self._budget_results.values() if result.diagnostic)
        if diagnostics == self._over_budget_diagnostics:
            return BudgetProgress(is_finished=True, has_new_diagnostics=False)
        self._over_budget_diagnostics = diagnostics
        self._view = self._build_view(view.snapshot, view)
        return BudgetProgress(is_finished=True, has_new_diagnostics=True)

    @profiled("save")
    def save_step(self) -> bool:
        """Pass some unsaved facts to the thread that writes to the store. Return whether no unsaved facts remain."""
        store = self.index.entries.store
        if store is None or self._is_closed or not self.is_complete:
            return True
        new_rows = unsaved_rows(self.index, self.view(), MAX_DOCUMENTS_PER_SAVE)
        if new_rows:
            self._writer.submit(store.save, new_rows).add_done_callback(_log_save_error)
        return not self.index.entries.unsaved_paths

    def close(self) -> None:
        """Write the remaining facts and close the store.

        The overlays are removed first, because the store has only facts of files on disk.
        """
        for path in self.index.open_paths:
            self.index.set_overlay(path, None)
        while not self.save_step():
            pass
        self._is_closed = True
        self._writer.shutdown()
        if self.index.entries.store:
            self.index.entries.store.close()

    @profiled("check")
    def _build_view(self, snapshot: Snapshot, previous_view: View | None) -> View:
        def build(previous_view: View | None, more_diagnostics: tuple[Diagnostic, ...]) -> View:
            return build_view(
                snapshot,
                self.index.text_reader(),
                self.index.parsed_count,
                previous_view,
                self.index.exists,
                more_diagnostics,
                changed_ns=self.index.changed_ns,
                branch=partial(git_branch, self.index.root),
                work=self.work_evidence,
                leases=self._lease_look,
                cases=self.index.cases,
                searched_texts=self.index.search_memo,
            )

        view = build(previous_view, self._over_budget_diagnostics)
        # The states decide whether a lease is over, so the diagnostics of leases need a view.
        diagnostics_of_leases = lease_diagnostics(view)
        return build(view, (*self._over_budget_diagnostics, *diagnostics_of_leases)) if diagnostics_of_leases else view

    def take_work_look(self, look: WorkLook) -> bool:
        """Store `look`, the commits and file lengths that were read last.

        Return whether a state may differ because of `look`.
        """
        states_may_differ = self.work_evidence.take(look)
        if states_may_differ and self._view is not None:
            self._view = self._build_view(self._view.snapshot, self._view)
        return states_may_differ

    def take_leases(self, lease_look: LeaseLook) -> bool:
        """Store `lease_look`, the leases that were read last. Return whether they differ from the leases that were
        stored before.
        """
        if lease_look.has_same_leases(self._lease_look):
            return False
        self._lease_look = lease_look
        if self._view is not None:
            self._view = self._build_view(self._view.snapshot, self._view)
        return True

    def start_scan(self) -> None:
        """Begin a new scan of the disk; `scan_step` carries it out."""
        self._scan, self._scan_seconds = self.index.scan(), 0.0

    def scan_step(self) -> ScanProgress:
        """Continue the scan for one slice."""
        start_time, clock_start = time.perf_counter(), self._recorder.clock()
        done_count = total_count = 0
        with Timer("index"):
            while self._scan is not None and time.perf_counter() - start_time < SLICE_SECONDS:
                try:
                    done_count, total_count = next(self._scan)
                    self.read_progress = ReadProgress(done_count, total_count)
                except StopIteration:
                    self._scan = None
        self._scan_seconds += self._recorder.clock() - clock_start
        if self._scan is None:
            if not self.is_complete:
                self.is_complete = True
                self.first_view = self.view()
            counts_by_kind = self.index.entries.counts_by_kind()
            self._recorder.record_scan(
                self._scan_seconds, self.index.parsed_count, sum(counts_by_kind.values()), counts_by_kind["plan"]
            )
        return ScanProgress(done_count, total_count, self._scan is None)

    @profiled("check")
    def check_step(self, view: View) -> bool:
        """Continue the check of a view for one slice. Return whether the check is complete.

        Changes during this check wait for the next check, so that no check delays typing or states.
        """
        start_time = time.perf_counter()
        if self._current_check is None or self._current_check[0] is not view:
            self._current_check = view, view.check_stepwise()
        steps = self._current_check[1]
        while time.perf_counter() - start_time < SLICE_SECONDS:
            if next(steps, END_OF_STEPS) is END_OF_STEPS:
                self._current_check = None
                if self._view is not None and self._view is not view and not self._view.is_checked:
                    self._view = dataclasses.replace(self._view, previous_check=view.checked)
                return True
        return False

    def cancel_scan(self) -> None:
        """Stop the scan. Documents that the scan has not read stay unknown."""
        self._scan = None

    def remember_prompt_cost(self, achievement: str | None, prompt: Prompt) -> None:
        """Keep the token count of a prompt until its plan changes."""
        plan = next((plan for plan in self.view().snapshot.plans if plan.path == prompt.plan), None)
        if plan is not None:
            self._remembered_costs[prompt.plan, achievement] = (plan, prompt.tokens.total)

    def cost(self, plan: str, achievement: str | None) -> int | None:
        """Return the number of tokens of a prompt and its reading list. Return None if the number is unknown, or if the
        plan has changed since the prompt was made. `plan` is the path of the plan. If `achievement` is None, the prompt
        is about the next step of the plan.
        """
        remembered_cost = self._remembered_costs.get((plan, achievement))
        if remembered_cost is None:
            return None
        counted_plan, token_count = remembered_cost
        return token_count if any(current_plan is counted_plan for current_plan in self.view().snapshot.plans) else None


def _log_save_error(save_future: Future[bool]) -> None:
    if error := save_future.exception():
        logger.error("cannot save the parsed documents to the store", exc_info=error)
