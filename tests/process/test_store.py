"""The store with several processes, and with one that is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from planmark.workspace.settings import DEFAULTS
from planmark.workspace.store import open_store
from stored_workspace import write_stored


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which no file has changed for a while."""
    return write_stored(tmp_path / "ws")


WRITING = """
import sys
from pathlib import Path
from planmark.workspace.scan import Stamp
from planmark.workspace.settings import DEFAULTS
from planmark.workspace.store import StoreRow, open_store
store = open_store(Path(sys.argv[1]), DEFAULTS)
print("open", flush=True)
number = 0
while True:
    number += 1
    store.save({f"{name}.md": StoreRow(Stamp(number, number), b"%d" % number * 500) for name in range(50)})
"""


def test_a_writer_that_is_killed_leaves_whole_batches(root: Path) -> None:
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITING, str(root)], stdout=subprocess.PIPE)
        assert process.stdout and process.stdout.readline()
        while not (made := open_store(root, DEFAULTS)) or not made.load():
            pass
        process.kill()
        process.wait()
        process.stdout.close()
        after = open_store(root, DEFAULTS)
        assert after is not None
        assert len({row.stamp.size for row in after.load().values()}) == 1
        assert len(after.load()) == 50


def test_eight_processes_open_a_new_store_at_once(root: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom planmark.workspace.scan import Stamp\n"
        "from planmark.workspace.settings import DEFAULTS\nfrom planmark.workspace.store import StoreRow, open_store\n"
        "store = open_store(Path(sys.argv[1]), DEFAULTS)\n"
        "sys.exit(0 if store and store.save({sys.argv[2]: StoreRow(Stamp(1, 1), b'x')}) else 1)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(root), f"{n}.md"]) for n in range(8)]
    assert [process.wait(60) for process in processes] == [0] * 8
    made = open_store(root, DEFAULTS)
    assert made and len(made.load()) == 8
