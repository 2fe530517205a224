"""The check of ended processes: true only for those that have certainly ended."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from planmark.storage.machine import host_name, process_space_digest
from planmark.storage.processes import ProcessIdentity, has_ended, identify


def own() -> ProcessIdentity:
    found = identify(os.getpid())
    assert found is not None
    return found


def test_this_process_lives() -> None:
    assert not has_ended(own())
    assert own().space == process_space_digest()
    assert host_name()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no ended process for its parent")
def test_a_process_that_has_ended_is_dead_before_and_after_it_is_waited_for() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = identify(child.pid)
    assert known is not None
    assert not has_ended(known)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(known)
    assert identify(child.pid) is None
    child.communicate()
    assert has_ended(known)


def test_a_number_with_a_new_owner_is_dead() -> None:
    assert has_ended(own()._replace(started=own().started - 1))


def test_a_process_of_a_different_space_is_never_declared_dead() -> None:
    assert not has_ended(own()._replace(space="elsewhere", pid=2**22 - 1))
    assert has_ended(own()._replace(pid=2**22 - 1))


def test_a_process_that_may_not_be_looked_at_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    known = own()
    for error in (psutil.AccessDenied(known.pid), psutil.NoSuchProcess(known.pid)):
        monkeypatch.setattr(psutil, "Process", lambda _, error=error: (_ for _ in ()).throw(error))
        assert not has_ended(known)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil reads the time of the start from the system")
def test_a_wall_clock_that_is_set_kills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    known = own()
    booted, created = psutil.boot_time(), psutil.Process().create_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: booted - 3600)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: created - 3600)
    assert not has_ended(known)


@pytest.mark.parametrize("number", [-1, 0, 2**40])
def test_a_number_of_no_process_is_not_identified(number: int) -> None:
    assert identify(number) is None or number == 0
