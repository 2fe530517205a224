"""The exports of metrics to other places than the client: the file of records, and an endpoint for Prometheus.

Exports never delay or stop requests: one thread writes records, and other threads answer scrapes. Records that cannot
be written count as lost, and the reason is logged once.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from planmark.metrics.events import cache_event
from planmark.metrics.recorder import Event, Recorder
from planmark.metrics.report import ProcessReport, WorkspaceSizes
from planmark.storage.metrics_endpoints import forget_endpoint, remember_endpoint
from planmark.workspace.event_log import TimedEvent, append_lines, record_lines

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

FLUSH_SECONDS = 1.0
"""Seconds between two writes of the waiting events."""
STOP_SECONDS = 2.0
"""Maximum seconds that `close` waits for the last write."""
MAX_PENDING_EVENTS = 10_000
"""Maximum number of events that wait to be written; further events are lost."""
LOOPBACK_ADDRESS = "127.0.0.1"
FILE_LABEL = "file"
"""The name under which records that could not be written to the file are counted."""

logger = logging.getLogger(__name__)


class ExportSettings(NamedTuple):
    """The settings of the exports.

    `writes_file` tells whether records go to the file. `max_bytes` is the maximum size of the file. `port` is the port
    of the endpoint; 0 for no endpoint.
    """

    writes_file: bool
    max_bytes: int
    port: int


class MetricsExporter:
    """The exporter of the metrics of one server. Events wait in memory until the settings are known."""

    def __init__(
        self,
        recorder: Recorder,
        current_reports: Callable[[], tuple[WorkspaceSizes, ProcessReport]],
        early_events: Iterable[TimedEvent] = (),
    ) -> None:
        """`current_reports` returns the sizes of the workspaces and the report of the process, on any thread.

        `early_events` are the events before the creation of the exporter.
        """
        self._recorder = recorder
        self._current_reports = current_reports
        self._pending: deque[TimedEvent] = deque(early_events)
        self._settings = ExportSettings(False, 0, 0)
        self._stop_event = threading.Event()
        self._thread: threading.Thread | None = None
        self._endpoint: WSGIServer | None = None
        self._last_problem = ""
        recorder.event_sink = self._store_event

    def apply(self, settings: ExportSettings) -> None:
        """Apply new settings. The first call for an endpoint takes longer, because it imports libraries."""
        old_settings, self._settings = self._settings, settings
        self._recorder.event_sink = self._store_event if settings.writes_file else None
        if not settings.writes_file:
            self._pending.clear()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._run, name="planmark-records", daemon=True)
            self._thread.start()
        if settings.port != old_settings.port:
            self._close_endpoint()
            if settings.port:
                self._open_endpoint(settings.port)

    def close(self) -> None:
        """Write the waiting events, for at most STOP_SECONDS."""
        self._close_endpoint()
        self._recorder.event_sink = None
        if self._thread is not None:
            self._pending.extend((time.time(), cache_event(cache)) for cache in self._recorder.caches())
            self._stop_event.set()
            self._thread.join(STOP_SECONDS)

    def _store_event(self, event: Event) -> None:
        if len(self._pending) < MAX_PENDING_EVENTS:
            self._pending.append((time.time(), event))
        else:
            self._recorder.count_lost(FILE_LABEL)

    def _run(self) -> None:
        while not self._stop_event.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        flushed_events = [self._pending.popleft() for _ in range(len(self._pending))]
        if not flushed_events:
            return
        try:
            append_lines(record_lines(flushed_events), self._settings.max_bytes)
        except Exception as error:
            if isinstance(error, TimeoutError) and not self._stop_event.is_set():
                self._pending.extendleft(reversed(flushed_events))
                return
            self._recorder.count_lost(FILE_LABEL, len(flushed_events))
            self._warn_once(f"cannot write records, which count as lost: {getattr(error, 'strerror', None) or error}")

    def _open_endpoint(self, port: int) -> None:
        from prometheus_client import make_wsgi_app

        from planmark.lsp.endpoint import MetricsEndpoint
        from planmark.metrics.prometheus import ScrapeInput, registry_of

        registry = registry_of(lambda: ScrapeInput(self._recorder, *self._current_reports()))
        try:
            server = MetricsEndpoint(LOOPBACK_ADDRESS, port, make_wsgi_app(registry))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            self._warn_once(f"cannot listen on metrics.port {port}, so Prometheus gets no metrics: {reason}")
            return
        threading.Thread(target=server.serve_forever, name="planmark-endpoint", daemon=True).start()
        self._endpoint = server
        try:
            remember_endpoint(os.getpid(), f"http://{LOOPBACK_ADDRESS}:{server.server_port}/metrics")
        except OSError as error:
            logger.info("cannot record the metrics endpoint in the cache folder: %s", error)

    def _close_endpoint(self) -> None:
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            forget_endpoint(os.getpid())
            threading.Thread(target=_stop_endpoint, args=(endpoint,), name="planmark-endpoint", daemon=True).start()

    def _warn_once(self, problem: str) -> None:
        if problem != self._last_problem:
            self._last_problem = problem
            logger.warning("%s", problem)


def _stop_endpoint(endpoint: WSGIServer) -> None:
    endpoint.shutdown()
    endpoint.server_close()


def export_settings(setting: Callable[[str], object], port: object) -> ExportSettings:
    """Return the export settings. The function `setting` returns the value of a setting by its key.

    Only the editor sets `port`, so that no workspace can open a port.
    """
    return msgspec.convert([setting("metrics.file"), setting("metrics.fileBytes"), port], ExportSettings)
