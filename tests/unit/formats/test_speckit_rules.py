"""The diagnostics of spec-kit: for each code a trigger with its line, a near miss, and what its fix does."""

from __future__ import annotations

import pytest

from planmark.formats.speckit import FORMAT
from planmark.plans.diagnostic import Diagnostic
from unit.formats.format_workspace import FormatWorkspace, applied

FOLDER = "specs/001-shop"
TASKS, PLAN = f"{FOLDER}/tasks.md", f"{FOLDER}/plan.md"
STORY = "## Phase 3: User Story 1 - Buy\n\n- [ ] T001 {}Buy\n"
ORDER = "## Phase 1: A\n\n- [{}] T001 a\n\n## Phase 2: B\n\n- [{}] T002 b\n"

TRIGGERS: list[tuple[str, dict[str, str], tuple[str, int]]] = [
    ("task-id-missing", {TASKS: "# T\n\n- [ ] Do a\n- [ ] Do b\n"}, (TASKS, 3)),
    ("task-id-duplicate", {TASKS: "- [ ] T001 a\n- [ ] T001 b\n"}, (TASKS, 2)),
    ("task-id-order", {TASKS: "- [ ] T021 a\n- [ ] T019 b\n"}, (TASKS, 2)),
    ("task-id-glued", {TASKS: "- [ ] T001Add it\n"}, (TASKS, 1)),
    ("double-checkbox", {TASKS: "- [ ] - [X] T001 a\n"}, (TASKS, 1)),
    ("checkbox-missing", {TASKS: "# T\n\n### T001: a\n\nText.\n"}, (TASKS, 3)),
    ("dependency-unknown", {TASKS: "- [ ] T001 a (depends on T099)\n"}, (TASKS, 1)),
    ("earlier-phase-open", {TASKS: ORDER.format(" ", "x")}, (TASKS, 1)),
    (
        "checklist-open",
        {TASKS: "- [ ] T001 a\n", f"{FOLDER}/checklists/ux.md": "- [x] a\n- [ ] b\n"},
        (f"{FOLDER}/checklists/ux.md", 2),
    ),
    ("task-says-deferred", {TASKS: "- [X] SKIP: T001 a\n"}, (TASKS, 1)),
    ("deliverable-missing", {TASKS: "- [x] T001 Create src/gone.ts\n"}, (TASKS, 1)),
    ("deliverable-moved", {TASKS: "- [x] T001 Create src/b/there.ts\n"}, (TASKS, 1)),
    ("plan-md-missing", {TASKS: "- [ ] T001 a\n", PLAN: ""}, (TASKS, 1)),
    ("feature-number-duplicate", {TASKS: "- [ ] T001 a\n", "specs/001-a/spec.md": "# S\n"}, (TASKS, 1)),
    ("story-label-missing", {TASKS: STORY.format("[P] ")}, (TASKS, 3)),
    ("task-marker-unknown", {TASKS: "- [~] T001 a\n"}, (TASKS, 1)),
    ("merge-conflict", {TASKS: "- [ ] T001 a\n<<<<<<< HEAD\n- [x] T002 b\n=======\n>>>>>>> x\n"}, (TASKS, 2)),
    ("tasks-missing", {TASKS: "# Tasks: X\n\nText.\n"}, (TASKS, 1)),
    ("template-unchanged", {TASKS: "\n# Tasks: [FEATURE NAME]\n\n- [ ] T001 a\n"}, (TASKS, 2)),
]
NEAR: list[tuple[str, dict[str, str]]] = [
    ("task-id-missing", {TASKS: "- [ ] T001 a\n- [ ] b\n"}),
    ("task-id-missing", {TASKS: "# T\n"}),
    ("task-id-duplicate", {TASKS: "- [ ] T001 a\n- [ ] T001b b\n"}),
    ("task-id-duplicate", {TASKS: "- [ ] T001 a\n\n## T001: a\n"}),
    ("task-id-order", {TASKS: "- [ ] T001 a\n- [ ] T005 b\n- [ ] T006 c\n"}),
    ("task-id-order", {TASKS: "- [ ] T020 a\n- [ ] T012b b\n- [ ] T021 c\n"}),
    ("task-id-order", {TASKS: "- [ ] T040 a\n- [X] SKIP: T039 b\n- [ ] T041 c\n"}),
    ("task-id-order", {TASKS: "- [ ] T001 a\n- [ ] T002 b\n- [ ] T001 c\n- [ ] T003 d\n"}),
    ("task-id-order", {TASKS: "- [ ] T005 a\n- [ ] P001 b\n- [ ] T006 c\n"}),
    ("task-id-glued", {TASKS: "- [ ] T001b add\n- [ ] **T002** b\n- [ ] T003: c\n"}),
    ("double-checkbox", {TASKS: "- [ ] T001 write `- [ ]`\n"}),
    ("checkbox-missing", {TASKS: "### T001: a\n\n- [ ] b\n\n### T002: c\n\n**Acceptance**:\n- [ ] d\n"}),
    ("dependency-unknown", {TASKS: "- [ ] T001 a\n- [ ] T002 b (depends on T001)\n"}),
    ("earlier-phase-open", {TASKS: ORDER.format("x", "x")}),
    ("earlier-phase-open", {TASKS: ORDER.format(" ", " ")}),
    ("earlier-phase-open", {TASKS: ORDER.format(" ", "x").replace("T001 a", "T001 a (optional)")}),
    ("checklist-open", {TASKS: "- [x] T001 a\n", f"{FOLDER}/checklists/ux.md": "- [ ] b\n"}),
    ("checklist-open", {TASKS: "- [ ] T001 a\n", f"{FOLDER}/checklists/ux.md": "- [x] b\n"}),
    ("task-says-deferred", {TASKS: "- [ ] SKIP: T001 a\n- [x] T002 Add a skip link\n"}),
    ("deliverable-missing", {TASKS: "- [ ] T001 Create src/gone.ts\n- [x] T002 Update src/gone.ts\n"}),
    ("deliverable-missing", {TASKS: "- [x] T001 Create src/there.ts\n- [X] SKIP: T002 Create src/gone.ts\n"}),
    ("deliverable-missing", {TASKS: "- [x] T001 Create hidden/gone.ts\n"}),
    ("deliverable-moved", {TASKS: "- [x] T001 Create src/gone.ts\n"}),
    ("plan-md-missing", {TASKS: "- [ ] T001 a\n"}),
    ("feature-number-duplicate", {TASKS: "", "specs/001-z/spec.md": "", "specs/002-a/spec.md": ""}),
    ("feature-number-duplicate", {TASKS: "", "web/specs/001-a/spec.md": ""}),
    ("story-label-missing", {TASKS: STORY.format("[US1] ")}),
    ("story-label-missing", {TASKS: "## Phase 3: User Story 1-2 - Both\n\n- [ ] T001 a\n"}),
    ("story-label-missing", {TASKS: "## Phase 1: Setup\n\n- [ ] T001 a\n"}),
    ("task-marker-unknown", {TASKS: "- [X] T001 a\n- [P] tasks = different files\n"}),
    ("tasks-missing", {f"{FOLDER}/spec.md": "# S\n"}),
    ("template-unchanged", {TASKS: "# Tasks: Shop\n\n- [ ] T001 [FEATURE NAME]\n"}),
]


