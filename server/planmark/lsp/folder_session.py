"""One folder of the client on the event loop: its settings, its scans, and its published diagnostics and status.

A `FolderSession` has all state of a folder, so that no state remains after the removal of a folder. Its counterpart on
the engine's thread is `FolderWorker`, with the index and the view.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from lsprotocol import types

from planmark.coordination.lease_look import LeaseLook
from planmark.lsp.change_detection import (
    DiagnosticsUpdate,
    LastPublications,
    diagnostics_since,
    open_document_diagnostics,
    states_since,
)
from planmark.lsp.client import Client
from planmark.lsp.engine import Engine, JobPriority
from planmark.lsp.folder_worker import BudgetProgress, FolderWorker
from planmark.lsp.slow_requests import READY_PART
from planmark.lsp.to_lsp import DocumentVersion, RequestContext
from planmark.metrics.trace import Timer
from planmark.queries.state_changes import StateChange
from planmark.queries.workspace_view import View
from planmark.storage.lease_files import LeaseFolderError
from planmark.workspace.work_evidence import look_again

T = TypeVar("T")
IDLE_SECONDS = 1.0
"""Seconds without a change before the budgets of prompts are checked and new facts are saved."""
MAX_PUBLICATION_DELAY_SECONDS = 0.5
"""Maximum seconds that diagnostics wait for a pause in typing."""
SCAN_DELAY_SECONDS = 0.05
"""Delay in seconds before a scan, so that several requests for a scan are merged."""
FOCUS_SCAN_SECONDS = 1.0
"""Minimum seconds between two scans that the focus of the client's window starts."""
CHECK_PAUSE_FACTOR = 2
"""Minimum pause between two checks of documents that changed on the disk, in multiples of the time that the last check
took. During the pause, the server publishes states, which take precedence over diagnostics when agents write many
documents.
"""
MAX_DOCUMENTS_PER_TURN = 20
"""Maximum number of documents whose diagnostics are sent per turn of the event loop."""

logger = logging.getLogger(__name__)


class ActiveScan(NamedTuple):
    """A scan that the user waits for: its task, and the token by which the client names the scan's progress."""

    task: asyncio.Task[None]
    progress_token: str


