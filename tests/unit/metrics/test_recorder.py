"""The counts of the recorder, their report, and the one flat answer about them."""

from __future__ import annotations

import threading

import pytest

from planmark import metrics
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.recorder import Event, Recorder
from planmark.metrics.report import ProcessReport, WorkspaceSizes, metrics_report
from planmark.metrics.stats import set_default_recorder


def recorder() -> Recorder:
    return Recorder(lambda: 0.0)


PROCESS = ProcessReport(1, 0.5)


def test_outcomes_are_counted_by_method() -> None:
    known = recorder()
    for outcome in ("done", "error", "cancelled", "cancelled"):
        known.request("textDocument/hover", 0.002, outcome)  # type: ignore[arg-type]
    known.request("initialize", 0.1, "done")
    report = metrics_report(known, 12.34, WorkspaceSizes(1, 1, 1), PROCESS)
    assert [(entry.method, entry.count, entry.errors, entry.cancelled) for entry in report.requests] == [
        ("initialize", 1, 0, 0),
        ("textDocument/hover", 4, 1, 2),
    ]
    assert report.requests[1].max_ms == 2.0
    assert known.change_count == 5


def test_prompts_are_counted_by_step() -> None:
    """Record a rendered, a cached and a failed prompt."""
    known = recorder()
    known.prompt("address_fix", 0.01, 4000, "PAY", cached=False)
    known.prompt("address_fix", 0.0001, 4000, "PAY", cached=True)
    known.prompt("address_fix", 0.02, None, "PAY", cached=False)
    (report,) = metrics_report(known, 1.0, WorkspaceSizes(), PROCESS).prompts
    assert (report.count, report.errors, report.cached) == (3, 1, 1)
    assert 4000 <= report.tokens_p50 <= 4760


def test_the_first_look_is_cold_and_the_others_are_warm() -> None:
    known = recorder()
    known.caches = lambda: [CacheFigures("blocks", 10, 20, None, 30, 10, 0)]
    known.record_scan(2.0, 100, 120, 5)
    known.record_scan(0.1, 0, 120, 5)
    known.record_scan(0.2, 3, 120, 5)
    known.record_update(0.05)
    index = metrics_report(known, 1.0, WorkspaceSizes(120, 5, 7), PROCESS).index
    assert (index.cold_ms, index.warm_ms, index.last_update_ms, index.documents_read) == (2000.0, 200.0, 50.0, 103)
    assert (index.documents, index.plans, index.revision) == (120, 5, 7)
    assert (index.sections_parsed, index.sections_reused) == (10, 30)
    assert {kind: durations.count for kind, durations in known.index.updates.items()} == {
        "cold": 1,
        "warm": 2,
        "update": 1,
    }


@pytest.mark.parametrize(("hits", "misses", "rate"), [(0, 0, 0.0), (3, 1, 0.75)])
def test_the_rate_of_a_cache(hits: int, misses: int, rate: float) -> None:
    assert CacheFigures("x", 1, 2, None, hits, misses, 0).hit_rate == rate


def test_who_keeps_events_gets_every_one() -> None:
    kept: list[Event] = []
    known = recorder()
    known.event_sink = kept.append
    known.request("initialize", 0.1, "done")
    known.command("next", 0.2, "error", "PAY", {("index",): 0.1})
    known.prompt("address_fix", 0.01, 400, "PAY", cached=True)
    known.record_scan(2.0, 100, 120, 5)
    assert [(event.kind, event.name, event.outcome, event.about) for event in kept] == [
        ("request", "initialize", "done", None),
        ("command", "next", "error", "PAY"),
        ("prompt", "address_fix", "done", "PAY"),
        ("look", "cold", "done", None),
    ]
    assert kept[3].counts == {"read": 100, "documents": 120, "plans": 5}


def test_what_is_lost_is_counted_from_any_thread() -> None:
    known = recorder()
    threads = [threading.Thread(target=lambda: [known.count_lost("file") for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert known.lost == {"file": 8000}


def test_the_stats_of_the_process() -> None:
    known = recorder()
    set_default_recorder(known)
    empty = metrics.get_performance_stats()
    assert (empty["cache_hit_rate"], empty["avg_parse_time"], empty["total_calls"]) == (0.0, 0.0, 0)
    known.caches = lambda: [CacheFigures("plans", 10, 20, None, 17, 3, 0), CacheFigures("blocks", 1, 1, None, 0, 1, 0)]
    known.part("parse", 0.1)
    known.part("parse", 0.3)
    known.prompt("address_fix", 0.2, 400, "PAY", cached=False)
    known.prompt("wait", 0.4, None, "PAY", cached=False)
    known.request("initialize", 0.1, "error")
    known.command("next", 0.1, "cancelled", None, {})
    known.count_lost("client")
    assert metrics.get_performance_stats() == {
        "cache_hit_rate": 0.85,
        "cache_hit_rates": {"plans": 0.85, "blocks": 0.0},
        "avg_parse_time": pytest.approx(0.2),
        "max_parse_time": 0.3,
        "documents_parsed": 2,
        "avg_generation_time": pytest.approx(0.3),
        "max_generation_time": 0.4,
        "generations": 2,
        "generation_errors": 1,
        "total_calls": 2,
        "errors": 1,
        "cancelled": 1,
        "lost": 1,
    }
