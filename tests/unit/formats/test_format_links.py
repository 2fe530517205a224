"""Links between tasks, requirements, designs and files, and the details of an item."""

from __future__ import annotations

import pytest

from planmark.formats.checkbox.lines import split_lines
from planmark.formats.checkbox.outline import outline_of, plain_title, section_with_title, sections_with_names
from planmark.formats.checkbox.passages import without_contained, without_repetitions
from planmark.plans.format import Passage
from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import SAMPLES

TIPS = "openspec/changes/add-tip-jar"
CLUB = ".kiro/specs/coffee-club"
LOST = "specs/001-lost-items"
"""The formats whose documents name each other → the folder of a plan."""


def linked(name: str, feature: str, path: str, changed: dict[str, str] | None = None) -> list[tuple[int, str, str]]:
    """Return line, text and target of each link in a document of a sample."""
    workspace = FormatWorkspace(format_named(name), SAMPLES[name] | (changed or {}))
    lines = split_lines(workspace.files[path])
    folder = workspace.sites[feature].folder
    return [
        (
            link.line,
            lines[link.line - 1][link.start : link.end],
            f"{link.path.removeprefix(f'{folder}/')}:{link.target_line}",
        )
        for link in workspace.format.links(workspace.input(feature), path)
    ]


def detailed(name: str, feature: str, ref: str, changed: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """Return why and the first line of each passage that explains an item of a sample."""
    workspace = FormatWorkspace(format_named(name), SAMPLES[name] | (changed or {}))
    state = workspace.state(feature)
    item = next(item for item in state.achievements if item.ref == ref)
    found = workspace.format.details(workspace.input(feature), state, item)
    return [(part.why, split_lines(workspace.files[part.path])[part.start - 1]) for part in found]


def test_openspec_links_decisions_specs_and_tasks() -> None:
    assert linked("openspec", "add-tip-jar", f"{TIPS}/tasks.md") == [
        (6, "D1", "design.md:5"),
        (6, "specs/tipping/spec.md", "specs/tipping/spec.md:0"),
        (9, "D2", "design.md:9"),
        (9, "1.2", "tasks.md:6"),
    ]
    assert linked("openspec", "add-tip-jar", f"{TIPS}/proposal.md") == [(14, "tipping", "specs/tipping/spec.md:0")]
    assert linked("openspec", "add-tip-jar", f"{TIPS}/design.md") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- [ ] 9 See Decision 2", [("Decision 2", "design.md:9")]),
        ("- [ ] 9 See D3 and D10", []),
        ("- [ ] 9 Measure `D1`", [("D1", "design.md:5")]),
        ("- [ ] 9 ID1 and D1-x", []),
        ("- [ ] 9 As in task 1.1", [("1.1", "tasks.md:1")]),
        ("- [ ] 9 As in `other-change` task 1.1", []),
        ("- [ ] 9 Version 1.1", []),
        ("- [ ] 9 Dependencies: 1.1, 1.2", [("1.1", "tasks.md:1"), ("1.2", "tasks.md:2")]),
        ("- [ ] 9 Update specs/tipping", [("specs/tipping", "specs/tipping/spec.md:0")]),
        ("- [ ] 9 Update specs/tippings/x", []),
        ("- [ ] 9 See [why](proposal.md#why)", [("proposal.md#why", "proposal.md:0")]),
        ("- [ ] 9 See [site](https://a.b/proposal.md)", []),
        ("- [ ] 9 In `ledger/tips.py`", []),
        ("```\nD1, task 1.1\n```", []),
        ("<!-- D1 -->", []),
    ],
)
def test_openspec_names_and_near_misses(line: str, found: list[tuple[str, str]]) -> None:
    changed = {f"{TIPS}/tasks.md": f"- [ ] 1.1 A\n- [ ] 1.2 B\n{line}\n"}
    shown = linked("openspec", "add-tip-jar", f"{TIPS}/tasks.md", changed)
    assert [(text, target) for _, text, target in shown] == found


def test_openspec_links_numbered_decisions_below_their_heading() -> None:
    changed = {
        f"{TIPS}/design.md": "# Design\n\n## Decisions\n\n### 2. Two\n\n## Open\n\n### 3. Three\n",
        f"{TIPS}/tasks.md": "- [ ] 1 See decision 2 and decision 3\n",
    }
    assert linked("openspec", "add-tip-jar", f"{TIPS}/tasks.md", changed) == [(1, "decision 2", "design.md:5")]


