"""What a command does where somebody has closed its standard streams."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fixture import write_files
from pay import PLAN, TEXT


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Windows closes no streams")
@pytest.mark.parametrize(
    ("closed", "says"),
    [("", True), ("<&-", True), ("2>&-", True), ("<&- 2>&-", True), (">&-", False), (">&- 2>&-", False)],
)
def test_a_closed_stream_costs_only_what_it_would_say(tmp_path: Path, closed: str, says: bool) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    command = shlex.join([sys.executable, "-m", "planmark", "--workspace", str(tmp_path), "status", "--json"])
    done = subprocess.run(f"{command} {closed}", shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ('"schema": "planmark.status/1"' in done.stdout) is says
