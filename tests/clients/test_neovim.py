"""Neovim with the configuration of its page in `docs/editors/`: the actions of a user, headless."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from fixture import write_files

pytestmark = pytest.mark.skipif(not os.environ.get("E2E"), reason="real editors run with E2E=1")

DONE = """# PLAN: Done

**Status**: In Progress

**Achievement 1.1**: Refunds

## Achievement Index

- Achievement 1.1: Refunds

## Goal

Money goes back.

## Current Status & Handoff

All is done.
"""
APPROVED = "# APPROVED\n\n**Status**: Approved\n**Reviewer**: Ada\n**Review Date**: 2026-01-02\n"
OPEN = """# PLAN: Open

**Status**: Planning

**Achievement 1.1**: Receipts

**Achievement 1.2**: Limits
"""
WAITING = {
    "PLAN_WAITING.md": "# PLAN: Waiting\n\n**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n",
    "subplans/SUBPLAN_WAITING_11.md": "# SUBPLAN\n\n## Objective\n\nBack.\n\n## Deliverables\n\n- `src/refund.py`\n",
    "execution/EXECUTION_TASK_WAITING_11_01.md": "# TASK\n\n**Status**: ✅ Complete\n\n## Completion Status\n\n- [ ] A\n",
}
"""Work that waits for its review: an open box, and a file that is missing although the work is said to be done."""
OLD = "## Neovim 0.7 to 0.10"
KEYS = "## Keys, lenses and commands"


def _configuration(page: str, heading: str) -> str:
    """Return the Lua block under a heading of the page."""
    match = re.search(rf"{re.escape(heading)}.*?```lua\n(.*?)```", page, re.DOTALL)
    assert match, heading
    return match[1]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result that Neovim reports."""
    if not shutil.which("nvim"):
        pytest.fail("E2E=1 needs Neovim: apt-get install neovim")
    folder = tmp_path_factory.mktemp("neovim")
    plans = folder / "ws" / "work-space" / "plans"
    (plans / "DONE" / "execution" / "feedbacks").mkdir(parents=True)
    (plans / "OPEN" / "execution" / "feedbacks").mkdir(parents=True)
    (plans / "OPEN" / "subplans").mkdir()
    (plans / "DONE" / "PLAN_DONE.md").write_text(DONE, encoding="utf-8")
    (plans / "DONE" / "execution" / "feedbacks" / "APPROVED_11.md").write_text(APPROVED, encoding="utf-8")
    (plans / "OPEN" / "PLAN_OPEN.md").write_text(OPEN, encoding="utf-8")
    write_files(plans / "WAITING", WAITING)
    page = (REPOSITORY / "docs" / "editors" / "neovim.md").read_text(encoding="utf-8")
    settings = "planmark = { metrics = { intervalSeconds = 1 } }"
    configuration = _configuration(page, OLD).replace("planmark = {}", settings) + _configuration(page, KEYS)
    (folder / "init.lua").write_text(configuration, encoding="utf-8")
    results = folder / "results.json"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_STATE_HOME": str(folder / "state"),
        "PLANMARK_CONFIGURATION": str(folder / "init.lua"),
        "PLANMARK_PLAN": str(plans / "DONE" / "PLAN_DONE.md"),
        "PLANMARK_WAITING": str(plans / "WAITING" / "PLAN_WAITING.md"),
        "PLANMARK_EMPTY": str(plans / "PLAN_EMPTY.md"),
        "PLANMARK_VERDICT": str(plans / "OPEN" / "execution" / "feedbacks" / "APPROVED_12.md"),
        "PLANMARK_WRONG": str(plans / "WRONG" / "PLAN_WRONG.md"),
        "PLANMARK_RESULTS": str(results),
    }
    command = ["nvim", "--headless", "-n", "-u", str(folder / "init.lua")]
    script = f"luafile {REPOSITORY / 'tests' / 'clients' / 'check.lua'}"
    done = subprocess.run([*command, "-c", script], env=environment, capture_output=True, text=True, timeout=180)
    assert results.is_file(), done.stderr
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    assert "problem" not in found, (found["problem"], done.stderr)
    return found


def test_findings_are_shown(seen: dict[str, Any]) -> None:
    assert seen["diagnostics"] == [{"code": "plan-complete", "line": 2, "source": "planmark"}]


def test_hover_and_lenses_show_the_state(seen: dict[str, Any]) -> None:
    assert "✓ approved" in seen["hover"]
    assert seen["lenses"][0] == "DONE ██████████ 1/1 · complete"
    assert "✓ approved" in seen["lenses"]


def test_the_outline_shows_the_state(seen: dict[str, Any]) -> None:
    assert seen["symbols"] == ["PLAN: Done"]


def test_a_code_action_is_applied(seen: dict[str, Any]) -> None:
    assert seen["fixed"] == "Write `✅ Complete`"
    assert seen["lines"] == DONE.replace("In Progress", "✅ Complete").rstrip("\n").split("\n")


def test_commands_run_and_create_files(seen: dict[str, Any]) -> None:
    assert (seen["plans"], seen["created"], seen["step"]) == (3, True, "fill_subplan")


def test_a_lens_counts_what_preflight_finds_and_gives_its_prompt(seen: dict[str, Any]) -> None:
    assert seen["counted"] == "3 problems before review"
    assert (seen["mends"], seen["checked"]) == ("finish_execution", seen["counts"])
    assert seen["checked"] == ["deliverable-missing", "status-contradicts-files", "criteria-open"]


def test_what_somebody_else_writes_is_told(seen: dict[str, Any]) -> None:
    changed = seen["changed"]
    assert (changed["achievement"], changed["from"], changed["to"]) == ("1.2", "no_subplan", "approved")
    assert changed["cause"].endswith("/APPROVED_12.md")


def test_the_first_lenses_come_from_all_files(seen: dict[str, Any]) -> None:
    assert seen["first_lens"] == seen["lenses"][0]


def test_what_somebody_else_deletes_is_gone_while_it_is_open(seen: dict[str, Any]) -> None:
    assert (seen["deleted"], seen["still_open"]) == ("no_subplan", True)


def test_a_new_server_does_not_count_the_buffer_of_a_deleted_verdict(seen: dict[str, Any]) -> None:
    assert (seen["text_after_restart"], seen["after_restart"]) == ("# APPROVED", "no_subplan")


def test_figures_are_told(seen: dict[str, Any]) -> None:
    assert seen["metrics"]["schema"] == "planmark.metrics/1"
    assert "textDocument/hover" in [entry["method"] for entry in seen["metrics"]["requests"]]


def test_an_empty_plan_offers_its_template(seen: dict[str, Any]) -> None:
    assert seen["offered"] == "Write the template of a PLAN"
    assert seen["template"] == "# PLAN: Empty"
