"""The traces of work on superpowers tasks: files, ranges and commits. They are evidence, and decide nothing."""

from __future__ import annotations

import pytest

from planmark.formats.superpowers import FORMAT
from planmark.formats.superpowers.grammar import FileRange, changed_ranges_in, commit_messages, mentioned_tasks
from planmark.plans.history import Commit, History
from planmark.plans.model import AchievementState, NextStep, Step
from superpowers_plan import FEATURE, PLAN, TEXT, workspace
from unit.formats.format_workspace import FormatWorkspace


def item(made: FormatWorkspace, ref: str) -> AchievementState:
    return next(one for one in made.state(FEATURE).achievements if one.ref == ref)


def said(made: FormatWorkspace, ref: str) -> list[str]:
    """Return the evidence of an item, without its box."""
    return [f"{one.path}:{one.line} {one.says}" for one in item(made, ref).evidence if one.says != "no box"]


@pytest.mark.parametrize(
    ("line", "ranges"),
    [
        ("- Modify: `a/b.py:12-40`", [("a/b.py", 12, 40)]),
        ("- Modify: `a/b.py:12`", [("a/b.py", 12, 12)]),
        ("- **Modify:** `./b.py:L12-L40`, `c.py:3–4`", [("b.py", 12, 40), ("c.py", 3, 4)]),
        ("- 修改：`a/b.py:1-2`", [("a/b.py", 1, 2)]),
        ("- Modify: `a/b.py`", []),
        ("- Modify: `a/b.py:40-12`", []),
        ("- Modify: `a/b.py:0-2`", []),
        ("- Create: `a/b.py:1-2`", []),
        ("Modify `a/b.py:1-2` later", []),
        ("- Modify: `http://x:80`", []),
    ],
)
def test_ranges_of_a_line(line: str, ranges: list[tuple[str, int, int]]) -> None:
    assert changed_ranges_in(line) == tuple(FileRange(*one) for one in ranges)


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ('git commit -m "feat: a"', ["feat: a"]),
        ("git add . && git commit -am 'fix: it\"s'", ['fix: it"s']),
        ('git commit --message="x y"', ["x y"]),
        ('git commit -m "$(cat <<EOF', []),
        ("git commit", []),
        ("commit -m 'x'", []),
    ],
)
def test_messages_of_a_line(line: str, messages: list[str]) -> None:
    assert commit_messages(line) == tuple(messages)


@pytest.mark.parametrize(
    ("subject", "ids"),
    [
        ("Task 3: x", ["3"]),
        ("feat: x (task 3b, Task A1)", ["3B", "A1"]),
        ("Aufgabe 2.1 fertig", ["2.1"]),
        ("multitask 3", []),
        ("task a bit", []),
        ("Task 3x4", []),
    ],
)
def test_tasks_that_a_subject_names(subject: str, ids: list[str]) -> None:
    assert list(mentioned_tasks(subject)) == ids


def test_files_and_ranges_are_evidence_and_the_task_stays_open() -> None:
    made = workspace(lengths={"gauge/main.py": 40, "gauge/curve.py": 3}, others=("gauge/sensor.py",))
    assert said(made, "1") == ["gauge/sensor.py:1 exists", "gauge/main.py:12 still has lines 12-40"]
    assert said(made, "2") == ["gauge/curve.py:3 ends at line 3, before line 7"]
    assert {one.state for one in made.state(FEATURE).achievements} == {"open"}
    assert said(workspace(), "1") == ["gauge/sensor.py:1 does not exist", "gauge/main.py:1 does not exist"]


def test_a_range_of_a_file_that_was_not_counted_says_nothing() -> None:
    made = workspace(others=("gauge/curve.py",))
    assert said(made, "2") == []


def test_many_files_and_ranges_are_counted() -> None:
    lines = [f"- Create: `a/{n}.py`\n- Modify: `b/{n}.py:{n}-{n + 1}`\n" for n in range(1, 7)]
    text = f"# X Implementation Plan\n\n### Task 1: A\n\n{''.join(lines)}\n- [ ] **Step 1: Go**\n"
    made = workspace(text=text, lengths={"b/1.py": 2, "b/2.py": 2}, others=("a/1.py", "a/2.py"))
    assert said(made, "1") == [f"{PLAN}:3 2 of 6 files to create exist", f"{PLAN}:3 1 of 6 ranges fit"]


@pytest.mark.parametrize(
    ("subject", "day", "names"),
    [
        ("feat: read the sensor", "2026-03-02", True),
        ("Feat:  Read the sensor (#12)", "2026-03-01", True),
        ("feat: read the sensor", "2026-02-28", False),
        ("feat: read the sensor again", "2026-03-02", False),
        ("Task 1: read the sensor", "2026-03-02", True),
        ("feat(rain-gauge): task 1", "2026-03-02", True),
        ("Task 1: something of a different plan", "2026-03-02", False),
        ("Task 11: read the sensor", "2026-03-02", False),
        ("rain gauge", "2026-03-02", False),
    ],
)
def test_a_commit_is_evidence_if_it_names_the_task(subject: str, day: str, names: bool) -> None:
    made = workspace((Commit("1a2b3c4", day, subject),))
    commits = [one for one in item(made, "1").evidence if one.says.startswith("commit ")]
    assert [(one.path, one.line) for one in commits] == ([(PLAN, 3)] if names else [])
    assert all(one.says.startswith(f"commit 1a2b3c4 of {day}: ") for one in commits)
    assert item(made, "1").state == "open"
    assert not [one for one in item(made, "2").evidence if one.says.startswith("commit ")]


