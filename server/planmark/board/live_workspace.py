"""The workspace that a board shows. It holds the current view, and publishes changes to the pages that are open."""

from __future__ import annotations

import functools
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from planmark.coordination.lease_store import LeaseStore
from planmark.plans.phrases import name_in_words
from planmark.queries.api_types import ReadProgress
from planmark.queries.persistent_index import open_index
from planmark.queries.state_changes import StateChange, state_changes
from planmark.queries.workspace_view import View, build_view
from planmark.storage.lease_files import LeaseFolderError
from planmark.storage.paths import WorkspaceError
from planmark.workspace.index import Index
from planmark.workspace.left_out import git_branch
from planmark.workspace.work_evidence import WorkEvidence, look_again

MIN_SCAN_INTERVAL_SECONDS = 0.5
"""Minimum seconds between two scans while a page is open."""
SCAN_PAUSE_FACTOR = 8
"""The pause after a scan is at least this many times as long as the scan."""
MIN_HISTORY_INTERVAL_SECONDS = 5.0
"""Minimum seconds between two reads of the git history. The history is read only if a plan needs it."""
MAX_NAMED_CHANGES = 5
"""Maximum number of state changes that one message names."""

logger = logging.getLogger(__name__)


class UnavailableError(Exception):
    """The workspace has no view, because it is not read yet or cannot be read. The message gives the reason."""


class WorkspaceChange(NamedTuple):
    """The last change of a workspace, for the open pages.

    `number` is the number of changes until now. `changes_text` names the changed states; "" if no state has changed.
    `problem` says why the workspace cannot be read; "" if it can be read.
    """

    number: int
    changes_text: str
    problem: str


