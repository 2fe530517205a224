"""The text for Prometheus, read by a strict parser of the tests and by the parser of the library."""

from __future__ import annotations

import pytest

from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.prometheus import registry_of
from planmark.metrics.recorder import Recorder
from prometheus_text import FormatError, read_text
from unit.metrics.scrape import exposed, read

CONTRACT = {
    "prompt_generation_total": {"workflow", "status"},
    "prompt_generation_duration_seconds": {"workflow"},
    "plan_cache_hits_total": set(),
    "plan_cache_misses_total": set(),
    "planmark_request_duration_seconds": {"method"},
    "planmark_request_total": {"method", "outcome"},
    "planmark_index_documents": set(),
    "planmark_index_update_seconds": {"kind"},
    "planmark_cache_entries": {"cache"},
}
"""The fixed names of metrics, with their labels."""


@pytest.fixture
def busy() -> Recorder:
    recorder = Recorder(lambda: 0.0)
    recorder.caches = lambda: [
        CacheFigures("plans", 12, 50, None, 17, 3, 1),
        CacheFigures("blocks", 9, 9, None, 1, 2, 3),
    ]
    for outcome in ("done", "done", "error", "cancelled"):
        recorder.request("textDocument/hover", 0.003, outcome)  # type: ignore[arg-type]
    recorder.command("next", 0.5, "done", None, {})
    recorder.prompt("address_fix", 0.01, 400, "PAY", cached=False)
    recorder.prompt("address_fix", 0.03, None, "PAY", cached=False)
    recorder.record_scan(2.0, 100, 120, 5)
    recorder.record_update(0.1)
    recorder.part("parse", 0.02)
    recorder.count_lost("file", 3)
    return recorder


def test_the_names_of_the_contract_are_there(busy: Recorder) -> None:
    families = read(busy)
    assert families.keys() >= CONTRACT.keys()
    for name, labels in CONTRACT.items():
        for _, found in families[name].samples:
            assert {label for label, _ in found} - {"le"} == labels
        assert families[name].samples and families[name].means


def test_the_figures_are_those_that_were_counted(busy: Recorder) -> None:
    families = read(busy)
    hover = {"method": "textDocument/hover"}
    requests = families["planmark_request_total"]
    counted = {o: requests.value("planmark_request_total", **hover, outcome=o) for o in ("done", "error", "cancelled")}
    assert counted == {"done": 2, "error": 1, "cancelled": 1}
    durations = families["planmark_request_duration_seconds"]
    assert durations.value("planmark_request_duration_seconds_sum", **hover) == pytest.approx(0.012)
    assert durations.value("planmark_request_duration_seconds_count", **hover) == 4
    assert durations.value("planmark_request_duration_seconds_bucket", **hover, le="0.00256") == 0
    assert durations.value("planmark_request_duration_seconds_bucket", **hover, le="0.00512") == 4
    prompts = families["prompt_generation_total"]
    assert prompts.value("prompt_generation_total", workflow="address_fix", status="success") == 1
    assert prompts.value("prompt_generation_total", workflow="address_fix", status="error") == 1
    assert families["plan_cache_hits_total"].value("plan_cache_hits_total") == 17
    assert families["plan_cache_misses_total"].value("plan_cache_misses_total") == 3
    assert families["planmark_index_documents"].value("planmark_index_documents") == 120
    assert families["planmark_cache_entries"].value("planmark_cache_entries", cache="blocks") == 9
    assert families["planmark_lost_records_total"].value("planmark_lost_records_total", destination="file") == 3
    updates = families["planmark_index_update_seconds"]
    assert updates.value("planmark_index_update_seconds_sum", kind="cold") == 2.0
    assert families["planmark_command_total"].value("planmark_command_total", command="next", outcome="done") == 1


def test_the_registry_is_our_own_and_asks_again(busy: Recorder) -> None:
    from prometheus_client import REGISTRY

    registry = registry_of(lambda: exposed(busy))
    done = {"method": "textDocument/hover", "outcome": "done"}
    assert registry.get_sample_value("planmark_request_total", done) == 2
    busy.request("textDocument/hover", 0.1, "done")
    assert registry.get_sample_value("planmark_request_total", done) == 3
    assert registry.get_sample_value("process_cpu_seconds_total") is None
    assert REGISTRY.get_sample_value("planmark_request_total", done) is None


@pytest.mark.parametrize(
    "text",
    [
        "a 1",
        "a 1\n",
        "# TYPE a counter\nb 1\n",
        "# TYPE a counter\na -1\n",
        "# TYPE a counter\na 1\na 1\n",
        "# TYPE a counter\na one\n",
        '# TYPE a counter\na{x="1",x="2"} 1\n',
        '# TYPE a counter\na{x="1} 1\n',
        "# TYPE a counter\n# TYPE a gauge\n",
        "# TYPE a thing\n",
        '# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
        '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n',
        '# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n',
        '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 1\n',
    ],
)
def test_the_parser_can_refuse(text: str) -> None:
    with pytest.raises(FormatError):
        read_text(text)