def test_kiro_links_requirements_properties_and_tasks() -> None:
    assert linked("kiro", "coffee-club", f"{CLUB}/tasks.md") == [
        (5, "1.1", "requirements.md:15"),
        (8, "1.1", "requirements.md:15"),
        (8, "1.2", "requirements.md:16"),
        (8, "2.2", "requirements.md:25"),
        (10, "Property 1", "design.md:9"),
        (11, "1.1", "requirements.md:15"),
        (11, "1.2", "requirements.md:16"),
        (13, "2.1", "requirements.md:24"),
        (14, "1.2", "tasks.md:6"),
    ]
    assert linked("kiro", "coffee-club", f"{CLUB}/design.md") == [
        (13, "1.1", "requirements.md:15"),
        (13, "1.2", "requirements.md:16"),
    ]
    assert linked("kiro", "coffee-club", f"{CLUB}/requirements.md") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("  - _Requirements: 1, 2.1_", [("1", "requirements.md:9"), ("2.1", "requirements.md:24")]),
        ("  - _需求：1.1_", [("1.1", "requirements.md:15")]),
        ("  - _Requirements: 1.1-1.2_", [("1.1", "requirements.md:15"), ("1.2", "requirements.md:16")]),
        ("  - _Requirements: 9.9_", []),
        ("  - Answer as requirement 2.1 says", [("2.1", "requirements.md:24")]),
        ("  - Python 1.1 and 2.1", []),
        (
            "  - Read `design.md` and `requirements.md`",
            [("design.md", "design.md:0"), ("requirements.md", "requirements.md:0")],
        ),
        ('```json\n{"waves": [{"tasks": ["1"]}]}\n```', [("1", "tasks.md:1")]),
        ("```\n_Requirements: 1.1_\n```", []),
    ],
)
def test_kiro_names_and_near_misses(line: str, found: list[tuple[str, str]]) -> None:
    changed = {f"{CLUB}/tasks.md": f"- [ ] 1. A\n{line}\n"}
    shown = linked("kiro", "coffee-club", f"{CLUB}/tasks.md", changed)
    assert [(text.strip('"'), target) for _, text, target in shown] == found


def test_speckit_links_stories_requirements_and_tasks() -> None:
    assert linked("speckit", "001-lost-items", f"{LOST}/tasks.md") == [
        (7, "User Story 1", "spec.md:5"),
        (13, "1", "spec.md:5"),
        (14, "1", "spec.md:5"),
        (14, "FR-001", "spec.md:21"),
        (14, "T002", "tasks.md:13"),
        (18, "User Story 2", "spec.md:15"),
        (20, "2", "spec.md:15"),
        (20, "FR-002", "spec.md:22"),
    ]
    assert linked("speckit", "001-lost-items", f"{LOST}/spec.md") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("See FR-002, SC-001 and FR-009.", [("FR-002", "spec.md:22"), ("SC-001", "spec.md:27")]),
        ("[US1,US2]", [("1", "spec.md:5"), ("2", "spec.md:15")]),
        ("T0021 and XT002", []),
        ("Look into [the plan](./plan.md).", [("./plan.md", "plan.md:0")]),
        ("Look into `data-model.md` and `nowhere.md`.", [("data-model.md", "data-model.md:0")]),
        ("Look into `specs/001-lost-items/plan.md`.", [("specs/001-lost-items/plan.md", "plan.md:0")]),
        ("```\nTask: T002\n```", [("T002", "tasks.md:13")]),
    ],
)
def test_speckit_names_and_near_misses(line: str, found: list[tuple[str, str]]) -> None:
    path = f"{LOST}/quickstart.md"
    shown = linked("speckit", "001-lost-items", path, {path: f"{line}\n"})
    assert [(text, target) for _, text, target in shown] == found


def test_existing_files_are_linked() -> None:
    workspace = FormatWorkspace(format_named("kiro"), {".kiro/specs/a/tasks.md": "- [ ] 1. In `x/y.py`\n"}, ["x/y.py"])
    (link,) = workspace.format.links(workspace.input("a"), ".kiro/specs/a/tasks.md")
    assert (link.path, link.target_line, link.start, link.end) == ("x/y.py", 0, 13, 19)


