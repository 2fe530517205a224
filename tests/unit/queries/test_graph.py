"""The graph of a plan with its waves and its critical path, as data, Mermaid and DOT."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from editor_checks import view_at
from fixture import files
from planmark.queries.graph import GraphResult, graph_result
from planmark.queries.graph_drawing import dot, mermaid

PLAN = """
//- /work-space/plans/TILL/PLAN_TILL.md
# PLAN: Till

**Status**: In Progress

## Achievement Index

- Achievement 1.1: Drawer
- Achievement 1.2: Coins
- Achievement 1.3: Notes
- Achievement 2.1: Report

**Achievement 1.1**: Drawer

- Effort: 2 hours
- Deliverables: `till/drawer.py`

**Achievement 1.2**: Coins

- Effort: 3-5 hours
- Deliverables: `till/drawer.py`, `till/coins.py`

**Achievement 1.3**: Notes

**Achievement 2.1**: Report

- Effort: 1 hour
//- /work-space/plans/TILL/execution/feedbacks/APPROVED_13.md
# APPROVED: 1.3
"""
PLAN_PATH = "work-space/plans/TILL/PLAN_TILL.md"
Graph = Callable[..., GraphResult]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    def graph_of(fixture: str, path: str = PLAN_PATH) -> GraphResult:
        return graph_result(view_at(files(fixture), tmp_path), path)

    return graph_of


def columns(made: GraphResult) -> dict[str, list[str]]:
    """Return the title of each column → the ids of its nodes."""
    return {
        column.title: [node.id for node in made.nodes if node.column == at] for at, column in enumerate(made.columns)
    }


def test_nodes_stand_in_the_columns_of_their_waves(graph: Graph) -> None:
    made = graph(PLAN)
    assert columns(made) == {"Done": ["1.3"], "Wave 1": ["1.2"], "Wave 2": ["1.1"], "Wave 3": ["2.1"]}
    assert [column.wave for column in made.columns] == [None, 1, 2, 3]
    assert {node.id: (node.wave, node.critical, node.hours_label, node.why) for node in made.nodes} == {
        "1.1": (2, False, "2 h", "changes till/drawer.py, as 1.2 does"),
        "1.2": (1, True, "4 h", "waits for nothing"),
        "1.3": (None, False, "", ""),
        "2.1": (3, True, "1 h", "after priority 1"),
    }
    assert made.critical_path == ["1.2", "2.1"]
    assert [(pair.a, pair.b, pair.files) for pair in made.conflicts] == [("1.1", "1.2", ("till/drawer.py",))]
    assert made.summary[0] == "3 items left, one after the other, by priority"
    assert made.summary[1] == "Critical path: 1.2 → 2.1"


def test_the_median_stands_for_missing_hours(graph: Graph) -> None:
    made = graph(PLAN.replace("- Effort: 1 hour\n", ""))
    assert [node.hours_label for node in made.nodes if node.id == "2.1"] == ["≈3 h"]


def test_mermaid_draws_waves_and_the_critical_path(graph: Graph) -> None:
    lines = mermaid(graph(PLAN)).splitlines()
    assert '  a1_3["1.3 Notes<br/>approved"]:::approved' in lines
    start = lines.index('  subgraph wave1["Wave 1"]')
    assert lines[start + 1].startswith('    a1_2["1.2 Coins<br/>') and lines[start + 2] == "  end"
    assert {"  a1_2 ==> a2_1", "  wave1 ~~~ wave2", "  class a1_2,a2_1 critical"} <= set(lines)


def test_a_declared_dependency_on_the_critical_path_is_a_thick_arrow(graph: Graph) -> None:
    made = graph(PLAN.replace("- Effort: 1 hour", "- Effort: 1 hour\n- **Dependencies**: 1.3, 1.2"))
    lines = mermaid(made).splitlines()
    arrows = [line for line in lines if "-->" in line]
    assert "  linkStyle 1 stroke-width:4px" in lines and arrows[1] == "  a1_2 --> a2_1"
    assert not any("==>" in line for line in lines)
    assert '  "1.2" -> "2.1" [penwidth=4];\n' in dot(made) and '  "1.3" -> "2.1";\n' in dot(made)


def test_dot_draws_waves_and_the_critical_path(graph: Graph) -> None:
    text = dot(graph(PLAN))
    assert re.search(r'subgraph "cluster_wave1" \{\n  label="Wave 1";\n  "1\.2" \[[^\n]*penwidth=4\];\n  \}', text)
    assert '  "1.2" -> "2.1" [penwidth=4];\n' in text and '  "1.2" -> "1.1" [style=invis];\n' in text


def test_a_plan_without_open_work_is_drawn_by_its_dependencies(graph: Graph) -> None:
    done = "".join(
        f"//- /work-space/plans/TILL/execution/feedbacks/APPROVED_{number}.md\n# APPROVED\n"
        for number in ("11", "12", "21")
    )
    made = graph(PLAN.replace("- Effort: 1 hour", "- Effort: 1 hour\n- **Dependencies**: 1.2") + done)
    assert [(node.id, node.column, node.wave) for node in made.nodes] == [
        ("1.1", 0, None),
        ("1.2", 0, None),
        ("1.3", 0, None),
        ("2.1", 1, None),
    ]
    assert ([column.title for column in made.columns], made.summary, made.critical_path) == (["", ""], [], [])
    assert "subgraph" not in mermaid(made) + dot(made) and "critical" not in mermaid(made)


def test_a_cycle_has_no_waves(graph: Graph) -> None:
    made = graph(
        PLAN.replace("- Effort: 2 hours", "- **Dependencies**: 1.2").replace(
            "- Effort: 3-5 hours", "- **Dependencies**: 1.1"
        )
    )
    assert (made.cycle, made.summary, {node.wave for node in made.nodes}) == (["1.1", "1.2", "1.1"], [], {None})
    assert "|circle|" in mermaid(made) and "subgraph" not in mermaid(made)


KIRO = """
//- /.kiro/specs/till/tasks.md
# Implementation Plan

