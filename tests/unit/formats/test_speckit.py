"""The reader of spec-kit: each shape of a task line and of a phase, states, order, and the next step."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.speckit import FORMAT
from planmark.formats.speckit.documents import ActiveFacts, ChecklistFacts, SpecFacts
from planmark.formats.speckit.reading import TasksFacts
from planmark.plans.model import PlanState
from unit.formats.format_workspace import FormatWorkspace, by_id, states
from unit.test_growth import LIMIT, counted, growth

FOLDER = "specs/001-shop"
TASKS = f"{FOLDER}/tasks.md"
ROLES_READ = ("tasks", "spec", "plan", "checklist", "active", "constitution")
PARTS = (
    *("# Tasks: X", "## Phase 1: Setup", "## Phase 2: User Story 1 - A", "### Tests (optional)", "#### T003: Head", ""),
    *("- [ ] T001 Create src/a.py", "- [x] T002 [P] [US1] Add src/b.py", "- [X] SKIP: T004 no", "- [ ] Do it", "```"),
    *("  - [ ] T001.1 Part", "- [ ] T005 b (depends on T001-T003)", "**Acceptance**:", "<!--", "-->", "<<<<<<< HEAD"),
    *("- [?] T006 c", "- [ ] - [x] T007 d", "- [x] T001Glued", "- [ ] A1 e"),
)


def workspace(tasks: str, *others: str, **documents: str) -> FormatWorkspace:
    """Return a workspace with one feature; a document `spec` is its `spec.md`."""
    files = {TASKS: tasks, f"{FOLDER}/plan.md": "# Plan\n"}
    files |= {f"{FOLDER}/{name}.md": text for name, text in documents.items()}
    return FormatWorkspace(FORMAT, files, others)


def state(tasks: str, *others: str, **documents: str) -> PlanState:
    return workspace(tasks, *others, **documents).state("001-shop")


def facts(tasks: str) -> TasksFacts:
    read = FORMAT.parse(TASKS, "tasks", tasks)
    assert isinstance(read, TasksFacts)
    return read


def paths(*names: str) -> list[str]:
    return [site.path for site in FORMAT.discover(sorted(names))]


# Layout


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("specs/001-shop/tasks.md", "tasks"),
        ("specs/1234-shop/spec.md", "spec"),
        ("specs/20260101-120000-shop/plan.md", "plan"),
        ("packages/web/specs/001-shop/data-model.md", "data-model"),
        ("specs/001-shop/contracts/v1/api.md", "contract"),
        ("specs/001-shop/checklists/ux.md", "checklist"),
        (".specify/specs/001-shop/tasks.md", "tasks"),
        (".specify/memory/constitution.md", "constitution"),
        (".specify/feature.json", "active"),
        ("specs/001-shop/contracts/api.yaml", None),
        ("specs/001-shop/implementation-status.md", None),
        ("specs/001-shop/tasks.md.bak", None),
        ("specs/01-shop/tasks.md", None),
        ("specs/shop/tasks.md", None),
        ("docs/tasks.md", None),
        (".specify/templates/tasks-template.md", None),
        (".kiro/specs/001-shop/tasks.md", None),
        (".spec-workflow/specs/001-shop/tasks.md", None),
        ("openspec/changes/x/specs/001-shop/tasks.md", None),
        ("node_modules/a/specs/001-shop/tasks.md", None),
        (".claude/specs/001-shop/tasks.md", None),
    ],
)
def test_a_role_belongs_to_a_place(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


def test_a_feature_needs_one_of_its_three_documents() -> None:
    assert paths("specs/001-a/tasks.md", "specs/002-b/spec.md", "specs/003-c/research.md") == [
        "specs/001-a/tasks.md",
        "specs/002-b",
    ]


def test_the_innermost_feature_owns_a_file() -> None:
    assert paths("specs/001-a/specs/002-b/tasks.md") == ["specs/001-a/specs/002-b/tasks.md"]


def test_a_feature_has_its_documents_and_those_of_its_project() -> None:
    names = (".specify/feature.json", "specs/001-a/checklists/ux.md", "specs/001-a/tasks.md", "web/specs/002-b/spec.md")
    shop, web = FORMAT.discover(sorted(names))
    assert shop.documents == names[:3]
    assert (web.documents, web.feature, web.lifecycle) == (names[3:], "002-b", "active")


# Task lines


@pytest.mark.parametrize(
    ("line", "name", "title"),
    [
        ("- [ ] T001 Do it", "T001", "Do it"),
        ("* [x] T1234 Do it", "T1234", "Do it"),
        ("- [ ] T012b Do it", "T012b", "Do it"),
        ("- [ ] T031-MIN Do it", "T031-MIN", "Do it"),
        ("- [ ] T071-A Do it", "T071-A", "Do it"),
        ("- [X] - [X] T002 Do it", "T002", "Do it"),
        ("- [X] SKIP: T039 Do it", "T039", "Do it"),
        ("- [ ] P001 Do it", "P001", "Do it"),
        ("- [ ] T001Add it", "T001", "Add it"),
        ("- [ ] **T001** Do it", "T001", "Do it"),
        ("- [ ] **T001**: Do it", "T001", "Do it"),
        ("- [ ] T001: Do it", "T001", "Do it"),
        ("- [ ] [T001] Do it", "T001", "Do it"),
        ("- [ ] T001 [P] [US1] Do it", "T001", "Do it"),
        ("- [ ] T001 [US1][P] Do [x] it", "T001", "Do [x] it"),
        ("- [ ] Do it", "", "Do it"),
        ("#### T001: Do it [P]", "T001", "Do it"),
        ("### [F1-T1] Do it", "F1-T1", "Do it"),
        ("## Task 1 — Do it", "Task 1", "Do it"),
        ("## Tarea 2.1: Do it", "Tarea 2.1", "Do it"),
        ("### T005 [P] [US1,US2] Do it", "T005", "Do it"),
    ],
)
def test_a_task_has_its_id_and_title(line: str, name: str, title: str) -> None:
    (task,) = facts(f"# Tasks: X\n\n{line}\n").listed.tasks
    assert (task.id, task.title, task.line) == (name, title, 3)


@pytest.mark.parametrize(
    "line",
    [
        "- [P] tasks = different files",
        "- [Story] label maps a task to its story",
        "- T001 no box",
        "T001: in prose",
        "```\n- [ ] T001 in a fence\n```",
        "<!--\n- [ ] T001 in a comment\n-->",
        "### T001-T005: a range",
        "### T001 to T005",
        "### Task Dependencies",
        "### Phase Dependencies",
        "# T001: the title",
        "- [link](target.md)",
    ],
)
def test_what_is_no_task(line: str) -> None:
    assert facts(f"# Tasks: X\n\n{line}\n").listed.tasks == ()


def test_letter_ids_are_ids_if_no_value_occurs_twice() -> None:
    assert [task.id for task in facts("- [ ] A1 a\n- [ ] A2 b\n- [ ] B1 c\n").listed.tasks] == ["A1", "A2", "B1"]
    assert [task.id for task in facts("- [ ] P0 a\n- [ ] P1 b\n- [ ] P1 c\n").listed.tasks] == ["", "", ""]


def test_letters_beside_numbered_ids_must_count() -> None:
    text = "- [ ] T001 a\n- [ ] {} b\n- [ ] {} c\n"
    assert [task.id for task in facts(text.format("A1", "A2")).listed.tasks] == ["T001", "A1", "A2"]
    assert [task.id for task in facts(text.format("S3", "A4")).listed.tasks] == ["T001"]
    assert [task.id for task in facts(text.format("P0", "P1")).listed.tasks] == ["T001"]


def test_a_box_without_an_id_is_a_check_list_item_beside_ids() -> None:
    listed = facts("- [ ] T001 a\n\n## Review\n\n- [ ] Looks good\n").listed
    assert ([task.id for task in listed.tasks], listed.checklist) == (["T001"], (5,))


def test_without_ids_every_box_is_a_task_with_a_ref_of_its_line() -> None:
    plan = state("# Tasks: X\n\n- [x] Do a\n- [ ] Do b\n")
    first, second = plan.achievements
    assert first.id == "" and first.ref.startswith(":3-") and second.ref.startswith(":4-")
    assert plan.next.achievement is None and plan.next.ref == second.ref


@pytest.mark.parametrize(
    ("marks", "stories", "is_parallel"),
    [
        ("[P]", (), True),
        ("[US2]", (2,), False),
        ("[P] [US1]", (1,), True),
        ("[US1,US2]", (1, 2), False),
        ("[US1][US3]", (1, 3), False),
        ("[US2-US4]", (2, 3, 4), False),
        ("[Setup]", (), False),
        ("", (), False),
    ],
)
def test_marks(marks: str, stories: tuple[int, ...], is_parallel: bool) -> None:
    read = facts(f"- [ ] T001 {marks} Do it\n")
    assert (read.details[0].stories, read.listed.tasks[0].parallel) == (stories, is_parallel)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("(depends on T001)", ("T001",)),
        ("(depends on T001, T002)", ("T001", "T002")),
        ("[depends on T001]", ("T001",)),
        ("(depends on T001-T003)", ("T001", "T002", "T003")),
        ("(Requires: T001)", ("T001",)),
        ("(after T099)", ("T099",)),
        ("(after the tests)", ()),
        ("after T001", ()),
    ],
)
def test_dependencies(written: str, expected: tuple[str, ...]) -> None:
    read = facts(f"- [ ] T001 a\n- [ ] T002 b\n- [ ] T003 c\n- [ ] T004 Do it {written}\n")
    assert read.listed.tasks[3].depends_on == expected


def test_a_task_names_requirements_and_files() -> None:
    read = facts("- [ ] T001 Create src/a.ts and `src/(b)/c.tsx`, see `README.md` per FR-003 and SC-001 (missing)\n")
    assert read.details[0].requirements == ("FR-003", "SC-001")
    assert read.details[0].files == ("src/a.ts", "src/(b)/c.tsx", "README.md")


@pytest.mark.parametrize(
    ("title", "creates"),
    [
        ("Create user model in src/models/user.py", ("src/models/user.py",)),
        ("Create `src/a.ts`, `src/b.ts` and `src/c.ts` per docs/api.md", ("src/a.ts", "src/b.ts", "src/c.ts")),
        ("**Add** tests to tests/test_a.py (see docs/b.md)", ("tests/test_a.py",)),
        ("Create src/pkg/**init**.py", ("src/pkg/__init__.py",)),
        ("Create page in app/(auth)/[id]/page.tsx.", ("app/(auth)/[id]/page.tsx",)),
        ("Optional: Write docs/guide.md", ("docs/guide.md",)),
        ("Crear el modelo en src/modelo.py", ("src/modelo.py",)),
        ("src/a.tsを作成する", ("src/a.ts",)),
        ("创建 src/a.ts", ("src/a.ts",)),
        ("Create the tables per contracts/schema.md", ()),
        ("Create config/.env and more", ()),
        ("Create React/Next.js page", ()),
        ("Create a client for https://example.org/a/b.json", ()),
        ("Create files in src/**/x.ts", ()),
        ("Create ../other/x.ts", ()),
        ("Update src/a.ts", ()),
        ("Verify that src/a.ts exists", ()),
        ("Contract test in tests/test_a.py", ()),
        ("Create package.json", ()),
    ],
)
def test_the_files_that_a_task_creates(title: str, creates: tuple[str, ...]) -> None:
    assert facts(f"- [ ] T001 [P] {title}\n").listed.tasks[0].creates == creates


@pytest.mark.parametrize(
    ("line", "is_optional"),
    [
        ("- [ ] T001 Add colours (optional)", True),
        ("- [ ] T001 Add colours (OPTIONAL - nice to have)", True),
        ("- [ ] T001 Optional: Add colours", True),
        ("- [ ] T001 添加颜色（可选）", True),
        ("- [ ] T001 Add an optional argument", False),
        ("- [ ] T001 Fall back (with optional warning)", False),
    ],
)
def test_a_title_says_that_a_task_is_optional(line: str, is_optional: bool) -> None:
    assert facts(line).listed.tasks[0].optional is is_optional


def test_a_heading_makes_its_tasks_optional_unless_they_were_requested() -> None:
    text = "# T\n\n## Phase 1: A\n\n### Tests ({})\n\n- [ ] T001 a\n\n### Code\n\n- [ ] T002 b\n"
    assert [task.optional for task in facts(text.format("Optional")).listed.tasks] == [True, False]
    assert [task.optional for task in facts(text.format("OPTIONAL - only if tests requested")).listed.tasks] == [
        *(False, False)
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [X] SKIP: T001 a", "deferred"),
        ("- [x] T001 a (skipped - no key)", "deferred"),
        ("- [ ] T001 a (deferred)", "deferred"),
        ("- [ ] T001 [EXECUTOR: SKIP] a", "deferred"),
        ("- [x] T001 Add a skip link", "done"),
        ("- [x] T001 Add loading (deferred loading of images)", "done"),
        ("- [ ] T001 a", "open"),
        ("- [~] T001 a", "open"),
    ],
)
def test_the_state_of_a_line(line: str, expected: str) -> None:
    assert facts(line).listed.tasks[0].state == expected


# Heading tasks


HEADED = """# Tasks: X

