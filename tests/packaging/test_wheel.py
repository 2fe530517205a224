"""The wheel does everything when it is installed in an empty environment outside the tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from conftest import REPOSITORY
from lsp_client import ProcessClient
from planmark import __version__

PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"


@pytest.fixture(scope="module")
def planmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command."""
    base = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(base)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (wheel,) = base.glob("*.whl")
    environment = base / "environment"
    venv.create(environment, with_pip=True)
    folder = environment / ("Scripts" if os.name == "nt" else "bin")
    install = [folder / "python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(install, cwd=base, check=True, capture_output=True)
    # Lend the libraries by a path file, so that no test uses the network. In it the path file of this checkout has no
    # effect.
    purelib = subprocess.run(
        [folder / "python", "-c", PURELIB], capture_output=True, check=True, text=True
    ).stdout.strip()
    (Path(purelib) / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "planmark"


def run(command: Path, folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([command, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def test_the_wheel_does_everything(planmark: Path, tmp_path: Path) -> None:
    used = run(planmark.with_name("python"), tmp_path, "-c", "import planmark; print(planmark.__file__)")
    assert not Path(used.strip()).is_relative_to(REPOSITORY)
    assert run(planmark, tmp_path, "--version").strip() == f"planmark {__version__}"
    assert '"planmark.status/1"' in run(planmark, tmp_path, "schema", "status")
    assert "# CHECKOUT 1.2: Idempotent charges" in run(planmark, tmp_path, "demo", "copy")
    originals = [path for path in (REPOSITORY / "examples/workspace").rglob("*") if path.is_file()]
    copied = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert len(copied) == len([path for path in originals if "__pycache__" not in path.parts]) > 50
    for name in ("openspec", "speckit", "kiro"):
        run(planmark, tmp_path, "demo", name, "--plan-format", name)
        originals = [path for path in (REPOSITORY / "examples" / name).rglob("*") if path.is_file()]
        assert len([path for path in (tmp_path / name).rglob("*") if path.is_file()]) == len(originals) > 15
    assert "NOTIFICATIONS" in run(planmark, tmp_path / "copy", "status")
    assert "SUBPLAN_SEARCH_31.md" in run(planmark, tmp_path / "copy", "next", "@SEARCH", "--achievement", "3.1")


def test_the_wheel_serves_editors(planmark: Path, tmp_path: Path) -> None:
    """Run a session from `initialize` to `exit` on the workspace that the wheel contains."""
    run(planmark, tmp_path, "demo", "copy")
    client = ProcessClient([str(planmark), "serve"])
    try:
        client.begin([tmp_path / "copy"])
        assert "CHECKOUT" in json.dumps(client.request("planmark/status"))
        client.close()
    finally:
        client.kill()
