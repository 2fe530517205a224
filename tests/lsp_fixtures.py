"""Clients of the server that end with their test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import REPOSITORY
from lsp_client import LocalClient, ProcessClient
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