## Phase 1: Core

#### T001: Add the struct [P]
**File**: `src/a.rs`

**Acceptance**:
- [x] It compiles
- [{}] It is used

#### T002: Add the rest

- [x] First part
- [ ] Second part

#### T003: Write it down

## Success Criteria

- [ ] All good
"""


def test_a_heading_task_has_the_state_of_its_boxes() -> None:
    plan = state(HEADED.format(" "))
    assert states(plan) == {
        "T001": "in_progress",
        "T002": "in_progress",
        "T002.1": "done",
        "T002.2": "open",
        "T003": "open",
    }
    assert by_id(plan)["T002.1"].parent == "T002" and by_id(plan)["T002.1"].level == 1
    assert plan.counts == {"in_progress": 1, "done": 1, "open": 2}
    assert states(state(HEADED.format("x")))["T001"] == "done"


def test_acceptance_boxes_belong_to_their_task() -> None:
    read = facts(HEADED.format(" "))
    assert (read.details[0].acceptance, read.details[0].met) == ((9, 10), (9,))
    assert read.listed.checklist == (21,)


def test_a_heading_with_the_id_of_a_task_line_explains_it() -> None:
    read = facts("- [ ] T001 Do it\n\n## Details\n\n### T001: Do it\n\nText.\n")
    assert [task.line for task in read.listed.tasks] == [1]


def test_a_heading_above_task_lines_with_ids_groups_them() -> None:
    read = facts("## Phase 1: A\n\n### Task 6 — more\n\n- [x] T006 Do it\n")
    assert [task.id for task in read.listed.tasks] == ["T006"]


# Phases


STORIES = """# Tasks: Shop

