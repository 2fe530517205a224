"""The lifecycle from `initialized` to `exit`: folders, configuration, texts, watched files, and housekeeping."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Coroutine, Sequence
from functools import partial
from typing import Any

import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from planmark.lsp.folder_session import ActiveScan, FolderSession
from planmark.lsp.folder_worker import Folder
from planmark.lsp.lsp_ext import FOCUS
from planmark.lsp.params import FilesChanged
from planmark.lsp.server import Server
from planmark.text.visible import in_line
from planmark.workspace.settings import client_settings

SECTION = "planmark"
WATCHED = (
    "**/*.{md,MD,markdown}",
    "**/parallel.json",
    "**/planmark.toml",
    "**/pyproject.toml",
    "**/.gitignore",
    "**/.git",
)
WATCHED_FOLDERS = types.FileSystemWatcher("**/*", kind=types.WatchKind.Delete)
"""Deletions of folders: if a folder is deleted, editors report the folder alone."""
PATIENCE_SECONDS = 0.5
"""Maximum wait for an answer of the client before the server continues without it."""
TICK_SECONDS = 1.0
CLOSE_SECONDS = 1.0
"""Maximum that `shutdown` waits for the last metrics, and again for the store. Clients wait two seconds."""
CLIENT_SECONDS = 5.0
"""Interval between two checks whether the client's process still exists."""
RECONCILE_SECONDS = {True: 20.0, False: 2.0}
"""Minimum between two unprompted scans of the disk, by whether the client watches files."""
RECONCILE_SHARE = 0.05
"""Maximum share of the time that scans of the disk take."""

logger = logging.getLogger(__name__)


def register(server: Server) -> None:
    """Register the handlers of the lifecycle."""

    feature = server.connection.feature

    @feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        server.spawn(_begin(server, _follow_roots(server)))

    @feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        buffer, served = server.session.opened(params.text_document, server.settings)
        if served is not None:
            server.spawn(_index(server, server.add_folder(served, server.settings)))
        else:
            server.document_changed(buffer, 0.0)

    @feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        buffer = server.session.changed(params.text_document, params.content_changes)
        if buffer is not None:
            server.document_changed(buffer)

    @feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        if params.text_document.uri not in server.session.buffers:
            server.files_changed([params.text_document.uri])

    @feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        buffer, served_no_more = server.session.closed(params.text_document.uri)
        if served_no_more is not None:
            server.remove_folder(served_no_more)
        elif buffer is not None and buffer.place:
            server.document_closed(buffer.place)

    @feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: FilesChanged) -> None:
        server.files_changed([change.uri for change in params.changes])

    @feature(FOCUS)
    def focus(_: Any) -> None:
        for session in server.folders.values():
            session.schedule_scan_after_focus()

    @feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        server.spawn(_reconfigure(server, params.settings))

    @feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        session = server.session
        gone = {folder.uri for folder in params.event.removed}
        added = [folder.uri for folder in params.event.added]
        session.roots = list(dict.fromkeys([*(uri for uri in session.roots if uri not in gone), *added]))
        for uri in gone - set(added):
            _forget(server, uri)
        for new in _follow_roots(server):
            server.spawn(_read_added(server, new))
        server.publish_status()

    @feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel_progress(params: types.WorkDoneProgressCancelParams) -> None:
        for session in server.folders.values():
            if session.scan is not None and params.token == session.scan.token:
                session.scan_was_cancelled = True
                session.scan.task.cancel()

    @feature(types.SHUTDOWN)
    async def shutdown(_: Any) -> None:
        # The engine's thread may be busy, and clients wait only briefly for an answer.
        await _within(server, CLOSE_SECONDS, server.publish_metrics(always=True))
        await _within(server, CLOSE_SECONDS, server.compute(partial(_close, server.session.folders)))


async def reindex(server: Server) -> None:
    """Scan every folder again, with progress, because the user asked for it."""
    await asyncio.gather(*(_index(server, session) for session in list(server.folders.values())))


async def _begin(server: Server, sessions: list[FolderSession]) -> None:
    server.spawn(_now_and_then(server))
    server.spawn(_keep_watch(server))
    server.spawn(_watch(server))
    server.settings = _checked(server.client.settings)
    await _ask_settings(server, [None, *sessions])
    server.spawn(server.apply_metrics_settings())
    await asyncio.gather(*(_index(server, session) for session in sessions))
    server.publish_status()


def _serve(server: Server, uri: str) -> FolderSession | None:
    """Serve a folder from now on, with the settings so far. The caller scans it later."""
    settings = _checked(server.client.settings)
    folder = server.session.add_folder(uri, settings)
    return server.add_folder(folder, settings) if folder is not None else None


def _follow_roots(server: Server) -> list[FolderSession]:
    """Serve each of the client's folders once, as part of the outermost one. Return those that are new."""
    new = []
    for uri in server.session.outermost_first():
        if server.session.is_covered(uri):
            _forget(server, uri)
        elif session := _serve(server, uri):
            new.append(session)
    return new


def _forget(server: Server, uri: str) -> None:
    """Stop serving a folder."""
    if folder := server.session.remove_folder(uri):
        server.remove_folder(folder)


async def _read_added(server: Server, session: FolderSession) -> None:
    await _ask_settings(server, [session])
    await _index(server, session)
    server.publish_status()


