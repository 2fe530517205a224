"""The server: one client, its session, the engine that works for it, and what it is told when."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, NamedTuple, ParamSpec, TypeVar

import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from planmark import __version__
from planmark.answers.find import NoAnswerError
from planmark.lsp.client import Client, client_of
from planmark.lsp.context import Context
from planmark.lsp.engine import Engine, Urgency
from planmark.lsp.figures import READY, caches_of, process_report, sizes_of
from planmark.lsp.folder import Folder, Weighing
from planmark.lsp.messages import METRICS, SERVER_STATUS, STATE_CHANGED, ServerStatus, plain, state_changed
from planmark.lsp.protocol import Protocol, RequestError
from planmark.lsp.session import Session, folders_of
from planmark.lsp.sinks import Sinks, Wanted, wanted_of
from planmark.lsp.updates import Announced, update_of
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import MetricsReport, metrics_report
from planmark.metrics.stats import use
from planmark.metrics.trace import Timer, begin_trace, current
from planmark.text.encodings import Encoding
from planmark.workspace.settings import DEFAULTS

P = ParamSpec("P")
T = TypeVar("T")
SWITCH_SECONDS = 0.001
"""So soon the engine's thread makes room for the event loop: a keystroke waits no longer for the interpreter."""
EDIT_SECONDS = 0.06
"""So long after an edit another one may come before findings are made anew."""
STOP_SECONDS = 2.0
MAX_BACKLOG = 1_000_000
"""Bytes; a client that leaves more than this unread is sent no further figures."""

logger = logging.getLogger(__name__)


class Looking(NamedTuple):
    """A look at the disk that a person waits for, and the token of its progress."""

    task: asyncio.Task[None]
    token: str


