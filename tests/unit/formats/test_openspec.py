"""OpenSpec: changes, tasks, states, next steps and diagnostics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.openspec import FORMAT
from planmark.plans.model import Count
from unit.formats.format_workspace import applied
from unit.formats.plan_files import Plan, plans

CHANGE = "openspec/changes/add-login"
TASKS = f"{CHANGE}/tasks.md"
PROPOSAL = f"{CHANGE}/proposal.md"
OLD = "openspec/changes/archive/2026-01-02-add-login"


def change(text: str, *others: str, folder: str = CHANGE, ignored: tuple[str, ...] = ()) -> Plan:
    """Return the change whose tasks file has a text; `others` are further files of the workspace."""
    return plans("openspec", {f"{folder}/tasks.md": text}, others, ignored)[f"{folder}/tasks.md"]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (TASKS, "tasks"),
        (PROPOSAL, "proposal"),
        (f"{CHANGE}/design.md", "design"),
        (f"{CHANGE}/specs/auth/spec.md", "spec"),
        (f"{CHANGE}/specs/auth/login/spec.md", "spec"),
        (f"{CHANGE}/specs/tasks.md", "delta"),
        (f"{CHANGE}/task.md", "note"),
        (f"{OLD}/tasks.md", "tasks"),
        (f"packages/web/{TASKS}", "tasks"),
        (f"{CHANGE}/specs/001-x/tasks.md", "delta"),
        ("openspec/changes/tasks.md", None),
        ("openspec/changes/archive/tasks.md", None),
        ("openspec/archive/add-login/tasks.md", "misplaced"),
        ("openspec/initiatives/x/tasks.md", None),
        ("openspec/specs/auth/spec.md", None),
        (f".claude/worktrees/a/{TASKS}", None),
        (f"test/fixtures/a/{TASKS}", None),
        (f"{CHANGE}/.kiro/specs/x/tasks.md", None),
        (f"{CHANGE}/smoke.mjs", None),
        (".claude/commands/openspec/apply.md", None),
        ("docs/openspec/guide.md", None),
    ],
)
def test_roles(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


def test_each_folder_below_changes_and_archive_is_a_plan() -> None:
    found = FORMAT.discover(sorted([TASKS, PROPOSAL, f"{OLD}/proposal.md", "openspec/changes/draft/proposal.md"]))
    assert [(site.path, site.feature, site.lifecycle) for site in found] == [
        (TASKS, "add-login", "active"),
        (OLD, "2026-01-02-add-login", "archived"),
        ("openspec/changes/draft", "draft", "active"),
    ]
    assert found[0].documents == (PROPOSAL, TASKS)


@pytest.mark.parametrize(
    ("line", "identity", "title", "marker", "state"),
    [
        ("- [ ] 1.1 Add it", "1.1", "Add it", " ", "open"),
        ("- [x] 1.1.2.3 Add it", "1.1.2.3", "Add it", "x", "done"),
        ("* [X] 1.2a Add it", "1.2a", "Add it", "X", "done"),
        ("  1. [ ] Add it", "", "Add it", " ", "open"),
        ("-[x]Add it", "", "Add it", "x", "done"),
        ("\t- [  ] Add it", "", "Add it", " ", "open"),
        ("- [ x ] 3: Add it", "3", "Add it", "x", "done"),
        ("- [ ] **1.1** Add it", "1.1", "Add it", " ", "open"),
        ("- [ ] **1. Add it**", "1", "Add it", " ", "open"),
        ("- [ ] **1.2 Add** it", "1.2", "Add it", " ", "open"),
        ("- [ ] **1.2**: Add **it**", "1.2", "Add **it**", " ", "open"),
        ("- [ ] 1．1： Add it", "1.1", "Add it", " ", "open"),
        ("- [ ] T-1: Add it", "T-1", "Add it", " ", "open"),
        ("- [ ] W1 Add it", "W1", "Add it", " ", "open"),
        ("- [ ] F.2 Add it", "F.2", "Add it", " ", "open"),
        ("- [ ] AC-3: Add it", "AC-3", "Add it", " ", "open"),
        ("- [ ] 3rd party", "", "3rd party", " ", "open"),
        ("- [ ] Add it <!-- id: 7 -->", "", "Add it", " ", "open"),
        ("- [~] 1.1 Add it", "1.1", "Add it", "~", "open"),
        ("- [!] 1.1 Add it", "1.1", "Add it", "!", "open"),
    ],
)
def test_task_lines(line: str, identity: str, title: str, marker: str, state: str) -> None:
    (item,) = change(line).state.achievements
    assert (item.id, item.title, item.marker, item.state) == (identity, title, marker, state)


@pytest.mark.parametrize(
    "line", ["- [link](x)", "- [x](url) text", "- [ab] c", "text [x] y", "- [x][y]", "-", "- [](x)"]
)
def test_lines_that_are_no_tasks(line: str) -> None:
    assert change(line).state.achievements == ()


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("- [ ] 1.1 **DEFERRED (ops):** alerts", "deferred"),
        ("- [ ] 1.1 Alerts — **DEFERRED (ops)**", "deferred"),
        ("- [ ] 1.1 Alerts (deferred until June)", "deferred"),
        ("- [ ] 1.1 Alerts — отменено", "deferred"),
        ("- [ ] 1.1 Alerts - skipped", "deferred"),
        ("- [ ] 1.1 ~~Alerts~~", "deferred"),
        ("- [ ] 1.1 Alerts and\n      metrics — deferred", "deferred"),
        ("- [~] 1.1 Fixture test — **skipped**", "deferred"),
        ("- [~] 1.1 Export — DONE: csv; DEFERRED: pdf", "open"),
        ("- [ ] 1.1 Add `--no-fetch` to skip it", "open"),
        ("- [ ] 1.1 Cancelar Reparación", "open"),
        ("- [ ] 1.1 Use deferred loading", "open"),
        ("- [ ] 1.1 弹窗(确定/取消)", "open"),
        ("- [x] 1.1 Alerts — **DEFERRED**", "done"),
        ("## 5. Restore — DEFERRED\n- [ ] 1.1 a", "deferred"),
        ("## Deferred follow-ups\n- [ ] 1.1 a", "deferred"),
        ("## Deferred follow-ups\n- [x] 1.1 a", "done"),
        ("## Run deferred jobs\n- [ ] 1.1 a", "open"),
        ("## 5. Deferred\n### 5.1 A\n- [ ] 5.1.1 a", "deferred"),
        ("## 5. Deferred\n## 6. A\n- [ ] 6.1 a", "open"),
    ],
)
def test_deferred_tasks(line: str, state: str) -> None:
    assert change(line).state.achievements[0].state == state


def test_next_is_the_first_open_leaf_and_progress_shows_both_counts() -> None:
    plan = change("## 1. A\n- [ ] 1.1 a\n  - [x] 1.1.1 b\n  - [ ] 1.1.2 c\n- [ ] 1.2 **DEFERRED:** d\n").state
    assert plan.next.step == "implement_task"
    assert (plan.next.achievement, plan.next.ref, plan.next.file) == ("1.1.2", "1.1.2", TASKS)
    assert plan.counts == {"done": 1, "open": 1, "deferred": 1}
    assert plan.progress is not None
    assert (plan.progress.done, plan.progress.total, plan.progress.deferred) == (1, 2, 1)
    assert plan.progress.tool == Count(1, 4)
    assert plan.state == "in_progress"
    assert [(group.id, group.title, group.done, group.total, group.state) for group in plan.groups] == [
        ("1", "A", 1, 2, "in_progress")
    ]


@pytest.mark.parametrize(
    ("proposal", "title"),
    [
        ("# Change: Add login\n", "Add login"),
        ("# Add login\n", "Add login"),
        ("# Proposal\n", "add-login"),
        ("## Why\n", "add-login"),
    ],
)
def test_the_title_is_that_of_the_proposal(proposal: str, title: str) -> None:
    found = plans("openspec", {TASKS: "# Tasks\n- [ ] a\n", PROPOSAL: proposal})[TASKS]
    assert found.state.title == title


def test_a_task_without_an_id_is_named_by_its_line_and_digest() -> None:
    plan = change("- [x] A\n- [ ] B\n").state
    assert plan.next.achievement is None
    assert plan.next.ref == plan.achievements[1].ref
    assert plan.achievements[1].ref.startswith(":2-")


def test_steps_of_a_change() -> None:
    files = {
        TASKS: "- [x] a\n- [x] b\n",
        f"{OLD}/tasks.md": "- [ ] a\n",
        "openspec/changes/draft/proposal.md": "# Draft\n",
        "openspec/changes/empty/tasks.md": "# Tasks (TBD)\n",
        "openspec/changes/fresh/tasks.md": "- [ ] a\n",
    }
    found = {plan.state.feature: plan.state for plan in plans("openspec", files).values()}
    assert {name: (state.next.step, state.state) for name, state in found.items()} == {
        "add-login": ("verify_and_archive", "complete"),
        "2026-01-02-add-login": ("closed", "planned"),
        "draft": ("write_tasks", "no_achievements"),
        "empty": ("write_tasks", "no_achievements"),
        "fresh": ("implement_task", "planned"),
    }
    assert found["add-login"].next.role == "reviewer"
    assert found["draft"].path == "openspec/changes/draft"


def test_a_ticked_task_without_its_file_is_unsupported() -> None:
    text = "- [x] 1.1 Create `src/a.py` with it\n- [x] 1.2 Create `src/b.py`\n"
    plan = change(text, "src/b.py")
    assert plan.states() == {"1.1": "unsupported", "1.2": "done"}
    assert plan.item("1.1").evidence[0].path == "src/a.py"
    assert (plan.state.state, plan.state.next.step, plan.state.next.achievement) == (
        *("needs_attention", "confirm_state"),
        "1.1",
    )
    assert plan.state.built_files is not None
    assert (plan.state.built_files.creates, plan.state.built_files.exist) == (2, 1)


@pytest.mark.parametrize(
    ("others", "ignored"), [(("src/a.py",), ()), (("lib/src/a.py",), ()), (("other/a.py",), ()), ((), ("src/a.py",))]
)
def test_a_file_that_is_elsewhere_or_ignored_is_not_missing(others: tuple[str, ...], ignored: tuple[str, ...]) -> None:
    plan = change("- [x] 1.1 Create `src/a.py`\n", *others, ignored=ignored)
    assert plan.states() == {"1.1": "done"}
    assert plan.found("deliverable-missing") == []


def test_a_file_is_also_looked_for_below_the_root_of_the_change() -> None:
    folder = f"packages/web/{CHANGE}"
    assert change("- [x] 1.1 Create `src/a.py`\n", "packages/web/src/a.py", folder=folder).states() == {"1.1": "done"}


def test_files_are_only_those_that_a_task_creates() -> None:
    lines = [
        "- [x] 1.1 Delete `src/old.py`",
        "- [x] 1.2 Call `src/x.py` twice",
        "- [x] 1.3 Create a test for `src/y.py`",
        "- [x] 1.4 Write the ledger to `docs/ledger.md`",
        "- [x] 1.5 Add `a/b.py`, `a/c.py` and `a/d.py`",
        "- [x] 1.6 Create helper in src/z.ts",
        "- [x] 1.7 在 `src/w.ts` 中",
        "- [x] 1.8 `src/v.ts` erstellen",
        "- [x] 1.9 Create https://example.com/a/b.html",
        "- [x] 1.10 创建数据模型（`src/u.ts`）",
        "- [x] 1.11 在 `src/t.ts` 中实现",
        "- [x] 1.12 Create the model (src/s.ts)",
        "- [x] 1.13 Create the model that `src/r.ts` needs",
        "- [x] 1.14 Create `Next.js` app",
        "- [x] 1.15 Create `src/[id]/page.tsx` if needed",
    ]
    tasks = FORMAT.parse(TASKS, "tasks", "\n".join(lines))
    created = [task.creates for task in tasks.task_list.tasks]  # type: ignore[attr-defined]
    assert created == [
        *((), (), (), ("docs/ledger.md",), ("a/b.py", "a/c.py", "a/d.py"), ("src/z.ts",), (), ("src/v.ts",), ()),
        *(("src/u.ts",), ("src/t.ts",), ("src/s.ts",), (), (), ()),
    ]


DONE = "- [x] 1.1 a\n- [ ] 1.2 b\n"
CASES: dict[str, tuple[str, str, list[int]]] = {
    "task-marker-unknown": ("- [~] 1.1 a\n", DONE, [1]),
    "parent-ticked-early": ("- [x] 1 a\n  - [x] 1.1 b\n  - [ ] 1.2 c\n", "- [x] 1 a\n  - [x] 1.1 b\n", [1]),
    "task-id-duplicate": ("- [ ] 1.1 a\n- [ ] 1.2 b\n- [ ] 1.1 c\n", DONE, [3]),
    "task-number-group": ("## 2. A\n- [ ] 2.1 a\n- [ ] 3.1 b\n", "## 2. A\n- [ ] 2.1 a\n", [3]),
    "task-says-deferred": ("- [x] 1.1 N/A, nothing to do\n- [ ] b\n", "- [x] 1.1 Add deferred loading\n- [ ] b\n", [1]),
    "task-after-archive": ("- [ ] 9.1 Run `openspec archive add-login`\n", "- [x] 9.1 Run `openspec archive x`\n", [1]),
    "deliverable-missing": ("- [x] 1.1 Create `src/a.py`\n", "- [ ] 1.1 Create `src/a.py`\n", [1]),
    "merge-conflict": ("<<<<<<< HEAD\n- [ ] a\n=======\n- [x] a\n>>>>>>> b\n", "- [ ] a <<<<<<< b\n", [1]),
    "checkbox-missing": ("- [ ] 1.1 a\n- 1.2 b\n", "- [ ] 1.1 a\n  - 1.2 b\n- see 1.2\n", [2]),
    "old-counter-drops": ("- [ ] a\n  - [ ] b\n  - [ ] c\n", DONE, [2]),
    "change-ready-to-archive": ("- [x] 1.1 a\n", DONE, [1]),
}
FIXED = {"task-marker-unknown", "parent-ticked-early", "task-id-duplicate", "task-number-group", "checkbox-missing"}


@pytest.mark.parametrize("code", CASES)
def test_a_diagnostic_is_found_where_it_should_be_and_nowhere_else(code: str) -> None:
    trigger, near_miss, lines = CASES[code]
    assert change(trigger).lines(code) == lines
    assert change(near_miss).lines(code) == []


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fix_removes_its_diagnostic(code: str, end: str) -> None:
    text = CASES[code][0].replace("\n", end)
    (found,) = change(text).found(code)
    assert (found.fix is not None) == (code in FIXED)
    if found.fix:
        after = applied(text, found.fix)
        assert change(after).found(code) == []
        assert after.count(end) == text.count(end)


@pytest.mark.parametrize(
    ("text", "line"),
    [("# Tasks (TBD)\n", 1), ("| T1 | a | ☑ |\n", 1), ("", 1), ("- [ ] a\n```\n- [ ] b\n```\n", 3)],
)
def test_a_file_without_boxes_or_with_boxes_in_code(text: str, line: int) -> None:
    assert change(text).lines("checkbox-missing") == [line]


def test_versions_before_1_13_drop_other_marks_and_ordered_lists() -> None:
    plan = change("- [ ] a\n1. [ ] b\n- [~] c\n  - [ ] d\n")
    assert plan.lines("old-counter-drops") == [4, 2]


def test_an_archived_change_is_only_asked_for_open_tasks() -> None:
    plan = change("- [x] 1 a\n  - [ ] 1.1 b\n- [ ] 2 c\n- [x] Create `src/a.py`\n", folder=OLD)
    assert plan.lines("change-archived-open") == [2]
    assert "2 open tasks, first: 1.1 (line 2)" in plan.found("change-archived-open")[0].message
    assert plan.state.achievements[-1].state == "done"
    assert [one.severity for one in plan.found("deliverable-missing")] == ["hint"]
    assert change("- [x] 1 a\n- [ ] 2 **DEFERRED:** b\n", folder=OLD).found("change-archived-open") == []


def test_an_archived_change_without_tasks_gets_hints() -> None:
    plan = plans("openspec", {f"{OLD}/task.md": "- [ ] a\n"})[OLD]
    assert [(one.code, one.severity) for one in plan.diagnostics] == [
        ("task-file-name", "hint"),
        ("tasks-missing", "hint"),
    ]


def test_a_drawn_box_is_no_checkbox() -> None:
    assert change("- [ ] a\n- ☐ b\n- ✅ c\n").lines("checkbox-missing") == [2]


def test_numbers_may_begin_again_in_each_group() -> None:
    assert change("## A\n- [ ] 1. a\n## B\n- [ ] 1. b\n- [ ] 1. c\n").lines("task-id-duplicate") == [5]
    assert change("## A\n- [ ] 1.1 a\n## B\n- [ ] 1.1 b\n").lines("task-id-duplicate") == [4]


def test_the_message_about_the_archive_counts_what_is_done() -> None:
    messages = [
        change(text).found("change-ready-to-archive")[0].message
        for text in ("- [x] a\n", "- [x] a\n  - [x] b\n- [x] c\n- [ ] d (deferred)\n")
    ]
    assert [message.partition(":")[0] for message in messages] == [
        "The only task is done",
        "All 2 tasks are done (1 deferred)",
    ]


def test_a_number_in_a_different_section_is_no_task() -> None:
    assert change("## 1. A\n- [ ] 1.1 a\n## Notes\n- 1.5 seconds\n- 3.2 GHz\n").lines("checkbox-missing") == []
    assert change("## 1. A\n- [ ] 1.1 a\n## 2. B\n- 2.1 b\n").lines("checkbox-missing") == [4]


def test_files_with_the_wrong_name_or_place() -> None:
    files = {
        "openspec/changes/a/task.md": "- [ ] a\n",
        "openspec/changes/a/specs/auth.md": "# x\n",
        "openspec/changes/b/proposal.md": "# B\n",
        "openspec/changes/area/c/tasks.md": "- [ ] a\n",
        TASKS: "- [ ] a\n",
        f"{CHANGE}/todo.md": "x\n",
    }
    found = plans("openspec", files)
    assert [(one.path, one.code) for plan in found.values() for one in plan.diagnostics] == [
        ("openspec/changes/a/specs/auth.md", "delta-not-merged"),
        ("openspec/changes/a/task.md", "task-file-name"),
        ("openspec/changes/a/specs/auth.md", "tasks-missing"),
        ("openspec/changes/area/c/tasks.md", "change-nested"),
        ("openspec/changes/b/proposal.md", "tasks-missing"),
    ]


def test_messages_are_short() -> None:
    long = "a very long title of a task that goes on and on, and says more than a message may repeat " * 3
    texts = [trigger.replace(" a\n", f" {long}\n") for trigger, _, _ in CASES.values()]
    texts.append(f"- [x] {long}\n  - [ ] {long}\n")
    assert [one.message for text in texts for one in change(text).diagnostics if len(one.message) > 120] == []


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["- [ ] ", "1.1 ", "x", "\n", "  ", "## ", "```", "<!--", "`a/b.c`", "\r"])).map("".join)
)
def test_every_text_is_read(text: str) -> None:
    for folder in (CHANGE, OLD):
        plan = change(text, folder=folder)
        assert sum(plan.state.counts.values()) <= len(plan.state.achievements)
        assert len({item.ref for item in plan.state.achievements}) == len(plan.state.achievements)