## Phase 1: Setup (Shared Infrastructure)

**Purpose**: begin

- [{a}] T001 Make the project
- [{b}] T002 [P] Add the linter

## Phase 2: Foundational (Blocking Prerequisites)

- [{c}] T003 Add the database

**Checkpoint**: Foundation ready

## Phase 3: User Story 1 - Buy (Priority: P1) 🎯 MVP

**Goal**: buy things

**Independent Test**: buy one

### Tests for User Story 1

- [{d}] T004 [P] [US1] Test it
- [{d}] T005 [P] [US1] Test more

### Implementation for User Story 1

- [{d}] T006 [P] [US1] Write it

## Phase 4: User Story 2 - Return (Priority: P2)

- [{e}] T007 [US2] Return it

## Phase 5: Polish

- [{f}] T008 Tidy up

## Dependencies

### Phase Dependencies

- Setup first
"""


def stories(ticked: str = "") -> PlanState:
    return state(STORIES.format(**{name: "x" if name in ticked else " " for name in "abcdef"}))


def test_the_foundation_blocks_the_stories_and_the_stories_block_the_rest() -> None:
    plan = stories()
    assert [group.blocked_by for group in plan.groups] == [(), ("1",), ("1", "2"), ("1", "2"), ("1", "2", "3", "4")]
    assert states(plan)["T001"] == "open" and states(plan)["T004"] == "blocked"
    assert by_id(plan)["T003"].blocked_by == ("T001", "T002")


def test_stories_do_not_wait_for_each_other() -> None:
    plan = stories("abc")
    assert [states(plan)[name] for name in ("T004", "T007", "T008")] == ["open", "open", "blocked"]
    assert plan.next.achievement == "T004"
    assert [ready.achievement for ready in plan.also_ready] == ["T005"]


def test_the_last_phase_is_free_when_every_story_is_done() -> None:
    plan = stories("abcde")
    assert (plan.next.achievement, plan.state) == ("T008", "in_progress")


def test_all_done() -> None:
    plan = stories("abcdef")
    assert (plan.state, plan.next.step, plan.next.ref) == ("complete", "verify_and_archive", None)
    assert plan.progress and (plan.progress.done, plan.progress.total) == (8, 8)


def test_phases_know_their_story_goal_test_and_checkpoint() -> None:
    phases = facts(STORIES.format(**dict.fromkeys("abcdef", " "))).phases
    assert [phase.stories for phase in phases] == [(), (), (1,), (2,), ()]
    assert (phases[0].goal, phases[1].checkpoint, phases[2].goal, phases[2].test) == (5, 14, 18, 20)


def test_without_stories_phases_come_one_after_the_other() -> None:
    plan = state("# T\n\n## Phase 3.1: A\n- [ ] T001 a\n\n## Phase 3.2: B\n- [ ] T002 b\n")
    assert [(group.id, group.blocked_by) for group in plan.groups] == [("3.1", ()), ("3.2", ("3.1",))]


@pytest.mark.parametrize(
    ("heading", "name", "kind"),
    [
        ("## Phase 2: Core", "2", ()),
        ("## Phase N: Polish", "N", ()),
        ("## Fase 2: Historia de usuario 3", "2", (3,)),
        ("## フェーズ 3: ユーザーストーリー 1 - 買う", "3", (1,)),
        ("## 阶段 3：用户故事 2", "3", (2,)),
        ("## Этап 4: История 2", "4", (2,)),
        ("## 📦 Phase 2: Core", "2", ()),
        ("## Phase 3: User Story 2-3 - Both (P2)", "3", (2, 3)),
        ("## Phase 3: US1 - 404 page", "3", (1,)),
        ("## Phase 3: User Story 1 - 2FA", "3", (1,)),
        ("## Setup", "", ()),
        ("## Contact us 24 hours", "", ()),
    ],
)
def test_a_phase_has_a_number_and_stories(heading: str, name: str, kind: tuple[int, ...]) -> None:
    read = facts(
        f"# T\n\n{heading}\n\n### Tests\n\n- [ ] T001 a\n\n### Code\n\n- [ ] T002 a\n\n## End\n\n- [ ] T003 b\n"
    )
    assert read.listed.groups[0].id == name and read.phases[0].stories == kind
    assert [task.group for task in read.listed.tasks] == [0, 0, 1]


def test_the_title_is_the_group_of_a_file_without_phases() -> None:
    assert [group.line for group in facts("# Tasks: X\n\n- [ ] Do it\n").listed.groups] == [1]
    assert facts("- [ ] Do it\n").listed.groups == ()


def test_one_heading_above_all_phases_divides_nothing() -> None:
    read = facts("# T\n\n## Tasks\n\n### Setup\n\n- [ ] T001 a\n\n### Core\n\n- [ ] T002 b\n")
    assert [group.title for group in read.listed.groups] == ["Setup", "Core"]


def test_an_unknown_order_falls_back_to_the_dependencies() -> None:
    plan = state("## Phase 1: A\n\n- [ ] T001 a (depends on T002)\n- [ ] T002 b\n")
    assert (states(plan), plan.next.achievement) == ({"T001": "blocked", "T002": "open"}, "T002")


def test_tasks_that_wait_for_each_other_are_named() -> None:
    plan = state("- [ ] T001 a (depends on T002)\n- [ ] T002 b (depends on T001)\n")
    assert plan.next.step == "wait" and "T002" in plan.next.reason


# Plans


def test_optional_and_deferred_tasks_are_counted_apart() -> None:
    plan = state("- [x] T001 a\n- [ ] T002 b (optional)\n- [X] SKIP: T003 c\n- [ ] T004 d (optional)\n")
    assert plan.progress and plan.progress.tool
    assert (plan.progress.done, plan.progress.total) == (1, 1)
    assert (plan.progress.optional, plan.progress.deferred) == (2, 1)
    assert (plan.progress.tool.done, plan.progress.tool.total) == (2, 4)
    assert plan.state == "complete"


@pytest.mark.parametrize(
    ("files", "step", "file"),
    [
        ({"spec.md": "# S\n"}, "write_design", "plan.md"),
        ({"spec.md": "# S\n", "plan.md": "# P\n"}, "write_tasks", "tasks.md"),
        ({"plan.md": "# P\n", "tasks.md": ""}, "write_tasks", "tasks.md"),
        ({"plan.md": "# P\n", "tasks.md": "# Tasks: X\n\nText only.\n"}, "write_tasks", "tasks.md"),
        ({"plan.md": "# P\n", "tasks.md": "# Tasks: [FEATURE NAME]\n\n- [ ] T001 Do\n"}, "write_tasks", "tasks.md"),
    ],
)
def test_the_next_step_without_tasks(files: dict[str, str], step: str, file: str) -> None:
    plan = FormatWorkspace(FORMAT, {f"{FOLDER}/{name}": text for name, text in files.items()}).state("001-shop")
    assert (plan.next.step, plan.next.file, plan.state) == (step, f"{FOLDER}/{file}", "no_achievements")
    assert plan.achievements == () and plan.next.achievement is None


def test_a_ticked_task_without_its_file_is_unsupported() -> None:
    text = "# Tasks: X\n\n- [x] T001 Create src/a.ts\n- [ ] T002 Do more\n"
    plan = state(text)
    assert (states(plan)["T001"], plan.state) == ("unsupported", "needs_attention")
    assert by_id(plan)["T001"].evidence[0].path == "src/a.ts"
    assert plan.progress and plan.progress.done == 1
    assert states(state(text, "src/a.ts"))["T001"] == "done"
    assert states(state(text, "lib/a.ts"))["T001"] == "done"


def test_the_paths_of_a_monorepo_may_begin_at_the_package() -> None:
    text = "- [x] T001 Create src/a.ts\n"
    found = FormatWorkspace(FORMAT, {"packages/web/specs/001-a/tasks.md": text}, ["packages/web/src/a.ts"])
    assert states(found.state("001-a")) == {"T001": "done"}


def test_a_file_that_git_ignores_proves_nothing() -> None:
    found = FormatWorkspace(FORMAT, {TASKS: "- [x] T001 Create out/a.json\n"}, ignored=["out/a.json"])
    assert states(found.state("001-shop")) == {"T001": "done"}


def test_an_unticked_plan_whose_files_all_exist_is_reconciled() -> None:
    text = "".join(f"- [ ] T00{n} Create src/{n}.ts\n" for n in range(1, 4))
    plan = state(text, *(f"src/{n}.ts" for n in range(1, 4)))
    assert (plan.next.step, plan.next.achievement) == ("reconcile", "T001")
    assert plan.built and (plan.built.creates, plan.built.exist) == (3, 3)
    assert state(text, "src/1.ts", "src/2.ts").next.step == "implement_task"


def test_at_most_ten_tasks_are_also_ready() -> None:
    plan = state("## Phase 1: A\n\n" + "".join(f"- [ ] T{n:03d} [P] Do {n}\n" for n in range(200)))
    assert len(plan.also_ready) == 10


def test_the_title_is_that_of_the_tasks_or_the_specification() -> None:
    assert state("# Tasks: A shop\n\n- [ ] T001 a\n").title == "A shop"
    assert state("", spec="# Feature Specification: A shop\n").title == "A shop"
    assert state("").title == "001-shop"


# Other documents


def test_a_specification_has_stories_and_requirements() -> None:
    text = """# Feature Specification: Shop

