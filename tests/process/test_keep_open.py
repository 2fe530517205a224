"""A terminal that an editor keeps open after a command."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lsp_client import eventually
from planmark.cli import main

COMMAND = [sys.executable, "-m", "planmark", "lease", "no-such-command"]
KEEP_OPEN = {"PLANMARK_KEEP_OPEN": "1"}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own")


def read_until(master: int, text: str) -> str:
    """Return the output of a terminal up to a text. Raises AssertionError if the output ends before."""
    shown = b""
    while text.encode() not in shown:
        try:
            part = os.read(master, 4096)
        except OSError:  # Linux reports the end of the last process like this.
            part = b""
        assert part, shown
        shown += part
    return shown.decode()


@pytest.mark.parametrize("key", [b"\n", b"\x03", b"\x04"])
def test_the_output_stays_until_a_key_is_pressed(tmp_path: Path, key: bytes) -> None:
    import pty

    child, master = pty.fork()
    if child == 0:
        # A shell ignores Ctrl-C for what it starts in the background, and every process below inherits that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(tmp_path)
        os.execve(COMMAND[0], COMMAND, {**os.environ, **KEEP_OPEN})
    try:
        shown = read_until(master, "Press Enter")
        assert "no-such-command" in shown
        assert "The exit code is 2." in shown
        os.write(master, key)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        os.close(master)


def test_without_a_terminal_a_command_ends_as_ever(tmp_path: Path) -> None:
    environment = {**os.environ, **KEEP_OPEN}
    done = subprocess.run(
        COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert done.returncode == 2
    assert "Press Enter" not in done.stderr


def test_keys_that_were_pressed_before_do_not_close_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    master, terminal = pty.openpty()
    os.write(master, b"early\n")
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with os.fdopen(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        waiting = threading.Thread(target=main._wait_for_enter, args=(4,))
        waiting.start()
        assert eventually(lambda: "The exit code is 4." in said.getvalue())
        os.write(master, b"late\n")
        waiting.join()
        # The late line was read. If the early one had been read instead, the late one would be left.
        readable = select.poll()
        readable.register(terminal, select.POLLIN)
        assert readable.poll(0) == []
    os.close(master)
