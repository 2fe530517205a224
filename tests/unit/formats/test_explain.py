"""The decision table of the checkbox formats agrees with their states."""

from __future__ import annotations

import pytest

from planmark.formats.checkbox.explain import STATE_TABLE
from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import SAMPLES


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
    assert all(len(row.description) <= 42 for row in STATE_TABLE)