def test_details_of_openspec() -> None:
    assert detailed("openspec", "add-tip-jar", "1.2") == [
        ("decision 1", "### D1: Store a tip as its own line"),
        ("the spec delta that the task names", "## ADDED Requirements"),
        ("why the change is made", "## Why"),
        ("requirement", "### Requirement: A tip is stored apart from the sale"),
        ("requirement", "### Requirement: The report shows tips"),
    ]
    assert detailed("openspec", "add-tip-jar", "2.1.2")[0] == ("why the change is made", "## Why")


def test_details_of_a_change_without_the_usual_headings_are_its_beginning() -> None:
    changed = {f"{TIPS}/proposal.md": "# Tips\n\nGuests want it.\n"}
    assert ("the proposal", "# Tips") in detailed("openspec", "add-tip-jar", "1.1", changed)


def test_details_of_kiro() -> None:
    assert detailed("kiro", "coffee-club", "1.2") == [
        (
            "criteria 1 and 2 of requirement 1",
            "1. WHEN a member buys a cup THEN the system SHALL add one to the count.",
        ),
        ("criterion 2 of requirement 2", "2. WHILE the till has no network, the till SHALL keep the count"),
    ]
    assert detailed("kiro", "coffee-club", "1.3")[-1] == ("property 1", "### Property 1: The count stays below ten")
    changed = {f"{CLUB}/tasks.md": "- [ ] 1. A\n  - _Requirements: 2_\n"}
    assert detailed("kiro", "coffee-club", "1", changed) == [("requirement 2", "### Requirement 2: Free cup")]


def test_details_of_a_bug_fix() -> None:
    changed = {
        ".kiro/specs/b/bugfix.md": "# Bug\n\n1.1 It breaks\n\n2.1 It SHALL hold\n",
        ".kiro/specs/b/tasks.md": "- [ ] 1. A\n  - _Requirements: 2.1_\n",
    }
    assert detailed("kiro", "b", "1", changed) == [("criterion 1 of requirement 2", "2.1 It SHALL hold")]


def test_details_of_speckit() -> None:
    assert detailed("speckit", "001-lost-items", "T003") == [
        ("FR-001", "- **FR-001**: The hall MUST list each reported item with its day."),
        ("user story 1", "### User Story 1 - Report an item (Priority: P1)"),
        ("the goal of the phase", "**Goal**: A guest can report an item."),
        ("the independent test of the phase", "**Independent Test**: Report an umbrella."),
        ("the checkpoint of the phase", "**Checkpoint**: Reports work on their own."),
    ]


def test_a_requirement_has_the_lines_that_continue_it() -> None:
    workspace = FormatWorkspace(format_named("speckit"), SAMPLES["speckit"])
    state = workspace.state("001-lost-items")
    item = next(item for item in state.achievements if item.ref == "T004")
    part = workspace.format.details(workspace.input("001-lost-items"), state, item)[0]
    assert (part.start, part.end, part.why) == (22, 23, "FR-002")


def test_the_outline_of_a_text() -> None:
    found = outline_of("# A\n\ntext\n\n## B\n\nb\n\n---\n\n### C\n\nc\n\n## D\n")
    assert [(one.title, one.line, one.last_own_line, one.last_line, one.parent) for one in found.sections] == [
        ("A", 1, 3, 15, -1),
        ("B", 5, 7, 13, 0),
        ("C", 11, 13, 13, 1),
        ("D", 15, 15, 15, 0),
    ]
    assert found.length == 15
    assert section_with_title(found, {"c"}) == found.sections[2]
    assert [one.title for one in sections_with_names(found, ("b", "text"), 3)] == ["B"]


@pytest.mark.parametrize(
    ("title", "plain"), [("1. Why", "why"), ("**Why**", "why"), ("2.1 Why?", "why?"), ("なぜ", "なぜ")]
)
def test_plain_titles(title: str, plain: str) -> None:
    assert plain_title(title) == plain


def test_passages_inside_others_are_left_out() -> None:
    small, large = Passage("a", 2, 3, "small"), Passage("a", 1, 9, "large")
    assert without_repetitions([large, small]) == [large] and without_repetitions([small, large]) == [small, large]
    assert without_contained([small, large]) == [large] and without_contained([large, Passage("b", 1, 1, "")]) == [
        large,
        Passage("b", 1, 1, ""),
    ]