async def _index(server: Server, session: FolderSession) -> None:
    """Scan a folder, with progress that the user can cancel."""
    folder = session.folder
    session.scan_was_cancelled = False
    token = f"planmark/{uuid.uuid4()}"
    shows = server.client.shows_progress and await _answers_soon(
        server.connection.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
    )
    if folder not in server.session.folders:
        return

    def tell(value: Any) -> None:
        if shows:
            server.connection.progress(types.ProgressParams(token, value))

    def report(done: int, of: int) -> None:
        if of:
            server.publish_progress(session, done, of)
            tell(types.WorkDoneProgressReport(message=f"{done} of {of} documents", percentage=100 * done // of))

    tell(types.WorkDoneProgressBegin(in_line(f"Planmark: reading {folder.root.name}"), cancellable=True, percentage=0))
    task = asyncio.ensure_future(session.scan_disk(report))
    session.scan = ActiveScan(task, token)
    server.publish_status()
    try:
        await task
    except asyncio.CancelledError:
        if not session.scan_was_cancelled:
            raise
        await server.compute(folder.stop_looking)
        session.mark_ready()
    finally:
        session.scan = None
        session.progress = ""
        tell(types.WorkDoneProgressEnd())
        server.publish_status()


async def _watch(server: Server) -> None:
    """Ask the client to report changes of files and of settings."""
    registrations = []
    if server.client.watches_files:
        watchers = [*(types.FileSystemWatcher(glob) for glob in WATCHED), WATCHED_FOLDERS]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(types.Registration("planmark-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if server.client.registers_configuration:
        registrations.append(
            types.Registration("planmark-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
        )
    if registrations:
        try:
            await server.connection.client_register_capability_async(types.RegistrationParams(registrations))
        except JsonRpcException as error:
            logger.warning("the client does not watch for changes: %s", error)


async def _ask_settings(server: Server, asked: Sequence[FolderSession | None]) -> None:
    """Ask the client for the settings of folders, and of all folders (None).

    A late answer delays nothing, but is still applied.
    """
    if not server.client.gives_configuration:
        return
    items = [types.ConfigurationItem(session.folder.uri if session else None, SECTION) for session in asked]

    async def ask() -> None:
        answer = await server.connection.workspace_configuration_async(types.ConfigurationParams(items))
        for session, data in zip(asked, answer or (), strict=False):
            await _follow(server, session, _checked(data or server.client.settings))

    await _answers_soon(server.spawn(ask()))


async def _answers_soon(answer: Awaitable[Any]) -> bool:
    """Tell whether the client answers within PATIENCE_SECONDS. A later answer is still taken when it comes."""
    asked = asyncio.ensure_future(answer)
    done, _ = await asyncio.wait({asked}, timeout=PATIENCE_SECONDS)
    asked.add_done_callback(lambda future: future.cancelled() or future.exception())
    return bool(done) and not asked.cancelled() and asked.exception() is None


async def _follow(server: Server, session: FolderSession | None, settings: dict[str, Any]) -> None:
    """Apply settings of a folder, or of all folders (None).

    If the settings of a folder changed and its first scan has begun, scan it again.
    """
    if session is None:
        server.settings = settings
        return
    known, session.settings = session.settings, settings
    if settings != known and session.folder in server.session.folders:
        await server.compute(partial(session.folder.index.configure, settings))
        if session.folder.complete or session.scan is not None:
            await session.scan_disk()


async def _reconfigure(server: Server, pushed: Any) -> None:
    """Apply new settings: those that the client returns on request, else those that it sent."""
    asked = [None, *server.folders.values()]
    if server.client.gives_configuration:
        await _ask_settings(server, asked)
        return
    settings = _checked(pushed.get(SECTION, pushed) if isinstance(pushed, dict) else {})
    for session in asked:
        await _follow(server, session, settings)


def _checked(data: Any) -> dict[str, Any]:
    settings, warnings = client_settings(data if isinstance(data, dict) else {})
    for warning in warnings:
        logger.warning("%s", warning)
    if settings.keys() & {"diagnostics.severity", "diagnostics.ignore"}:
        # Imported only here, because most editors set neither.
        from planmark.diagnostics.codes import unknown_codes

        for unknown in unknown_codes(settings):
            logger.warning("the editor's settings %s", unknown.message)
    return settings


def _close(folders: Sequence[Folder]) -> None:
    for folder in folders:
        folder.close()


async def _within(server: Server, seconds: float, work: Coroutine[Any, Any, Any]) -> None:
    """Wait at most `seconds` for `work`, which then continues in the background."""
    await asyncio.wait({server.spawn(work)}, timeout=seconds)


async def _keep_watch(server: Server) -> None:
    """Report a job that takes too long, and end when the client's process is gone. It never waits for the engine."""
    looked = time.monotonic()
    while True:
        await asyncio.sleep(TICK_SECONDS)
        server.publish_overdue()
        process = server.client.process_id
        if process and time.monotonic() - looked >= CLIENT_SECONDS:
            looked = time.monotonic()
            if not psutil.pid_exists(process):
                server.connection.end(f"the client's process {process} no longer exists")
                return


async def _now_and_then(server: Server) -> None:
    """Send metrics, and scan for changes that the client does not report."""
    due = dict.fromkeys(("disk", "metrics"), time.monotonic())
    took = 0.0
    while True:
        await asyncio.sleep(TICK_SECONDS)
        now = time.monotonic()
        every = max(RECONCILE_SECONDS[server.client.watches_files], took / RECONCILE_SHARE)
        sessions = list(server.folders.values())
        if now - due["disk"] >= every and all(session.scan is None for session in sessions):
            for session in sessions:
                if session.folder.complete:
                    await session.scan_disk()
            due["disk"] = time.monotonic()
            took = due["disk"] - now
        server.spawn(server.apply_metrics_settings())
        every = server.setting("metrics.intervalSeconds")
        if every and now - due["metrics"] >= every:
            due["metrics"] = now
            await server.publish_metrics()
