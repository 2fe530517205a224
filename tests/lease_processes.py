"""Processes that run `lease_process.py`, for the races of tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conftest import REPOSITORY

PROCESS = REPOSITORY / "tests" / "lease_process.py"
SOAK = float(os.environ.get("PLANMARK_SOAK_SECONDS", "0"))


@contextmanager
def processes(number: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that wait for lines; end them afterwards."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY / "server", REPOSITORY / "tests")))}
    running = [
        subprocess.Popen(
            [sys.executable, str(PROCESS), str(at)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for at in range(number)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def tell(process: subprocess.Popen[str], *line: Any) -> None:
    """Send a line to a process."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> Any:
    """Return the answer of a process, when it comes."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())
