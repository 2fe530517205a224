"""The reader of spec-kit on any text: growth, hostile lines, and edits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.speckit import FORMAT
from unit.formats.speckit_feature import STORIES, TASKS, facts, state, workspace
from work_growth import LIMIT, counted, growth

ROLES_READ = ("tasks", "spec", "plan", "checklist", "active", "constitution")
PARTS = (
    *("# Tasks: X", "## Phase 1: Setup", "## Phase 2: User Story 1 - A", "### Tests (optional)", "#### T003: Head", ""),
    *("- [ ] T001 Create src/a.py", "- [x] T002 [P] [US1] Add src/b.py", "- [X] SKIP: T004 no", "- [ ] Do it", "```"),
    *("  - [ ] T001.1 Part", "- [ ] T005 b (depends on T001-T003)", "**Acceptance**:", "<!--", "-->", "<<<<<<< HEAD"),
    *("- [?] T006 c", "- [ ] - [x] T007 d", "- [x] T001Glued", "- [ ] A1 e"),
)


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
