"""`planmark metrics`: a summary of the file of records in the cache folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from planmark.cli.console import Cell, json_text, line, paragraph, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.dispatch import RUNS_COMMAND, load_command
from planmark.cli.errors import BAD_USAGE, DONE, CommandError
from planmark.cli.table import Column
from planmark.metrics.events import (
    NameReport,
    RecordLines,
    RecordsReport,
    records_in_lines,
    records_report,
    replay,
    seconds_spanned,
)
from planmark.metrics.recorder import Recorder
from planmark.metrics.report import MetricsReport, ProcessReport, WorkspaceSizes, metrics_report
from planmark.storage.metrics_endpoints import running_endpoints
from planmark.text.pluralize import counted_noun
from planmark.workspace.event_log import RECORDS_FILE, read_records, records_folder

COLUMNS = (
    Column("KIND", 3),
    Column("NAME", form="name", min_width=20),
    Column("COUNT"),
    Column("FAILED", 2),
    Column("MIN", 4),
    Column("MEAN", 1),
    Column("P95"),
    Column("MAX", 1),
)
MAX_LISTED_EVENT_PARTS = 3
"""Maximum number of parts of a slow event that its line lists, each with its time."""


class Options(CommandOptions):
    """The options of the command."""

    json: bool
    prometheus: bool
    runs: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--runs", action="store_true", help="the runs of agents, with their tokens and costs")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema metrics)")
    form.add_argument("--prometheus", action="store_true", help="the metrics in the text format of Prometheus")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    if context.options.runs:
        if context.options.prometheus:
            raise CommandError("--runs and --prometheus exclude each other: give one of them", BAD_USAGE)
        return load_command(RUNS_COMMAND).run(context)
    file = records_folder() / RECORDS_FILE
    lines = records_in_lines(read_records())
    recorder = replay(lines.records)
    notes = tuple(_notes(lines, file))
    if context.options.json:
        return CommandResult(DONE, json_text(_metrics_report(recorder, lines, file)), notes=notes)
    if context.options.prometheus:
        from planmark.metrics.prometheus import ScrapeInput, metrics_text

        scrape_input = ScrapeInput(recorder, _workspace_sizes(recorder), _process_report())
        return CommandResult(DONE, metrics_text(scrape_input), "verbatim", notes)
    return CommandResult(DONE, "".join(_records_report_lines(records_report(str(file), lines))), notes=notes)


def _metrics_report(recorder: Recorder, lines: RecordLines, file: Path) -> MetricsReport:
    records = records_report(str(file), lines)
    return metrics_report(
        recorder, seconds_spanned(lines.records), _workspace_sizes(recorder), _process_report(), records
    )


def _records_report_lines(report: RecordsReport) -> Iterator[str]:
    yield table(COLUMNS, [_name_report_row(name_report) for name_report in report.names])
    if report.slowest:
        yield line()
        yield line("Slowest:")
    for slow_event in report.slowest:
        parts = ", ".join(
            f"{name} {ms:,.1f} ms" for name, ms in list(slow_event.parts.items())[:MAX_LISTED_EVENT_PARTS]
        )
        feature_text = f" {slow_event.feature}" if slow_event.feature else ""
        parts_text = f"  {parts}" if parts else ""
        yield paragraph(
            f"  {slow_event.ms:,.1f} ms  {slow_event.kind} {slow_event.name}{feature_text}  {slow_event.timestamp}{parts_text}",
            indent="    ",
        )


def _name_report_row(report: NameReport) -> list[Cell]:
    """Return the cells of a row for all events with the same kind and name."""
    time_cells = [(f"{ms:,.1f} ms", "") for ms in (report.min_ms, report.mean_ms, report.p95_ms, report.max_ms)]
    failed_cell = (str(report.failed), "red" if report.failed else "")
    return [(report.kind, ""), (report.name, ""), (str(report.count), ""), failed_cell, *time_cells]


def _notes(lines: RecordLines, file: Path) -> list[str]:
    """Return notes about the file of records, about its unreadable lines, and about servers with current metrics."""
    notes = [f"{counted_noun(len(lines.records), 'record')} from {file}"]
    if not lines.records:
        notes[0] = f"no records in {file}: the next command or server writes some, unless `metrics.file` is false"
    if lines.broken_count:
        notes.append(f"{counted_noun(lines.broken_count, 'line')} of it cannot be read, and will not count")
    if reason := _reason_not_writable(file):
        notes.append(f"cannot write {file} ({reason}): new records are lost")
    for endpoint in running_endpoints():
        notes.append(f"the server in process {endpoint.pid} serves its current metrics at {endpoint.url}")
    return notes


def _reason_not_writable(file: Path) -> str:
    """Return the reason why no record can be added to `file`; "" if records can be added."""
    existing_path = next((path for path in (file, *file.parents) if path.exists()), file.parent)
    if existing_path == file and not file.is_file():
        return "it is not a regular file"
    if existing_path != file and not existing_path.is_dir():
        return f"{existing_path} is not a folder"
    return "" if os.access(existing_path, os.W_OK) else f"{existing_path} is read-only"


def _workspace_sizes(recorder: Recorder) -> WorkspaceSizes:
    return WorkspaceSizes(recorder.index.documents, recorder.index.plans)


def _process_report() -> ProcessReport:
    """Return the memory and the processor time of this process. Records do not contain these values."""
    process = psutil.Process()
    times = process.cpu_times()
    return ProcessReport(process.memory_info().rss, round(times.user + times.system, 3))
