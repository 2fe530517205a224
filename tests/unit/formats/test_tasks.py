"""The shared reader: nesting, groups, refs, states, counts and blocking, with the grammars of the formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.checkbox.evaluate import TaskDetails, counts_of, evaluate_tasks, group_ids, refs
from planmark.formats.checkbox.lines import read_lines
from planmark.formats.checkbox.tasks import Task, TaskList, read_tasks
from planmark.formats.kiro.grammar import GRAMMAR as KIRO
from planmark.formats.openspec.grammar import GRAMMAR as OPENSPEC


def read(text: str, grammar: object = OPENSPEC) -> TaskList:
    assert grammar in (OPENSPEC, KIRO)
    return read_tasks(read_lines(text), KIRO if grammar is KIRO else OPENSPEC).task_list


def tree(listed: TaskList) -> list[tuple[str, int, str | None]]:
    return [
        (task.id or task.title, task.level, listed.tasks[task.parent].id if task.parent >= 0 else None)
        for task in listed.tasks
    ]


def states(text: str, grammar: object = OPENSPEC) -> dict[str, str]:
    listed = read(text, grammar)
    return {task.id: known.state for task, known in zip(listed.tasks, evaluate_tasks(listed.tasks), strict=True)}


def test_indentation_nests_tasks() -> None:
    text = "- [ ] 1 A\n  - [ ] 1.1 B\n    - [ ] 1.1.1 C\n  - [ ] 1.2 D\n- [ ] 2 E\n"
    assert tree(read(text)) == [("1", 0, None), ("1.1", 1, "1"), ("1.1.1", 2, "1.1"), ("1.2", 1, "1"), ("2", 0, None)]


def test_a_plain_bullet_closes_deeper_tasks() -> None:
    text = "- [ ] 1 A\n- note\n  - [ ] 2 B\n- [ ] 3 C\n  - note\n    - [ ] 4 D\n"
    assert tree(read(text)) == [("1", 0, None), ("2", 0, None), ("3", 0, None), ("4", 1, "3")]


def test_a_heading_closes_all_tasks() -> None:
    assert tree(read("- [ ] 1 A\n\n## B\n\n  - [ ] 2 C\n")) == [("1", 0, None), ("2", 0, None)]


def test_a_parent_is_found_by_its_id_if_nothing_above_has_less_indentation() -> None:
    text = "- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 2a. C\n- [ ] 2a.1 D\n- [ ] 9.1 E\n"
    expected = [("1", 0, None), ("1.1", 1, "1"), ("2a", 0, None), ("2a.1", 1, "2a"), ("9.1", 0, None)]
    assert tree(read(text, KIRO)) == expected
    assert [task.level for task in read("- [ ] 1 A\n- [ ] 1.1 B\n").tasks] == [0, 0]


def test_indentation_wins_over_the_id() -> None:
    text = "- [ ] 2. A\n- [ ] 3. B\n  - [ ] 2.6 C\n"
    assert tree(read(text, KIRO))[-1] == ("2.6", 1, "3")


def test_boxes_in_code_and_comments_are_no_tasks() -> None:
    listed = read("- [ ] 1 A\n```\n- [ ] 2 B\n```\n<!--\n- [ ] 3 C\n-->\n> - [ ] 4 D\n")
    assert [task.id for task in listed.tasks] == ["1"]
    assert listed.hidden_lines == (3, 6)


def test_a_task_ends_with_its_details() -> None:
    text = "- [ ] 1. A\n  goes on\n\n  - detail\n\n  - [ ] 1.1 B\n    - detail\n    ```\n    x\n    ```\n\nText\n"
    assert [(task.line, task.end) for task in read(text, KIRO).tasks] == [(1, 4), (6, 10)]


def test_groups_are_the_nearest_headings_with_tasks() -> None:
    listed = read("# T\n## 1. A\n- [ ] 1.1 x\n### 1.2 B\n- [ ] 1.2.1 x\n## C\n## D\n- [ ] y\n# E\n- [ ] z\n")
    assert [(group.id, group.title, group.line) for group in listed.groups] == [
        ("1", "A", 2),
        ("1.2", "B", 4),
        ("", "D", 7),
    ]
    assert [task.group for task in listed.tasks] == [0, 1, 2, -1]
    assert group_ids(listed) == ["1", "1.2", "D"]


def test_groups_with_one_name_have_different_ids() -> None:
    assert group_ids(read("## A\n- [ ] x\n## A\n- [ ] y\n")) == ["A:1", "A:3"]


def test_a_bold_list_item_without_a_box_is_a_group() -> None:
    listed = read("## G\n1. **Backend: a**\n   - [x] x\n   - [ ] y\n2. plain\n   - [ ] z\n")
    assert [(group.id, group.title) for group in listed.groups] == [("1", "Backend: a"), ("", "G")]
    assert [task.group for task in listed.tasks] == [0, 0, 1]


def test_a_ref_is_the_id_if_it_is_used_once() -> None:
    listed = read("- [ ] 1 A\n- [ ] 2 B\n- [x] 2 C\n- [ ] D\n")
    assert refs(listed.tasks) == [
        "1",
        *(f":{task.line}-{task.digest}" for task in listed.tasks[1:]),
    ]


def test_a_digest_depends_on_neither_box_nor_indentation() -> None:
    first, second, other = (
        read(text).tasks[0].digest for text in ("- [ ] Cafe\u0301", "   - [x] Caf\u00e9", "- [ ] Tea")
    )
    assert first == second != other
    assert len(first) == 4


@given(st.lists(st.sampled_from(["text", "", "## H", "- note", "```\nx\n```"]), max_size=6))
def test_edits_above_change_no_digest(above: list[str]) -> None:
    text = "- [ ] A\n- [x] B\n"
    before = [task.digest for task in read(text).tasks]
    assert [task.digest for task in read("\n".join([*above, "", text])).tasks] == before


@pytest.mark.parametrize(
    ("parent", "children", "expected"),
    [
        ("x", "xx", "done"),
        (" ", "xx", "in_progress"),
        ("x", "x ", "in_progress"),
        (" ", "x ", "in_progress"),
        ("x", "  ", "in_progress"),
        (" ", "  ", "open"),
        (" ", "- ", "in_progress"),
        ("-", "  ", "in_progress"),
    ],
)
def test_the_state_of_a_parent(parent: str, children: str, expected: str) -> None:
    text = f"- [{parent}] 1. A\n" + "".join(f"  - [{mark}] 1.{at} B\n" for at, mark in enumerate(children, 1))
    assert states(text, KIRO)["1"] == expected


def test_optional_tasks_neither_count_nor_make_a_parent() -> None:
    listed = read("- [ ] 1. A\n  - [ ]* 1.1 B\n- [ ]* 2. C\n  - [ ] 2.1 D\n- [x] 3. E\n", KIRO)
    judged = evaluate_tasks(listed.tasks)
    assert [(known.is_leaf, known.is_counted) for known in judged] == [
        (True, True),
        (True, False),
        (False, False),
        (True, False),
        (True, True),
    ]
    assert counts_of(judged) == {"open": 1, "done": 1}


def _task(line: int, identity: str, *depends_on: str, parent: int = -1, done: bool = False) -> Task:
    return Task(
        line=line,
        end=line,
        id=identity,
        title="T",
        marker="x" if done else " ",
        box=(2, 5),
        state="done" if done else "open",
        digest="0000",
        parent=parent,
        depends_on=depends_on,
    )


def test_a_task_waits_for_its_dependencies_and_those_of_its_parent() -> None:
    tasks = [
        _task(1, "1"),
        _task(2, "2", "1"),
        _task(3, "2.1", parent=1),
        _task(4, "3", "4", "9"),
        _task(5, "4", done=True),
        _task(6, "5", "2"),
    ]
    judged = evaluate_tasks(tasks)
    assert [known.state for known in judged] == ["open", "open", "blocked", "open", "done", "blocked"]
    assert judged[2].blocked_by == ("1",)
    assert judged[5].blocked_by == ("2",)


def test_a_missing_file_makes_a_ticked_task_unsupported() -> None:
    judged = evaluate_tasks(
        [_task(1, "1", done=True), _task(2, "2")], TaskDetails(missing_paths={0: "a/b.py", 1: "c/d.py"})
    )
    assert [known.state for known in judged] == ["unsupported", "open"]
    assert counts_of(judged) == {"unsupported": 1, "open": 1}
