"""The steps that a run may start: until an item is done, only while something leads to it."""

from __future__ import annotations

import pytest

from planmark.queries.meant import plan_meant_by_name
from planmark.queries.open_steps import LeasedNames
from planmark.queries.workspace_view import View
from planmark.run.choice import WantedSteps, ready_and_waiting
from rename_helpers import view_of_files

HOME = "work-space/plans/PAY"
PLAN = """# PLAN

**Achievement 1.1**: A

- Success: it works

**Achievement 1.2**: B

- **Depends on**: 1.1

**Achievement 1.3**: C

**Achievement 1.4**: D

- **Depends on**: 1.3
"""


def view_with(reviewed: str = "") -> View:
    """Return a view of the PLAN, in which one achievement waits for its reviewer."""
    files = {f"{HOME}/PLAN_PAY.md": PLAN, "planmark.toml": '[leases]\norder = "none"\n'}
    if reviewed:
        number = reviewed.replace(".", "")
        files[f"{HOME}/subplans/SUBPLAN_PAY_{number}.md"] = "# SUBPLAN\n\n**Status**: Executing\n\n## Approach\n\nSo.\n"
        files[f"{HOME}/execution/EXECUTION_TASK_PAY_{number}_01.md"] = "# EXECUTION_TASK\n\n**Status**: ✅ Complete\n"
    return view_of_files(files)


def started(view: View, until: str, **names: set[str]) -> tuple[list[str], list[str]]:
    """Return the names of the steps that a run may start, and why others wait."""
    plan = plan_meant_by_name(view, "PAY").plan
    ready, waiting = ready_and_waiting(view, plan, LeasedNames("", ()), WantedSteps(until=until), **names)
    return [step.work.item for step in ready], waiting


@pytest.mark.parametrize(
    ("reviewed", "until", "names"),
    [
        ("", "1.2", ["1.1", "1.3"]),
        ("", "1.3", ["1.1", "1.3"]),
        # Only a person brings it on, at once or for what it waits for.
        ("1.3", "1.3", []),
        ("1.3", "1.4", []),
        ("1.1", "1.2", []),
        # Others are done meanwhile, in Planmark's order.
        ("1.1", "1.4", ["1.3"]),
        ("1.1", "", ["1.3"]),
        ("1.1", "9.9", ["1.3"]),
    ],
)
def test_nothing_starts_if_only_a_person_brings_the_goal_on(reviewed: str, until: str, names: list[str]) -> None:
    ready, waiting = started(view_with(reviewed), until)
    assert ready == names
    assert bool(names) or all(line.startswith(("1.1", "1.2", "1.3", "1.4")) for line in waiting)
    assert bool(names) or any("a person reviews" in line for line in waiting)


def test_what_the_run_works_on_or_has_given_up_counts() -> None:
    view = view_with()
    assert started(view, "1.2", working={"1.1"}) == (["1.3"], ["1.2: waits for 1.1", "1.4: waits for 1.3"])
    assert started(view, "1.2", given_up={"1.1"}) == ([], ["1.2: waits for 1.1"])
    assert started(view, "1.1", given_up={"1.1"}) == ([], [])
