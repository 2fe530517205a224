"""`planmark status` with `--state`, `--role`, `--lifecycle`, `--sort` and `--export csv`."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import get_args

import pytest

from command_line import Run, runner
from fixture import write, write_files
from planmark.cli.cached_result import command_key
from planmark.cli.status_export import ITEM_FIELDS, PLAN_FIELDS, csv_text
from planmark.cli.status_filter import ITEM_STATES, ITEM_URGENCY, PLAN_STATES, StatusFilter
from planmark.plans.model import State
from planmark.text.display_width import cell_width

WORKSPACE = """
//- /work-space/plans/PAY/PLAN_PAY.md
# PLAN: Pay

**Status**: In Progress
**Priority**: Low

## Goal

Pay.

**Achievement 1.1**: Card

**Achievement 1.2**: Bank

**Achievement 2.1**: Refund

- Depends on: 1.2
//- /work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN: Card

## Objective

Pay by card.
//- /work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md
# EXECUTION_TASK: Card

**Status**: Complete
//- /work-space/plans/MAIL/PLAN_MAIL.md
# PLAN: Mail

**Status**: Paused
**Priority**: Critical

## Goal

Send.

**Achievement 1.1**: Send
//- /work-space/plans/archive/OLD/PLAN_OLD.md
# PLAN: Old

**Status**: Complete

**Achievement 1.1**: Old
//- /work-space/plans/archive/OLD/execution/feedbacks/APPROVED_11.md
# APPROVED: Achievement 1.1 Old

**Status**: Approved
//- /work-space/plans/archive/OLD/subplans/SUBPLAN_OLD_11.md
# SUBPLAN

## Objective

Old.
//- /openspec/changes/cache/tasks.md
# Tasks

## 1. One
- [x] 1.1 Write
- [ ] 1.2 Read
  - [ ] 1.2.1 Read more
//- /openspec/changes/ready/tasks.md
- [x] 1.1 Write
//- /specs/001-lists/tasks.md
- [ ] T001 Write
- [ ] T002 Read
//- /specs/002-done/tasks.md
- [X] T001 Write
"""
UNFILTERED = ["PAY", "MAIL", "cache", "ready", "001-lists"]
"""The plans that a table without a filter shows. `002-done` is only counted, and OLD is archived."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, WORKSPACE)
    return tmp_path


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


def first_words(text: str) -> list[str]:
    """Return the first word of each row of the tables, without headers and titles."""
    lines = [line.split() for line in text.splitlines() if line]
    return [words[0] for words in lines if len(words) > 3 and words[0] not in ("PLAN", "ID")]


def in_json(text: str) -> list[str]:
    (workspace,) = json.loads(text)["workspaces"]
    return [plan["feature"] for plan in workspace["plans"]]


def in_csv(text: str) -> list[str]:
    return [row["plan"] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("options", "plans"),
    [
        ([], UNFILTERED),
        (["--state", "in_progress"], ["PAY", "cache"]),
        (["--state", "In Progress"], ["PAY", "cache"]),
        (["--state", "in-progress,planned"], ["PAY", "MAIL", "cache", "001-lists"]),
        (["--state", "planned", "--state", "in_progress"], ["PAY", "MAIL", "cache", "001-lists"]),
        (["--state", "complete"], ["ready", "002-done"]),
        (["--state", "closed"], ["002-done"]),
        (["--state", "closed", "--all"], ["OLD", "002-done"]),
        (["--state", "no achievements"], []),
        (["--role", "executor"], ["cache", "001-lists"]),
        (["--role", "reviewer"], ["PAY", "ready"]),
        (["--role", "reviewer", "--state", "complete"], ["ready"]),
        (["--lifecycle", "paused"], ["MAIL"]),
        (["--lifecycle", "archived,paused"], ["MAIL", "OLD"]),
        (["--lifecycle", "active", "--plan-format", "speckit"], ["001-lists", "002-done"]),
        (["--sort", "name"], ["MAIL", "PAY", "cache", "ready", "001-lists"]),
        (["--sort", "priority"], ["MAIL", "PAY", "cache", "ready", "001-lists"]),
        (["--sort", "progress"], ["PAY", "MAIL", "ready", "cache", "001-lists"]),
    ],
)
def test_plans_are_chosen_and_sorted(run: Run, options: list[str], plans: list[str]) -> None:
    assert first_words(run("status", *options).out) == plans


