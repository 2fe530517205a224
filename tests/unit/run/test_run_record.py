"""A run as its journal tells it."""

from __future__ import annotations

from pathlib import Path

from planmark.run.attempts import AgentTokens
from planmark.run.journal import (
    AttemptEnded,
    AttemptStarted,
    Integrated,
    Journal,
    JournalEvent,
    RunEnded,
    RunStarted,
    StepChosen,
    StepEnded,
)
from planmark.run.run_record import new_run_id, read_runs, record_of
from planmark.run.run_table import run_result, run_text, time_text

PLAN = "openspec/changes/a/tasks.md"


def events_of_a_step(number: int, lease: str, item: str, *, kind: str = "ok") -> list[JournalEvent]:
    return [
        StepChosen(plan=PLAN, achievement=item, step="implement_task", agent="claude-1"),
        StepChosen(
            plan=PLAN, achievement=item, step="implement_task", agent="claude-1", role="executor", tier=2, lease=lease
        ),
        AttemptStarted(n=number, plan=PLAN, achievement=item, step="implement_task", agent="claude-1", lease=lease),
        AttemptEnded(n=number, kind="ok", tokens=AgentTokens(100, None, 7), cost_usd=0.25, seconds=61),
        *([Integrated(n=number, commit="c" * 40, branch="planmark/a/main")] if kind == "ok" else []),
        StepEnded(
            plan=PLAN,
            achievement=item,
            step="implement_task",
            lease=lease,
            before="open",
            after="done",
            by="x",
            kind=kind,  # type: ignore[arg-type]
        ),
    ]


STARTED = RunStarted(run="20260101-000000-abcd", plan=PLAN, feature="a", branch="planmark/a/main", argv=("run", "@a"))


def test_a_journal_comes_back_as_a_run(tmp_path: Path) -> None:
    folder = tmp_path / STARTED.run
    journal = Journal(folder)
    for event in (STARTED, *events_of_a_step(1, "lse_1", "1.1"), RunEnded(exit=0, why="done")):
        assert journal.append(event).at > 0
    with (folder / "journal.jsonl").open("ab") as stream:
        stream.write(b'{"type":"run.st')
    (record,), damages = read_runs(tmp_path)
    assert damages == []
    result = run_result(record, "/w", tmp_path)
    assert (result.exit, result.why, [step.kind for step in result.steps]) == (0, "done", ["ok"])
    assert result.steps[0].commit == "c" * 40
    assert result.totals[0].cost_usd == 0.25
    assert "1.1" in run_text(result) and "1 min 1 s" in run_text(result)


def test_an_intended_step_is_open_until_it_has_its_lease() -> None:
    chosen = events_of_a_step(1, "lse_1", "1.1")
    record = record_of([STARTED, chosen[0]])
    assert record is not None and list(record.intended) == ["1.1"] and not record.chosen
    record = record_of([STARTED, *chosen[:2]])
    assert record is not None and not record.intended and list(record.chosen) == ["lse_1"]


def test_a_second_lease_after_a_failure_belongs_to_the_same_step(tmp_path: Path) -> None:
    failed = events_of_a_step(1, "lse_1", "1.1")[:4]
    record = record_of([STARTED, *failed, *events_of_a_step(2, "lse_2", "1.1")])
    assert record is not None
    (step,) = run_result(record, "/w", tmp_path).steps
    assert (step.attempts, step.kind, step.cost_usd) == (2, "ok", 0.5)


def test_the_next_round_of_a_step_is_a_step_of_its_own(tmp_path: Path) -> None:
    record = record_of([STARTED, *events_of_a_step(1, "lse_1", "1.1"), *events_of_a_step(2, "lse_2", "1.1")])
    assert record is not None
    assert [step.attempts for step in run_result(record, "/w", tmp_path).steps] == [1, 1]


def test_missing_figures_are_dashes(tmp_path: Path) -> None:
    events = events_of_a_step(1, "lse_1", "1.1")
    events[3] = AttemptEnded(n=1, kind="ok")
    record = record_of([STARTED, *events])
    assert record is not None
    result = run_result(record, "/w", tmp_path)
    assert result.steps[0].is_partial and result.steps[0].cost_usd is None
    assert "– / – / –" in run_text(result)


def test_ids_sort_by_time() -> None:
    assert new_run_id()[:8].isdecimal() and new_run_id() != new_run_id()


def test_times_are_for_people() -> None:
    assert [time_text(seconds) for seconds in (0.44, 59.6, 61, 3_725)] == ["0.4 s", "60 s", "1 min 1 s", "1 h 2 min"]


def test_a_damaged_journal_hides_no_other_run(tmp_path: Path) -> None:
    for name, plan in (("a", "one.md"), ("b", "two.md"), ("c", "three.md")):
        Journal(tmp_path / name).append(RunStarted(run=name, plan=plan, argv=()))
    with (tmp_path / "b/journal.jsonl").open("ab") as stream:
        stream.write(b"\0\0\0\n")
    records, damages = read_runs(tmp_path)
    assert [record.started.run for record in records] == ["a", "c"]
    assert len(damages) == 1 and "journal.jsonl, line 2" in damages[0]
