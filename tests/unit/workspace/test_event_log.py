"""The file of records: several processes, two generations, and everything that can block it."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from planmark.metrics.events import records_in_lines
from planmark.metrics.recorder import Event
from planmark.storage.file_lock import hold_lock
from planmark.workspace import event_log
from planmark.workspace.event_log import (
    OLDER_RECORDS_FILE,
    RECORDS_FILE,
    RECORDS_LOCK_FILE,
    append_lines,
    read_records,
    record_lines,
    records_folder,
)

LARGE = 10_000_000
POSIX = pytest.mark.skipif(os.name != "posix", reason="pipes and modes of files are those of POSIX systems")


def line(number: int, name: str = "x") -> bytes:
    return record_lines([(1_800_000_000.0 + number, Event("request", name, number / 1000))])


def names() -> list[str]:
    return [record.name for record in records_in_lines(read_records()).records]


def test_lines_are_appended_and_read_back() -> None:
    append_lines(line(1) + line(2), LARGE)
    append_lines(line(3), LARGE)
    lines = records_in_lines(read_records())
    assert [record.duration for record in lines.records] == [0.001, 0.002, 0.003]
    assert lines.broken_count == 0
    assert lines.records[0].timestamp == "2027-01-15T08:00:01.000+00:00"
    assert {record.pid for record in lines.records} == {os.getpid()}


@pytest.mark.parametrize(
    ("about", "feature"),
    [
        ("work-space/plans/PAY/PLAN_PAY.md", "PAY"),
        ("work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md", "PAY"),
        ("PAY", "PAY"),
        ("notes.md", "notes.md"),
        (None, None),
    ],
)
def test_the_feature_of_a_document_is_that_of_its_name(about: str | None, feature: str | None) -> None:
    append_lines(record_lines([(1.0, Event("request", "x", 1.0, about=about))]), LARGE)
    assert records_in_lines(read_records()).records[0].feature == feature


def test_nothing_is_there_yet() -> None:
    assert list(read_records()) == []


def test_a_full_file_becomes_the_older_one() -> None:
    """Expect two generations of at most the maximum size, always with the newest records."""
    size = len(line(10))
    limit = 5 * size
    for number in range(10, 40):
        append_lines(line(number), limit)
        assert (records_folder() / RECORDS_FILE).stat().st_size <= limit
    assert (records_folder() / OLDER_RECORDS_FILE).stat().st_size <= limit
    durations = [round(record.duration * 1000) for record in records_in_lines(read_records()).records]
    assert durations == list(range(40 - len(durations), 40))
    assert len(durations) >= 5
    assert {path.name for path in records_folder().iterdir()} == {RECORDS_FILE, OLDER_RECORDS_FILE, RECORDS_LOCK_FILE}


def test_half_a_line_that_somebody_left_spoils_no_further_one() -> None:
    append_lines(line(1, "a"), LARGE)
    with (records_folder() / RECORDS_FILE).open("ab") as stream:
        stream.write(b'{"kind":"request","name":"half')
    append_lines(line(2, "b"), LARGE)
    lines = records_in_lines(read_records())
    assert ([record.name for record in lines.records], lines.broken_count) == (["a", "b"], 1)


def test_a_full_disk_leaves_no_half_line(monkeypatch: pytest.MonkeyPatch) -> None:
    append_lines(line(1, "a"), LARGE)
    write, room = os.write, [10]

    def fills(descriptor: int, data: memoryview) -> int:
        if not room:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: room.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills)
        with pytest.raises(OSError, match="No space"):
            append_lines(line(2, "b"), LARGE)
    append_lines(line(3, "c"), LARGE)
    lines = records_in_lines(read_records())
    assert ([record.name for record in lines.records], lines.broken_count) == (["a", "c"], 0)


def test_a_lock_that_somebody_keeps_is_not_waited_for_long() -> None:
    append_lines(line(1, "a"), LARGE)
    with hold_lock(records_folder() / RECORDS_LOCK_FILE, 1.0):
        failed: list[BaseException] = []

        def write() -> None:
            try:
                append_lines(line(2, "b"), LARGE)
            except OSError as error:
                failed.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(30)
        assert [type(error) for error in failed] == [TimeoutError]
        assert names() == ["a"]
    append_lines(line(3, "c"), LARGE)
    assert names() == ["a", "c"]


@POSIX
@pytest.mark.parametrize("name", [RECORDS_FILE, RECORDS_LOCK_FILE])
def test_a_pipe_in_its_place_is_no_trap(name: str) -> None:
    records_folder().mkdir(parents=True)
    os.mkfifo(records_folder() / name)
    if name == RECORDS_FILE:
        with pytest.raises(OSError, match="regular"):
            append_lines(line(1), LARGE)
        assert list(read_records()) == []
    else:
        append_lines(line(1, "a"), LARGE)
        assert names() == ["a"]


def test_a_folder_in_its_place_is_an_error_and_nothing_to_read() -> None:
    (records_folder() / RECORDS_FILE).mkdir(parents=True)
    with pytest.raises((IsADirectoryError, PermissionError)):
        append_lines(line(1), LARGE)
    assert list(read_records()) == []


def test_a_file_in_the_place_of_the_folder_is_an_error_and_nothing_to_read(cache: Path) -> None:
    cache.mkdir()
    (cache / "metrics").write_text("x", encoding="utf-8")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        append_lines(line(1), LARGE)
    assert list(read_records()) == []


@POSIX
def test_only_the_user_reads_them() -> None:
    append_lines(line(1), LARGE)
    assert (records_folder() / RECORDS_FILE).stat().st_mode & 0o077 == 0
    assert records_folder().stat().st_mode & 0o077 == 0


def test_a_line_without_an_end_is_read_in_bounded_pieces() -> None:
    append_lines(line(1, "a"), LARGE)
    with (records_folder() / RECORDS_FILE).open("ab") as stream:
        stream.write(b"x" * (2 * event_log.MAX_LINE_BYTES + 5))
    pieces = list(read_records())
    assert max(map(len, pieces)) <= event_log.MAX_LINE_BYTES
    assert records_in_lines(pieces).broken_count == 3


def test_what_is_written_is_json_by_line() -> None:
    append_lines(line(1) + line(2), LARGE)
    for text in (records_folder() / RECORDS_FILE).read_text(encoding="utf-8").splitlines():
        assert json.loads(text)["kind"] == "request"
