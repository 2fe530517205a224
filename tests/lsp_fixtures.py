"""Clients of the server that end with their test."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import REPOSITORY
from lsp_client import LocalClient, ProcessClient
from planmark.lsp.folder_worker import FolderWorker, ScanProgress
from sample_plan import FEEDBACKS, PLAN, TEXT


@pytest.fixture
def pay(tmp_path: Path) -> Path:
    """A workspace with one PLAN."""
    root = tmp_path / "pay"
    (root / FEEDBACKS).mkdir(parents=True)
    (root / PLAN).write_text(TEXT, encoding="utf-8", newline="\n")
    return root


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example workspace."""
    return Path(shutil.copytree(REPOSITORY / "examples" / "workspace", tmp_path / "example"))


@pytest.fixture
def process() -> Iterator[ProcessClient]:
    """A client of a server in a subprocess."""
    client = ProcessClient()
    yield client
    client.kill()


@pytest.fixture
def local() -> Iterator[LocalClient]:
    """A client of a server in this process."""
    client = LocalClient()
    yield client
    client.stop()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """An event before which the scan does not end; everything else goes on."""
    go_on, scan_step = threading.Event(), FolderWorker.scan_step

    def held_back(folder: FolderWorker) -> ScanProgress:
        return scan_step(folder) if go_on.wait(0.01) else ScanProgress(0, 1, False)

    monkeypatch.setattr(FolderWorker, "scan_step", held_back)
    yield go_on
    go_on.set()