### User Story 1 - Buy (Priority: P1)

**Independent Test**: buy one

### Edge Cases

- **FR-001**: buys
- **SC-001**: fast [NEEDS CLARIFICATION: how fast?]
- [x] No [NEEDS CLARIFICATION] markers remain
"""
    read = FORMAT.parse("", "spec", text)
    assert isinstance(read, SpecFacts)
    (story,) = read.stories
    assert (story.number, story.priority, story.line, story.last, story.test) == (1, "P1", 3, 6, 5)
    assert [(one.id, one.line) for one in read.requirements] == [("FR-001", 9), ("SC-001", 10)]
    assert read.unclear == (10,)


def test_a_check_list_is_counted() -> None:
    text = "# UX\n\n- [x] CHK001 a\n- [ ] CHK002 b\n* [X] c\n\n```\n- [ ] d\n```\n"
    assert FORMAT.parse("", "checklist", text) == ChecklistFacts(2, 3, 4)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ('{"feature_directory": "specs/003-x"}', "003-x"),
        ('{"feature_directory": "/home/a/specs/003-x/"}', "003-x"),
        ('{"feature_directory": 3}', ""),
        ("{", ""),
        ("[]", ""),
    ],
)
def test_the_active_feature(text: str, feature: str) -> None:
    assert FORMAT.parse(".specify/feature.json", "active", text) == ActiveFacts(feature)


# Size


def listed(n: int) -> str:
    """Return a file with n tasks in phases."""
    task = "- [{}] T{:04d} [P] [US1] Create a thing in src/a/b{}.py (depends on T{:04d})\n"
    lines = (task.format(" x"[at % 2], at, at, max(0, at - 1)) for at in range(n))
    return "".join(f"\n## Phase {at}: A\n\n{line}" if at % 10 == 0 else line for at, line in enumerate(lines))


def same_id(n: int) -> str:
    """Return a file with n tasks of one id."""
    return "- [x] T001 Do it (depends on T000-T400)\n" * n


def headed(n: int) -> str:
    """Return a file with n heading tasks."""
    one = "#### T{:04d}: Create src/a.py\n\n**Acceptance**:\n- [ ] a\n\n**Steps**:\n- [x] b\n"
    return "".join(one.format(at) for at in range(n))


def phased(n: int) -> str:
    """Return a file with n phases that all wait."""
    return "".join(f"## Phase {at}: A\n- [ ] T{at:04d} a\n- [x] T{n + at:04d} b\n" for at in range(n))


@pytest.mark.parametrize("make", [listed, same_id, headed, phased])
def test_work_grows_with_the_file(make: Callable[[int], str]) -> None:
    def cost(n: int) -> int:
        text = make(n)
        return counted(lambda: workspace(text).diagnostics("001-shop"))

    cost(2)
    small, double, large = (cost(n) for n in (100, 200, 400))
    assert growth(small, double, large) <= LIMIT


@pytest.mark.parametrize(
    "part",
    [
        "a/",
        "[",
        "(",
        "(depends on ",
        "[P] ",
        " [P]",
        " ",
        "(optional",
        "(a.b",
        "(skipped - ",
        "US1, ",
        "**",
        "T001",
        "a.",
    ],
)
def test_a_hostile_line_is_read_quickly(part: str) -> None:
    line = part * (100_000 // len(part))
    start = time.process_time()
    for text in (f"- [x] T001 Create {line}\n", f"- [ ] {line}x.py\n", f"## Phase 1: {line}\n- [ ] a\n", f"**{line}\n"):
        FORMAT.parse(TASKS, "tasks", text)
        FORMAT.parse(TASKS, "spec", text)
        FORMAT.parse(TASKS, "checklist", text)
    assert time.process_time() - start < 2


@given(st.text(st.sampled_from("-*[]xX T01P\n#:`~<>!|(){}US./,é阶段 "), max_size=200), st.sampled_from(ROLES_READ))
def test_any_text_is_read(text: str, role: str) -> None:
    FORMAT.parse(TASKS, role, text)
    if role == "tasks":
        workspace(text).diagnostics("001-shop")


@given(st.lists(st.sampled_from(PARTS), max_size=12))
def test_any_mixture_of_lines_is_evaluated(parts: list[str]) -> None:
    found = workspace("\n".join(parts))
    plan = found.state("001-shop")
    refs = [item.ref for item in plan.achievements]
    assert len(set(refs)) == len(refs) or len(set(parts)) < len(parts)
    assert plan.next.ref is None or plan.next.ref in refs
    assert found.diagnostics("001-shop") is not None


@given(st.integers(0, 12), st.sampled_from(["", "Text.", "- [x] T900 More", "## Notes"]))
def test_refs_and_states_survive_lines_above(at: int, line: str) -> None:
    text = STORIES.format(a="x", b=" ", c=" ", d=" ", e=" ", f=" ")
    lines = text.split("\n")
    edited = "\n".join([*lines[:at], line, *lines[at:]])
    before, after = state(text), state(edited)
    assert {item.ref for item in before.achievements} <= {item.ref for item in after.achievements}


def test_the_digest_of_a_task_without_an_id_survives_lines_above() -> None:
    before, after = state("- [ ] Do a\n- [ ] Do b\n"), state("Text.\n\n- [ ] New\n- [x] Do a\n- [ ] Do b\n")
    digests = [item.ref.rpartition("-")[2] for item in after.achievements]
    assert [item.ref.rpartition("-")[2] for item in before.achievements] == digests[1:]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_change_nothing(end: str) -> None:
    text = STORIES.format(**dict.fromkeys("abcdef", " "))
    assert facts(text.replace("\n", end)) == facts(text)
    assert facts("\ufeff" + text) == facts(text)
