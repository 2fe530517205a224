"""The plans of spec-kit: phases and their order, states, the next step, and the documents beside the tasks."""

from __future__ import annotations

import pytest

from planmark.formats.speckit import FORMAT
from planmark.formats.speckit.documents import ActiveFacts, ChecklistFacts, SpecFacts
from planmark.plans.model import PlanState
from unit.formats.format_workspace import FormatWorkspace, by_id, states
from unit.formats.speckit_feature import FOLDER, STORIES, TASKS, facts, state

# Phases


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
    assert (plan.state, plan.next.step, plan.next.ref) == ("complete", "closed", None)
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
    assert read.task_list.groups[0].id == name and read.phases[0].stories == kind
    assert [task.group for task in read.task_list.tasks] == [0, 0, 1]


def test_the_title_is_the_group_of_a_file_without_phases() -> None:
    assert [group.line for group in facts("# Tasks: X\n\n- [ ] Do it\n").task_list.groups] == [1]
    assert facts("- [ ] Do it\n").task_list.groups == ()


def test_one_heading_above_all_phases_divides_nothing() -> None:
    read = facts("# T\n\n## Tasks\n\n### Setup\n\n- [ ] T001 a\n\n### Core\n\n- [ ] T002 b\n")
    assert [group.title for group in read.task_list.groups] == ["Setup", "Core"]


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
    assert plan.built_files and (plan.built_files.creates, plan.built_files.exist) == (3, 3)
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
    assert read.open_questions == (10,)


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


def test_the_active_feature_is_chosen() -> None:
    files = {"web/.specify/feature.json": '{"feature_directory": "/home/a/web/specs/002-b"}'}
    files |= {f"web/specs/{name}/tasks.md": "- [ ] T001 a\n" for name in ("001-a", "002-b")}
    found = FormatWorkspace(FORMAT, files)
    assert found.sites["002-b"].folder in FORMAT.chosen(found.documents)
    assert found.sites["001-a"].folder not in FORMAT.chosen(found.documents)
