"""The notices of what the extension bundles."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from conftest import REPOSITORY
from repository_script import script

SCRIPTS = REPOSITORY / "client-vscode" / "scripts"


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return script(SCRIPTS / "notices.py", monkeypatch)


def test_all_that_is_bundled_is_named_and_allowed() -> None:
    """Check that `package-lock.json`, the lock of the Python packages, and the notices agree."""
    command = [sys.executable, str(SCRIPTS / "notices.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all allowed" in done.stdout