class Server(LanguageServer):
    """A language server for one client."""

    protocol: Protocol

    def __init__(self, commands: dict[str, Callable[[Server, Any], Awaitable[Any]]]) -> None:
        """`commands` are those of `workspace/executeCommand`, by name."""
        self.recorder = Recorder(time.perf_counter, caches=lambda: caches_of(self._folders()))
        self.slow_seconds = 0.0
        """A request that takes longer is logged; 0.0 for none."""
        self.commands = commands
        super().__init__("planmark", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.engine = Engine()
        self.session: Session
        self.settings: dict[str, dict[str, Any]] = {}
        """URI of a folder → what the client sets for it, by key; "" for what it sets for all."""
        self.looking: dict[str, Looking] = {}
        """URI of a folder → the look at its disk that a person waits for."""
        self.cancelled_looks: set[str] = set()
        self._ready: dict[str, asyncio.Event] = {}
        self._announced: dict[str, Announced] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._edited: dict[str, set[str]] = {}
        self._status: ServerStatus | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._started = time.monotonic()
        self._reported = 0
        self._process = psutil.Process()
        self._wanted: Wanted | None = None
        self._sinks = Sinks(self.recorder, lambda: (sizes_of(self._folders()), process_report(self._process)))
        self._ended: asyncio.Future[int] | None = None

    @property
    def client(self) -> Client:
        """The client; there is one from `initialize` on."""
        return self.session.client

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go to the log: no window pops up at the user."""
        logger.error("%s: %s", getattr(source, "__name__", source), error)

    def open(self, params: types.InitializeParams, encoding: Any) -> None:
        """Begins the session of a client."""
        unit: Encoding = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
        self.session = Session(client_of(params, unit), folders_of(params), self.recorder)

    def run(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[int]) -> None:
        """Is called once the loop runs; `ended` gets the exit code."""
        sys.setswitchinterval(SWITCH_SECONDS)
        use(self.recorder)
        loop.set_exception_handler(
            lambda _, about: logger.error("%s", about.get("message"), exc_info=about.get("exception"))
        )
        self._ended = ended

    def end(self, reason: str) -> None:
        """Ends the process: with 0 after a `shutdown`, else with 1."""
        if self._ended is None or self._ended.done():
            return
        if not self.protocol.is_shut_down:
            logger.warning("ending without a shutdown: %s", reason)
        for task in self._tasks:
            task.cancel()
        self.engine.stop(STOP_SECONDS)
        self._sinks.close()
        self._ended.set_result(0 if self.protocol.is_shut_down else 1)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs `work` beside everything else; what goes wrong is logged."""

        async def run() -> None:
            begin_trace(self.recorder)
            try:
                await work
            except (asyncio.CancelledError, CancelledError):
                pass
            except JsonRpcException as error:
                logger.info("the client refuses: %s", error)
            except Exception:
                logger.exception("background work failed")

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Where the task is cancelled before it began, nobody has awaited the work.
        task.add_done_callback(lambda _: work.close())
        return task

    async def compute(self, work: Callable[[], T], urgency: Urgency = Urgency.REQUEST) -> T:
        """Runs `work` on the engine's thread; first lets in what has arrived, be it an edit or a cancellation."""
        await asyncio.sleep(0)
        try:
            return await asyncio.wrap_future(self.engine.submit(urgency, work))
        except NoAnswerError as error:
            raise RequestError(str(error)) from None

    def context_of(self, folder: Folder) -> Callable[[], Context]:
        """Gives, on the engine's thread, a folder as it is then, with the documents that are open now."""
        client, opened = self.client, self.session.open_in(folder)
        return lambda: Context(client, folder, folder.view(), opened)

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
        if timer := self._timers.pop(folder.uri, None):
            timer.cancel()
        self._ready.pop(folder.uri, None)
        announced = self._announced.pop(folder.uri, None)
        if announced is not None and not self.client.pulls_diagnostics:
            for path in announced.findings:
                self._publish(Context(self.client, folder, announced.view, {}).uri(path), None, [])

    def edited(self, folder: Folder, path: str, text: str | None, seconds: float = EDIT_SECONDS) -> None:
        """A text that the client holds, or gives back, changes what is known."""
        self._edited.setdefault(folder.uri, set()).add(path)
        self._submit(lambda: folder.index.edit(path, text))
        self.update(folder, seconds)

    def touched(self, folder: Folder, paths: list[str]) -> None:
        """Files changed on the disk."""

        async def look() -> None:
            if await self.compute(lambda: folder.index.touch(paths), Urgency.CHANGE):
                self.update(folder)
            else:
                await self.look(folder)

        self.spawn(look())

    async def look(self, folder: Folder, progress: Callable[[int, int], None] = lambda _done, _of: None) -> None:
        """Looks at the disk, in slices between everything that is more urgent."""
        await self.compute(folder.look, Urgency.CHANGE)
        finished = False
        while not finished:
            done, of, finished = await asyncio.wrap_future(self.engine.submit(Urgency.INDEX, folder.look_on))
            progress(done, of)
        self.is_read(folder)
        self.update(folder)

    def update(self, folder: Folder, seconds: float = 0.0) -> None:
        """Tells the client what is new, `seconds` from now unless something changes again before."""
        if timer := self._timers.pop(folder.uri, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[folder.uri] = loop.call_later(seconds, lambda: self.spawn(self._update(folder)))

    async def _update(self, folder: Folder) -> None:
        self._timers.pop(folder.uri, None)
        if folder not in self.session.folders or not folder.complete:
            self.tell_status()
            return
        edited = self._edited.pop(folder.uri, set())
        before = self._announced.get(folder.uri)
        context = self.context_of(folder)
        new = await self.compute(lambda: update_of(context(), before), Urgency.UPDATE)
        if new is None or folder not in self.session.folders:
            return
        self.spawn(self._weigh(folder))
        self.spawn(self._save(folder))
        if self._announced.get(folder.uri) is not before:
            # Another update was faster: what is new is what is new since then.
            self.update(folder)
            return
        self._announced[folder.uri] = new.announced
        if not self.client.pulls_diagnostics:
            for path, diagnostics in new.findings.items():
                document = new.context.open.get(path)
                self._publish(new.context.uri(path), document.version if document else None, diagnostics)
        if new.changes:
            self.protocol.notify(STATE_CHANGED, state_changed(new.context, new.changes))
        if new.changes or set(new.findings) - edited:
            self._refresh()
        self.tell_status()

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

    def _publish(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def _refresh(self) -> None:
        """Lenses, hints and findings of open documents are others than the client has."""
        client = self.client
        for wanted, ask in (
            (client.refreshes_lenses, self.workspace_code_lens_refresh_async),
            (client.refreshes_hints, self.workspace_inlay_hint_refresh_async),
            (client.refreshes_diagnostics and client.pulls_diagnostics, self.workspace_diagnostic_refresh_async),
        ):
            if wanted:
                self.spawn(ask(None))

    def tell_status(self) -> None:
        """Says how the server is, where that has changed."""
        status = self._status_now()
        if status != self._status:
            self._status = status
            self.protocol.notify(SERVER_STATUS, status._asdict())

    def _status_now(self) -> ServerStatus:
        errors = list(self.session.refused.values())
        warnings = [
            f"{folder.root}: reading was cancelled, and what was not read is unknown: run `planmark.reindex`"
            for folder in self.session.folders
            if folder.uri in self.cancelled_looks
        ]
        for announced in self._announced.values():
            snapshot = announced.view.snapshot
            for problem in snapshot.problems:
                (errors if problem.path == "." and problem.code == "unreadable" else warnings).append(
                    f"{snapshot.root}: {problem.path} {problem.message}"
                )
        quiescent = not self.looking and all(
            folder.complete or folder.uri in self.cancelled_looks for folder in self.session.folders
        )
        return ServerStatus(
            "error" if errors else "warning" if warnings else "ok", quiescent, "\n".join([*errors, *warnings])
        )

    def metrics(self) -> MetricsReport:
        """All figures; on the engine's thread."""
        for folder in self.session.folders:
            folder.view()
        uptime = time.monotonic() - self._started
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
        values = (folder.index.settings[key] for folder in self._folders())
        return next((value for value in values if value != default), self._client_setting(key))

    async def follow_metrics(self) -> None:
        """Lets figures go where the settings have it now."""
        self.slow_seconds = self.setting("metrics.slowRequestMs") / 1000
        wanted = wanted_of(self.setting, self._client_setting("metrics.port"))
        if wanted != self._wanted:
            self._wanted = wanted
            await self.compute(lambda: self._sinks.follow(wanted), Urgency.UPDATE)

    def _client_setting(self, key: str) -> Any:
        return next((known[key] for known in self.settings.values() if key in known), DEFAULTS[key])

    def _folders(self) -> list[Folder]:
        """The folders that are served; none before `initialize`."""
        session: Session | None = getattr(self, "session", None)
        return session.folders if session else []

    def _submit(self, work: Callable[[], Any]) -> None:
        def report(future: Any) -> None:
            if not future.cancelled() and (error := future.exception()):
                logger.error("a change could not be taken in", exc_info=error)

        self.engine.submit(Urgency.CHANGE, work).add_done_callback(report)


def _measured(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` says of folders as they are, as a part of its own."""
    with Timer("answer"):
        return work(*args, **kwargs)
