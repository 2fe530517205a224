"""A lock between processes: who waits, and for how long."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from planmark.storage import file_lock
from planmark.storage.file_lock import MAX_HOLDERS, hold_lock, lock_file_until_close


class Clock:
    """A clock that each pause moves by one second. After each pause it calls `then` with the number of pauses."""

    def __init__(self, then: Callable[[int], None]) -> None:
        self.pauses = 0
        self.asked: list[float] = []
        self._then = then

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return float(self.pauses)

    def sleep(self, seconds: float) -> None:
        """Move the clock by one second."""
        self.asked.append(seconds)
        self.pauses += 1
        self._then(self.pauses)


def taken_again(path: Path, at: int) -> None:
    """Change the time of the lock file, as a new holder does."""
    os.utime(path, ns=(at * 10**9, at * 10**9))


def test_a_queue_whose_holders_change_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.lock"
    descriptor = lock_file_until_close(path)

    def then(pauses: int) -> None:
        if pauses == 20:
            os.close(descriptor)
        elif pauses % 3 == 0:
            taken_again(path, pauses)

    clock = Clock(then)
    monkeypatch.setattr(file_lock, "time", clock)
    with hold_lock(path, 4.0, is_per_holder=True):
        assert clock.pauses == 20
    assert clock.asked[:6] == [0.001, 0.002, 0.004, 0.008, 0.016, 0.016], "many who wait leave the holder its time"


@pytest.mark.parametrize("each", [False, True])
def test_one_holder_is_waited_for_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each: bool) -> None:
    path = tmp_path / "x.lock"
    descriptor = lock_file_until_close(path)
    clock = Clock(lambda _: None)
    monkeypatch.setattr(file_lock, "time", clock)
    with (
        pytest.raises(TimeoutError, match=r"another process has held x\.lock for 4 s"),
        hold_lock(path, 4.0, is_per_holder=each),
    ):
        pass
    assert clock.pauses == 5
    os.close(descriptor)


def test_a_queue_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.lock"
    descriptor = lock_file_until_close(path)
    clock = Clock(lambda pauses: taken_again(path, pauses))
    monkeypatch.setattr(file_lock, "time", clock)
    with pytest.raises(TimeoutError), hold_lock(path, 4.0, is_per_holder=True):
        pass
    assert clock.pauses == 4 * MAX_HOLDERS + 1
    os.close(descriptor)


def test_a_holder_shows_that_it_took_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    path.touch()
    taken_again(path, 1)
    with hold_lock(path, 1.0, is_per_holder=True):
        assert path.stat().st_mtime_ns > 10**9
