"""The time of a command, recorded in the file of records if the settings of the workspace allow it.

Errors never fail a command.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from planmark.cli.result_inputs import keep_answer
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.events import cache_event
from planmark.metrics.recorder import Event, Outcome, Recorder
from planmark.metrics.stats import install
from planmark.metrics.trace import current, tracing
from planmark.prompts.cache import PromptCache
from planmark.queries.cache_registry import ANSWERS, WorkspaceCaches, cache_figures
from planmark.queries.persistent_index import save
from planmark.workspace.event_log import Kept, append_lines, lines_of
from planmark.workspace.index import Index

MAX_KEPT = 1000
"""Maximum of events of one command. An endless one, such as `status --watch`, loses the later ones."""


def run_measured(command: str, run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Run a command, record its time, and return its exit code. Raises what the command raises."""
    kept: list[Kept] = []
    args.index = args.view = args.answer = None
    since_ns = time.time_ns()
    recorder = Recorder(time.perf_counter)

    def note(event: Event) -> None:
        if len(kept) < MAX_KEPT:
            kept.append((time.time(), event))
        else:
            recorder.count_lost("file")

    recorder.keep = note
    install(recorder)
    outcome: Outcome = "error"
    started = recorder.clock()
    with tracing(recorder) as trace:
        try:
            code = run(args)
            outcome = "done"
        except KeyboardInterrupt:
            outcome = "cancelled"
            raise
        finally:
            recorder.command(command, recorder.clock() - started, outcome, trace.about, trace.parts)
            if args.index is not None:
                if args.missed:
                    kept.append((time.time(), cache_event(CacheFigures(ANSWERS, 0, 0, None, 0, 1, 0))))
                _write(args.index, recorder, kept)
    if args.index is not None and args.view is not None:
        save(args.index, args.view)
        keep_answer(args, since_ns)
    return code


def opened(args: argparse.Namespace, index: Index) -> None:
    """Register the index that a command opened. Its settings say whether records are written."""
    args.index = index
    if trace := current():
        trace.recorder.caches = lambda: cache_figures([WorkspaceCaches(index, PromptCache())])


def _write(index: Index, recorder: Recorder, kept: list[Kept]) -> None:
    if not index.settings["metrics.file"]:
        return
    caches = [cache for cache in recorder.caches() if cache.hits or cache.misses]
    kept += [(time.time(), cache_event(cache)) for cache in caches]
    try:
        append_lines(lines_of(kept), index.settings["metrics.fileBytes"])
    except (OSError, ValueError):
        recorder.count_lost("file", len(kept))
