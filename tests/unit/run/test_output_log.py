"""The log of an attempt: its begin and its end are kept, and the bytes between them are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.run import output_log
from planmark.run.output_log import OutputLog


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limits small, so that short texts reach them."""
    monkeypatch.setattr(output_log, "HEAD_BYTES", 100)
    monkeypatch.setattr(output_log, "TAIL_BYTES", 40)


@given(st.lists(st.binary(max_size=90), max_size=12))
def test_begin_and_end_are_kept_and_the_rest_is_counted(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = OutputLog(folder)
    most = 0
    for piece in pieces:
        log.write(piece)
        most = max(most, sum(path.stat().st_size for path in folder.iterdir()))
    log.close()
    whole = b"".join(pieces)
    data = (folder / "output.log").read_bytes()
    assert most <= 100 + 2 * 40
    if log.dropped_bytes == 0:
        assert data == whole
    else:
        head, _, tail = data.partition(b"\n[%d bytes are left out here]\n" % log.dropped_bytes)
        assert head == whole[:100] and whole.endswith(tail) and len(tail) >= 40
        assert len(head) + len(tail) + log.dropped_bytes == len(whole)
    assert [path.name for path in folder.iterdir()] == ["output.log"]


def test_a_disk_that_cannot_be_written_does_not_stop_the_agent(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "missing")
    log.write(b"x" * 500)
    log.close()
    assert log.dropped_bytes == 500
