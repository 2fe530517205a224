"""The fixtures that all tests share: bounded, repeatable property tests, and the real workspace if it is present."""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from planmark.storage.sqlite_file import Database

EXAMPLES = os.environ.get("PLANMARK_EXAMPLES")
"""Inputs for each property in a long run, which tries different ones each time; the usual run repeats its inputs."""

pytest.register_assert_rewrite("lsp_client", "mcp_clients")

settings.register_profile(
    "project",
    deadline=None,
    derandomize=EXAMPLES is None,
    print_blob=True,
    max_examples=int(EXAMPLES or 60),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")

os.environ.pop("COLUMNS", None)  # Otherwise a terminal or a parallel runner would set the width of tables.
REPOSITORY = Path(__file__).resolve().parent.parent
needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux are processes copied")


@pytest.fixture(scope="session")
def cache_names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths for cache folders, a new one for each test that takes the next."""
    base = tmp_path_factory.mktemp("caches")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(scope="session")
def folder_numbers() -> Iterator[int]:
    """A new number for each test that takes the next."""
    return itertools.count()


@pytest.fixture
def tmp_path(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, folder_numbers: Iterator[int]
) -> Path:
    """A new folder for every test.

    The fixture of pytest lists all earlier folders for each new one. After 3,000 tests, that takes 4 ms.
    """
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}{next(folder_numbers)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def cache(cache_names: Iterator[Path]) -> Path:
    """A separate cache folder for every test, which does not exist yet. Every test sets it, so no test has to restore it."""
    folder = next(cache_names)
    os.environ["PLANMARK_CACHE"] = str(folder)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Close the SQLite files that a test opens in its own thread. A command leaves them to the end of its process."""
    opened: list[Database] = []
    initialize = Database.__init__

    def remember(database: Database, path: Path, *, writable: bool) -> None:
        if threading.current_thread() is threading.main_thread():
            opened.append(database)
        initialize(database, path, writable=writable)

    Database.__init__ = remember  # type: ignore[method-assign]
    try:
        return (yield)
    finally:
        Database.__init__ = initialize  # type: ignore[method-assign]
        for database in opened:
            database.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that holds the real workspace. If `PLANMARK_CORPUS` names a folder, the workspace must be in it."""
    named = os.environ.get("PLANMARK_CORPUS")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "corpus"
    if not (folder / "expected.json").is_file():
        if named and folder.is_dir():
            pytest.fail(f"PLANMARK_CORPUS names {folder}, which has no expected.json")
        pytest.skip(f"the real workspace is not present: {folder}")
    return folder


@pytest.fixture(scope="session")
def expected(shared: Path) -> dict[str, Any]:
    """The labels of the real workspace, which a person wrote."""
    data: dict[str, Any] = json.loads((shared / "expected.json").read_text(encoding="utf-8"))
    return data