- [ ] 1. Coins
  - [ ] 1.1 Create `src/coins.ts`
  - [x] 1.2 Create `src/notes.ts`
- [x] 2. Read

## Task Dependency Graph

```json
{"waves": [{"id": 0, "tasks": ["1.1"]}]}
```
"""


def test_other_formats_name_items_that_are_not_in_a_wave(graph: Graph) -> None:
    made = graph(KIRO, ".kiro/specs/till/tasks.md")
    assert columns(made) == {"Done": ["2"], "Wave 1": ["1.1"], "Not in a wave": ["1", "1.2"]}
    assert {node.id: node.why for node in made.nodes} == {
        "1": "done when all items below it are",
        "1.1": "waits for nothing",
        "1.2": "a person confirms it first",
        "2": "",
    }


def test_many_waves_of_one_item_share_a_column(graph: Graph) -> None:
    text = "//- /openspec/changes/till/tasks.md\n# Tasks\n\n## 1. Coins\n\n" + "".join(
        f"- [ ] 1.{number} Count\n" for number in range(1, 9)
    )
    made = graph(text, "openspec/changes/till/tasks.md")
    assert columns(made) == {"Waves 1 to 8": [f"1.{number}" for number in range(1, 9)]}
    assert [node.wave for node in made.nodes] == list(range(1, 9))
    assert made.columns[0].wave == 1 and "==>" not in mermaid(made)


def test_other_plans_have_a_column_of_their_own(graph: Graph) -> None:
    made = graph(
        PLAN.replace("- Effort: 1 hour", "- **Dependencies**: @DESK 1.1")
        + "//- /work-space/plans/DESK/PLAN_DESK.md\n# PLAN: Desk\n\n## Achievement Index\n\n- Achievement 1.1: Wood\n"
    )
    assert columns(made)["Other plans"] == ["@DESK 1.1"]


def test_each_node_has_a_name_of_its_own_in_mermaid(graph: Graph) -> None:
    text = "//- /openspec/changes/till/tasks.md\n# Tasks\n\n## 1. Coins\n\n" + "".join(
        f"- [ ] {item}\n" for item in ("1.1 One", "1_1 Two", "Münze", "Mönze", "end")
    )
    made = graph(text, "openspec/changes/till/tasks.md")
    drawn = mermaid(made)
    names = re.findall(r"^ +(\w+)\[\"", drawn, re.MULTILINE)
    assert len(names) == len(set(names)) == 5 and "end" not in names
    steps = re.findall(r"(\w+) ==> (\w+)", drawn)
    assert len(steps) == 4 and set(names) == {name for step in steps for name in step}


def test_two_items_with_one_id_are_two_nodes(graph: Graph) -> None:
    text = "//- /openspec/changes/till/tasks.md\n# Tasks\n\n## 1. Till\n\n- [x] 1.1 Coins\n- [ ] 1.1 Notes\n- [ ] 1.2 Sums\n"
    made = graph(text, "openspec/changes/till/tasks.md")
    done, notes, sums = made.nodes
    assert (done.id, notes.id, notes.wave, notes.critical) == ("1.1", "1.1", 1, True) and done.ref != notes.ref
    assert made.critical_path == [notes.ref, sums.ref] and not done.critical
    names = re.findall(r"^ +(\w+)\[\"", mermaid(made), re.MULTILINE)
    assert len(set(names)) == 3 and f"  {names[1]} ==> {names[2]}\n" in mermaid(made)
    assert f'  "{notes.ref}" -> "1.2" [penwidth=4];\n' in dot(made)
