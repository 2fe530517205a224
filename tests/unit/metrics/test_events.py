"""Lines of JSON and statistics of many of them, compared with obvious versions, with broken lines between."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from typing import get_args

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from planmark.cli.cached_result import SINGLE_HIT_COUNTS
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.events import (
    Record,
    cache_event,
    json_line_of,
    record_of,
    records_in_lines,
    records_report,
    replay,
    seconds_spanned,
)
from planmark.metrics.recorder import Event, EventKind, EventOutcome
from planmark.storage.event_line import EventEnd, event_line
from planmark.storage.plain_json import PlainValue

AT = "2026-11-21T10:00:00.000+00:00"
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(get_args(EventKind)),
    name=st.sampled_from(["cold", "warm", "a/b"]),
    seconds=st.integers(0, 10**9).map(lambda n: n / 1e6),
    outcome=st.sampled_from(get_args(EventOutcome)),
    about=st.none() | st.text(max_size=5),
    tokens=st.none() | st.integers(0, 10**6),
    cached=st.none() | st.booleans(),
    parts=st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("cd")), st.floats(0, 10), max_size=3),
)


def record(
    name: str, seconds: float, outcome: EventOutcome = "done", kind: EventKind = "request", end: float = 100.0
) -> Record:
    return record_of(Event(kind, name, seconds, outcome), None, AT, end, 7)


@given(EVENTS)
def test_a_record_is_read_as_it_was_written(event: Event) -> None:
    written = record_of(event, event.about, AT, 1_800_000_000.0, 7)
    line = json_line_of(written)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert records_in_lines([line]).records == [written]
    assert written.end - written.start == pytest.approx(event.seconds, abs=2e-6)
    assert written.success == (event.outcome == "done")


@pytest.mark.parametrize(
    ("event", "details"),
    [
        (Event("command", "next", 0.0123456, about="PAY"), {}),
        (Event("prompt", "write_subplan", 0.25, about="PAY", tokens=7, cached=True), {"tokens": 7, "cacheHit": True}),
        (cache_event(CacheFigures("answers", 1, 0, None, 1, 0, 0)), SINGLE_HIT_COUNTS),
    ],
)
def test_a_cached_result_writes_the_same_line(event: Event, details: Mapping[str, PlainValue]) -> None:
    ended = EventEnd(1_800_000_000.125, AT, 7)
    written = event_line(event.kind, event.name, event.about, event.seconds, ended, details)
    assert written.encode() == json_line_of(record_of(event, event.about, AT, ended.at, ended.pid))


def test_a_record_has_the_names_that_scripts_know() -> None:
    event = Event("prompt", "address_fix", 1.5, "done", "PAY", 400, True, {}, {("context",): 0.5})
    assert json.loads(json_line_of(record_of(event, "PAY", AT, 100.0, 7))) == {
        "kind": "prompt",
        "name": "address_fix",
        "feature": "PAY",
        "duration": 1.5,
        "timestamp": AT,
        "start": 98.5,
        "end": 100.0,
        "success": True,
        "outcome": "done",
        "pid": 7,
        "tokens": 400,
        "cacheHit": True,
        "parts": {"context": 0.5},
    }


BROKEN = (
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"{}",
    b"\xff\xfe",
    b"\x00" * 20,
    b"[" * 100_000,
    json_line_of(record("a", 1.0))[:-20],
    json_line_of(record("a", 1.0)).replace(b'"duration":1.0', b'"duration":"1"'),
    json_line_of(record("a", 1.0)).replace(b'"duration":1.0', b'"duration":-1.0'),
    json_line_of(record("a", 1.0)).replace(b'"duration":1.0', b'"duration":1e999'),
    json_line_of(record("a", 1.0)).replace(b'"kind":"request"', b'"kind":"other"'),
    json_line_of(record("a", 1.0)).replace(b'"duration":1.0', b'"duration":NaN'),
)


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_line_is_counted_and_harms_no_other(broken: bytes) -> None:
    whole = json_line_of(record("a", 1.0))
    lines = records_in_lines([whole, broken, b"\n", whole])
    assert (len(lines.records), lines.broken_count) == (2, 1)


@given(st.binary(max_size=200))
def test_no_line_makes_reading_fail(data: bytes) -> None:
    lines = records_in_lines([data])
    assert len(lines.records) + lines.broken_count <= 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**7)), min_size=1, max_size=60))
def test_figures_by_name_are_exact(values: list[tuple[str, int]]) -> None:
    records = [record(name, number / 1e6) for name, number in values]
    report = records_report("f", records_in_lines(json_line_of(known) for known in records))
    for found in report.names:
        ms = sorted(number / 1000 for name, number in values if name == found.name)
        assert (found.count, found.min_ms, found.max_ms) == (len(ms), round(ms[0], 3), round(ms[-1], 3))
        assert found.mean_ms == pytest.approx(statistics.fmean(ms), abs=0.001)
        assert found.p95_ms == round(ms[-(-95 * len(ms) // 100) - 1], 3)
    assert [slow.ms for slow in report.slowest] == sorted((round(n / 1000, 3) for _, n in values), reverse=True)[:3]
    assert sum(found.count for found in report.names) == report.read == len(values)


def test_what_failed_is_counted() -> None:
    records = [
        record("a", 1.0),
        record("a", 1.0, "error"),
        record("a", 1.0, "cancelled"),
        record("a", 1.0, kind="look"),
    ]
    names = records_report("f", records_in_lines(map(json_line_of, records))).names
    assert [(name.kind, name.count, name.failed) for name in names] == [("look", 1, 0), ("request", 3, 2)]


def test_counting_again_gives_the_figures_that_were_counted() -> None:
    records = [
        record("textDocument/hover", 0.002),
        record("textDocument/hover", 0.004, "error"),
        record("next", 0.5, "cancelled", "command"),
        record_of(Event("prompt", "wait", 0.1, "done", "X", 400, True), "X", AT, 100.0, 7),
        record_of(Event("prompt", "wait", 0.1, "error", "X"), "X", AT, 100.0, 7),
        record_of(Event("look", "warm", 0.5, counts={"read": 0, "documents": 8, "plans": 2}), None, AT, 100.0, 7),
        *(
            record_of(Event("look", "cold", s, counts={"read": 5, "documents": 9, "plans": 2}), None, AT, 100.0, 7)
            for s in (1.0, 2.0)
        ),
        *(record_of(cache_event(CacheFigures("plans", 9, 50, 300, 3, 1, 2)), None, AT, 100.0, 7) for _ in range(2)),
    ]
    recorder = replay(records)
    hover = recorder.requests["textDocument/hover"]
    assert (hover.durations.count, hover.errors, hover.cancelled) == (2, 1, 0)
    assert recorder.commands["next"].cancelled == 1
    wait = recorder.prompts["wait"]
    assert (wait.durations.count, wait.errors, wait.cached, wait.tokens.count) == (2, 1, 1, 1)
    assert (recorder.index.cold_seconds, recorder.index.documents, recorder.index.plans) == (2.0, 9, 2)
    assert {kind: known.count for kind, known in recorder.index.updates.items()} == {"cold": 2, "warm": 1}
    assert list(recorder.caches()) == [CacheFigures("plans", 9, 50, 300, 6, 2, 4)]


def test_a_clock_that_was_set_back_changes_no_duration() -> None:
    """Let the second event end, by the wall clock, an hour before the first began."""
    records = [record("a", 2.0, end=10_000.0), record("a", 3.0, end=6_400.0)]
    assert [known.duration for known in records] == [2.0, 3.0]
    assert all(known.end - known.start == known.duration for known in records)
    assert seconds_spanned(records) == 10_000.0 - 6_397.0
    assert seconds_spanned([]) == 0.0
    assert msgspec.json.decode(json_line_of(records[1]))["end"] == 6_400.0
