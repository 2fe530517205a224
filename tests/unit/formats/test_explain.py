"""The decision table of the checkbox formats agrees with their states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.checkbox.evaluate import TaskDetails, evaluate_tasks, refs
from planmark.formats.checkbox.explain import STATE_TABLE, RelatedTask, TaskCase, deciding
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.plans.model import State
from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import SAMPLES

STATED: tuple[State, ...] = ("open", "done", "in_progress", "deferred")


@st.composite
def task_lists(draw: st.DrawFn) -> tuple[list[Task], TaskDetails]:
    """Draw tasks in a tree, with dependencies and missing files."""
    tasks: list[Task] = []
    for at in range(draw(st.integers(1, 12))):
        parent = draw(st.integers(NO_POSITION, at - 1))
        tasks.append(
            Task(
                line=at + 1,
                end=at + 1,
                id=str(at),
                title="",
                marker=draw(st.sampled_from(["", " ", "x"])),
                box=(0, 0),
                state=draw(st.sampled_from(STATED)),
                digest="",
                parent=parent,
                optional=draw(st.booleans()),
                depends_on=tuple(str(one) for one in draw(st.lists(st.integers(0, 11), max_size=2))),
            )
        )
    lost = draw(st.sets(st.integers(0, len(tasks) - 1)))
    blockers = {at: [draw(st.integers(0, len(tasks) - 1))] for at in draw(st.sets(st.integers(0, len(tasks) - 1)))}
    return tasks, TaskDetails(missing=dict.fromkeys(lost, "lost.py"), blockers=blockers)


@given(task_lists())
def test_the_first_true_row_gives_the_state(drawn: tuple[list[Task], TaskDetails]) -> None:
    tasks, details = drawn
    judged, names = evaluate_tasks(tasks, details), refs(tasks)
    for at, task in enumerate(tasks):
        related = [RelatedTask(names[one], tasks[one].line, judged[one].state) for one in range(len(tasks))]
        case = TaskCase(
            task,
            tuple(
                related[one]
                for one, other in enumerate(tasks)
                if other.parent == at and (task.optional or not other.optional)
            ),
            details.missing.get(at),
            tuple(one for one in related if one.name in judged[at].blocked_by),
        )
        assert deciding(case).state == judged[at].state


@pytest.mark.parametrize("name", SAMPLES)
def test_every_item_of_the_samples_is_explained(name: str) -> None:
    workspace = FormatWorkspace(format_named(name), SAMPLES[name])
    for feature in workspace.sites:
        state = workspace.state(feature)
        for item in state.achievements:
            rows = workspace.format.explain(workspace.input(feature), state, item)
            assert [row.rule for row in rows] == [row.letter for row in STATE_TABLE]
            (matched,) = [row for row in rows if row.matched]
            assert matched.state == item.state and matched.evidence
            assert set(item.evidence) <= set(matched.evidence)


def explained(text: str, ref: str, others: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """Return the letter of the row that decides about a task of a spec of Kiro, and its evidence."""
    workspace = FormatWorkspace(format_named("kiro"), {".kiro/specs/a/tasks.md": text}, others)
    state = workspace.state("a")
    item = next(item for item in state.achievements if item.ref == ref)
    (row,) = [row for row in workspace.format.explain(workspace.input("a"), state, item) if row.matched]
    return row.rule, [f"{one.path.rpartition('/')[2]}:{one.line} {one.says}" for one in row.evidence]


@pytest.mark.parametrize(
    ("text", "ref", "letter", "evidence"),
    [
        ("- [ ] 1. ~~Go~~\n", "1", "A", ["tasks.md:1 [ ]"]),
        ("- [x] 1. Create `a/b.py`\n", "1", "B", ["b.py:1 is missing", "tasks.md:1 [x]"]),
        ("- [x] 1. Go\n", "1", "C", ["tasks.md:1 [x]"]),
        ("- [x] 1. Go\n  - [ ] 1.1 Now\n", "1", "E", ["tasks.md:1 [x]", "tasks.md:2 1.1 is open"]),
        ("- [-] 1. Go\n", "1", "F", ["tasks.md:1 [-]"]),
        ("- [ ] 1. Go\n  - [x] 1.1 Now\n", "1", "G", ["tasks.md:1 [ ]", "tasks.md:2 1.1 is done"]),
        ("- [ ] 1. Go\n- [ ] 2. Stay\n  - _Depends: 1_\n", "2", "H", ["tasks.md:2 [ ]", "tasks.md:1 1 is open"]),
        ("- [ ] 1. Go\n", "1", "I", ["tasks.md:1 [ ]"]),
        ("- [ ] 1. Go\n  - [ ]* 1.1 Now\n", "1", "I", ["tasks.md:1 [ ]"]),
    ],
)
def test_rows(text: str, ref: str, letter: str, evidence: list[str]) -> None:
    assert explained(text, ref) == (letter, evidence)


def test_a_heading_without_a_box_is_done_with_its_steps() -> None:
    text = "## T001: Go\n\n- [x] Walk\n- [ ] SKIP: Run\n"
    workspace = FormatWorkspace(format_named("speckit"), {"specs/001-a/tasks.md": text})
    state = workspace.state("001-a")
    (row,) = [
        row for row in workspace.format.explain(workspace.input("001-a"), state, state.achievements[0]) if row.matched
    ]
    assert (row.rule, row.evidence[0].says) == ("D", "no box")


def test_a_moved_file_is_not_missing() -> None:
    assert explained("- [x] 1. Create `a/b.py`\n", "1", ("c/b.py",))[0] == "C"


def test_rows_fit_into_a_terminal() -> None:
    assert [row.letter for row in STATE_TABLE] == sorted({row.letter for row in STATE_TABLE})
    assert all(len(row.says) <= 42 for row in STATE_TABLE)
