"""The reader of spec-kit: places, and each shape of a task line and of a heading that is a task."""

from __future__ import annotations

import pytest

from planmark.formats.speckit import FORMAT
from unit.formats.format_workspace import by_id, states
from unit.formats.speckit_feature import facts, state


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
        ("openspec/specs/001-shop/spec.md", None),
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
    (task,) = facts(f"# Tasks: X\n\n{line}\n").task_list.tasks
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
    assert facts(f"# Tasks: X\n\n{line}\n").task_list.tasks == ()


def test_letter_ids_are_ids_if_no_value_occurs_twice() -> None:
    assert [task.id for task in facts("- [ ] A1 a\n- [ ] A2 b\n- [ ] B1 c\n").task_list.tasks] == ["A1", "A2", "B1"]
    assert [task.id for task in facts("- [ ] P0 a\n- [ ] P1 b\n- [ ] P1 c\n").task_list.tasks] == ["", "", ""]


def test_letters_beside_numbered_ids_must_count() -> None:
    text = "- [ ] T001 a\n- [ ] {} b\n- [ ] {} c\n"
    assert [task.id for task in facts(text.format("A1", "A2")).task_list.tasks] == ["T001", "A1", "A2"]
    assert [task.id for task in facts(text.format("S3", "A1")).task_list.tasks] == ["T001"]
    assert [task.id for task in facts(text.format("P0", "P1")).task_list.tasks] == ["T001"]


def test_a_box_without_an_id_is_a_check_list_item_beside_ids() -> None:
    listed = facts("- [ ] T001 a\n\n## Review\n\n- [ ] Looks good\n").task_list
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
    assert (read.details[0].stories, read.task_list.tasks[0].parallel) == (stories, is_parallel)


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
    assert read.task_list.tasks[3].depends_on == expected


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
        ("**Criar** modelo em src/modelo.py", ("src/modelo.py",)),
        ("在 src/a.ts 中實作登入", ("src/a.ts",)),
        ("`src/a.ts` 생성", ("src/a.ts",)),
        ("Create the tables per contracts/schema.md", ()),
        ("Create tests for src/a.ts", ()),
        ("Create src/a.ts if missing", ()),
        ("Create logs/YYYY-MM/a.md", ()),
        ("Create config/.env and more", ()),
        ("Create React/Next.js page", ()),
        ("Create a client for https://example.org/a/b.json", ()),
        ("Create files in src/**/x.ts", ()),
        ("Create ../other/x.ts", ()),
        ("Create ~/.config/x.json", ()),
        ("Create tests/test_[name].py", ()),
        ("Create github.com/a/b.git", ()),
        ("Update src/a.ts", ()),
        ("Verify that src/a.ts exists", ()),
        ("Contract test in tests/test_a.py", ()),
        ("Create package.json", ()),
    ],
)
def test_the_files_that_a_task_creates(title: str, creates: tuple[str, ...]) -> None:
    assert facts(f"- [ ] T001 [P] {title}\n").task_list.tasks[0].creates == creates


@pytest.mark.parametrize(
    ("line", "is_optional"),
    [
        ("- [ ] T001 Add colours (optional)", True),
        ("- [ ] T001 Add colours (OPTIONAL - nice to have)", True),
        ("- [ ] T001 Optional: Add colours", True),
        ("- [ ] T001 添加颜色（可选）", True),
        ("- [ ] T001 Docs (선택)", True),
        ("- [ ] T001 Docs (facultatif)", True),
        ("- [ ] T001 Pruebas (OPCIONAL - solo si se solicitan)", False),
        ("- [ ] T001 测试（可选 - 仅在请求测试时）", False),
        ("- [ ] T001 Add an optional argument", False),
        ("- [ ] T001 Fall back (with optional warning)", False),
    ],
)
def test_a_title_says_that_a_task_is_optional(line: str, is_optional: bool) -> None:
    assert facts(line).task_list.tasks[0].optional is is_optional


def test_a_heading_makes_its_tasks_optional_unless_they_were_requested() -> None:
    text = "# T\n\n## Phase 1: A\n\n### Tests ({})\n\n- [ ] T001 a\n\n### Code\n\n- [ ] T002 b\n"
    assert [task.optional for task in facts(text.format("Optional")).task_list.tasks] == [True, False]
    assert [task.optional for task in facts(text.format("OPTIONAL - only if tests requested")).task_list.tasks] == [
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
        ("- [ ] T001 a — DEFERRED", "deferred"),
        ("- [x] T001 a - skipped (no key)", "deferred"),
        ("- [ ] T001 [P] ~~a~~", "deferred"),
        ("- [ ] ~~T001 a~~", "deferred"),
        ("- [ ] T001 a (aplazado)", "deferred"),
        ("- [x] T001 Handle SKIPPED rows - skipped rows are logged", "done"),
        ("- [ ] T001 a", "open"),
        ("- [~] T001 a", "open"),
    ],
)
def test_the_state_of_a_line(line: str, expected: str) -> None:
    assert facts(line).task_list.tasks[0].state == expected


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
    assert (read.details[0].acceptance, read.details[0].met_lines) == ((9, 10), (9,))
    assert read.task_list.checklist == (21,)


def test_a_heading_with_the_id_of_a_task_line_explains_it() -> None:
    read = facts("- [ ] T001 Do it\n\n## Details\n\n### T001: Do it\n\nText.\n")
    assert [task.line for task in read.task_list.tasks] == [1]


def test_a_heading_above_task_lines_with_ids_groups_them() -> None:
    read = facts("## Phase 1: A\n\n### Task 6 — more\n\n- [x] T006 Do it\n")
    assert [task.id for task in read.task_list.tasks] == ["T006"]
