"""The server: one client, its session, and what it is told when."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, ParamSpec, TypeVar

import psutil
from lsprotocol import types

from planmark.answers.find import NoAnswerError
from planmark.answers.view import View
from planmark.lsp.calls import READY
from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.context import Context, OpenDocument
from planmark.lsp.engine import Overdue, Urgency
from planmark.lsp.figures import caches_of, process_report, sizes_of
from planmark.lsp.folder import Folder, Weighing
from planmark.lsp.messages import METRICS, SERVER_STATUS, STATE_CHANGED, ServerStatus, plain, state_changed
from planmark.lsp.protocol import RequestError
from planmark.lsp.session import Buffer, Place, Session, located
from planmark.lsp.sinks import Sinks, Wanted, wanted_of
from planmark.lsp.updates import Update, first_findings, update_of
from planmark.metrics.report import MetricsReport, metrics_report
from planmark.metrics.trace import Timer, current
from planmark.text.visible import in_line
from planmark.workspace.settings import DEFAULTS

P = ParamSpec("P")
T = TypeVar("T")
IDLE_SECONDS = 1.0
"""So long nothing has changed before prompts are weighed and what was read is kept."""
LONGEST_SECONDS = 0.5
"""So long at most findings wait for a pause in typing."""
LOOK_SECONDS = 0.05
"""So long after somebody says that the disk must be looked at others may say so too before it is."""
PUBLISHED_AT_ONCE = 20
"""Documents; so many findings are sent in one turn of the event loop."""
FOCUS_SECONDS = 1.0
PROGRESS_SECONDS = 0.5
"""So often at most the status says how far reading has come."""
OVERDUE_SECONDS = 10.0
"""A job that runs for longer is named in the status and in the log."""
MAX_BACKLOG = 1_000_000
"""Bytes; a client that leaves more than this unread is sent no further figures."""

logger = logging.getLogger(__name__)


class Looking(NamedTuple):
    """A look at the disk that a person waits for, and the token of its progress."""

    task: asyncio.Task[None]
    token: str


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
        self.settings: dict[str, dict[str, Any]] = {}
        """URI of a folder → what the client sets for it, by key; "" for what it sets for all."""
        self.looking: dict[str, Looking] = {}
        """URI of a folder → the look at its disk that a person waits for."""
        self.cancelled_looks: set[str] = set()
        self.overdue: Overdue | None = None
        """The job that has been running for too long, as the client was told last."""
        self._ready: dict[str, asyncio.Event] = {}
        self._looks: dict[str, asyncio.Lock] = {}
        self._looked: dict[str, float] = {}
        """URI of a folder → when the last look at it began, by the monotonic clock."""
        self._progress: dict[str, str] = {}
        """URI of a folder that is being read → how far that has come, in words."""
        self._progress_told = 0.0
        self._wanted_looks: set[str] = set()
        """URIs of folders that are to be looked at, by a look that has not begun."""
        self._touched: deque[Sequence[str]] = deque()
        """URIs of files that changed, as messages named them; taken by the engine's thread."""
        self._open: dict[str, Mapping[str, OpenDocument]] = {}
        """URI of a folder → the documents whose texts were taken in, by path; used by the engine's thread alone."""
        self._announced: dict[str, View] = {}
        """URI of a folder → of what its client was told last."""
        self._updating: dict[str, Folder | None] = {}
        """URI of a folder whose client is being told what is new → the folder to tell about next, if anything was newer."""
        self._untold: dict[str, float] = {}
        """URI of a folder → since when, by the loop's clock, its client has not been told of a change."""
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._idle_timers: dict[str, asyncio.TimerHandle] = {}
        self._edited: dict[str, set[str]] = {}
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
        """Writes what is still to be written."""
        self._sinks.close()

    async def compute(self, work: Callable[[], T], urgency: Urgency = Urgency.REQUEST, about: str = "") -> T:
        """Runs `work` on the engine's thread; first lets in what has arrived, be it an edit or a cancellation."""
        await asyncio.sleep(0)
        try:
            return await asyncio.wrap_future(self.engine.submit(urgency, work, about))
        except NoAnswerError as error:
            raise RequestError(str(error)) from None

    def context_of(self, folder: Folder) -> Callable[[], Context]:
        """Gives, on the engine's thread, a folder as it is then, with the documents whose texts are in it then."""
        return lambda: Context(self.client, folder, folder.view(), self._open.get(folder.uri, {}))

    async def answer(self, uri: str, work: Callable[[Context, str], T]) -> T | None:
        """What `work` says of a document; None for what is no document of an open folder."""
        place = self.session.locate(uri)
        if place is None:
            return None
        if trace := current():
            trace.about = place.path
        context = self.context_of(place.folder)
        return await self.compute(lambda: _measured(work, context(), place.path))

    async def answer_all(self, work: Callable[[list[Context]], T]) -> T:
        """What `work` says of all folders."""
        contexts = [self.context_of(folder) for folder in self.session.folders]
        return await self.compute(lambda: _measured(work, [context() for context in contexts]))

    def is_ready(self, folder: Folder) -> bool:
        """Whether a folder was read once, or that was given up."""
        event = self._ready.get(folder.uri)
        return event is None or event.is_set()

    async def ready(self, folder: Folder) -> None:
        """Waits until a folder was read once, or that was given up."""
        event = self._ready.get(folder.uri)
        if event is not None and not event.is_set():
            with Timer(READY):
                await event.wait()

    def begin(self, folder: Folder) -> None:
        """A folder that is to be read."""
        self._ready.setdefault(folder.uri, asyncio.Event())

    def is_read(self, folder: Folder) -> None:
        """The folder was read, or reading was given up: who waits for it goes on."""
        self._ready.setdefault(folder.uri, asyncio.Event()).set()

    def forget(self, folder: Folder) -> None:
        """A folder that is no longer served: its findings go."""
        self.is_read(folder)
        self.engine.submit(Urgency.INDEX, folder.close)
        if looking := self.looking.pop(folder.uri, None):
            looking.task.cancel()
        for timers in (self._timers, self._idle_timers):
            if timer := timers.pop(folder.uri, None):
                timer.cancel()
        self._ready.pop(folder.uri, None)
        self._looks.pop(folder.uri, None)
        self._looked.pop(folder.uri, None)
        self._progress.pop(folder.uri, None)
        self._untold.pop(folder.uri, None)
        self._wanted_looks.discard(folder.uri)
        self.engine.submit(Urgency.CHANGE, lambda: self._open.pop(folder.uri, None))
        announced = self._announced.pop(folder.uri, None)
        if announced is not None and not self.client.pulls_diagnostics:
            for path in announced.checked.files:
                self._publish(Context(self.client, folder, announced, {}).uri(path), None, [])

    def edited(self, buffer: Buffer, seconds: float | None = None) -> None:
        """The text that the client holds counts; findings follow `seconds` after the last of such changes."""
        if buffer.place:
            document = OpenDocument(buffer.uri, buffer.version)
            # A byte order mark is no part of a text.
            work = partial(self._take_in, buffer.place, document, buffer.text.removeprefix("\ufeff"))
            self._change(buffer.place, work, self.connection.edit_seconds if seconds is None else seconds)

    def hold_again(self) -> None:
        """After folders came or went, texts may belong elsewhere: each counts where it belongs now."""
        for buffer in self.session.buffers.values():
            self.edited(buffer, 0.0)

    def given_back(self, place: Place) -> None:
        """The client holds a document no more: what is on the disk counts again."""
        self._change(place, partial(self._take_in, place, None, None), 0.0)

    def touched(self, uris: Sequence[str]) -> None:
        """Files changed on the disk; several such messages are taken in at once."""
        self._touched.append(uris)

        async def take() -> None:
            touch = partial(self._touch, list(self.session.folders))
            for folder, is_enough in await self.compute(touch, Urgency.CHANGE):
                if is_enough:
                    self.update(folder)
                else:
                    self.look_soon(folder)

        self.spawn(take())

    def look_soon(self, folder: Folder, seconds: float = LOOK_SECONDS) -> None:
        """Looks at the disk `seconds` from now, once for all who want it until then."""
        if folder.uri in self._wanted_looks:
            return
        self._wanted_looks.add(folder.uri)

        async def look() -> None:
            await asyncio.sleep(seconds)
            if folder.uri in self._wanted_looks and folder in self.session.folders:
                await self.look(folder)

        self.spawn(look())

    def focus(self) -> None:
        """The user has come back, perhaps from where files were changed: looks at the disk, once in FOCUS_SECONDS."""
        for folder in self.session.folders:
            if folder.complete:
                since = time.monotonic() - self._looked.get(folder.uri, 0.0)
                self.look_soon(folder, max(LOOK_SECONDS, FOCUS_SECONDS - since))

    async def look(self, folder: Folder, progress: Callable[[int, int], None] = lambda _done, _of: None) -> None:
        """Looks at the disk, in slices between everything that is more urgent; one look after the other."""
        async with self._looks.setdefault(folder.uri, asyncio.Lock()):
            self._wanted_looks.discard(folder.uri)
            self._looked[folder.uri] = time.monotonic()
            await self.compute(folder.look, Urgency.CHANGE)
            finished = False
            while not finished:
                done, of, finished = await asyncio.wrap_future(self.engine.submit(Urgency.INDEX, folder.look_on))
                progress(done, of)
            while not await asyncio.wrap_future(self.engine.submit(Urgency.INDEX, folder.find_on)):
                pass
        self.is_read(folder)
        self.update(folder)

    def update(self, folder: Folder, seconds: float = 0.0) -> None:
        """Tells the client what is new, `seconds` from now; later, where something changes again before, but not for ever."""
        if timer := self._timers.pop(folder.uri, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        due = min(loop.time() + seconds, self._untold.setdefault(folder.uri, loop.time()) + LONGEST_SECONDS)
        self._timers[folder.uri] = loop.call_at(due, lambda: self.spawn(self._update(folder)))

    async def _update(self, folder: Folder) -> None:
        """Tells the client what is new, one such update after the other."""
        self._timers.pop(folder.uri, None)
        self._untold.pop(folder.uri, None)
        if folder.uri in self._updating:
            self._updating[folder.uri] = folder
            return
        self._updating[folder.uri] = None
        try:
            await self._tell(folder)
        finally:
            if newer := self._updating.pop(folder.uri):
                self.update(newer)

    async def _tell(self, folder: Folder) -> None:
        if folder not in self.session.folders:
            return
        if not self.is_ready(folder):
            await self._tell_first(folder)
            self.tell_status()
            return
        edited = self._edited.pop(folder.uri, set())
        before = self._announced.get(folder.uri)
        context = self.context_of(folder)
        about = min(edited, default=str(folder.root))
        new = await self.compute(lambda: update_of(context(), before), Urgency.UPDATE, about)
        if new is None or folder not in self.session.folders:
            return
        self._when_idle(folder)
        self._announced[folder.uri] = new.context.view
        if new.changes:
            self.protocol.notify(STATE_CHANGED, state_changed(new.context, new.changes))
        if not self.client.pulls_diagnostics:
            await self._publish_all(new)
        if new.changes or before is None or set(new.different) - edited:
            self._refresh()
        self.tell_status()

    async def _tell_first(self, folder: Folder) -> None:
        """Tells what is found in the open documents alone, while the others are not read yet."""
        if self.client.pulls_diagnostics:
            return
        context = self.context_of(folder)
        found = await self.compute(lambda: first_findings(context()), Urgency.UPDATE)
        for uri, version, diagnostics in found if not self.is_ready(folder) else ():
            self._publish(uri, version, diagnostics)

    def _when_idle(self, folder: Folder) -> None:
        """Does what can wait once nothing has changed for a while."""
        if timer := self._idle_timers.pop(folder.uri, None):
            timer.cancel()

        def begin() -> None:
            self._idle_timers.pop(folder.uri, None)
            self.spawn(self._weigh(folder))
            self.spawn(self._save(folder))

        self._idle_timers[folder.uri] = asyncio.get_running_loop().call_later(IDLE_SECONDS, begin)

    async def _weigh(self, folder: Folder) -> None:
        """Looks at the next prompts when nothing else waits; tells the client where that is news."""
        weighing = Weighing(finished=False, is_news=False)
        while not weighing.finished and folder in self.session.folders:
            weighing = await self.compute(folder.weigh_on, Urgency.INDEX)
        if weighing.is_news and folder in self.session.folders:
            self.update(folder)

    async def _save(self, folder: Folder) -> None:
        """Keeps what was read for the next process, when nothing else waits."""
        finished = False
        while not finished and folder in self.session.folders:
            finished = await self.compute(folder.save_on, Urgency.INDEX)

    async def _publish_all(self, new: Update) -> None:
        """Sends all findings, some at a time."""
        for first in range(0, len(new.different), PUBLISHED_AT_ONCE):
            paths = new.different[first : first + PUBLISHED_AT_ONCE]
            found = await self.compute(partial(new.findings, paths), Urgency.UPDATE)
            if new.context.folder not in self.session.folders:
                return
            for path, diagnostics in found.items():
                document = new.context.open.get(path)
                self._publish(new.context.uri(path), document.version if document else None, diagnostics)

    def _publish(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.connection.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def _refresh(self) -> None:
        """Lenses, hints and findings of open documents are others than the client has."""
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

    def tell_overdue(self) -> None:
        """Names a job that has been running for too long, once in the log, and in the status until it has ended."""
        overdue = self.engine.overdue(OVERDUE_SECONDS)
        if overdue == self.overdue:
            return
        self.overdue = overdue
        if overdue is not None:
            logger.warning("%s", _late(overdue))
        self.tell_status()

    def tell_progress(self, folder: Folder, done: int, of: int) -> None:
        """Says in the status how many of how many documents of a folder are read."""
        self._progress[folder.uri] = f"{folder.root}: {done} of {of} documents are read"
        if time.monotonic() - self._progress_told >= PROGRESS_SECONDS:
            self._progress_told = time.monotonic()
            self.tell_status()

    def end_progress(self, folder: Folder) -> None:
        """Reading is over."""
        self._progress.pop(folder.uri, None)
        self.tell_status()

    def tell_status(self) -> None:
        """Says how the server is, where that has changed."""
        status = self._status_now()
        if status != self._status:
            self._status = status
            self.protocol.notify(SERVER_STATUS, status._asdict())

    def _status_now(self) -> ServerStatus:
        errors = list(self.session.refused.values())
        warnings = [] if self.overdue is None else [_late(self.overdue)]
        warnings += [
            f"{folder.root}: reading was cancelled, and what was not read is unknown: run `planmark.reindex`"
            for folder in self.session.folders
            if folder.uri in self.cancelled_looks
        ]
        for announced in self._announced.values():
            snapshot = announced.snapshot
            for problem in snapshot.problems:
                (errors if problem.path == "." and problem.code == "unreadable" else warnings).append(
                    f"{snapshot.root}: {problem.path} {problem.message}"
                )
            blind = [f"@{files.feature}" for files in snapshot.plans if files.skipped]
            if blind:
                named = f"{', '.join(blind[:5])}{f' and {len(blind) - 5} more' if len(blind) > 5 else ''}"
                warnings.append(f"{snapshot.root}: work of {named} may lie where nothing is read (`work-out-of-sight`)")
        quiescent = not self.looking and all(
            folder.complete or folder.uri in self.cancelled_looks for folder in self.session.folders
        )
        return ServerStatus(
            "error" if errors else "warning" if warnings else "ok",
            quiescent,
            "\n".join(map(in_line, (*errors, *warnings, *self._progress.values()))),
        )

    def metrics(self) -> MetricsReport:
        """All figures; on the engine's thread."""
        for folder in self.session.folders:
            folder.view()
        uptime = time.monotonic() - self.connection.started
        return metrics_report(self.recorder, uptime, sizes_of(self.session.folders), process_report(self._process))

    async def tell_metrics(self, *, always: bool = False) -> None:
        """Sends the figures, where something has changed since the last time, to a client that reads."""
        if self.recorder.changes == self._reported and not always:
            return
        self._reported = self.recorder.changes
        if self.protocol.backlog() > MAX_BACKLOG:
            self.recorder.lose("client")
            return
        report = await self.compute(self.metrics, Urgency.UPDATE)
        self.protocol.notify(METRICS, plain(report))

    def setting(self, key: str) -> Any:
        """A setting that is not about one folder: as the first folder has it that sets it, else the client."""
        default = DEFAULTS[key]
        values = (folder.index.settings[key] for folder in self.session.folders)
        return next((value for value in values if value != default), self._client_setting(key))

    async def follow_metrics(self) -> None:
        """Lets figures go where the settings have it now."""
        self.connection.slow_seconds = self.setting("metrics.slowRequestMs") / 1000
        wanted = wanted_of(self.setting, self._client_setting("metrics.port"))
        if wanted != self._wanted:
            self._wanted = wanted
            await self.compute(lambda: self._sinks.follow(wanted), Urgency.UPDATE)

    def _client_setting(self, key: str) -> Any:
        return next((known[key] for known in self.settings.values() if key in known), DEFAULTS[key])

    def _change(self, place: Place, work: Callable[[], object], seconds: float) -> None:
        def report(future: Any) -> None:
            if not future.cancelled() and (error := future.exception()):
                logger.error("a change could not be taken in", exc_info=error)

        self._edited.setdefault(place.folder.uri, set()).add(place.path)
        self.engine.submit(Urgency.CHANGE, work, place.path).add_done_callback(report)
        self.update(place.folder, seconds)

    def _take_in(self, place: Place, document: OpenDocument | None, text: str | None) -> None:
        """Text and version of a document change together, so that no finding is published under another version."""
        others = {path: known for path, known in self._open.get(place.folder.uri, {}).items() if path != place.path}
        self._open[place.folder.uri] = {**others, place.path: document} if document else others
        place.folder.index.edit(place.path, text)

    def _touch(self, folders: Sequence[Folder]) -> Iterable[tuple[Folder, bool]]:
        """Takes in every file that was touched until now: the folders, and whether that is enough or a look is needed."""
        paths: dict[str, list[str]] = {}
        while self._touched:
            for uri in self._touched.popleft():
                if place := located(folders, uri):
                    paths.setdefault(place.folder.uri, []).append(place.path)
        return [(folder, folder.index.touch(paths[folder.uri])) for folder in folders if folder.uri in paths]


def _late(overdue: Overdue) -> str:
    """What a person must know of a job that takes too long."""
    what = f"{overdue.name} ({overdue.about})" if overdue.about else overdue.name
    return f"{what} has been running for more than {OVERDUE_SECONDS:g} s, and all else waits for it: restart the server if it does not end"


def _measured(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` says of folders as they are, as a part of its own."""
    with Timer("answer"):
        return work(*args, **kwargs)