class Publisher(Protocol):
    """The methods of the server that a folder session calls."""

    client: Client
    engine: Engine

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` in the background."""

    async def compute(self, work: Callable[[], T], priority: JobPriority = ..., subject: str = "") -> T:
        """Run `work` on the engine's thread and return its result."""

    def publish_diagnostics(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a document."""

    def publish_state_changes(self, context: RequestContext, changes: list[StateChange]) -> None:
        """Send the achievements whose state has changed."""

    def publish_status(self) -> None:
        """Send the health of the server, if the health changed."""

    def diagnostics_changed(self) -> None:
        """Resume the requests that stay open until diagnostics change."""

    def publish_plans_changed(self, session: FolderSession) -> None:
        """Send `planmark/plansChanged` for the folder of `session`, if the client asked for this notification."""

    def publish_leases_changed(self, session: FolderSession, lease_look: LeaseLook) -> None:
        """Send `planmark/leasesChanged` with the leases of a folder, if the client asked for this notification."""

    def refresh(self) -> None:
        """Ask the client to request code lenses, hints and diagnostics again."""


class FolderSession:
    """A folder that the client has open. Only the event loop uses a session. The exception is `open_documents`, which
    the engine's thread uses.
    """

    def __init__(self, worker: FolderWorker, settings: dict[str, Any], publisher: Publisher) -> None:
        """`settings` are the client's settings for the folder, by key."""
        self.worker = worker
        self.settings = settings
        self.scan: ActiveScan | None = None
        """The scan that the user waits for; None without such a scan."""
        self.scan_was_cancelled = False
        self.progress = ""
        """The progress of the scan that the user waits for, in words; "" without such a scan."""
        self._last_publications = LastPublications()
        self._published_states_view: View | None = None
        """The view whose states were published last; None before the first publication."""
        self._has_changed_states = False
        """Whether the client has to ask for lenses and hints again, because states have changed."""
        self._is_publishing = False
        """Whether states are being published."""
        self._current_check: object = None
        """The object that stands for the check of documents that is under way; None without a check."""
        self._next_check = 0.0
        """The earliest time of the next check of changes on the disk, by the loop's clock."""
        self.open_documents: Mapping[str, DocumentVersion] = {}
        """The open documents whose texts the index has, by path. Only the engine's thread uses this mapping."""
        self.is_closed = False
        """Whether the folder is no longer served."""
        self._publisher = publisher
        self._ready = asyncio.Event()
        self._scan_lock = asyncio.Lock()
        self._scan_is_scheduled = False
        self._last_scan = 0.0
        """The start of the last scan, by the monotonic clock."""
        self._changed_while_publishing = False
        """Whether the folder changed during the current publication."""
        self._unpublished_since: float | None = None
        """The time of the first unpublished change, by the loop's clock; None without an unpublished change."""
        self._publish_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._is_reading_work_evidence = False
        """Whether a thread reads the commits and file lengths on which states depend."""
        self._is_looking_at_leases = False
        self._pushed_uris: dict[str, str] = {}
        """Mapping from the path of a document to the URI under which the client shows its diagnostics."""
        self._edited_paths: set[str] = set()
        """Paths of documents that changed since the last publication."""

    @property
    def uri(self) -> str:
        """The URI of the folder, in the client's spelling."""
        return self.worker.uri

    @property
    def root(self) -> Path:
        """The path of the folder, with symbolic links resolved."""
        return self.worker.root

    @property
    def published_view(self) -> View | None:
        """The view that was published to the client last; None before the first publication."""
        return self._last_publications.view

    @property
    def is_publishing(self) -> bool:
        """Whether states or diagnostics are being published."""
        return self._is_publishing or self._current_check is not None

    @property
    def revision(self) -> int:
        """The revision of the snapshot that was published to the client last; 0 before the first publication."""
        return self.published_view.snapshot.revision if self.published_view else 0

    @property
    def is_ready(self) -> bool:
        """Whether the first scan has ended, or was cancelled."""
        return self._ready.is_set()

    async def wait_ready(self) -> None:
        """Wait until the first scan has ended, or was cancelled."""
        if not self.is_ready:
            with Timer(READY_PART):
                await self._ready.wait()

    def mark_ready(self) -> None:
        """Resume the requests that wait for the folder."""
        self._ready.set()

    def close(self) -> None:
        """Stop serving the folder and clear its published diagnostics."""
        self.is_closed = True
        self.mark_ready()
        self._publisher.engine.submit(JobPriority.INDEX, self.worker.close)
        if self.scan is not None:
            self.scan.task.cancel()
        for timer in (self._publish_timer, self._idle_timer):
            if timer is not None:
                timer.cancel()
        for path in list(self._pushed_uris):
            self._push(path, "", None, [])

    def context(self) -> RequestContext:
        """Return the current context of the folder, with its open documents. Runs on the engine's thread."""
        return RequestContext(self._publisher.client, self.worker, self.worker.view(), self.open_documents)

    def change(
        self, path: str, document: DocumentVersion | None, text: str | None, delay: float, *, is_saved: bool = False
    ) -> None:
        """Pass the text of an open document to the index, and publish the changes `delay` seconds later.

        For a document that is no longer open, `document` and `text` are None, and the index reads the file again.
        `is_saved` tells that the client has just saved the document.
        """

        def report(future: Any) -> None:
            if not future.cancelled() and (error := future.exception()):
                logger.error("cannot apply the change of %s", path, exc_info=error)

        self._edited_paths.add(path)
        work = partial(self._apply_text, path, document, text, is_saved=is_saved)
        self._publisher.engine.submit(JobPriority.CHANGE, work, path).add_done_callback(report)
        self.schedule_publish(delay)

    def _apply_text(self, path: str, document: DocumentVersion | None, text: str | None, *, is_saved: bool) -> None:
        # Text and version change together, so that no diagnostic is published under a different version.
        other_documents = {
            other_path: version for other_path, version in self.open_documents.items() if other_path != path
        }
        self.open_documents = {**other_documents, path: document} if document else other_documents
        self.worker.take_text(path, text, is_saved=is_saved)

    def schedule_scan(self, seconds: float = SCAN_DELAY_SECONDS) -> None:
        """Scan the disk `seconds` from now. Further calls before this scan have no effect."""
        if self._scan_is_scheduled:
            return
        self._scan_is_scheduled = True

        async def scan() -> None:
            await asyncio.sleep(seconds)
            if self._scan_is_scheduled and not self.is_closed:
                await self.scan_disk()

        self._publisher.spawn(scan())

    def schedule_scan_after_focus(self) -> None:
        """Scan after the user returned to the editor, at most once in FOCUS_SCAN_SECONDS."""
        if self.worker.is_complete:
            self.schedule_scan(max(SCAN_DELAY_SECONDS, FOCUS_SCAN_SECONDS - (time.monotonic() - self._last_scan)))

    async def scan_disk(
        self, report_progress: Callable[[int, int], None] = lambda _done_count, _total_count: None
    ) -> None:
        """Scan the disk in slices, so that more urgent jobs run between the slices. Only one scan runs at a time.

        After each slice, `report_progress` receives the number of documents that are read, and the number of all
        documents.
        """
        engine = self._publisher.engine
        async with self._scan_lock:
            self._scan_is_scheduled = False
            self._last_scan = time.monotonic()
            await self._publisher.compute(self.worker.start_scan, JobPriority.CHANGE)
            is_finished = False
            while not is_finished:
                done_count, total_count, is_finished = await asyncio.wrap_future(
                    engine.submit(JobPriority.INDEX, self.worker.scan_step)
                )
                report_progress(done_count, total_count)
            view = await asyncio.wrap_future(engine.submit(JobPriority.INDEX, self.worker.view))
            while not await asyncio.wrap_future(
                engine.submit(JobPriority.INDEX, partial(self.worker.check_step, view))
            ):
                pass
        self.mark_ready()
        self.schedule_publish()
        self._publisher.spawn(self._read_work_evidence())

    async def _read_work_evidence(self) -> None:
        """Read the commits and file lengths on which states depend, on a separate thread, because git may be slow."""
        work_look = (
            None
            if self._is_reading_work_evidence
            else await self._publisher.compute(self.worker.work_evidence.look_with_questions, JobPriority.INDEX)
        )
        if work_look is None or self._is_reading_work_evidence or self.is_closed:
            return
        self._is_reading_work_evidence = True
        try:
            new_look = await asyncio.to_thread(look_again, self.root, work_look)
            states_may_differ = await self._publisher.compute(
                partial(self.worker.take_work_look, new_look), JobPriority.INDEX
            )
        finally:
            self._is_reading_work_evidence = False
        if states_may_differ:
            self.schedule_publish()

    async def look_at_leases(self) -> None:
        """Read the leases on a separate thread, and publish changes of leases."""
        if not self.worker.is_complete or self.is_closed or self._is_looking_at_leases:
            return
        self._is_looking_at_leases = True
        try:
            lease_look = await asyncio.to_thread(self.worker.lease_store.look)
        except LeaseFolderError:
            # `planmark doctor` names the reason; the rest of the folder is served.
            return
        finally:
            self._is_looking_at_leases = False
        if await self._publisher.compute(partial(self.worker.take_leases, lease_look), JobPriority.INDEX):
            self._publisher.publish_leases_changed(self, lease_look)
            self._publisher.refresh()
            self.schedule_publish()

    def schedule_publish(self, seconds: float = 0.0) -> None:
        """Publish changes `seconds` from now. Further calls postpone the publication, at most by MAX_PUBLICATION_DELAY_SECONDS."""
        if self.is_closed:
            return
        if self._publish_timer is not None:
            self._publish_timer.cancel()
        loop = asyncio.get_running_loop()
        if self._unpublished_since is None:
            self._unpublished_since = loop.time()
        due_time = min(loop.time() + seconds, self._unpublished_since + MAX_PUBLICATION_DELAY_SECONDS)
        self._publish_timer = loop.call_at(due_time, lambda: self._publisher.spawn(self._publish_in_turn()))

    async def _publish_in_turn(self) -> None:
        """Publish now. If a publication is under way, publish again after its end."""
        self._publish_timer = self._unpublished_since = None
        if self._is_publishing:
            self._changed_while_publishing = True
            return
        self._is_publishing = True
        try:
            await self._publish()
        finally:
            self._is_publishing = False
            if self._changed_while_publishing:
                self._changed_while_publishing = False
                self.schedule_publish()

    async def _publish(self) -> None:
        """Publish the changed states. Begin a check of the documents, which publishes the diagnostics at its end."""
        if self.is_closed:
            return
        if not self.worker.is_complete:
            await self._publish_open_documents()
            self._publisher.publish_status()
            return
        edited_paths, self._edited_paths = self._edited_paths, set()
        last_view, subject = self._published_states_view, min(edited_paths, default=str(self.root))
        update = await self._publisher.compute(
            lambda: states_since(self.context(), last_view), JobPriority.UPDATE, subject
        )
        if self.worker.index.is_listing_outdated:
            self.schedule_scan()
        if self.is_closed:
            return
        self._restart_idle_timer()
        if update is not None:
            self._published_states_view = update.context.view
            if update.changes:
                self._has_changed_states = True
                self._publisher.publish_state_changes(update.context, update.changes)
        if edited_paths:
            await self._check_and_publish(edited_paths)
        elif self._current_check is None and self._last_publications.diagnosed_view is not self._published_states_view:
            rest_seconds = self._next_check - asyncio.get_running_loop().time()
            if rest_seconds > 0:
                self.schedule_publish(rest_seconds)
            else:
                self._publisher.spawn(self._check_and_publish(edited_paths))

    async def _check_and_publish(self, edited_paths: set[str]) -> None:
        """Check the documents and publish the result.

        `edited_paths` are the documents that the client has edited since the last publication. After an edit, the check
        is one job, and replaces a check that is under way. Without an edit, the check runs in slices, and more urgent
        jobs run between the slices.
        """
        loop = asyncio.get_running_loop()
        check = self._current_check = object()
        start_time = loop.time()
        try:
            context = None if edited_paths else await self._publisher.compute(self.context, JobPriority.UPDATE)
            while context is not None and check is self._current_check:
                step = partial(self.worker.check_step, context.view)
                if await self._publisher.compute(step, JobPriority.INDEX):
                    break
            if check is self._current_check:
                await self._publish_diagnostics_and_status(context, check, edited_paths)
        finally:
            if check is self._current_check:
                self._current_check = None
                self._next_check = loop.time() + CHECK_PAUSE_FACTOR * (loop.time() - start_time)
        self._restart_idle_timer()
        if self._published_states_view is not self._last_publications.diagnosed_view and self._current_check is None:
            self.schedule_publish()

    async def _publish_diagnostics_and_status(
        self, checked_context: RequestContext | None, check: object, edited_paths: set[str]
    ) -> None:
        """Publish the diagnostics and the status of `checked_context`; if it is None, of the current context.

        Publish nothing if a check that is newer than `check` has begun.
        """
        last_publications, subject = self._last_publications, min(edited_paths, default=str(self.root))
        update = await self._publisher.compute(
            lambda: diagnostics_since(checked_context or self.context(), last_publications), JobPriority.UPDATE, subject
        )
        if update is None or self.is_closed or check is not self._current_check:
            return
        self._last_publications = LastPublications(
            update.context.view, update.status or last_publications.status, last_publications.diagnosed_view
        )
        if update.status is not None:
            self._publisher.publish_plans_changed(self)
        if not self._publisher.client.pulls_diagnostics and not await self._publish_diagnostics(update, check):
            return
        self._last_publications = self._last_publications._replace(diagnosed_view=update.context.view)
        self._publisher.diagnostics_changed()
        if self._has_changed_states or last_publications.view is None or set(update.changed_paths) - edited_paths:
            self._has_changed_states = False
            self._publisher.refresh()
        self._publisher.publish_status()

    async def _publish_open_documents(self) -> None:
        """Publish the diagnostics that each open document alone decides, before the whole folder is read."""
        if self._publisher.client.pulls_diagnostics:
            return
        diagnostics_by_path = await self._publisher.compute(
            lambda: open_document_diagnostics(self.context()), JobPriority.UPDATE
        )
        if self.is_closed or self.worker.is_complete:
            return
        for path in self._pushed_uris.keys() - diagnostics_by_path.keys():
            self._push(path, "", None, [])
        for path, (document, diagnostics) in diagnostics_by_path.items():
            self._push(path, document.uri, document.version, diagnostics)

    def _push(self, path: str, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a document. Send an empty list only if the document is open or may show diagnostics.

        If the client shows diagnostics of the document under a different URI, clear those diagnostics. If `uri` is "",
        clear all diagnostics of the document.
        """
        shown_uri = self._pushed_uris.pop(path, "")
        if shown_uri and shown_uri != uri:
            self._publisher.publish_diagnostics(shown_uri, None, [])
        if diagnostics:
            self._pushed_uris[path] = uri
        if uri and (diagnostics or shown_uri or version is not None):
            self._publisher.publish_diagnostics(uri, version, diagnostics)

    async def _publish_diagnostics(self, update: DiagnosticsUpdate, check: object) -> bool:
        """Send diagnostics, MAX_DOCUMENTS_PER_TURN documents at a time, and clear the diagnostics of deleted documents.

        Return False if a later check began meanwhile, because that check publishes these documents again.
        """
        for path in [path for path in self._pushed_uris if path not in update.context.view.checked.by_path]:
            self._push(path, "", None, [])
        for start in range(0, len(update.changed_paths), MAX_DOCUMENTS_PER_TURN):
            paths = update.changed_paths[start : start + MAX_DOCUMENTS_PER_TURN]
            diagnostics_by_path = await self._publisher.compute(partial(update.diagnostics, paths), JobPriority.UPDATE)
            if self.is_closed or check is not self._current_check:
                return False
            for path, diagnostics in diagnostics_by_path.items():
                document = update.context.open_documents.get(path)
                uri, version = update.context.uri(path), document.version if document else None
                self._push(path, uri, version, diagnostics)
        return True

    def _restart_idle_timer(self) -> None:
        if self.is_closed:
            return
        if self._idle_timer is not None:
            self._idle_timer.cancel()

        def begin_idle_work() -> None:
            self._idle_timer = None
            self._publisher.spawn(self._check_budgets())
            self._publisher.spawn(self._save_facts())

        self._idle_timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, begin_idle_work)

    async def _check_budgets(self) -> None:
        """Check whether the next prompts fit their budgets.

        A change or a publication stops this check. The check starts again after IDLE_SECONDS without a change.
        """
        progress = BudgetProgress(is_finished=False, has_new_diagnostics=False)
        while not (progress.is_finished or self.is_closed or self.is_publishing or self._unpublished_since is not None):
            progress = await self._publisher.compute(self.worker.budget_step, JobPriority.INDEX)
        if progress.has_new_diagnostics:
            self.schedule_publish()

    async def _save_facts(self) -> None:
        """Save new facts for the next process, at the lowest priority."""
        is_finished = False
        while not is_finished and not self.is_closed:
            is_finished = await self._publisher.compute(self.worker.save_step, JobPriority.INDEX)
