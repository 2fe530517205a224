"""Cached results of commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files

PLAN = "# PLAN\n\n**Achievement 1.1**: Vouchers\n\n**Achievement 1.2**: Coupons\n"
WORKSPACE = {
    "planmark.toml": "",
    "plans/SALE/PLAN_SALE.md": PLAN,
    "plans/SALE/subplans/SUBPLAN_SALE_11.md": "# SUBPLAN\n\n## Objective\n\nx\n",
    "plans/TOUR/PLAN_TOUR.md": PLAN,
}
SETTLED_SECONDS = 0.03
LISTED = """
import json, sys
from planmark.cli.main import main
code = main(sys.argv[1:], use_cache=True)
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
OURS = {
    *("planmark", *(f"planmark.cli{name}" for name in ("", ".cached_result", ".errors", ".main", ".options"))),
    *("planmark.storage.event_line", "planmark.storage.plain_json"),
    *(f"planmark.storage{name}" for name in ("", ".cache_dir", ".sqlite_file", ".result_cache", ".file_lock")),
    *("planmark.storage.jsonl_log", "planmark.storage.paths", "planmark.storage.timestamps"),
}
HEAVY = {
    *("argparse", "asyncio", "inspect", "json", "logging", "multiprocessing", "subprocess", "tomllib", "traceback"),
    "unittest",
}
"""Modules of the standard library that are too slow to load for a cached answer. The test itself loads `json`."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which no file has changed for a moment."""
    root = tmp_path / "ws"
    write_files(root, WORKSPACE)
    time.sleep(SETTLED_SECONDS)
    return root


def run(root: Path, *arguments: str) -> int:
    from planmark.cli.main import main

    return main(("--workspace", str(root), *arguments), use_cache=True)


@pytest.mark.parametrize("command", [("next", "@SALE"), ("next", "@SALE", "--json"), ("status",), ("status", "--json")])
def test_a_second_process_loads_nothing_large(root: Path, command: tuple[str, ...]) -> None:
    said: list[Any] = []
    for _ in range(2):
        line = [sys.executable, "-c", LISTED, *command]
        done = subprocess.run(line, cwd=root, capture_output=True, text=True, check=True)
        code, modules = json.loads(done.stderr.splitlines()[-1])
        data = {**json.loads(done.stdout), "run": None} if "--json" in command else done.stdout
        said.append((code, data, done.stderr.splitlines()[:-1]))
    assert said[0] == said[1]
    assert {name for name in modules if name.split(".")[0] == "planmark"} == OURS
    known = {*sys.stdlib_module_names, "planmark", "__main__", "__mp_main__"}
    foreign = {name.split(".")[0] for name in modules} - known
    assert not {name for name in foreign if not name.startswith(("_", "sitecustomize", "platformdirs"))}
    assert set(modules) & HEAVY <= {"json"}


def test_a_cached_status_does_not_hide_a_lease(root: Path) -> None:
    def planmark(*arguments: str) -> str:
        command = [sys.executable, "-m", "planmark", "--workspace", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    past = time.time() - 10
    for path in (*root.rglob("*"), root):
        os.utime(path, (past, past), follow_symlinks=False)
    assert planmark("status") == planmark("status")
    planmark("next", "--lease", "--agent", "ada")
    assert "ada" in planmark("status")
    planmark("lease", "release", "@SALE", "1.1", "--agent", "ada")
    assert "ada" not in planmark("status")
