"""A scrape of a recorder, read by two readers that must agree."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from planmark.metrics.prometheus import ScrapeInput, metrics_text
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import ProcessReport, WorkspaceSizes
from prometheus_text import Family, read_text


def exposed(recorder: Recorder) -> ScrapeInput:
    return ScrapeInput(recorder, WorkspaceSizes(120, 5, 7), ProcessReport(1_000_000, 0.5))


def read(recorder: Recorder) -> dict[str, Family]:
    text = metrics_text(exposed(recorder))
    families = read_text(text)
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples == {key: value for family in families.values() for key, value in family.samples.items()}
    return families
