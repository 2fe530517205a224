"""The server: one client, its folders, and what it is told when."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

import psutil
from lsprotocol import types

from planmark.answers.changes import StateChange
from planmark.answers.find import NoAnswerError
from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.context import Context, OpenDocument
from planmark.lsp.engine import Overdue, Urgency
from planmark.lsp.figures import caches_of, process_report, sizes_of
from planmark.lsp.folder import Folder
from planmark.lsp.folder_session import FolderSession
from planmark.lsp.messages import METRICS, SERVER_STATUS, STATE_CHANGED, ServerStatus, plain, state_changed
from planmark.lsp.protocol import RequestError
from planmark.lsp.session import Buffer, Place, Session, located
from planmark.lsp.sinks import Sinks, Wanted, wanted_of
from planmark.metrics.report import MetricsReport, metrics_report
from planmark.metrics.trace import Timer, current
from planmark.text.visible import in_line
from planmark.workspace.settings import DEFAULTS

P = ParamSpec("P")
T = TypeVar("T")
PROGRESS_SECONDS = 0.5
"""Minimum between two status messages that only report progress."""
OVERDUE_SECONDS = 10.0
"""A job that runs for longer is named in the status and in the log."""
MAX_BACKLOG = 1_000_000
"""Bytes; a client that leaves more than this unread is sent no further figures."""

logger = logging.getLogger(__name__)


class Server:
    """Serves one client."""

    def __init__(self, connection: Connection, client: Client, roots: Sequence[str]) -> None:
        """`roots` are the URIs of the folders that the client opens with."""
        self.connection = connection
        self.client = client
        self.protocol = connection.protocol
        self.recorder = connection.recorder
        self.engine = connection.engine
        self.spawn = connection.spawn
        self.session = Session(client, roots, self.recorder)
        self.folders: dict[str, FolderSession] = {}
        """URI of a folder that is served → what belongs to it."""
        self.settings: dict[str, Any] = {}
        """What the client sets for all folders, by key."""
        self.overdue: Overdue | None = None
        """The job that has been running for too long, as the client was told last."""
        self._progress_told = 0.0
        self._touched: deque[Sequence[str]] = deque()
        """URIs of files that changed, as messages named them; taken by the engine's thread."""
        self._status: ServerStatus | None = None
        self._reported = 0
        self._process = psutil.Process()
        self._wanted: Wanted | None = None
        self.recorder.caches = lambda: caches_of(self.session.folders)
        self._sinks = Sinks(
            self.recorder,
            lambda: (sizes_of(self.session.folders), process_report(self._process)),
            connection.early,
        )

    def close(self) -> None:
        """Write what is still to be written."""
        self._sinks.close()

    async def compute(self, work: Callable[[], T], urgency: Urgency = Urgency.REQUEST, about: str = "") -> T:
        """Run `work` on the engine's thread; first let in what has arrived, such as an edit or a cancellation."""
        await asyncio.sleep(0)
        try:
            return await asyncio.wrap_future(self.engine.submit(urgency, work, about))
        except NoAnswerError as error:
            raise RequestError(str(error)) from None

    async def answer(self, uri: str, work: Callable[[Context, str], T]) -> T | None:
        """Return what `work` says of a document; None if it is not a document of an open folder."""
        place = self.session.locate(uri)
        if place is None:
            return None
        if trace := current():
            trace.about = place.path
        context = self.session_of(place.folder).context
        return await self.compute(lambda: _measured(work, context(), place.path))

    async def answer_all(self, work: Callable[[list[Context]], T]) -> T:
        """Return what `work` says of all folders."""
        contexts = [self.session_of(folder).context for folder in self.session.folders]
        return await self.compute(lambda: _measured(work, [context() for context in contexts]))

    def session_of(self, folder: Folder) -> FolderSession:
        """Return what belongs to a folder that is served."""
        return self.folders[folder.uri]

    def add_folder(self, folder: Folder, settings: dict[str, Any]) -> FolderSession:
        """Serve a folder; open documents count where they belong now."""
        self.folders[folder.uri] = FolderSession(folder, settings, self)
        self._give_open_documents()
        return self.folders[folder.uri]

    def remove_folder(self, folder: Folder) -> None:
        """Serve a folder no longer; open documents count where they belong now."""
        self.folders.pop(folder.uri).close()
        self._give_open_documents()

    def document_changed(self, buffer: Buffer, seconds: float | None = None) -> None:
        """Take the text that the client holds; publish diagnostics `seconds` after the last such change."""
        if buffer.place:
            document = OpenDocument(buffer.uri, buffer.version)
            # A byte order mark is no part of a text.
            text = buffer.text.removeprefix("\ufeff")
            after = self.connection.edit_seconds if seconds is None else seconds
            self.session_of(buffer.place.folder).change(buffer.place.path, document, text, after)

    def _give_open_documents(self) -> None:
        for buffer in self.session.buffers.values():
            self.document_changed(buffer, 0.0)

    def document_closed(self, place: Place) -> None:
        """Read a document from the disk again, because the client holds it no longer."""
        self.session_of(place.folder).change(place.path, None, None, 0.0)

    def files_changed(self, uris: Sequence[str]) -> None:
        """Read files again that changed on the disk; the engine's thread takes several such messages at once."""
        self._touched.append(uris)

        async def take() -> None:
            touch = partial(self._touch, list(self.session.folders))
            for folder, is_enough in await self.compute(touch, Urgency.CHANGE):
                if (session := self.folders.get(folder.uri)) is None:
                    continue
                if is_enough:
                    session.schedule_publish()
                else:
                    session.schedule_scan()

        self.spawn(take())

    def _touch(self, folders: Sequence[Folder]) -> Iterable[tuple[Folder, bool]]:
        """Read every file that changed until now; return the folders, and whether that is enough or a scan is needed."""
        paths: dict[str, list[str]] = {}
        while self._touched:
            for uri in self._touched.popleft():
                if place := located(folders, uri):
                    paths.setdefault(place.folder.uri, []).append(place.path)
        return [(folder, folder.index.touch(paths[folder.uri])) for folder in folders if folder.uri in paths]

    def publish_diagnostics(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        """Send the diagnostics of a document."""
        self.connection.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def publish_state_changes(self, context: Context, changes: list[StateChange]) -> None:
        """Send the achievements that have another state."""
        self.protocol.notify(STATE_CHANGED, state_changed(context, changes))

    def refresh(self) -> None:
        """Ask the client to request lenses, hints and diagnostics of open documents again."""
        client = self.client
        for wanted, ask in (
            (client.refreshes_lenses, self.connection.workspace_code_lens_refresh_async),
            (client.refreshes_hints, self.connection.workspace_inlay_hint_refresh_async),
            (
                client.refreshes_diagnostics and client.pulls_diagnostics,
                self.connection.workspace_diagnostic_refresh_async,
            ),
        ):
            if wanted:
                self.spawn(ask(None))

    def publish_overdue(self) -> None:
        """Name a job that has been running for too long: once in the log, and in the status until it has ended."""
        overdue = self.engine.overdue(OVERDUE_SECONDS)
        if overdue == self.overdue:
            return
        self.overdue = overdue
        if overdue is not None:
            logger.warning("%s", _late(overdue))
        self.publish_status()

    def publish_progress(self, session: FolderSession, done: int, of: int) -> None:
        """Say in the status how many documents of a folder are read."""
        session.progress = f"{session.folder.root}: {done} of {of} documents are read"
        if time.monotonic() - self._progress_told >= PROGRESS_SECONDS:
            self._progress_told = time.monotonic()
            self.publish_status()

    def publish_status(self) -> None:
        """Send the health of the server, if it changed."""
        status = self._status_now()
        if status != self._status:
            self._status = status
            self.protocol.notify(SERVER_STATUS, status._asdict())

    def _status_now(self) -> ServerStatus:
        sessions = list(self.folders.values())
        errors = list(self.session.refused.values())
        warnings = [] if self.overdue is None else [_late(self.overdue)]
        warnings += [
            f"{session.folder.root}: reading was cancelled, and what was not read is unknown: run `planmark.reindex`"
            for session in sessions
            if session.scan_was_cancelled
        ]
        for session in sessions:
            if session.announced is None:
                continue
            snapshot = session.announced.snapshot
            for problem in snapshot.problems:
                (errors if problem.path == "." and problem.code == "unreadable" else warnings).append(
                    f"{snapshot.root}: {problem.path} {problem.message}"
                )
            blind = [f"@{files.feature}" for files in snapshot.plans if files.skipped]
            if blind:
                named = f"{', '.join(blind[:5])}{f' and {len(blind) - 5} more' if len(blind) > 5 else ''}"
                warnings.append(f"{snapshot.root}: work of {named} may lie where nothing is read (`work-out-of-sight`)")
        quiescent = all(
            session.scan is None and (session.folder.complete or session.scan_was_cancelled) for session in sessions
        )
        progress = [session.progress for session in sessions if session.progress]
        return ServerStatus(
            "error" if errors else "warning" if warnings else "ok",
            quiescent,
            "\n".join(map(in_line, (*errors, *warnings, *progress))),
        )

    def metrics(self) -> MetricsReport:
        """Return all figures. Runs on the engine's thread."""
        for folder in self.session.folders:
            folder.view()
        uptime = time.monotonic() - self.connection.started
        return metrics_report(self.recorder, uptime, sizes_of(self.session.folders), process_report(self._process))

    async def publish_metrics(self, *, always: bool = False) -> None:
        """Send the figures to a client that reads, if something changed since the last time."""
        if self.recorder.changes == self._reported and not always:
            return
        self._reported = self.recorder.changes
        if self.protocol.backlog() > MAX_BACKLOG:
            self.recorder.lose("client")
            return
        report = await self.compute(self.metrics, Urgency.UPDATE)
        self.protocol.notify(METRICS, plain(report))

    def setting(self, key: str) -> Any:
        """Return a setting that is not about one folder: of the first folder that sets it, else of the client."""
        default = DEFAULTS[key]
        values = (folder.index.settings[key] for folder in self.session.folders)
        return next((value for value in values if value != default), self._client_setting(key))

    async def apply_metrics_settings(self) -> None:
        """Send figures where the settings want them now."""
        self.connection.slow_seconds = self.setting("metrics.slowRequestMs") / 1000
        wanted = wanted_of(self.setting, self._client_setting("metrics.port"))
        if wanted != self._wanted:
            self._wanted = wanted
            await self.compute(lambda: self._sinks.follow(wanted), Urgency.UPDATE)

    def _client_setting(self, key: str) -> Any:
        """Return what the client sets for all folders, or for the first that is served; else the default."""
        known: list[Mapping[str, Any]] = [self.settings, *(session.settings for session in self.folders.values())]
        return next((settings[key] for settings in known if key in settings), DEFAULTS[key])


def _late(overdue: Overdue) -> str:
    """Return what a person must know of a job that takes too long."""
    what = f"{overdue.name} ({overdue.about})" if overdue.about else overdue.name
    return f"{what} has been running for more than {OVERDUE_SECONDS:g} s, and all else waits for it: restart the server if it does not end"


def _measured(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns, with its time as a part of its own."""
    with Timer("answer"):
        return work(*args, **kwargs)
