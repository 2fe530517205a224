"""The width of tables on a terminal."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from long_names import write_long_names
from planmark.text.display_width import cell_width


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_long_names(tmp_path)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_the_terminal_says_its_width(workspace: Path) -> None:
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"NO_COLOR": "1"}
    command = [sys.executable, "-m", "planmark.cli.main", "status", "--workspace", str(workspace)]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        out = b""
        while chunk := _read(ours):
            out += chunk
    os.close(ours)
    assert process.returncode == 0
    lines = out.decode().splitlines()
    assert lines[0].split() == ["PLAN", "PROGRESS", "NEXT", "STEP"]
    assert max(map(cell_width, lines)) <= 60


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux reports the closed other end this way.
        return b""