class LiveWorkspace:
    """A workspace that is scanned again and again while a page is open. Every thread may call the methods."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read_progress = ReadProgress(0, 0)
        self._index: Index | None = None
        self._view: View | None = None
        self._work_evidence = WorkEvidence(root, at_once=True)
        self._last_history_read = 0.0
        self._lease_problem = ""
        self._work_lock = threading.RLock()
        """A lock that a thread holds while it uses the index or a view, because both fill their caches on demand."""
        self._change_condition = threading.Condition()
        self._change = WorkspaceChange(0, "", "")
        self._open_page_count = 0
        self._is_closed = False
        self._last_scan = 0.0

    @property
    def is_read(self) -> bool:
        """Tell whether the first scan is complete."""
        return self._view is not None

    @property
    def problem(self) -> str:
        """The reason why the workspace cannot be read; "" if it can be read."""
        return self._change.problem

    @contextmanager
    def current_view(self) -> Iterator[View]:
        """Yield the current view of the workspace. During the block, no other thread uses the view.

        If the last scan is older than `MIN_SCAN_INTERVAL_SECONDS`, scan the workspace first. Raises UnavailableError if there is
        no view.
        """
        if not self.is_read and not self._change.problem:
            raise UnavailableError(self.reading_progress_text())
        with self._work_lock:
            if time.monotonic() - self._last_scan >= MIN_SCAN_INTERVAL_SECONDS:
                self.scan()
            if self._change.problem or self._view is None:
                raise UnavailableError(self._change.problem)
            yield self._view

    @contextmanager
    def lend_index(self) -> Iterator[Index]:
        """Yield the index for a command. After the block, scan the workspace, and publish what the command has changed.

        Raises UnavailableError if the workspace is not read yet, or cannot be read.
        """
        with self.current_view():
            if self._index is None:
                raise UnavailableError(self.reading_progress_text())
            try:
                yield self._index
            finally:
                self.scan()

    def reading_progress_text(self) -> str:
        """Return a text about the progress of the first scan."""
        read_count, total = self.read_progress.done, self.read_progress.of
        return f"reading {read_count} of {total} documents" if total else "reading the workspace"

    def scan(self) -> None:
        """Scan the workspace, and publish a change of the view.

        If the workspace can no longer be read, publish this as a change, too.
        """
        with self._work_lock:
            try:
                view = self._scanned_view()
            except (WorkspaceError, OSError) as error:
                problem = f"{self.root} cannot be read: {error}"
                if problem != self._change.problem:
                    print(f"planmark: {problem}", file=sys.stderr, flush=True)
                    self._publish("", problem)
                return
            finally:
                self._last_scan = time.monotonic()
            view_before, self._view = self._view, view
            if view_before is None or self._change.problem:
                self._publish("", "")
            elif view_before is not view:
                self._publish(changes_text(view, state_changes(view_before, view)), "")

    def _scanned_view(self) -> View:
        """Scan the workspace, and return the current view. If nothing has changed, return the same object as before."""
        if not self.root.is_dir():
            raise WorkspaceError("the folder does not exist any more")
        if self._index is None:
            self._index = open_index(self.root, needs_diagnostics=True)
        index = self._index
        snapshot = index.refresh(self._report_progress)
        view_before = self._view
        is_unchanged = view_before is not None and view_before.snapshot is snapshot and not self._history_changed()
        view = view_before if view_before is not None and is_unchanged else self._build_view(index, view_before)
        try:
            lease_look = LeaseStore(self.root).look()
        except LeaseFolderError as error:
            if str(error) != self._lease_problem:
                print(f"planmark: {error}", file=sys.stderr, flush=True)
            self._lease_problem = str(error)
            return view
        self._lease_problem = ""
        return view if view.leases.by_plan == lease_look.by_plan else replace(view, leases=lease_look)

    def _build_view(self, index: Index, view_before: View | None) -> View:
        return build_view(
            index.snapshot(),
            index.text_reader(),
            index.parsed_count,
            view_before,
            exists=index.exists,
            changed_ns=index.changed_ns,
            branch=functools.partial(git_branch, index.root),
            work=self._work_evidence,
            cases=index.cases,
        )

    def _history_changed(self) -> bool:
        """Tell whether the part of the git history that the view needs has changed.

        Git is read at most once in `MIN_HISTORY_INTERVAL_SECONDS`. Between two reads, the result is False.
        """
        questions = self._work_evidence.look_with_questions()
        now = time.monotonic()
        if questions is None or now - self._last_history_read < MIN_HISTORY_INTERVAL_SECONDS:
            return False
        self._last_history_read = now
        return self._work_evidence.take(look_again(self.root, questions))

    def _report_progress(self, done_count: int, total: int) -> None:
        self.read_progress = ReadProgress(done_count, total)

    def _publish(self, states_text: str, problem: str) -> None:
        """Replace the last change by a new change, and wake the pages that wait.

        `states_text` names the changed states; "" if no state has changed. `problem` says why the workspace cannot be
        read; "" if it can be read.
        """
        with self._change_condition:
            self._change = WorkspaceChange(self._change.number + 1, states_text, problem)
            self._change_condition.notify_all()

    @contextmanager
    def count_page_as_open(self) -> Iterator[Callable[[int, float], WorkspaceChange | None]]:
        """Count a page as open during a block. Yield a function with which the page waits for a change.

        The function takes the number of the last change that the page knows, and the seconds to wait. It returns the
        new change. If the time passes without a change, or if the server stops, it returns None.
        """
        with self._change_condition:
            self._open_page_count += 1
            self._change_condition.notify_all()
        try:
            yield self._wait
        finally:
            with self._change_condition:
                self._open_page_count -= 1

    def _wait(self, known_number: int, seconds: float) -> WorkspaceChange | None:
        """Wait for a change, as `count_page_as_open` describes."""
        with self._change_condition:
            self._change_condition.wait_for(lambda: self._is_closed or self._change.number > known_number, seconds)
            return self._change if self._change.number > known_number and not self._is_closed else None

    def watch(self) -> None:
        """Scan the workspace again and again while a page is open, until `close` is called."""
        while not self._is_closed:
            started = time.monotonic()
            try:
                self.scan()
            except Exception:
                logger.exception("the board could not scan the workspace")
                self._publish("", "a defect of planmark: the log of `planmark board` has the details")
            pause = (
                max(MIN_SCAN_INTERVAL_SECONDS, SCAN_PAUSE_FACTOR * (time.monotonic() - started))
                if self.is_read
                else 0.0
            )
            with self._change_condition:
                self._change_condition.wait_for(lambda: self._is_closed, pause)
                self._change_condition.wait_for(lambda: self._is_closed or self._open_page_count > 0)

    @property
    def is_closed(self) -> bool:
        """Tell whether `close` was called, because the server stops."""
        return self._is_closed

    def close(self) -> None:
        """End `watch`, and wake every page that waits."""
        with self._change_condition:
            self._is_closed = True
            self._change_condition.notify_all()


def changes_text(view: View, changes: list[StateChange]) -> str:
    """Return one line that names the first of `changes`, and gives the number of further changes."""
    features_by_path = {plan.path: plan.feature for plan in view.plans}
    change_texts = [
        f"{features_by_path.get(change.plan, change.plan)} {change.achievement}: "
        f"{name_in_words(change.before) if change.before else 'new'} → "
        f"{name_in_words(change.after) if change.after else 'gone'}"
        for change in changes[:MAX_NAMED_CHANGES]
    ]
    more_count = len(changes) - len(change_texts)
    return "; ".join([*change_texts, *([f"{more_count} more"] if more_count > 0 else [])])