def workspace(files: dict[str, str]) -> FormatWorkspace:
    """Return a workspace with some files; a `plan.md` without text is left out."""
    whole = {PLAN: "# P\n", **files}
    return FormatWorkspace(
        FORMAT,
        {path: text for path, text in whole.items() if path != PLAN or text},
        ["src/there.ts"],
        ["hidden/gone.ts"],
    )


def found(files: dict[str, str], code: str) -> list[Diagnostic]:
    return [one for one in workspace(files).diagnostics("001-shop") if one.code == code]


@pytest.mark.parametrize(("code", "files", "place"), TRIGGERS)
def test_a_diagnostic_is_found(code: str, files: dict[str, str], place: tuple[str, int]) -> None:
    (one,) = found(files, code)
    assert (one.path, one.line) == place
    assert len(one.message) <= 125 and not one.message.endswith(".")


@pytest.mark.parametrize(("code", "files"), NEAR)
def test_a_near_miss_is_not_reported(code: str, files: dict[str, str]) -> None:
    assert found(files, code) == []


def test_every_code_has_a_trigger_and_a_near_miss() -> None:
    assert {code for code, _, _ in TRIGGERS} - {"merge-conflict"} == {code for code, _ in NEAR}


@pytest.mark.parametrize(
    ("code", "text", "fixed"),
    [
        ("task-id-duplicate", "- [ ] T001 a\n- [x] T001 b\n", "- [ ] T001 a\n- [x] T002 b\n"),
        ("task-id-glued", "- [ ] T001Add it\n", "- [ ] T001 Add it\n"),
        ("double-checkbox", "- [ ] - [X] T001 a\n", "- [ ] T001 a\n"),
        ("checkbox-missing", "### T001: Do it [P]\n\nText.\n", "### T001: Do it [P]\n\n- [ ] T001 Do it\n\nText.\n"),
        ("checkbox-missing", "### T001: a\r\nText.\r\n", "### T001: a\r\n\r\n- [ ] T001 a\r\nText.\r\n"),
        ("deliverable-missing", "- [x] T001 Create src/gone.ts\n", "- [ ] T001 Create src/gone.ts\n"),
        ("story-label-missing", STORY.format("[P] "), STORY.format("[P] [US1] ")),
        ("story-label-missing", STORY.format(""), STORY.format("[US1] ")),
        ("task-marker-unknown", "- [~] T001 a\n", "- [ ] T001 a\n"),
    ],
)
def test_a_fix_removes_its_diagnostic(code: str, text: str, fixed: str) -> None:
    (one,) = found({TASKS: text}, code)
    assert one.fix is not None
    assert applied(text, one.fix) == fixed
    assert found({TASKS: fixed}, code) == []


def test_duplicates_get_different_numbers() -> None:
    text = "- [ ] T001 a\n- [ ] T009 b\n- [ ] T001 c\n- [ ] T009 d\n"
    assert [one.fix.text for one in found({TASKS: text}, "task-id-duplicate") if one.fix] == ["T010", "T011"]


def test_only_the_later_folder_of_a_number_is_reported() -> None:
    files = {"specs/001-a/spec.md": "# A\n", "specs/001-b/spec.md": "# B\n"}
    both = FormatWorkspace(FORMAT, files)
    codes = {name: [one.code for one in both.diagnostics(name)] for name in ("001-a", "001-b")}
    assert codes == {"001-a": [], "001-b": ["feature-number-duplicate"]}


def test_an_earlier_open_phase_points_to_its_first_task() -> None:
    (one,) = found({TASKS: ORDER.format(" ", "x")}, "earlier-phase-open")
    assert [(place.path, place.line) for place in one.related] == [(TASKS, 3)]
