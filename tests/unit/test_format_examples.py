"""The example workspaces of the other formats: the states, next steps and diagnostics that their stories tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import REPOSITORY
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

EXPECTED = {
    "openspec": {
        "2026-03-02-add-exit-codes": ("complete", ("closed", None), "1.1 done, 1.2 done"),
        "add-html-report": (
            "needs_attention",
            ("implement_task", "2.1"),
            "1.1 done, 1.2 unsupported, 1.3 done, 2.1 open, 2.2 open",
        ),
        "add-json-output": ("complete", ("verify_and_archive", None), "1.1 done, 1.2 done, 2.1 done"),
        "add-link-cache": (
            "in_progress",
            ("implement_task", "2.2"),
            "1.1 done, 1.2 done, 2.1 done, 2.2 open, 2.3 open, 2.3.1 open, 2.3.2 open, 3.1 open, 3.2 deferred",
        ),
        "check-sitemaps": ("no_achievements", ("write_tasks", None), ""),
        "retry-on-timeout": ("planned", ("implement_task", "1.1"), "1.1 open, 1.2 open, 2.1 open"),
    },
    "kiro": {
        "dark-mode": (
            "in_progress",
            ("implement_task", "1.2"),
            "1 in_progress, 1.1 done, 1.2 open, 1.3 open, 2 open, 2.1 blocked",
        ),
        "export-csv": (
            "needs_attention",
            ("implement_task", "1.2"),
            "1 in_progress, 1.1 done, 1.2 open, 2 in_progress, 2.1 unsupported, 2.2 open",
        ),
        "reminders": (
            "in_progress",
            ("continue_task", "2.1"),
            "1 in_progress, 1.1 done, 1.2 done, 2 in_progress, 2.1 in_progress, 2.2 blocked, 2.3 blocked, 3 open, "
            "3.1 open, 4 open",
        ),
        "sharing": ("no_achievements", ("write_design", None), ""),
        "streaks": ("complete", ("closed", None), "1 done, 1.1 done, 1.2 open, 2 done"),
        "timezone-shift": ("planned", ("implement_task", "1"), "1 open, 2 open, 3 open, 4 open"),
    },
    "speckit": {
        "001-recipes": ("complete", None, "T001 done, T002 done, T003 done, T004 deferred"),
        "002-shopping-list": (
            "in_progress",
            ("implement_task", "T003"),
            "T001 done, T002 done, T003 open, T004 open, T005 blocked, T006 blocked, T007 blocked, T008 blocked, "
            "T009 blocked",
        ),
        "003-household": (
            "needs_attention",
            ("implement_task", "T004"),
            "T001 done, T002 done, T003 unsupported, T004 open, T005 open",
        ),
        "004-import": ("planned", ("reconcile", "T001"), "T001 open, T002 open, T003 open"),
        "005-pantry": ("planned", ("implement_task", "T001"), "T001 open, T002 blocked"),
        "006-nutrition": ("no_achievements", ("write_design", None), ""),
    },
    "superpowers": {
        "2026-03-02-price-feed": (
            "complete",
            ("closed", None),
            "1 done, 1/1 done, 1/2 done, 1/3 done, 2 done, 2/1 done, 2/2 done",
        ),
        "2026-03-09-alerts": (
            "in_progress",
            ("implement_task", "2/1"),
            "1 done, 1/1 done, 1/2 done, 2 open, 2/1 open, 2/2 open, 2/3 open, 3 open, 3/1 open",
        ),
        "2026-03-16-history": (
            "needs_attention",
            ("implement_task", "2/1"),
            "1 unsupported, 1/1 done, 1/2 done, 2 open, 2/1 open",
        ),
        "2026-03-23-export": ("planned", ("reconcile", "1/1"), "1 open, 1/1 open, 1/2 open, 2 open, 2/1 open"),
        "2026-03-27-charts": ("planned", ("implement_task", "1/1"), "1 open, 1/1 open"),
        "2026-03-30-roadmap": ("no_achievements", ("write_tasks", None), ""),
    },
    "gsd": {
        "billing": ("needs_attention", ("wait", "01-01"), "01-01 blocked, 01-02 blocked"),
        "ideas": ("no_achievements", ("plan_phase", None), ""),
        "mobile": ("planned", ("plan_phase", None), ""),
        "v1.1": ("in_progress", ("execute_plan", "04-02"), "03-01 done, 04-01 done, 04-02 open, 04-03 open"),
        "v1.0": ("complete", ("closed", None), "01-01 done, 02-01 done"),
    },
    "featureplanner": {
        "calendar": (
            "in_progress",
            ("implement_task", "Test 2.1"),
            "P1 done, Test 1.1 done, Task 1.2 done, P2 open, Test 2.1 open, Task 2.2 open, Task 2.2/1 open, "
            "Task 2.2/2 open, Task 2.3 open",
        ),
        "import-plants": (
            "needs_attention",
            ("implement_task", "Task 1.3"),
            "P1 in_progress, Test 1.1 unsupported, Task 1.2 done, Task 1.3 open",
        ),
        "offline": ("no_achievements", ("write_tasks", None), "P1 open, P2 open"),
        "plant-list": ("complete", ("closed", None), "P1 done, Test 1.1 done, Task 1.2 done"),
        "reminders": ("planned", ("implement_task", "P1.1"), "P1 open, P1.1 open, P1.2 open, P2 open, P2.1 blocked"),
        "statistics": ("planned", ("reconcile", "Test 1.1"), "P1 open, Test 1.1 open, Task 1.2 open"),
    },
}
"""Format → plan → its state, its next step (None: not part of the story), and the states of its tasks."""
WARNINGS = {
    "openspec": {"deliverable-missing"},
    "kiro": {"deliverable-missing", "parent-ticked-early", "requirement-unknown"},
    "speckit": {"deliverable-missing"},
    "superpowers": {"deliverable-missing"},
    "gsd": {"plan-ticked-without-summary", "dependency-cycle"},
    "featureplanner": {"deliverable-missing"},
}


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.fixture(params=sorted(EXPECTED))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def view(name: str, tmp_path: Path) -> View:
    """Return the view of a copy, because the ignore files of a checkout may apply to the examples in it."""
    return view_of(Path(shutil.copytree(REPOSITORY / "examples" / name, tmp_path / name)))


def test_the_story(name: str, view: View) -> None:
    found = {}
    for plan in view.plans:
        state = view.state(plan.path)
        assert state.format == name
        states = ", ".join(f"{item.id} {item.state}" for item in state.achievements)
        expected = EXPECTED[name].get(state.feature)
        following = (state.next.step, state.next.achievement) if expected and expected[1] else None
        found[state.feature] = (state.state, following, states)
    assert found == EXPECTED[name]


def test_each_example_shows_every_condition(view: View) -> None:
    conditions = {view.state(plan.path).state for plan in view.plans}
    assert conditions == {"complete", "in_progress", "needs_attention", "no_achievements", "planned"}


def test_what_the_checks_find(name: str, view: View) -> None:
    assert {found.code for found in view.diagnostics if found.severity in ("error", "warning")} == WARNINGS[name]
    assert view.snapshot.problems == ()
