"""The journal of a run: whole lines, and the rest of a line that was cut off."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.run.attempts import AgentTokens
from planmark.run.journal import (
    AttemptEnded,
    AttemptStarted,
    Integrated,
    Journal,
    JournalError,
    JournalEvent,
    RunEnded,
    RunStarted,
    StepChosen,
    StepEnded,
)

PLACE = {"plan": "PAY", "achievement": "1.1", "step": "address_fix"}
UNTIMED: tuple[JournalEvent, ...] = (
    RunStarted(run="r1", argv=("planmark", "run", "@PAY\n"), agents={"a": ("agent", "-p")}, budget_usd=2.0, at=1.5),
    StepChosen(**PLACE, digest="d", tokens=900),
    AttemptStarted(n=1, **PLACE, agent="a", lease="lse_1", worktree="/w\u2028"),
    AttemptEnded(n=1, kind="ok", exit=0, tokens=AgentTokens(1, None, 2), cost_usd=None, says="é"),
    StepEnded(**PLACE, before="needs_fix", after="fix_resolved", by="FIX_11_RESOLUTION.md"),
    Integrated(n=1, commit="0" * 40),
    RunEnded(exit=0),
)
EVENTS: tuple[JournalEvent, ...] = tuple(msgspec.structs.replace(event, at=1.5) for event in UNTIMED)


def journal_of(folder: Path, events: tuple[JournalEvent, ...] = EVENTS) -> Journal:
    """Return a journal with events."""
    journal = Journal(folder / "run")
    for event in events:
        journal.append(event)
    return journal


def test_events_are_read_as_they_were_written(tmp_path: Path) -> None:
    journal = journal_of(tmp_path)
    assert journal.read() == list(EVENTS)
    lines = journal.path.read_text(encoding="utf-8").split("\n")
    assert len(lines) == len(EVENTS) + 1 and '"type":"attempt.ended"' in lines[3] and '"class":"ok"' in lines[3]
    assert '"cost_usd":null' in lines[3] and '"cached":null' in lines[3]


def test_an_event_gets_the_time_of_its_writing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    assert journal.append(UNTIMED[1]).at > 0
    assert [event.at for event in journal.read()] == [journal.read()[0].at] != [0.0]


def test_a_run_without_a_journal_has_no_events(tmp_path: Path) -> None:
    assert Journal(tmp_path).read() == []


@given(st.data())
def test_a_journal_that_is_cut_off_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    journal = journal_of(tmp_path_factory.mktemp("journal"))
    whole = journal.path.read_bytes()
    length = data.draw(st.integers(0, len(whole)))
    journal.path.write_bytes(whole[:length])
    left = whole[:length].count(b"\n")
    assert journal.read() == list(EVENTS[:left])
    journal.append(EVENTS[-1])
    assert journal.read() == [*EVENTS[:left], EVENTS[-1]]


def test_the_end_of_a_long_line_is_searched_in_several_blocks(tmp_path: Path) -> None:
    long = RunEnded(exit=1, why="x" * 20_000, at=1.5)
    journal = journal_of(tmp_path, (EVENTS[0], long))
    with journal.path.open("ab") as stream:
        stream.write(b'{"type":"run.ended","why":"' + b"y" * 20_000)
    journal.append(EVENTS[1])
    assert journal.read() == [EVENTS[0], long, EVENTS[1]]


@pytest.mark.parametrize("line", [b"{}", b"not json", b'{"type":"attempt.doubled"}', b""])
def test_a_line_that_is_no_event_is_named(tmp_path: Path, line: bytes) -> None:
    journal = journal_of(tmp_path, EVENTS[:2])
    journal.path.write_bytes(journal.path.read_bytes() + line + b"\n")
    with pytest.raises(JournalError, match=r"journal\.jsonl, line 3, is not an event"):
        journal.read()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("", encoding="utf-8")
    with pytest.raises(JournalError, match="cannot be"):
        Journal(tmp_path / "run").append(EVENTS[0])