@pytest.mark.parametrize(
    "options",
    [["--state", "planned"], ["--role", "reviewer"], ["--lifecycle", "paused,archived"], ["--state", "closed"]],
)
def test_json_and_csv_have_the_same_plans(run: Run, options: list[str]) -> None:
    shown = first_words(run("status", *options, "--all").out)
    assert sorted(in_json(run("status", *options, "--json").out)) == sorted(shown)
    assert sorted(in_csv(run("status", *options, "--export", "csv").out)) == sorted(shown)


def test_without_a_filter_json_and_csv_have_every_plan(run: Run) -> None:
    every = sorted([*UNFILTERED, "OLD", "002-done"])
    assert sorted(in_json(run("status", "--json").out)) == every
    assert sorted(in_csv(run("status", "--export", "csv").out)) == every
    by_name = sorted(every, key=str.casefold)
    assert in_json(run("status", "--json", "--sort", "name").out) == by_name
    assert in_csv(run("status", "--export", "csv", "--sort", "name").out) == by_name


def test_updated_plans_come_first(run: Run, root: Path) -> None:
    for age, path in enumerate(("specs/001-lists/tasks.md", "work-space/plans/MAIL/PLAN_MAIL.md")):
        os.utime(root / path, (2_000_000_000 - age, 2_000_000_000 - age))
    assert in_csv(run("status", "--export", "csv", "--sort", "updated").out)[:2] == ["001-lists", "MAIL"]
    work = root / "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md"
    os.utime(work, (2_100_000_000, 2_100_000_000))
    assert in_csv(run("status", "--export", "csv", "--sort", "updated").out)[0] == "PAY"


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["@PAY"], ["1.1", "1.2", "2.1"]),
        (["@PAY", "--state", "awaiting review"], ["1.1"]),
        (["@PAY", "--state", "blocked,no_subplan"], ["1.2", "2.1"]),
        (["@PAY", "--role", "designer"], ["1.2"]),
        (["@PAY", "--sort", "name"], ["1.2", "1.1", "2.1"]),
        (["@PAY", "--sort", "urgency"], ["1.1", "1.2", "2.1"]),
        (["@cache", "--state", "open"], ["1.2", "1.2.1"]),
        (["@cache", "--role", "executor", "--sort", "name"], ["1.2", "1.2.1"]),
        (["@002-done", "--role", "executor"], []),
    ],
)
def test_items_are_chosen_and_sorted(run: Run, options: list[str], ids: list[str]) -> None:
    (workspace,) = json.loads(run("status", *options, "--json").out)["workspaces"]
    assert [item["id"] for item in workspace["plans"][0]["achievements"]] == ids
    rows = csv.DictReader(io.StringIO(run("status", *options, "--export", "csv").out))
    assert [row["id"] for row in rows] == ids
    text = run("status", *options).out
    assert [line.split()[1] for line in text.splitlines() if line[:1] in "○◐?□✓▶…" and line[1:3] == "  "] == ids


def test_an_empty_table_says_how_many_plans_there_are(run: Run) -> None:
    ran = run("status", "--state", "no_achievements")
    assert ran.code == 0 and ran.out == ""
    assert ran.err.splitlines() == [
        f"shown: 0 of {len([*UNFILTERED, '002-done'])} plans, by --state no_achievements",
        "1 archived plan not among them (--all, or --lifecycle archived)",
    ]


@pytest.mark.parametrize("form", [["--json"], ["--export", "csv"], ["--all"]])
def test_an_empty_result_counts_archived_plans_too(run: Run, form: list[str]) -> None:
    assert run("status", "--state", "no_achievements", *form).err == "shown: 0 of 7 plans, by --state no_achievements\n"
    of_plan = run("status", "@PAY", "--state", "done", *form)
    assert of_plan.code == 0 and of_plan.err == "shown: 0 of 3 achievements, by --state done\n"


def test_quiet_leaves_out_the_note(run: Run) -> None:
    assert run("--quiet", "status", "--state", "closed").err == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--state", "complet"], "did you mean complete?"),
        (["--state", "awaiting_review"], "a state of achievements: planmark status @FEATURE --state awaiting_review"),
        (["@PAY", "--state", "complete"], "a state of plans: planmark status --state complete"),
        (["@PAY", "--state", "aproved"], "did you mean approved?"),
        (["--state", ""], "--state takes no_achievements"),
        (["--role", "reviwer"], "did you mean reviewer?"),
        (["--lifecycle", "actve"], "did you mean active?"),
        (["@PAY", "--lifecycle", "active"], "--lifecycle chooses plans, and a plan is named"),
        (["--sort", "urgent"], "did you mean urgency?"),
        (["@PAY", "--sort", "progress"], "--sort takes document, urgency, name or priority, not `progress`"),
        (["--export", "cvs"], "did you mean csv?"),
        (["--export", "csv", "--json"], "--export and --json exclude each other"),
        (["--export", "csv", "--watch"], "--export and --watch exclude each other"),
        (["--export", "csv", "--brief"], "--export and --brief exclude each other"),
        (["--state", "\x1b[2J"], "not `\\x1b[2J`"),
    ],
)
def test_a_wrong_value_is_explained(run: Run, options: list[str], says: str) -> None:
    ran = run("status", *options)
    assert ran.code == 2 and says in ran.err and "\x1b" not in ran.err


