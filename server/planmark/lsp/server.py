"""The server of one client: it serves the folders of the client, and sends notifications to the client."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import msgspec
import psutil
from lsprotocol import types

from planmark.coordination.lease_look import LeaseLook
from planmark.lsp import server_status
from planmark.lsp.change_detection import state_changed_params
from planmark.lsp.client import Client
from planmark.lsp.command_titles import with_command_titles
from planmark.lsp.connection import Connection
from planmark.lsp.engine import JobPriority, OverdueJob
from planmark.lsp.errors import RequestError
from planmark.lsp.folder_session import FolderSession
from planmark.lsp.folder_worker import FolderWorker
from planmark.lsp.lsp_ext import (
    LEASES_CHANGED_METHOD,
    METRICS_METHOD,
    PLANS_CHANGED_METHOD,
    SERVER_STATUS_METHOD,
    STATE_CHANGED_METHOD,
)
from planmark.lsp.metrics_export import ExportSettings, MetricsExporter, export_settings
from planmark.lsp.open_documents import ClientWorkspace, FilePath, OpenDocument, locate_in_folders
from planmark.lsp.plans_changed import PlansChangedQueue
from planmark.lsp.pulled_diagnostics import PulledDiagnostics
from planmark.lsp.server_stats import caches_of, process_report, sizes_of
from planmark.lsp.to_lsp import DocumentVersion, RequestContext
from planmark.metrics.report import MetricsReport, metrics_report
from planmark.metrics.trace import Timer, current_trace
from planmark.queries.lookup import NoAnswerError
from planmark.queries.state_changes import StateChange
from planmark.text.masking import mask_texts
from planmark.workspace.settings import DEFAULTS

P = ParamSpec("P")
T = TypeVar("T")
MIN_PROGRESS_INTERVAL_SECONDS = 0.5
"""Minimum seconds between two status messages that only report progress."""
MAX_UNREAD_BYTES = 1_000_000
"""Maximum number of bytes that a client may leave unread and still receive metrics."""

logger = logging.getLogger(__name__)


class Server:
    """The server of one client."""

    def __init__(self, connection: Connection, client: Client, roots: Sequence[str]) -> None:
        """`roots` are the URIs of the folders that the client has open at the start."""
        self.connection = connection
        self.client = client
        self.protocol = connection.protocol
        self.recorder = connection.recorder
        self.engine = connection.engine
        self.spawn = connection.spawn
        self.workspace = ClientWorkspace(client.encoding, roots, self._new_folder)
        self.settings: dict[str, Any] = {}
        """The client's settings for all folders, by key."""
        self.pulled_diagnostics = PulledDiagnostics()
        self.overdue_job: OverdueJob | None = None
        """The overdue job of the last notification to the client, or None."""
        self._last_progress_time = 0.0
        self._changed_uris: deque[Sequence[str]] = deque()
        """URIs of changed files, one sequence per message; the engine's thread removes and processes the sequences."""
        self.has_reported_files = False
        """Whether the client has reported changed files since the last periodic scan."""
        self._plans_changed_queue = PlansChangedQueue(
            lambda workspace, revision: self.protocol.notify(
                PLANS_CHANGED_METHOD, {"workspace": workspace, "revision": revision}
            )
        )
        self._status: server_status.ServerStatus | None = None
        self._sent_change_count = 0
        """The count of changes of metrics when the metrics were sent last."""
        self._process = psutil.Process()
        self._export_settings: ExportSettings | None = None
        self.recorder.caches = lambda: caches_of(self.workers)
        self._exporter = MetricsExporter(
            self.recorder,
            lambda: (sizes_of(self.workers), process_report(self._process)),
            connection.early_events,
        )

    @property
    def workers(self) -> list[FolderWorker]:
        """The workers of the folders; of nested folders, the inner folder comes first."""
        return [session.worker for session in self.workspace.sessions_innermost_first]

    def _new_folder(self, uri: str, path: Path, settings: dict[str, Any]) -> FolderSession:
        return FolderSession(FolderWorker(uri, path, settings, self.recorder), settings, self)

    def close(self) -> None:
        """Write the remaining records of metrics."""
        self._plans_changed_queue.close()
        self._exporter.close()

    async def wait_ready(self) -> None:
        """Wait until the first scan of every folder has ended, or was cancelled."""
        for session in list(self.workspace.folders.values()):
            await session.wait_ready()

    async def compute(self, work: Callable[[], T], priority: JobPriority = JobPriority.REQUEST, subject: str = "") -> T:
        """Run `work` on the engine's thread, and return its result.

        Messages that have already arrived, such as an edit or a cancellation, are handled first.
        """
        await asyncio.sleep(0)
        try:
            return await asyncio.wrap_future(self.engine.submit(priority, work, subject))
        except NoAnswerError as error:
            raise RequestError(str(error)) from None

    async def run_for_document(self, uri: str, work: Callable[[RequestContext, str], T]) -> T | None:
        """Return the result of `work` for a document; None if the document is in no open folder."""
        file = self.workspace.locate(uri)
        if file is None:
            return None
        if trace := current_trace():
            trace.subject = file.path
        return await self.compute(lambda: _run_timed(work, file.folder.context(), file.path))

    async def run_for_all(self, work: Callable[[list[RequestContext]], T]) -> T:
        """Return the result of `work` for all folders."""
        folders = self.workspace.sessions_innermost_first
        return await self.compute(lambda: _run_timed(work, [folder.context() for folder in folders]))

    def add_folder(self, uri: str, settings: dict[str, Any]) -> FolderSession | None:
        """Serve a folder, and assign the open documents to their folders again.

        Returns None if the folder is already served or cannot be served.
        """
        folder = self.workspace.add_folder(uri, settings)
        if folder is not None:
            self.reassign_documents()
            self.publish_plans_changed(folder)
            self.pulled_diagnostics.change_event.set()
        return folder

    def remove_folder(self, uri: str) -> None:
        """Stop serving a folder, and assign the open documents to their folders again."""
        folder = self.workspace.remove_folder(uri)
        if folder is not None:
            self.reassign_documents()
            self.publish_plans_changed(folder)
            self.pulled_diagnostics.change_event.set()

    def reassign_documents(self) -> None:
        """Pass the texts of the open documents to the folders that now contain the documents."""
        for document in self.workspace.documents.values():
            self.document_changed(document, 0.0)

    def document_changed(self, document: OpenDocument, delay: float | None = None, *, is_saved: bool = False) -> None:
        """Pass the text of an open document to its folder.

        Diagnostics are published `delay` seconds after the last change of the text, by default the connection's
        `edit_seconds`. `is_saved` tells that the client has just saved the document.
        """
        if document.file:
            version = DocumentVersion(document.uri, document.version)
            # A byte order mark is not part of the text.
            text = document.text.removeprefix("\ufeff")
            seconds = self.connection.edit_seconds if delay is None else delay
            document.file.folder.change(document.file.path, version, text, seconds, is_saved=is_saved)

    def document_closed(self, uri: str, file: FilePath) -> None:
        """Read a closed document from the disk again."""
        file.folder.change(file.path, None, None, 0.0)
        self.pulled_diagnostics.close(uri)

    def files_changed(self, uris: Sequence[str]) -> None:
        """Read the files `uris` again, because they changed on the disk.

        The engine's thread handles the files of several messages in one job.
        """
        self._changed_uris.append(uris)
        self.has_reported_files = True

        async def read_changed_files() -> None:
            mark_stale = partial(self._mark_stale, self.workspace.sessions_innermost_first)
            for folder, needs_no_scan in await self.compute(mark_stale, JobPriority.CHANGE):
                if folder.is_closed:
                    continue
                if needs_no_scan:
                    folder.schedule_publish()
                else:
                    folder.schedule_scan()

        self.spawn(read_changed_files())

    def _mark_stale(self, folders: Sequence[FolderSession]) -> Iterable[tuple[FolderSession, bool]]:
        """Mark the files that the client has reported until now, so that the next snapshot reads them again.

        Return a tuple for each folder with such files: the session of the folder, and whether it needs no scan.
        """
        paths_by_folder: dict[str, list[str]] = {}
        while self._changed_uris:
            for uri in self._changed_uris.popleft():
                if file := locate_in_folders(folders, uri):
                    paths_by_folder.setdefault(file.folder.uri, []).append(file.path)
        return [
            (folder, folder.worker.index.mark_stale(paths_by_folder[folder.uri]))
            for folder in folders
            if folder.uri in paths_by_folder
        ]

    def publish_diagnostics(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a document."""
        self.protocol.publish_diagnostics(uri, version, diagnostics)

    def publish_state_changes(self, context: RequestContext, changes: list[StateChange]) -> None:
        """Send the achievements whose state has changed."""
        self.protocol.notify(STATE_CHANGED_METHOD, state_changed_params(context, changes))

    def diagnostics_changed(self) -> None:
        """Resume the requests that stay open until diagnostics change."""
        self.pulled_diagnostics.change_event.set()

    def publish_plans_changed(self, session: FolderSession) -> None:
        """Send `planmark/plansChanged` for the folder of `session`, if the client asked for this notification."""
        if self.client.wants_plans_changed:
            self._plans_changed_queue.tell(str(session.root), session.revision)

    def publish_leases_changed(self, session: FolderSession, lease_look: LeaseLook) -> None:
        """Send `planmark/leasesChanged` with the leases of a folder, if the client asked for this notification.

        Agents write the notes and reasons of leases. Therefore secrets in these texts are masked.
        """
        if self.client.wants_leases_changed:
            leases = [
                mask_texts(msgspec.to_builtins(seen_lease.lease))
                for plan_leases in lease_look.by_plan.values()
                for seen_lease in plan_leases
                if not seen_lease.free_reason
            ]
            self.protocol.notify(LEASES_CHANGED_METHOD, {"workspace": str(session.root), "leases": leases})

    def refresh(self) -> None:
        """Ask the client to request lenses, hints and diagnostics of open documents again."""
        client = self.client
        for is_supported, request_refresh in (
            (client.refreshes_lenses, self.connection.workspace_code_lens_refresh_async),
            (client.refreshes_hints, self.connection.workspace_inlay_hint_refresh_async),
            (
                client.refreshes_diagnostics and client.pulls_diagnostics,
                self.connection.workspace_diagnostic_refresh_async,
            ),
        ):
            if is_supported:
                self.spawn(request_refresh(None))

    def publish_overdue_job(self) -> None:
        """Report a job that has been running for too long: once in the log, and in the status until the job ends."""
        overdue_job = self.engine.overdue_job(server_status.OVERDUE_JOB_SECONDS)
        if overdue_job == self.overdue_job:
            return
        self.overdue_job = overdue_job
        if overdue_job is not None:
            logger.warning("%s", server_status.describe_overdue_job(overdue_job))
        self.publish_status()

    def publish_progress(self, session: FolderSession, done_count: int, total_count: int) -> None:
        """Report in the status how many documents of a folder are read."""
        session.progress = f"{session.root}: {done_count} of {total_count} documents read"
        if not session.worker.is_complete:
            self.publish_plans_changed(session)
        if time.monotonic() - self._last_progress_time >= MIN_PROGRESS_INTERVAL_SECONDS:
            self._last_progress_time = time.monotonic()
            self.publish_status()

    def publish_status(self) -> None:
        """Send the health of the server, if the health changed."""
        folders = list(self.workspace.folders.values())
        status = server_status.current_status(folders, self.workspace.refusal_reasons.values(), self.overdue_job)
        if status != self._status:
            self._status = status
            message = with_command_titles(status.message, self.client.command_titles)
            self.protocol.notify(SERVER_STATUS_METHOD, status._replace(message=message)._asdict())

    def metrics(self) -> MetricsReport:
        """Return all metrics. Runs on the engine's thread."""
        for folder in self.workers:
            folder.view()
        uptime = time.monotonic() - self.connection.start_time
        return metrics_report(self.recorder, uptime, sizes_of(self.workers), process_report(self._process))

    async def publish_metrics(self, *, always: bool = False) -> None:
        """Send the metrics if any metric has changed. If `always` is True, also send unchanged metrics.

        Send nothing if the client has more than MAX_UNREAD_BYTES unread bytes.
        """
        if self.recorder.change_count == self._sent_change_count and not always:
            return
        self._sent_change_count = self.recorder.change_count
        if self.protocol.unsent_bytes() > MAX_UNREAD_BYTES:
            self.recorder.count_lost("client")
            return
        report = await self.compute(self.metrics, JobPriority.UPDATE)
        self.protocol.notify(METRICS_METHOD, msgspec.to_builtins(report))

    def setting(self, key: str) -> Any:
        """Return the value of a setting that applies to the whole server.

        It is the value of the first folder that changes the default. If no folder changes the default, it is the value
        that the client sets.
        """
        default = DEFAULTS[key]
        folder_values = (folder.index.settings[key] for folder in self.workers)
        return next((value for value in folder_values if value != default), self._client_setting(key))

    async def apply_metrics_settings(self) -> None:
        """Apply the current settings of metrics: the duration from which a request counts as slow, the file of records,
        and the endpoint.
        """
        self.connection.slow_seconds = self.setting("metrics.slowRequestMs") / 1000
        settings = export_settings(self.setting, self._client_setting("metrics.port"))
        if settings != self._export_settings:
            self._export_settings = settings
            await self.compute(lambda: self._exporter.apply(settings), JobPriority.UPDATE)

    def _client_setting(self, key: str) -> Any:
        """Return the value of a setting that the client sets.

        It is the value for all folders, else the first value for a single folder, else the default.
        """
        layers: list[Mapping[str, Any]] = [
            self.settings,
            *(session.settings for session in self.workspace.folders.values()),
        ]
        return next((settings[key] for settings in layers if key in settings), DEFAULTS[key])


def _run_timed(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work`, measure its time as a separate part of the trace, and return its result."""
    with Timer("answer"):
        return work(*args, **kwargs)
