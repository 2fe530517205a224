"""The reader of superpowers: places, tasks, steps, states, evidence, and the diagnostics with their fixes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.superpowers import FORMAT
from planmark.formats.superpowers.layout import MAX_VERSIONS
from planmark.formats.superpowers.ledger import CompletedTask, LedgerFacts
from planmark.formats.superpowers.reading import PlanFacts
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import TickOutcome
from planmark.plans.model import PlanState
from unit.formats.format_workspace import FormatWorkspace, applied, by_id, states
from work_growth import LIMIT, counted, growth

PLAN = "docs/superpowers/plans/2026-01-02-shop.md"
NAME = "2026-01-02-shop"
TASK = """# Shop Implementation Plan

### Task 1: Model

**Files:**
- Create: `src/model.py`
- Modify: `src/other.py:10-20`

- [{}] **Step 1: Write the test**
- [{}] **Step 2: Commit**

### Task 2: View

- [{}] **Step 1: Write it**
"""


def workspace(text: str, *others: str, **files: str) -> FormatWorkspace:
    return FormatWorkspace(FORMAT, {PLAN: text, **files}, others)


def state(text: str, *others: str) -> PlanState:
    return workspace(text, *others).state(NAME)


def facts(text: str) -> PlanFacts:
    read = FORMAT.parse(PLAN, "plan", text)
    assert isinstance(read, PlanFacts)
    return read


def ids(text: str) -> list[str]:
    return [task.id for task in facts(text).task_list.tasks]


def found(text: str, code: str, *others: str) -> list[Diagnostic]:
    return [one for one in workspace(text, *others).diagnostics(NAME) if one.code == code]


# Places


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (PLAN, "plan"),
        ("Docs/superpowers/plans/2026-01-02-x.md", "plan"),
        ("web/docs/superpowers/plans/x.md", "plan"),
        ("docs/superpowers/specs/2026-01-01-shop-design.md", "design"),
        ("docs/plans/2026-01-02-x.md", "candidate"),
        (".superpowers/sdd/2026-01-02-shop/progress.md", "ledger"),
        ("docs/superpowers/plans/README.md", None),
        ("docs/superpowers/roadmap.md", None),
        ("docs/plans/PLAN_SHOP.md", None),
        ("docs/plans/SUBPLAN_SHOP_11.md", None),
        ("docs/plans/EXECUTION_TASK_SHOP_11_01.md", None),
        ("docs/plans/fix_login.md", "candidate"),
        (".codex/superpowers/docs/superpowers/plans/x.md", None),
        ("node_modules/a/docs/superpowers/plans/x.md", None),
    ],
)
def test_a_role_belongs_to_a_place(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


def test_a_plan_has_its_design_and_its_ledger() -> None:
    design = "docs/superpowers/specs/2026-01-01-shop-design.md"
    ledger = ".superpowers/sdd/2026-01-02-shop/progress.md"
    (site,) = FORMAT.discover(sorted([PLAN, design, ledger]))
    assert site.documents == (ledger, PLAN, design)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("# Shop Implementation Plan\n\n### Task 1: A\n", True),
        ("# Shop\n\n> Use superpowers:executing-plans\n\n### Task 1: A\n", True),
        ("# Shop\n\n### Task 1: A\n", False),
        ("# Shop Implementation Plan\n\nText.\n", False),
    ],
)
def test_a_document_in_another_folder_says_that_it_is_a_plan(text: str, counts: bool) -> None:
    found = FormatWorkspace(FORMAT, {"docs/plans/x.md": text})
    assert FORMAT.counts(found.documents["docs/plans/x.md"]) is counts


def test_an_original_beside_its_revision_is_archived() -> None:
    original = PLAN.replace(".md", "-original.md")
    files = FormatWorkspace(FORMAT, {PLAN: TASK, original: TASK})
    assert [site.lifecycle for site in files.sites.values()] == ["archived", "active"]
    assert [one.code for one in files.diagnostics(f"{NAME}-original") if one.code == "plan-superseded"]
    (alone,) = FORMAT.discover([original])
    assert alone.lifecycle == "active"


@pytest.mark.parametrize(
    ("other", "says", "superseded"),
    [
        (f"{NAME}-REVISED", f"> Supersedes `{NAME}.md`", True),
        (f"{NAME}-v2", f"**Supersedes:** [the first](docs/superpowers/plans/{NAME}.md)", True),
        ("2026-02-03-shop", f"Supersedes: `docs/superpowers/plans/{NAME.upper()}.md`", True),
        (f"{NAME}-REVISED", "> Supersedes `2026-01-01-other.md`", False),
        (f"{NAME}-REVISED", f"This does not supersede `{NAME}.md`", False),
        (f"{NAME}-REVISED", f"```\n> Supersedes `{NAME}.md`\n```", False),
        (f"{NAME}-REVISED", f"Supersedes: nothing. Follows `{NAME}.md`.", False),
        (f"{NAME}-REVISED", f"> Supersedes `2026-01-01-a.md`, `{NAME}.md` — see there", True),
        (f"{NAME}-REVISED", "", False),
    ],
)
def test_a_plan_is_archived_if_a_newer_version_says_that_it_replaces_it(
    other: str, says: str, superseded: bool
) -> None:
    newer = f"docs/superpowers/plans/{other}.md"
    made = FormatWorkspace(FORMAT, {PLAN: TASK, newer: TASK.replace("\n\n", f"\n\n{says}\n\n", 1)})
    assert (made.state(NAME).lifecycle == "archived") == superseded
    assert made.state(other).lifecycle == "active"
    problems = [one.message for one in made.diagnostics(NAME) if one.code == "plan-superseded"]
    assert problems == ([f"Superseded by {other}.md beside it: open that plan"] if superseded else [])
    assert [one for one in made.diagnostics(other) if one.code == "plan-superseded"] == []
    # Its tasks are those of its own document, and so are the links.
    assert {item.path for item in made.state(NAME).achievements} == {PLAN}
    assert FORMAT.links(made.input(NAME), newer) == ()


def test_two_plans_that_replace_each_other_both_stay() -> None:
    newer = f"{NAME}-v2"
    texts = [TASK.replace("\n\n", f"\n\n> Supersedes `{name}.md`\n\n", 1) for name in (newer, NAME)]
    made = FormatWorkspace(FORMAT, {PLAN: texts[0], f"docs/superpowers/plans/{newer}.md": texts[1]})
    assert {made.state(name).lifecycle for name in (NAME, newer)} == {"active"}
    alone = FormatWorkspace(FORMAT, {PLAN: TASK.replace("\n\n", f"\n\n> Supersedes `{NAME}.md`\n\n", 1)})
    assert alone.state(NAME).lifecycle == "active"


def test_many_plans_of_one_name_are_read_in_few_documents() -> None:
    paths = [f"docs/superpowers/plans/2026-01-{day:02}-a-b-c-d-{more}.md" for day in range(30) for more in ("x", "x-y")]
    assert max(len(site.documents) for site in FORMAT.discover(sorted(paths))) <= MAX_VERSIONS + 1

    def found_of(number: int) -> None:
        FORMAT.discover([f"docs/superpowers/plans/{2000 + day}-01-02-shop.md" for day in range(number)])

    found_of(3)
    sizes = [counted(lambda n=n: found_of(n)) for n in (60, 120, 240)]  # type: ignore[misc]
    assert growth(*sizes) <= LIMIT, sizes


# Tasks and steps


@pytest.mark.parametrize(
    ("heading", "name", "title"),
    [
        ("### Task 1: Model", "1", "Model"),
        ("## Task 1：模型", "1", "模型"),
        ("## Task A1 — Model", "A1", "Model"),
        ("### Task 2.1: Model", "2.1", "Model"),
        ("## Task 10a: Model", "10a", "Model"),
        ("### Task 1 [MOBILE]: Model", "1", "Model"),
        ("## Task A: Model", "A", "Model"),
        ("### Tarea 3: Modelo", "3", "Modelo"),
        ("### Aufgabe 2: Modell", "2", "Modell"),
        ("### 任务 2：模型", "2", "模型"),
    ],
)
def test_a_heading_is_a_task(heading: str, name: str, title: str) -> None:
    (task,) = facts(f"# Plan\n\n{heading}\n").task_list.tasks
    assert (task.id, task.title, task.kind, task.state) == (name, title, "task", "open")


@pytest.mark.parametrize(
    "text",
    [
        "### Tasks: all\n",
        "### Task list\n",
        "##### Task 1: too deep\n",
        "```\n### Task 1: quoted\n```\n",
        "Task 1: prose\n",
    ],
)
def test_what_is_no_task(text: str) -> None:
    assert facts(f"# Plan\n\n{text}").task_list.tasks == ()


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ("- [ ] **Step 1: A**\n- [ ] **Step 2: B** more\n", ["1/1", "1/2"]),
        ("- [ ] **Step 0: A**\n- [ ] **Step 1b:** B\n", ["1/0", "1/1b"]),
        ("- [ ] **Schritt 1: A**\n- [ ] **Paso 2: B**\n", ["1/1", "1/2"]),
        ("- [ ] A\n- [ ] B\n", ["1/1", "1/2"]),
        ("- [ ] **Step 1: A**\n- [ ] **Step 1: B**\n", ["1/1", "1/2"]),
        ("- [ ] **Step 1: A**\n- [ ] Check\n- [ ] **Step 2: B**\n", ["1/1", "1/1/1", "1/2"]),
    ],
)
def test_steps_have_the_id_of_their_task(boxes: str, expected: list[str]) -> None:
    assert ids(f"### Task 1: A\n\n{boxes}") == ["1", *expected]


def test_tasks_nest() -> None:
    listed = facts("## Task 10: A\n\n- [ ] B\n\n### Task 10a: C\n\n- [ ] D\n\n## Task 11: E\n").task_list.tasks
    assert [(task.id, task.level, task.parent) for task in listed] == [
        ("10", 0, -1),
        ("10/1", 1, 0),
        ("10a", 1, 0),
        ("10a/1", 2, 2),
        ("11", 0, -1),
    ]


def test_headings_may_be_steps() -> None:
    listed = facts("## Task 0：A\n\n### Step 1：B\n\n- [ ] C\n- [x] D\n\n### Step 2：E\n").task_list.tasks
    assert [(task.id, task.level, task.kind) for task in listed] == [
        ("0", 0, "task"),
        ("0/1", 1, "step"),
        ("0/1/1", 2, "step"),
        ("0/1/2", 2, "step"),
        ("0/2", 1, "step"),
    ]


def test_other_headings_group_steps_only() -> None:
    assert ids("## Task 3: A\n\n### src/a.ts\n\n- [ ] B\n\n#### more\n\n- [ ] C\n") == ["3", "3/1", "3/2"]


@pytest.mark.parametrize(
    "end",
    [
        "## Self-Review",
        "### Acceptance Criteria",
        "## Success Criteria",
        "#### UI Approval Gate Template",
        "**Acceptance Criteria:**",
    ],
)
def test_criteria_are_no_steps(end: str) -> None:
    read = facts(f"## Task 1: A\n\n- [ ] B\n\n{end}\n\n- [ ] It works\n")
    assert [task.id for task in read.task_list.tasks] == ["1", "1/1"]
    assert read.task_list.checklist == (7,)


def test_without_task_headings_phases_with_boxes_are_tasks() -> None:
    assert ids("# Plan\n\n## Phase 0: A\n\n- [ ] B\n\n## Phase 1: C\n\nText.\n\n## Stage 2: D\n\n- [ ] E\n") == [
        *("0", "0/1", "2", "2/1")
    ]


def test_without_phases_the_headings_below_tasks_are_tasks() -> None:
    assert ids("# Plan\n\n## Tasks\n\n### S1 — A\n\n- [ ] B\n\n## Notes\n\n### S2 — C\n") == ["S1", "S1/1"]


def test_without_headings_every_box_is_a_task() -> None:
    read = facts("# Plan\n\n- [ ] A\n- [x] B\n")
    assert [(task.id, task.kind, task.state) for task in read.task_list.tasks] == [
        ("", "task", "open"),
        ("", "task", "done"),
    ]


def test_a_step_behind_a_quoted_document_is_found_and_reported() -> None:
    text = "### Task 1: A\n\n```markdown\n```bash\nls\n```\n```\n\n- [ ] **Step 1: B**\n\n```\nx\n```\n"
    assert ids(text) == ["1", "1/1"]
    assert [one.line for one in found(text, "step-inside-code-fence")] == [9]
    assert (
        found(
            text.replace("```markdown", "````markdown").replace("```\n```\n", "```\n````\n"), "step-inside-code-fence"
        )
        == []
    )


@pytest.mark.parametrize("fence", ["```", "~~~", "```markdown", "````md"])
@pytest.mark.parametrize("number", [1, 2, 30])
def test_a_fence_without_an_end_is_one_warning_at_the_fence(fence: str, number: int) -> None:
    steps = "".join(f"- [ ] **Step {at + 1}: B**\n" for at in range(number))
    text = f"# Shop Implementation Plan\n\n### Task 1: A\n\n{fence}\nx\n\n{steps}"
    made = workspace(text)
    (one,) = found(text, "step-inside-code-fence")
    assert (one.line, one.severity) == (5, "warning")
    assert f"miss {number} step{'s' * (number > 1)} behind it: close the block" in one.message
    seen = made.state(NAME)
    assert len(seen.achievements) == number + 1
    assert all(FORMAT.tick(made.input(NAME), seen, item, False).waits for item in seen.achievements[1:])
    refused = FORMAT.tick(made.input(NAME), seen, by_id(seen)["1/1"], False)
    assert refused.refused.endswith("close the block that begins in line 5 first")
    closed = text.replace("\nx\n", f"\nx\n{fence.rstrip('markdown')}\n")
    assert found(closed, "step-inside-code-fence") == []


def test_two_causes_in_a_plan_are_two_warnings() -> None:
    quoted = "```markdown\n# B\n```bash\nx\n```\ny\n```\n\n- [ ] **Step 1: C**\n\n```bash\nz\n```\n"
    text = f"### Task 1: A\n\n{quoted}\n### Task 2: D\n\n~~~\n- [ ] **Step 1: E**\n- [ ] **Step 2: F**\n"
    lines = text.split("\n")
    assert [one.line for one in found(text, "step-inside-code-fence")] == [
        lines.index("~~~") + 1,
        lines.index("- [ ] **Step 1: C**") + 1,
    ]


def test_a_box_in_a_code_block_is_no_step() -> None:
    read = facts("### Task 1: A\n\n```\n- [ ] **Step 1: B**\n```\n")
    assert ([task.id for task in read.task_list.tasks], read.task_list.hidden_lines) == (["1"], (4,))


def test_groups_are_headings_above_tasks() -> None:
    read = facts("# P\n\n## Phase A — One\n\n### Task A1: B\n\n## Phase B — Two\n\n### Task B1: C\n\n## Notes\n")
    assert [(group.id, group.line) for group in read.task_list.groups] == [("A", 3), ("B", 7)]
    assert [task.group for task in read.task_list.tasks] == [0, 1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- Create: `src/a.py`", ("src/a.py",)),
        ("- **Create:** `src/a.py:1-20` and `src/b.py`", ("src/a.py", "src/b.py")),
        ("- Create or modify: `src/a.py`", ("src/a.py",)),
        ("Create: `src/a.py`", ("src/a.py",)),
        ("- 新增：`src/a.py`", ("src/a.py",)),
        ("- Modify: `src/a.py`", ()),
        ("- Create: tests in `apps/server`", ()),
        ("- Create: `src/*.py`", ()),
    ],
)
def test_files_to_create(line: str, expected: tuple[str, ...]) -> None:
    assert facts(f"### Task 1: A\n\n{line}\n").task_list.tasks[0].creates == expected


# States


def test_a_task_is_done_when_its_steps_are() -> None:
    plan = state(TASK.format("x", "X", " "))
    assert states(plan) == {"1": "unsupported", "1/1": "done", "1/2": "done", "2": "open", "2/1": "open"}
    assert (plan.next.step, plan.next.ref, plan.also_ready) == ("implement_task", "2/1", ())
    assert plan.progress and (plan.progress.done, plan.progress.total) == (2, 3)


def test_a_finished_task_without_its_file_is_unsupported() -> None:
    plan = state(TASK.format("x", "x", "x"))
    assert (states(plan)["1"], plan.state, plan.next.step, plan.next.ref) == (
        *("unsupported", "needs_attention", "confirm_state", "1"),
    )
    assert by_id(plan)["1"].evidence[0].path == "src/model.py"
    assert states(state(TASK.format("x", "x", "x"), "src/model.py"))["1"] == "done"
    assert states(state(TASK.format("x", "x", "x"), "lib/model.py"))["1"] == "done"


def test_optional_and_skipped_steps_do_not_count() -> None:
    plan = state(
        "### Task 1: A\n\n- [x] B\n- [ ] C（略過；無變更）\n\n### Task 2: Clean (Optional Cleanup)\n\n- [ ] D\n"
    )
    assert states(plan)["1/2"] == "deferred" and by_id(plan)["2/1"].optional
    assert plan.progress and (plan.progress.total, plan.progress.optional, plan.progress.deferred) == (1, 1, 1)
    assert (plan.state, plan.next.step) == ("complete", "closed")


def test_a_plan_with_only_optional_tasks_is_complete_when_they_are_done() -> None:
    text = "### Task 1: A (optional)\n\n- [{}] B\n- [{}] C\n"
    seen = {
        marks: (plan.state, plan.next.step, plan.next.ref, plan.progress and plan.progress.total)
        for marks in ("  ", "x ", "xx")
        for plan in [state(text.format(*marks))]
    }
    assert seen == {
        "  ": ("planned", "implement_task", "1/1", 0),
        "x ": ("in_progress", "implement_task", "1/2", 0),
        "xx": ("complete", "closed", None, 0),
    }


def test_a_plan_without_tasks_has_no_progress() -> None:
    plan = state("# Roadmap\n\nText.\n")
    assert (plan.state, plan.next.step, plan.next.ref) == ("no_achievements", "write_tasks", None)


def test_files_are_evidence_for_an_untouched_plan() -> None:
    text = "".join(f"### Task {n}: A\n\n- Create: `src/{n}.py`\n\n- [ ] B\n\n" for n in (1, 2, 3))
    paths = [f"src/{n}.py" for n in (1, 2, 3)]
    plan = state(text, *paths)
    assert (plan.next.step, plan.next.ref, states(plan)["1/1"]) == ("reconcile", "1/1", "open")
    assert plan.built_files and (plan.built_files.creates, plan.built_files.exist) == (3, 3)
    assert state(text, *paths[:2]).next.step == "implement_task"
    assert state(text.replace("[ ]", "[x]", 1), *paths).next.step == "implement_task"


def test_the_ledger_of_the_plan_says_what_is_complete() -> None:
    ledger = f"# SDD ledger — plan: {PLAN}\nTask 1: complete (commits a1..b2, review clean)\n"
    path = f".superpowers/sdd/{NAME}/progress.md"
    plan = workspace(TASK.format(" ", " ", " "), "src/model.py", **{path: ledger}).state(NAME)
    assert states(plan) == {"1": "done", "1/1": "done", "1/2": "done", "2": "open", "2/1": "open"}
    assert (by_id(plan)["1/1"].evidence[0].path, by_id(plan)["1/1"].evidence[0].line) == (path, 2)
    other = workspace(TASK.format(" ", " ", " "), **{path: ledger.replace("shop", "till")}).state(NAME)
    assert states(other)["1/1"] == "open"


def test_a_later_line_of_the_ledger_reopens_a_task() -> None:
    text = "# SDD ledger — plan: docs/x.md\nTask 1: complete (commits a..b)\nTask 2: complete (commits b..c)\nTask 1: fix round 1\n"
    assert FORMAT.parse("", "ledger", text) == LedgerFacts("docs/x.md", (CompletedTask("2", 3),))


# Diagnostics


@pytest.mark.parametrize(
    ("code", "text", "line", "near"),
    [
        ("plan-no-tasks", "# P\n\nText.\n", 1, "# P\n\n- [ ] A\n"),
        (
            "earlier-task-open",
            "## Task 1: A\n- [ ] a\n## Task 2: B\n- [x] b\n",
            1,
            "## Task 1: A\n- [x] a\n- [ ] c\n## Task 2: B\n- [x] b\n",
        ),
        ("checkbox-missing", "# P\n\n### Task 1: A\n\nText.\n", 3, "# P\n\n### Task 1: A\n\n- [ ] B\n"),
        ("task-not-heading", "# P\n\n**A1. Rename.** Text.\n", 3, "# P\n\n### Task 1: A\n\n**A1. Rename.** Text.\n"),
        ("task-heading-not-found-by-sdd", "### Task A1: A\n", 1, "### Task 1: A\n"),
        ("task-id-duplicate", "### Task 1: A\n### Task 1: B\n", 2, "### Task 1: A\n### Task 2: B\n"),
        (
            "duplicate-step-number",
            "### Task 1: A\n- [ ] **Step 1: A**\n- [ ] **Step 1: B**\n",
            3,
            "### Task 1: A\n- [ ] **Step 1: A**\n- [ ] **Step 2: B**\n",
        ),
        (
            "status-contradicts-boxes",
            "# P\n\n## Closeout Status\n\nImplemented and closed.\n\n### Task 1: A\n\n- [ ] B\n",
            5,
            "# P\n\n## Closeout Status\n\nImplemented and closed.\n\n### Task 1: A\n\n- [x] B\n",
        ),
        (
            "status-contradicts-boxes",
            "# P\n\n**Status:** Done\n\n### Task 1: A\n\n- [ ] B\n",
            3,
            "# P\n\n**Status:** In progress\n\n### Task 1: A\n\n- [ ] B\n",
        ),
        (
            "deliverable-missing",
            "### Task 1: A\n- Create: `a/b.py`\n- [x] B\n",
            1,
            "### Task 1: A\n- Create: `a/b.py`\n- [ ] B\n",
        ),
        ("placeholder-left", "### Task 1: A\n\n- [ ] TBD\n", 3, "TBD\n\n### Task 1: A\n\n- [ ] B\n"),
        ("task-marker-unknown", "### Task 1: A\n- [~] B\n", 2, "### Task 1: A\n- [X] B\n"),
        ("merge-conflict", "### Task 1: A\n<<<<<<< HEAD\n- [X] B\n", 2, "### Task 1: A\n- [X] <<<<<<< B\n"),
    ],
)
def test_a_diagnostic_and_its_near_miss(code: str, text: str, line: int, near: str) -> None:
    assert [(one.path, one.line) for one in found(text, code)] == [(PLAN, line)]
    assert found(near, code) == []


def test_untouched_boxes_are_reported_once() -> None:
    text = "### Task 1: A\n\n- Create: `a/1.py`\n- Create: `a/2.py`\n- Create: `a/3.py`\n\n- [ ] B\n"
    assert [one.line for one in found(text, "boxes-untouched", "a/1.py", "a/2.py", "a/3.py")] == [1]
    assert found(text, "boxes-untouched", "a/1.py", "a/2.py") == []


@pytest.mark.parametrize(
    ("box", "state", "code"),
    [
        ("[]", "open", "checkbox-missing"),
        ("[v]", "open", "task-marker-unknown"),
        ("[V]", "open", "task-marker-unknown"),
        ("[1]", "open", "task-marker-unknown"),
        ("[✓]", "open", "task-marker-unknown"),
        ("[x]", "done", ""),
    ],
)
def test_a_step_with_a_broken_box_is_not_lost(box: str, state: str, code: str) -> None:
    text = f"# A Implementation Plan\n\n### Task 1: A\n\n- [x] **Step 1: B**\n- {box} **Step 2: C**\n"
    made = workspace(text)
    seen = made.state(NAME)
    assert states(seen)["1/2"] == state
    assert (seen.state == "complete") == (state == "done")
    problems = made.diagnostics(NAME)
    assert [one.code for one in problems] == ([code] if code else [])
    for one in problems:
        assert isinstance(one.fix, TextFix)
        assert applied(text, one.fix) == text.replace(f"- {box} **Step 2", "- [ ] **Step 2")


@pytest.mark.parametrize("line", ["- [](x) **Step 2: C**", "- [1] a source", "- [a] text", "- [1]: https://a.b"])
def test_brackets_that_are_no_box_are_no_step(line: str) -> None:
    assert ids(f"# A Implementation Plan\n\n### Task 1: A\n\n- [x] **Step 1: B**\n{line}\n") == ["1", "1/1"]


def test_a_box_without_a_space_before_bold_text_is_a_step() -> None:
    text = "### Task 1: A\n\n- [x]**Step 1: B**\n- [ ]**Step 2:** C\n"
    assert states(state(text)) == {"1": "in_progress", "1/1": "done", "1/2": "open"}


def test_a_step_in_a_code_block_is_never_ticked() -> None:
    text = "### Task 1: A\n\n```markdown\n# B\n```bash\nx\n```\ny\n```\n\n- [ ] **Step 1: C**\n- [x] **Step 2: D**\n"
    made = workspace(text)
    seen = made.state(NAME)
    one, two = by_id(seen)["1/1"], by_id(seen)["1/2"]
    assert [each.line for each in found(text, "step-inside-code-fence")] == [one.line, two.line]
    for item, undo in ((one, False), (two, True)):
        refused = FORMAT.tick(made.input(NAME), seen, item, undo)
        assert refused.waits and not refused.edits
        assert f"line {item.line} lies inside a code block" in refused.refused
    assert FORMAT.tick(made.input(NAME), seen, two, False) == TickOutcome()
    keeps = FORMAT.prompt(made.input(NAME), seen, seen.next).keeps
    assert keeps[0].startswith(f"Line {one.line} lies inside a code block")
    mended = text.replace("```markdown", "````markdown").replace("y\n```", "y\n````")
    assert found(mended, "step-inside-code-fence") == []
    assert FORMAT.tick(workspace(mended).input(NAME), state(mended), by_id(state(mended))["1/1"], False).edits


def test_a_bold_step_gets_its_box() -> None:
    text = "### Task 1: A\n\n**Step 1: Write the test**\n"
    (one,) = found(text, "checkbox-missing")
    assert one.fix is not None
    fixed = applied(text, one.fix)
    assert fixed == "### Task 1: A\n\n- [ ] **Step 1: Write the test**\n"
    assert found(fixed, "checkbox-missing") == []


# Any text


@given(
    st.text(st.sampled_from("-*[]xX Task1Step:\n#:`~<>!|(){}./,é任务：略過"), max_size=200),
    st.sampled_from(["plan", "ledger"]),
)
def test_any_text_is_read(text: str, role: str) -> None:
    FORMAT.parse(PLAN, role, text)
    assert workspace(text).diagnostics(NAME) is not None


# Prompts, links and details


def test_a_prompt_is_about_the_whole_task_of_the_next_step() -> None:
    text = f"# Shop Implementation Plan\n\n**Goal:** Sell.\n\n## Global Constraints\n\n- Python only\n\n{TASK.partition('###')[1]}{TASK.partition('###')[2]}"
    plan = workspace(text.format("x", " ", " "))
    state = plan.state(NAME)
    parts = FORMAT.prompt(plan.input(NAME), state, state.next)
    assert parts.goal == f"Do Task 1 of the plan {NAME}. Its next step is task 1/2."
    lines = text.split("\n")
    assert [lines[part.start - 1] for part in parts.passages] == [
        "- [{}] **Step 2: Commit**",
        "### Task 1: Model",
        "**Goal:** Sell.",
        "## Global Constraints",
    ]
    assert any("change its box to `[x]`" in rule for rule in parts.keeps)
    assert any("BLOCKED" in rule for rule in parts.stops) and parts.updates == (PLAN,)


@pytest.mark.parametrize(
    "text", ["# Roadmap\n", "# P\n\n### Task 1: A\n\n- [x] B\n", "# P\n\n### Task 1: A\n\nText.\n"]
)
def test_every_step_has_a_goal_and_rules(text: str) -> None:
    plan = workspace(text)
    state = plan.state(NAME)
    parts = FORMAT.prompt(plan.input(NAME), state, state.next)
    assert parts.goal and parts.rules


def test_links_lead_to_tasks() -> None:
    plan = workspace("# P\n\n### Task 1: A\n\n- [ ] B\n\n### Task 2: C\n\nUse Task 1 and Task 9.\n")
    assert [(link.line, link.path, link.target_line) for link in FORMAT.links(plan.input(NAME), PLAN)] == [(9, PLAN, 3)]


def test_details_are_the_goal_and_the_beginning_of_the_task() -> None:
    plan = workspace("# P\n\n**Goal:** Sell.\n\n### Task 1: A\n\n**Files:**\n- Create: `a.py`\n\n- [ ] B\n")
    state = plan.state(NAME)
    parts = FORMAT.details(plan.input(NAME), state, by_id(state)["1/1"])
    assert [(part.start, part.end) for part in parts] == [(3, 3), (5, 8)]


def test_the_first_true_row_gives_the_state() -> None:
    ledger = f"# SDD ledger — plan: {PLAN}\nTask 1: complete (commits a1..b2)\n"
    path = f".superpowers/sdd/{NAME}/progress.md"
    plan = workspace(TASK.format(" ", "x", " "), **{path: ledger})
    state = plan.state(NAME)
    for item in state.achievements:
        rows = FORMAT.explain(plan.input(NAME), state, item)
        assert [row.state for row in rows if row.matched] == [item.state]
