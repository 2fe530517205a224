"""Kiro and cc-sdd: specs, tasks, states, waves, requirements and diagnostics."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.kiro import FORMAT
from planmark.formats.kiro.grammar import Steering
from unit.formats.format_workspace import applied
from unit.formats.plan_files import Plan, plans

SPEC = ".kiro/specs/login"
TASKS = f"{SPEC}/tasks.md"
REQUIREMENTS = f"{SPEC}/requirements.md"
DESIGN = f"{SPEC}/design.md"


def spec(text: str, requirements: str | None = None, *others: str, approvals: str | None = None) -> Plan:
    """Return the spec whose tasks file has a text."""
    files = {TASKS: text}
    if requirements is not None:
        files[REQUIREMENTS] = requirements
    if approvals is not None:
        files[f"{SPEC}/spec.json"] = approvals
    return plans("kiro", files, others)[TASKS]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (TASKS, "tasks"),
        (REQUIREMENTS, "requirements"),
        (f"{SPEC}/bugfix.md", "bugfix"),
        (DESIGN, "design"),
        (f"{SPEC}/spec.json", "approvals"),
        (f"packages/web/{TASKS}", "tasks"),
        (".kiro/steering/tech.md", "steering"),
        (f"{SPEC}/archive/old-tasks.md", None),
        (f"{SPEC}/notes.md", None),
        (".kiro/specs/tasks.md", None),
        (".kiro/settings/templates/specs/tasks.md", None),
        (".kiro/backups/1/.kiro/specs/login/tasks.md", "copy"),
        (".kiro/backups/specs/login/tasks.md", "copy"),
        (".kiro/.kiro/specs/login/tasks.md", None),
        (".kiro/hooks/a.kiro.hook", None),
        (f"tests/fixtures/{TASKS}", None),
    ],
)
def test_roles(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


def test_a_spec_is_a_folder_with_a_document() -> None:
    paths = [TASKS, DESIGN, ".kiro/specs/a/requirements.md", ".kiro/specs/b/spec.json", ".kiro/steering/tech.md"]
    found = FORMAT.discover(sorted(paths))
    assert [(site.path, site.feature, site.lifecycle) for site in found] == [
        (".kiro/specs/a", "a", "active"),
        (TASKS, "login", "active"),
    ]


@pytest.mark.parametrize(
    ("line", "identity", "title", "state", "optional", "parallel"),
    [
        ("- [ ] 1. Add it", "1", "Add it", "open", False, False),
        ("- [x] 1.2 Add it", "1.2", "Add it", "done", False, False),
        ("- [X] 5a. Add it", "5a", "Add it", "done", False, False),
        ("- [-] 5a.1 Add it", "5a.1", "Add it", "in_progress", False, False),
        ("- [~] 1.2 Add it", "1.2", "Add it", "open", False, False),
        ("- [!] 1.2 Add it", "1.2", "Add it", "open", False, False),
        ("- [ ]* 1.2 Add it", "1.2", "Add it", "open", True, False),
        ("- [ ]\\* 1.2 Add it", "1.2", "Add it", "open", True, False),
        ("- [ ] 1.2* Add it", "1.2", "Add it", "open", True, False),
        ("- [ ] 1.2 (P) Add it", "1.2", "Add it", "open", False, True),
        ("- [ ] 1.2 Add it (P)", "1.2", "Add it", "open", False, True),
        ("- [ ] 1．2： Add it", "1.2", "Add it", "open", False, False),
        ("- [ ] Add it", "", "Add it", "open", False, False),
        ("- [ ] **1. Add it**", "1", "Add it", "open", False, False),
        ("- [ ] **1.1** Add it", "1.1", "Add it", "open", False, False),
        ("2. [x] 1.2 Add it", "1.2", "Add it", "done", False, False),
        ("- [ ] 1. ~~Add it~~", "1", "~~Add it~~", "deferred", False, False),
        ("- [ ] 1. Add it (Phase 3 - 延后)", "1", "Add it (Phase 3 - 延后)", "deferred", False, False),
        ("- [~] 1.2 Add it（已撤销，被 2 取代）", "1.2", "Add it（已撤销，被 2 取代）", "deferred", False, False),
        ("- [ ] 1.2 弹窗(确定/取消)", "1.2", "弹窗(确定/取消)", "open", False, False),
    ],
)
def test_task_lines(line: str, identity: str, title: str, state: str, optional: bool, parallel: bool) -> None:
    (item,) = spec(line).state.achievements
    assert (item.id, item.title, item.state, item.optional, item.parallel) == (
        identity,
        title,
        state,
        optional,
        parallel,
    )


def test_a_box_without_a_number_is_a_check_list_item_if_others_have_one() -> None:
    assert [item.id for item in spec("- [ ] 1. A\n- [ ] Tests pass\n").state.achievements] == ["1"]
    assert [item.title for item in spec("- [ ] A\n- [ ] B\n").state.achievements] == ["A", "B"]


def test_nested_and_flat_tasks_have_the_same_parents() -> None:
    nested = spec("- [ ] 1. A\n  - [ ] 1.1 B\n- [ ] 2. C\n").state
    flat = spec("- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 2. C\n").state
    assert (
        [item.parent for item in nested.achievements]
        == [item.parent for item in flat.achievements]
        == [None, "1", None]
    )


def test_a_major_with_only_optional_sub_tasks_is_the_work_itself() -> None:
    plan = spec("- [x] 1. A\n- [ ] 2. B\n  - [ ]* 2.1 C\n").state
    assert plan.next.achievement == "2"
    assert plan.counts == {"done": 1, "open": 1}
    assert plan.progress is not None
    assert plan.progress.optional == 1


def test_steps_of_a_spec() -> None:
    files = {
        TASKS: "- [x] 1. A\n- [-] 2. B\n",
        ".kiro/specs/a/requirements.md": "# A\n",
        ".kiro/specs/b/design.md": "# B\n",
        ".kiro/specs/c/bugfix.md": "# C\n",
        ".kiro/specs/c/design.md": "# C\n",
        ".kiro/specs/d/tasks.md": "# Tasks\n",
        ".kiro/specs/e/tasks.md": "- [x] 1. A\n  - [ ]* 1.1 B\n",
    }
    found = {plan.state.feature: plan.state for plan in plans("kiro", files).values()}
    assert {name: (state.next.step, state.next.file, state.state) for name, state in found.items()} == {
        "login": ("continue_task", TASKS, "in_progress"),
        "a": ("write_design", None, "no_achievements"),
        "b": ("write_requirements", None, "no_achievements"),
        "c": ("write_tasks", None, "no_achievements"),
        "d": ("write_tasks", ".kiro/specs/d/tasks.md", "no_achievements"),
        "e": ("closed", ".kiro/specs/e/tasks.md", "complete"),
    }


def test_the_title_is_what_the_tasks_are_about() -> None:
    assert spec("# Implementation Plan: Log in\n- [ ] 1. A\n").state.title == "Log in"
    assert spec("# 实施计划：登录\n- [ ] 1. A\n").state.title == "登录"
    assert spec("# Implementation Plan\n- [ ] 1. A\n").state.title == "login"


def test_dependencies_block() -> None:
    plan = spec(
        "- [x] 1. A\n- [ ] 2. B\n  - _Depends: 1_\n- [ ] 3. C\n  - _Depends: 2 (only the API), 4.1-4.3_\n- [ ] 4. D\n"
        "- [ ] 5. E\n  - [ ]* 5.1 F\n- [ ] 6. G\n  - **Depends on**: 5.1\n"
    )
    assert plan.states() == {
        "1": "done",
        "2": "open",
        "3": "blocked",
        "4": "open",
        "5": "open",
        "5.1": "open",
        "6": "open",
    }
    assert plan.item("3").depends_on == ("2", "4.1", "4.2", "4.3")
    assert plan.item("3").blocked_by == ("2",)
    assert plan.state.next.achievement == "2"


def _graph(value: object) -> str:
    return f"\n## Task Dependency Graph\n\n```json\n{json.dumps(value)}\n```\n"


LEAVES = (
    "- [x] 1.1 A\n- [ ] 1.2 B\n- [ ]* 1.3 C\n- [ ] 2.1 D\n- [ ] 2.2 E\n- [ ] 3.1 F\n- [ ] 4. Checkpoint - tests pass\n"
)


@pytest.mark.parametrize(
    "waves",
    [
        [{"id": 0, "tasks": ["1.1"]}, {"id": 1, "tasks": ["1.2", "1.3", "2.1"]}, {"id": 2, "tasks": ["2.2", "3.1"]}],
        [{"wave": 1, "tasks": ["1.1"]}, {"wave": 2, "tasks": ["1.2", "1.3", "2.1"]}, {"tasks": ["2.2", "3.1"]}],
        [["1.1"], ["1.2", "1.3", "2.1"], ["2.2", "3.1"]],
    ],
)
def test_a_wave_waits_for_the_open_tasks_of_earlier_waves(waves: object) -> None:
    plan = spec(LEAVES + _graph({"waves": waves}))
    assert plan.states() == {
        "1.1": "done",
        "1.2": "open",
        "1.3": "open",
        "2.1": "open",
        "2.2": "blocked",
        "3.1": "blocked",
        "4": "open",
    }
    assert plan.item("2.2").blocked_by == ("1.2", "2.1")
    assert plan.state.next.achievement == "1.2"
    assert [one.achievement for one in plan.state.also_ready] == ["2.1"]


@pytest.mark.parametrize(
    "text", ['{"waves": 3}', '{"waves": [3, {"tasks": 1}]}', '{"waves": [', "[" * 5000, '{"a": 1}']
)
def test_a_graph_that_is_not_one_blocks_nothing(text: str) -> None:
    plan = spec(f"{LEAVES}\n```json\n{text}\n```\n")
    assert "blocked" not in plan.states().values()


def test_parallel_neighbours_are_ready_too() -> None:
    text = "- [ ] 1. A\n  - [ ] 1.1 (P) B\n  - [ ] 1.2 (P) C\n  - [ ] 1.3 D\n  - [x] 1.4 (P) E\n- [ ] 2. F\n  - [ ] 2.1 (P) G\n"
    assert [one.achievement for one in spec(text).state.also_ready] == ["1.2"]


@pytest.mark.parametrize(
    ("approvals", "said"),
    [
        ('{"approvals": {"tasks": {"approved": false}}}', True),
        ('{"approvals": {"tasks": {"approved": true}}}', False),
        ('{"approvals": []}', False),
        ("no JSON", False),
    ],
)
def test_tasks_that_are_not_approved(approvals: str, said: bool) -> None:
    assert ("not approved" in spec("- [ ] 1. A\n", approvals=approvals).state.next.reason) == said


def test_steering_says_when_it_is_included() -> None:
    text = "---\ninclusion: fileMatch\nfileMatchPattern: '*.ts'\n---\n# Tech\n"
    assert FORMAT.parse(".kiro/steering/tech.md", "steering", text) == Steering("Tech", "fileMatch", "*.ts")
    assert FORMAT.parse(".kiro/steering/tech.md", "steering", "# Tech\n") == Steering("Tech", "always", "")


WRITTEN = """# Requirements

