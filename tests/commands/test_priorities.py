"""The PLAN's priority orders plans after their dependencies and before their paths; the CLI and the server show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write_files

PLAN = "# PLAN: {0}\n\n**Status**: In Progress\n{1}\n## Achievement Index\n\n- Achievement 1.1: One\n"


def plans(root: Path, priorities: dict[str, str]) -> None:
    fields = {name: f"**Priority**: {words}\n" if words else "" for name, words in priorities.items()}
    write_files(root, {f"plans/{name}/PLAN_{name}.md": PLAN.format(name, field) for name, field in fields.items()})


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(tmp_path))


def test_next_takes_the_plan_with_the_higher_priority(run: Run, tmp_path: Path) -> None:
    plans(tmp_path, {"A": "", "B": "perhaps", "C": "low", "D": "🔴 High (Quick Win)", "E": "P2", "F": "HIGH"})
    assert run("next", "--json").data["feature"] == "D"
    order = [line.split()[0] for line in run("status").out.splitlines()[1:]]
    assert order == ["D", "F", "E", "C", "A", "B"]


def test_need_goes_before_priority(run: Run, tmp_path: Path) -> None:
    plans(tmp_path, {"A": "critical", "B": "low"})
    fix = "# FIX: Achievement 1.1\n\n**Status**: Needs Fix\n\n- broken\n"
    write_files(tmp_path, {"plans/B/execution/feedbacks/FIX_11.md": fix})
    assert run("next", "--json").data["feature"] == "B"


def test_every_door_of_the_command_line_shows_it(run: Run, tmp_path: Path) -> None:
    plans(tmp_path, {"A": "🔴 High (Quick Win)", "B": ""})
    found = {plan["feature"]: plan["priority"] for plan in run("status", "--json").data["workspaces"][0]["plans"]}
    assert found == {"A": {"level": "high", "text": "🔴 High (Quick Win)"}, "B": None}
    assert "Priority: 🔴 High (Quick Win)" in run("status", "@A").out
    assert "Priority" not in run("status", "@B").out
    header, first, second = run("status").out.splitlines()
    assert header.endswith("PRIORITY") and first.endswith("high") and "high" not in second


def test_a_column_in_which_nothing_stands_is_not_shown(run: Run, tmp_path: Path) -> None:
    plans(tmp_path, {"A": "", "B": "[HIGH / MEDIUM / LOW]"})
    assert "PRIORITY" not in run("status").out


def test_next_chooses_no_plan_of_which_another_copy_is_there(run: Run, tmp_path: Path) -> None:
    """Refuse to choose, because the copy may be older than the work and would ask for finished work again."""
    plans(tmp_path, {"A": "critical", "B": "low"})
    approved = "# APPROVED: Achievement 1.1\n\n**Status**: Approved\n**Reviewer**: Ada\n**Review Date**: 2026-01-05\n"
    write_files(
        tmp_path,
        {
            "backup/plans/A/PLAN_A.md": (tmp_path / "plans/A/PLAN_A.md").read_text(encoding="utf-8"),
            "plans/A/execution/feedbacks/APPROVED_11.md": approved,
        },
    )
    assert run("next", "--json").data["feature"] == "B"
    (tmp_path / "plans/B/PLAN_B.md").unlink()
    refused = run("next")
    assert refused.code == 4
    assert "backup/plans/A/PLAN_A.md" in refused.err and "plans/A/PLAN_A.md" in refused.err
    assert run("next", "backup/plans/A/PLAN_A.md", "--json").data["achievement"] == "1.1"
    assert "duplicate-document" in run("check").out
