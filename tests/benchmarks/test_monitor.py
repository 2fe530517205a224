"""The monitor measures memory, processor time and writes of the process that it watches."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.monitor import Monitor

EVERY = 0.02


def test_it_sees_memory_come(tmp_path: Path) -> None:
    with Monitor(os.getpid(), EVERY) as monitor:
        held = bytearray(40_000_000)
        (tmp_path / "written").write_bytes(held[:5_000_000])
        time.sleep(5 * EVERY)
    assert monitor.peak >= monitor.samples[0].rss + len(held) * 0.9
    assert sys.platform == "darwin" or monitor.samples[-1].written >= 5_000_000
    assert [sample.at for sample in monitor.samples] == sorted(sample.at for sample in monitor.samples)
    assert monitor.between(0.0, 1.0) <= monitor.peak


def test_it_is_primed() -> None:
    """Check that the first sample counts processor time; without priming it would say 0 % for a busy process."""
    with Monitor(os.getpid(), 0.3) as monitor:
        while len(monitor.samples) < 2:
            pass
    assert monitor.samples[1].cpu > 0
    assert monitor.cpu > 0


def test_a_process_that_ends_ends_the_watching() -> None:
    command = (sys.executable, "-c", "input()")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process, Monitor(process.pid, EVERY) as monitor:
        assert process.stdin
        process.stdin.close()
        process.wait()
        time.sleep(3 * EVERY)
    assert monitor.samples