### Requirement 1: Log in

#### Acceptance Criteria

1. WHEN a THEN b
2. WHEN c THEN d

### Requirement 2 (withdrawn): Log out

1. WHEN e THEN f
"""


@pytest.mark.parametrize(
    ("detail", "unknown"),
    [
        ("_Requirements: 1.1, 1.2_", 0),
        ("_Requirements: 1_", 0),
        ("_Requirements: 1.1-1.2 (both)_", 0),
        ("_Requirements: 1.3_", 1),
        ("_Requirements: 1.1–1.4_", 2),
        ("_需求: 3.1, 4_", 2),
        ("المتطلبات: 7.1", 1),
        ("**Requirements:** 2.1", 1),
        ("_Requirements: NFR-1, R3_", 0),
        ("_Boundary: 9.9_", 0),
    ],
)
def test_requirements_that_a_task_names(detail: str, unknown: int) -> None:
    assert spec(f"- [ ] 1. A\n  - {detail}\n", WRITTEN).lines("requirement-unknown") == [2] * unknown


def test_full_numbers_do_not_bring_back_a_withdrawn_requirement() -> None:
    requirements = "### Requirement 1: In\n\n1.1. a\n\n### Requirement 2 (withdrawn): Out\n\n2.1. b\n"
    detail = "_Requirements: 1.1, 2.1, 2_"
    assert spec(f"- [ ] 1. A\n  - {detail}\n", requirements).lines("requirement-unknown") == [2, 2]


@pytest.mark.parametrize(
    "requirements",
    [None, "# Requirements\n", "### Requirement 9\n\n- a bullet\n", "### NEW Requirement 9\n\n3. a\n4. b\n"],
)
def test_requirements_that_are_not_known_are_not_judged(requirements: str | None) -> None:
    assert spec("- [ ] 1. A\n  - _Requirements: 9.9_\n", requirements).found("requirement-unknown") == []


def test_requirements_of_a_bug_fix_have_full_numbers() -> None:
    files = {
        TASKS: "- [ ] 1. A\n  - _Requirements: 1.1, 2.7_\n",
        f"{SPEC}/bugfix.md": "# Bug\n\n1.1 WHEN a\n- 2.1 WHEN b\n",
    }
    assert plans("kiro", files)[TASKS].lines("requirement-unknown") == []
    files[f"{SPEC}/bugfix.md"] += "\n### Requirement 2\n\n1. WHEN c\n"
    assert plans("kiro", files)[TASKS].lines("requirement-unknown") == [2]


CASES: dict[str, tuple[str, str, list[int]]] = {
    "task-not-startable": ("### 1. Model\n\n- [ ] 1.1 A\n- [ ] 1.2 B\n", "### Model\n- [ ] 1. A\n- [ ] 1.1 B\n", [1]),
    "parent-ticked-early": ("- [x] 1. A\n- [ ] 1.1 B\n- [x] 1.2 C\n", "- [x] 1. A\n- [ ]* 1.1 B\n- [x] 1.2 C\n", [1]),
    "parent-not-ticked": ("- [ ] 1. A\n  - [x] 1.1 B\n", "- [-] 1. A\n  - [x] 1.1 B\n", [1]),
    "task-queued": ("- [~] 1. A\n", "- [-] 1. A\n", [1]),
    "task-marker-unknown": ("- [!] 1. A\n", "- [-] 1. A\n", [1]),
    "task-optional-escaped": ("- [ ]\\* 1. A\n", "- [ ]* 1. A\n", [1]),
    "task-id-form": ("- [ ] １．２ A\n", "- [ ] 1.2 A：b\n", [1]),
    "task-id-duplicate": ("- [ ] 1.1 A\n- [ ] 1.1 B\n", "- [ ] 1. A\n- [ ] 1.1 B\n", [2]),
    "task-number-group": ("- [ ] 3. A\n  - [ ] 2.6 B\n", "- [ ] 3. A\n  - [ ] 3.6 B\n", [2]),
    "wave-task-unknown": (
        "- [ ] 1.1 A\n" + _graph([]).replace("[]", '{"waves": [["1.1", "4.7"]]}'),
        "- [ ] 1.1 A\n",
        [5],
    ),
    "wave-task-missing": (
        "- [ ] 1.1 A\n- [ ] 1.2 B\n" + _graph({"waves": [["1.1"]]}),
        "- [ ] 1.1 A\n- [ ]* 1.2 B\n- [ ] 2. Checkpoint\n" + _graph({"waves": [["1.1"]]}),
        [2],
    ),
    "dependency-unknown": ("- [ ] 1. A\n  - _Depends: 4.9_\n", "- [ ] 1. A\n- [ ] 2. B\n  - _Depends: 1_\n", [1]),
    "done-before-dependency": (
        "- [x] 1. A\n  - _Depends: 2_\n- [ ] 2. B\n",
        "- [ ] 1. A\n  - _Depends: 2_\n- [ ] 2. B\n",
        [1],
    ),
    "task-says-deferred": ("- [x] 1. ~~A~~\n", "- [ ] 1. ~~A~~\n", [1]),
    "merge-conflict": ("<<<<<<< HEAD\n- [ ] 1. A\n=======\n- [x] 1. A\n>>>>>>> b\n", "- [ ] 1. A\n=======\n", [1]),
    "deliverable-missing": ("- [x] 1. Create `src/router.js`\n", "- [x] 1. Use `src/router.js`\n", [1]),
}
FIXED = {
    *("task-not-startable", "parent-ticked-early", "parent-not-ticked", "task-queued", "task-marker-unknown"),
    *("task-optional-escaped", "task-id-form", "task-id-duplicate", "task-number-group"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_diagnostic_is_found_where_it_should_be_and_nowhere_else(code: str) -> None:
    trigger, near_miss, lines = CASES[code]
    assert spec(trigger).lines(code) == lines
    assert spec(near_miss).lines(code) == []


@pytest.mark.parametrize("code", CASES)
def test_a_fix_removes_its_diagnostic(code: str) -> None:
    text = CASES[code][0]
    (found,) = spec(text).found(code)
    assert (found.fix is not None) == (code in FIXED)
    if found.fix:
        assert spec(applied(text, found.fix)).found(code) == []


def test_a_spec_without_tasks_is_reported_at_its_first_document() -> None:
    plan = plans("kiro", {REQUIREMENTS: "# A\n"})[SPEC]
    assert [(one.path, one.code, one.severity) for one in plan.diagnostics] == [
        (REQUIREMENTS, "tasks-missing", "information")
    ]


def test_a_file_with_conflicts_is_read() -> None:
    plan = spec("<<<<<<< HEAD\n- [x] 1. A\n=======\n- [ ] 1. A\n>>>>>>> b\n- [ ] 2. B\n")
    assert [item.state for item in plan.state.achievements] == ["done", "open", "open"]
    assert plan.state.achievements[0].ref != plan.state.achievements[1].ref
    assert plan.state.state == "needs_attention"


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                "- [ ]",
                "* ",
                " 1.",
                "1",
                "x",
                "\n",
                "  ",
                "## ",
                "```",
                '{"waves":[["1"]]}',
                "_Depends: 1-3_",
                "_需求：2_",
            ]
        )
    ).map("".join)
)
def test_every_text_is_read(text: str) -> None:
    plan = spec(text, text, approvals=text)
    assert sum(plan.state.counts.values()) <= len(plan.state.achievements)
    assert len({item.ref for item in plan.state.achievements}) == len(plan.state.achievements)


@pytest.mark.parametrize(
    "heading",
    [
        "## 3. Core",
        "### Task 3: Core",
        "### **3. Core**",
        "### ✅ 3. Core",
        "## Phase 3: Core",
        "### Epic 3: Core",
        "## 任务 3：核心",
    ],
)
def test_headings_in_place_of_major_tasks(heading: str) -> None:
    assert spec(f"{heading}\n- [ ] 3.1 a\n- [ ] 3.2 b\n").lines("task-not-startable") == [1]
    assert spec(f"{heading}\n- [ ] 3. C\n  - [ ] 3.1 a\n").lines("task-not-startable") == []


def test_numbers_without_a_blank_behind_them() -> None:
    plan = spec("- [ ] 1.第一\n  - [ ] 1.1 子\n- [x] 2、第二\n")
    assert list(plan.states()) == ["1", "1.1", "2"]
    assert plan.lines("task-id-form") == [3]


@pytest.mark.parametrize(
    ("written", "unknown"),
    [
        ("### 1. A\n1. WHEN a\n### 2. B\n1. WHEN b\n", [2]),
        ("### المتطلب 1: A\n1. a\n### المتطلب 2\n1. b\n", [2]),
        ("### A\n\n2.5 seconds\n", []),
    ],
)
def test_requirements_that_a_document_has(written: str, unknown: list[int]) -> None:
    requirements = f"# Requirements\n{written}"
    assert (
        spec("- [ ] 1. A\n  - _Requirements: 1.1, 2.1, 3.1, 4_\n", requirements).lines("requirement-unknown")
        == unknown * 2
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"waves": [{"id": 1, "tasks": ["1"]}, {"id": 0, "tasks": ["2.1"]}]}',
        '{"waves": [{"tasks": [{"id": "2.1"}]}, {"tasks": ["task 1.1"]}]}',
        '{"waves": [["2"], ["1.1"],]}',
    ],
)
def test_waves_are_read_in_other_forms(text: str) -> None:
    plan = spec(f"- [ ] 1. A\n  - [ ] 1.1 a\n- [ ] 2. B\n  - [ ] 2.1 b\n\n```json\n{text}\n```\n")
    assert plan.states() == {"1": "open", "1.1": "blocked", "2": "open", "2.1": "open"}
    assert plan.lines("wave-task-missing") == plan.lines("wave-task-unknown") == []
