"""The file of records with several processes."""

from __future__ import annotations

import subprocess
import sys

from planmark.metrics.events import records_in_lines
from planmark.workspace.event_log import OLDER_RECORDS_FILE, read_records, records_folder


def test_several_processes_lose_and_break_nothing() -> None:
    """Let each process write many lines, mostly while the file is rotated."""
    code = (
        "import sys\n"
        "from planmark.metrics.recorder import Event\n"
        "from planmark.storage import jsonl_log\n"
        "from planmark.workspace import event_log\n"
        "jsonl_log.LOCK_SECONDS = 30.0\n"
        "for number in range(60):\n"
        "    jsonl_log.append_lines(event_log.record_lines([(1.0, Event('request', f'{sys.argv[1]}-{number}', 1.0))] * 3), 100_000)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    lines = records_in_lines(read_records())
    assert lines.broken_count == 0
    assert (records_folder() / OLDER_RECORDS_FILE).exists()
    found = [record.name for record in lines.records]
    expected = {f"{process}-{number}" for process in range(4) for number in range(60)}
    assert set(found) == expected
    assert all(found.count(name) == 3 for name in expected)
    for process in range(4):
        own = [int(name.split("-")[1]) for name in found if name.startswith(f"{process}-")]
        assert own == sorted(own)
