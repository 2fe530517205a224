"""Emacs with Eglot and the configuration of its page in `docs/editors/`."""

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

WAITING = {
    "PLAN_WAITING.md": "# PLAN: Waiting\n\n**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n",
    "subplans/SUBPLAN_WAITING_11.md": "# SUBPLAN\n\n## Objective\n\nBack.\n\n## Deliverables\n\n- `src/refund.py`\n",
    "execution/EXECUTION_TASK_WAITING_11_01.md": "# TASK\n\n**Status**: ✅ Complete\n\n## Completion Status\n\n- [ ] A\n",
}
"""Work that waits for its review: an open box, and a file that is missing although the work is said to be done."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result that Emacs reports."""
    if not shutil.which("emacs"):
        pytest.fail("E2E=1 needs Emacs: apt-get install emacs-nox elpa-eglot elpa-markdown-mode")
    folder = tmp_path_factory.mktemp("emacs")
    plan = folder / "ws" / "work-space" / "plans" / "DONE" / "PLAN_DONE.md"
    (plan.parent / "execution" / "feedbacks").mkdir(parents=True)
    (folder / "ws" / ".git").mkdir()
    plan.write_text(DONE, encoding="utf-8")
    (plan.parent / "execution" / "feedbacks" / "APPROVED_11.md").write_text(APPROVED, encoding="utf-8")
    write_files(plan.parent.parent / "WAITING", WAITING)
    page = (REPOSITORY / "docs" / "editors" / "emacs.md").read_text(encoding="utf-8")
    (configuration,) = re.findall(r"```elisp\n(.*?)```", page, re.DOTALL)
    (folder / "configuration.el").write_text(configuration, encoding="utf-8")
    results = folder / "results.json"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PLANMARK_CONFIGURATION": str(folder / "configuration.el"),
        "PLANMARK_PLAN": str(plan),
        "PLANMARK_VERDICT": str(plan.parent / "execution" / "feedbacks" / "APPROVED_11.md"),
        "PLANMARK_WAITING": str(plan.parent.parent / "WAITING" / "PLAN_WAITING.md"),
        "PLANMARK_EMPTY": str(folder / "ws" / "PLAN_EMPTY.md"),
        "PLANMARK_RESULTS": str(results),
    }
    command = ["emacs", "--batch", "--no-init-file", "--load", str(REPOSITORY / "tests" / "clients" / "check.el")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    assert results.is_file(), done.stderr
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    assert "problem" not in found, (found["problem"], done.stderr)
    return found


def test_findings_are_shown(seen: dict[str, Any]) -> None:
    assert seen["code"] == "approved-without-work"


def test_hover_shows_the_state(seen: dict[str, Any]) -> None:
    assert "✓ approved" in seen["hover"]


def test_the_command_of_the_page_gets_the_prompt(seen: dict[str, Any]) -> None:
    assert seen["prompt"].startswith("# DONE")


def test_an_empty_plan_offers_its_template(seen: dict[str, Any]) -> None:
    assert seen["offered"] == "Write the template of a PLAN"
    assert seen["template"] == "# PLAN: Empty"


def test_an_action_counts_what_preflight_finds_and_gives_its_prompt(seen: dict[str, Any]) -> None:
    assert seen["counted"] == "Prompt for 1.1: mend 3 problems before review"
    assert seen["mends"] == "finish_execution"
    assert seen["checked"] == ["deliverable-missing", "status-contradicts-files", "criteria-open"]


def test_what_somebody_else_deletes_is_gone_while_it_is_open(seen: dict[str, Any]) -> None:
    assert "no subplan" in seen["deleted"]


def test_a_new_server_does_not_count_the_buffer_of_a_deleted_verdict(seen: dict[str, Any]) -> None:
    assert seen["open_after_restart"] == "# APPROVED"
    assert "no subplan" in seen["after_restart"]
