"""The names in the performance guide match the code, and its numbers come from the benchmark."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from conftest import REPOSITORY
from planmark.lsp import metrics_export
from planmark.lsp.server import MAX_UNREAD_BYTES
from planmark.markdown.blocks import MAX_CACHED_SECTIONS
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.events import Record
from planmark.metrics.histogram import BUCKETS_PER_DOUBLING, LARGEST_EXPECTED_VALUE, SMALLEST_BOUND, UPPER_BOUNDS
from planmark.metrics.prometheus import ScrapeInput, metrics_text
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import ProcessReport, WorkspaceSizes
from planmark.prompts.cache import MAX_CACHED_PROMPTS
from planmark.queries.cache_registry import CACHE_ROWS
from planmark.queries.profile import GATE_SECONDS, GOAL_SECONDS, PRIORITY_SECONDS, STAGE_ADVICE, stage_of
from planmark.storage.jsonl_log import LOCK_SECONDS
from prometheus_text import read_text

GUIDE = (REPOSITORY / "docs" / "performance-optimization-guide.md").read_text(encoding="utf-8")
PACKAGE = REPOSITORY / "server" / "planmark"


def rows(header: str) -> dict[str, list[str]]:
    """Return the rows of the table with this header: name in the first cell → the other cells, unchanged."""
    table = GUIDE.split(f"\n| {header} |", 1)[1].split("\n\n", 1)[0]
    lines = [line for line in table.split("\n")[2:] if line]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_every_metric_of_prometheus_with_its_labels() -> None:
    recorder = Recorder(lambda: 0.0)
    recorder.request("initialize", 0.1, "done")
    recorder.command("next", 0.1, "done", None, {})
    recorder.prompt("wait", 0.1, 100, "X", cached=False)
    recorder.record_scan(0.1, 1, 1, 1)
    recorder.count_lost("file")
    recorder.caches = lambda: [_cache(row.name) for row in CACHE_ROWS]
    families = read_text(metrics_text(ScrapeInput(recorder, WorkspaceSizes(), ProcessReport(0, 0.0))))
    labels = {
        name: {label for _, pairs in family.samples for label, _ in pairs} - {"le"} for name, family in families.items()
    }
    assert {name: named(cells[0]) for name, cells in rows("name | labels | is").items()} == labels


def _cache(name: str) -> CacheFigures:
    return CacheFigures(name, 0, 0, None, 0, 0, 0)


def test_every_field_of_the_schema() -> None:
    schema = json.loads((PACKAGE / "schemas" / "metrics.schema.json").read_text(encoding="utf-8"))
    kinds = schema["$defs"]
    found: dict[str, set[str]] = {}
    for name, field in kinds["MetricsReport"]["properties"].items():
        reference = re.search(r'"#/\$defs/(\w+)"', json.dumps(field))
        found[name] = set(kinds[reference[1]]["properties"]) if reference else set()
    documented = {name: named(cells[0]) for name, cells in rows("field | has").items()}
    assert {name: fields for name, fields in documented.items() if found.get(name)} == {
        n: f for n, f in found.items() if f
    }
    assert documented.keys() == found.keys()


def test_every_field_of_a_record() -> None:
    assert list(rows("field | is")) == [field.encode_name for field in msgspec.structs.fields(Record)]


def test_every_cache_and_its_bound() -> None:
    documented = rows("cache | keeps | is found by | goes")
    assert list(documented) == [row.name for row in CACHE_ROWS]
    assert f"{MAX_CACHED_SECTIONS:,}" in documented["blocks"][2] and str(MAX_CACHED_PROMPTS) in documented["prompts"][2]


def test_every_part() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    parts = set(re.findall(r'(?:Timer|profiled|\.add_time)\("(\w+)"', code)) | {"ready"}
    assert "Timer(READY_PART)" in code
    assert set(rows("part | is")) == parts


def test_every_stage_with_its_parts() -> None:
    documented = rows("stage of a cycle | parts")
    assert list(documented) == list(STAGE_ADVICE)
    for stage, cells in documented.items():
        outermost, *_ = parts = re.findall(r"`(\w+)`", cells[0]) or [""]
        assert {stage_of((outermost, part)) for part in parts} == {stage}


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{metrics_export.MAX_PENDING_EVENTS:,} records" in GUIDE and f"{LOCK_SECONDS:g} s" in GUIDE
    assert f"more than {MAX_UNREAD_BYTES // 1_000_000} MB unread" in GUIDE
    assert (SMALLEST_BOUND, LARGEST_EXPECTED_VALUE, BUCKETS_PER_DOUBLING) == (1e-05, 200.0, 4) and UPPER_BOUNDS[
        -1
    ] >= LARGEST_EXPECTED_VALUE
    assert (GATE_SECONDS, GOAL_SECONDS) == (3.0, 0.3)
    assert [seconds for seconds, _ in PRIORITY_SECONDS] == [2.0, 1.0, 0.3, 0.0]


def test_every_test_that_it_names_exists() -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", GUIDE)
    assert len(tests) > 20
    for path, name in tests:
        assert f"def {name}(" in Path(REPOSITORY / path).read_text(encoding="utf-8"), name
    assert len(rows("what | held by")) == 21


def test_its_figures_come_from_the_benchmark() -> None:
    figures = GUIDE.split("<!-- figures: begin -->\n")[1].split("\n<!-- figures: end -->")[0]
    for header in (
        "one record",
        "request, the slowest first",
        "delay put into a hover",
        "percentile",
        "stage of a cycle",
    ):
        assert f"| {header} |" in figures
    outside = GUIDE.replace(figures, "")
    assert re.search(r"\| [\d.,]+ (ms|µs) \|", figures)
    assert not re.search(r"\| [\d.,]+ (ms|µs) \|", outside), "a figure that nobody generated"
