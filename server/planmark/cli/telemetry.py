"""The recording of the time of a command in the file of records, if the settings of the workspace allow this.

Errors of recording never cause a command to fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from planmark.cli.cached_result import CommandKey
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.result_inputs import cache_result
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.events import cache_event
from planmark.metrics.recorder import Event, EventOutcome, Recorder
from planmark.metrics.stats import set_default_recorder
from planmark.metrics.trace import current_trace, tracing
from planmark.prompts.cache import PromptCache
from planmark.queries.cache_registry import RESULT_CACHE_NAME, WorkspaceCaches, cache_figures
from planmark.queries.persistent_index import save
from planmark.workspace.event_log import TimedEvent, append_lines, record_lines
from planmark.workspace.index import Index

MAX_EVENTS_PER_COMMAND = 1000
"""Maximum number of recorded events per command. Later events are ignored, as in an endless `status --watch`."""


def run_with_telemetry(
    command: str,
    run: Callable[[], CommandResult],
    context: CommandContext[CommandOptions],
    key: CommandKey | None,
    *,
    is_cache_miss: bool,
) -> CommandResult:
    """Run a command, and record its time. If `key` is not None, cache the result of the command under `key`.

    `run` runs the command with `context`. `is_cache_miss` tells that no cached result was found, which is recorded.
    Raises the errors of the command.
    """
    events: list[TimedEvent] = []
    since_ns = time.time_ns()
    recorder = Recorder(time.perf_counter)

    def record_event(event: Event) -> None:
        if len(events) < MAX_EVENTS_PER_COMMAND:
            events.append((time.time(), event))
        else:
            recorder.count_lost("file")

    recorder.event_sink = record_event
    set_default_recorder(recorder)
    outcome: EventOutcome = "error"
    started = recorder.clock()
    with tracing(recorder) as trace:
        try:
            result = run()
            outcome = "done"
        except KeyboardInterrupt:
            outcome = "cancelled"
            raise
        finally:
            recorder.command(command, recorder.clock() - started, outcome, trace.subject, trace.parts)
            if context.index is not None:
                if is_cache_miss:
                    events.append((time.time(), cache_event(CacheFigures(RESULT_CACHE_NAME, 0, 0, None, 0, 1, 0))))
                _write_events(context.index, recorder, events)
    if context.index is not None and context.view is not None:
        save(context.index, context.view)
        if key is not None:
            cache_result(context, context.index, context.view, key, result, since_ns)
    return result


def attach_index(context: CommandContext[CommandOptions], index: Index) -> None:
    """Store `index`, which a command has opened, in `context`. The recorder can then read the caches of the index."""
    context.index = index
    if trace := current_trace():
        trace.recorder.caches = lambda: cache_figures([WorkspaceCaches(index, PromptCache())])


def _write_events(index: Index, recorder: Recorder, events: list[TimedEvent]) -> None:
    if not index.settings["metrics.file"]:
        return
    caches = [cache for cache in recorder.caches() if cache.hits or cache.misses]
    events += [(time.time(), cache_event(cache)) for cache in caches]
    try:
        append_lines(record_lines(events), index.settings["metrics.fileBytes"])
    except (OSError, ValueError):
        recorder.count_lost("file", len(events))