def test_an_empty_workspace_has_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "work-space").mkdir()
    run = runner(capsys, "--workspace", str(tmp_path))
    filtered = run("status", "--state", "planned", "--sort", "name")
    assert filtered.code == 0 and filtered.out == ""
    assert "no plan in" in filtered.err and "shown: 0 of 0 plans" in filtered.err
    exported = run("status", "--export", "csv")
    assert exported.out == ",".join(PLAN_FIELDS) + "\r\n"


def test_a_filtered_table_fits_80_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for options in (["--state", "planned,in_progress", "--sort", "updated"], ["@PAY", "--role", "designer,reviewer"]):
        assert [line for line in run("status", *options).out.splitlines() if cell_width(line) > 80] == []


def test_a_grammaplan_shows_its_chosen_plans(run: Run, root: Path) -> None:
    table = "# GRAMMAPLAN\n\n| Child PLAN | Status | Progress |\n| --- | --- | --- |\n"
    rows = "".join(f"| PLAN_{name}.md | Planned | 0/1 |\n" for name in ("PAY", "MAIL", "NEVER"))
    write_files(root, {"work-space/plans/GRAMMAPLAN_SHOP.md": table + rows})
    assert "NEVER" in run("status", "@SHOP").out
    chosen = run("status", "@SHOP", "--lifecycle", "paused")
    assert first_words(chosen.out)[-1:] == ["MAIL"] and "PAY" not in chosen.out and "NEVER" not in chosen.out
    assert chosen.err == "shown: 1 of 3 plans, by --lifecycle paused\n"
    assert in_json(run("status", "@SHOP", "--json", "--state", "in_progress").out) == ["PAY"]
    assert in_csv(run("status", "@SHOP", "--export", "csv", "--sort", "name").out) == ["MAIL", "PAY"]


def test_csv_is_that_of_the_rfc(run: Run, root: Path) -> None:
    plan = root / "work-space/plans/PAY/PLAN_PAY.md"
    titles = ['=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", '"quoted", with comma', "Größe\u202e\x1b[2J"]
    body = "\n".join(f"**Achievement 1.{number}**: {title}\n" for number, title in enumerate(titles, 1))
    plan.write_text(f"# PLAN\n\n**Status**: In Progress\n\n{body}", encoding="utf-8")
    text = run("status", "@PAY", "--export", "csv").out
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    assert [row["title"] for row in rows] == [
        *('\'=HYPERLINK("http://evil.example")', "'+1", "'-1", "'@SUM(A1)"),
        *('"quoted", with comma', "Größe\\u202e\\x1b[2J"),
    ]
    assert text.split("\r\n")[0] == ",".join(ITEM_FIELDS)
    assert all(list(row) == list(ITEM_FIELDS) for row in rows)


def test_no_cell_is_a_formula() -> None:
    for sign in "=+-@＝＋－＠":
        assert csv_text(("a",), [[f"{sign}1"]]) == f"a\r\n'{sign}1\r\n"
    assert csv_text(("a",), [["  =1"], ["a\nb"], ["1=1"]]) == "a\r\n'  =1\r\na\\nb\r\n1=1\r\n"


def test_the_order_of_states_has_every_state() -> None:
    assert sorted(ITEM_URGENCY) == sorted(get_args(State)) == sorted(ITEM_STATES)
    assert "closed" in PLAN_STATES
    assert not StatusFilter(sort="name").may_leave_out and StatusFilter(roles=("planner",)).may_leave_out


def test_a_cached_result_is_of_the_same_options() -> None:
    keys = [
        command_key(["status", "--json", *options])
        for options in (
            [],
            ["--state", "planned"],
            ["--state", "in_progress"],
            ["--role", "planner"],
            ["--lifecycle", "active"],
            ["--sort", "name"],
        )
    ]
    assert None not in keys and len({key.text for key in keys if key}) == len(keys)
    assert command_key(["status", "--json", "--state", "planned", "--state", "complete"]) is None
    assert command_key(["status", "--export", "csv"]) is None