def test_a_message_that_two_tasks_share_names_neither() -> None:
    text = TEXT.replace("feat: draw a curve", "feat: read the sensor")
    made = workspace((Commit("1a2b3c4", "2026-03-02", "feat: read the sensor"),), text=text)
    assert not [one for ref in ("1", "2") for one in item(made, ref).evidence if one.says.startswith("commit ")]


def test_the_newest_three_commits_are_named() -> None:
    days = [f"2026-03-{day:02}" for day in range(9, 2, -1)]
    made = workspace(tuple(Commit(f"c{day[-1]}", day, "feat: read the sensor") for day in days))
    commits = [one.says[:9] for one in item(made, "1").evidence if one.says.startswith("commit ")]
    assert commits == ["commit c9", "commit c8", "commit c7"]


def test_what_is_not_known_is_said_while_a_task_is_open() -> None:
    made = workspace(unknown="git was not found")
    assert made.state(FEATURE).notes == ("commits that name its tasks: git was not found",)
    asked = []
    finished = workspace(text=TEXT.replace("[ ]", "[x]"), others=("gauge/sensor.py",))
    given_ = finished.input(FEATURE)._replace(history=lambda: asked.append(1) or History(problem="never"))  # type: ignore[func-returns-value]
    assert FORMAT.evaluate(given_).notes == ()
    assert asked == []


def test_a_prompt_looks_at_the_commits_first_and_quotes_none() -> None:
    made = workspace((Commit("1a2b3c4", "2026-03-02", "feat: read the sensor"),))
    given_, state = made.input(FEATURE), made.state(FEATURE)
    rules = " ".join(FORMAT.prompt(given_, state, state.next).rules)
    assert "Commits may have done Task 1 already (`git show 1a2b3c4`)" in rules
    assert "feat: read the sensor" not in rules
    step = NextStep("reconcile", None, "executor", 1, None, "asked for")
    rules = " ".join(FORMAT.prompt(given_, state, step).rules)
    assert "Commits name task 1: begin with what they changed." in rules
    assert f"`planmark next @{FEATURE} --achievement 1/1`" in rules


THREE = """# Rain Gauge Implementation Plan

### Task 1: Read

- Create: `gauge/a.py`
- Create: `gauge/b.py`

- [ ] **Step 1: Write it**

### Task 2: Draw

- Create: `gauge/c.py`

- [ ] **Step 1: Write it**

### Task 3: Publish

- [ ] **Step 1: Write it**
"""


def rules_of(made: FormatWorkspace, step: Step, ref: str | None) -> list[str]:
    """Return the sentences of a prompt for a step, without those that do not depend on files."""
    asked = NextStep(step, None, "executor", 1, None, "asked for", ref)
    parts = FORMAT.prompt(made.input(FEATURE), made.state(FEATURE), asked)
    return [one for one in (*parts.rules, parts.goal) if "already" in one or "Begin with" in one]


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ((), None),
        (("gauge/a.py",), None),
        (("gauge/a.py", "gauge/b.py"), "Begin with task 1: the files to create exist."),
        (("gauge/a.py", "gauge/b.py", "gauge/c.py"), "Begin with task 1 and task 2: the files to create exist."),
    ],
)
def test_a_comparison_begins_with_tasks_whose_files_all_exist(there: tuple[str, ...], says: str | None) -> None:
    (goal,) = rules_of(workspace(others=there, text=THREE), "reconcile", None) or ("",)
    assert goal.endswith(says) if says else not goal


@pytest.mark.parametrize(
    ("there", "ref", "says"),
    [
        ((), "1/1", None),
        (("gauge/a.py",), "1/1", "`gauge/a.py` exists already"),
        (("gauge/a.py", "gauge/b.py"), "1/1", "`gauge/a.py` and `gauge/b.py` exist already"),
        (("gauge/a.py",), "2/1", None),
        (("gauge/a.py", "gauge/b.py"), "3/1", "2 of 3 files that the plan creates exist already"),
    ],
)
def test_the_prompt_of_a_step_says_what_exists_so_that_nothing_is_built_twice(
    there: tuple[str, ...], ref: str, says: str | None
) -> None:
    said = rules_of(workspace(others=there, text=THREE), "implement_task", ref)
    assert [one.partition(",")[0] for one in said] == ([says] if says else [])


def test_what_exists_is_no_doubt_once_a_step_of_the_task_is_ticked() -> None:
    text = THREE.replace("- [ ] **Step 1: Write it**", "- [x] **Step 1: Write it**\n- [ ] **Step 2: Commit**", 1)
    there = ("gauge/a.py", "gauge/b.py", "gauge/c.py")
    assert rules_of(workspace(others=there, text=text), "implement_task", "1/2") == []
    assert rules_of(workspace(others=there, text=text), "implement_task", "3/1") == []


def test_why_shows_what_the_work_has_left() -> None:
    made = workspace(
        (Commit("1a2b3c4", "2026-03-02", "feat: read the sensor"),), {"gauge/main.py": 99}, ("gauge/sensor.py",)
    )
    given_, state = made.input(FEATURE), made.state(FEATURE)
    (row,) = [one for one in FORMAT.explain(given_, state, item(made, "1")) if one.matched]
    assert (row.state, [one.says.partition(" of")[0] for one in row.evidence]) == (
        "open",
        ["no box", "exists", "still has lines 12-40", "commit 1a2b3c4"],
    )


def test_a_missing_file_is_named_once() -> None:
    made = workspace(text=TEXT.replace("[ ]", "[x]"))
    paths = [one.path for one in item(made, "1").evidence if one.path == "gauge/sensor.py"]
    assert item(made, "1").state == "unsupported"
    assert paths == ["gauge/sensor.py"]
