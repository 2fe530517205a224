"""Every list of tasks: the first true row of the table gives the state of a task."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.checkbox.evaluate import TaskDetails, evaluate_tasks, refs
from planmark.formats.checkbox.explain import RelatedTask, TaskCase, deciding_row
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.plans.model import State

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
    return tasks, TaskDetails(missing_paths=dict.fromkeys(lost, "lost.py"), blockers=blockers)


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
            details.missing_paths.get(at),
            tuple(one for one in related if one.name in judged[at].blocked_by),
        )
        assert deciding_row(case).state == judged[at].state
