"""The prompts of other formats as an agent reads them, and the tables of sentences that they are made from.

`PLANMARK_GOLDEN=1` writes the files again: read them before committing.
"""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.formats.checkbox.prompts import SHARED_SENTENCES, PromptSentences, fill_sentences, value_names
from planmark.formats.featureplanner import prompts as featureplanner
from planmark.formats.kiro import prompts as kiro
from planmark.formats.openspec import prompts as openspec
from planmark.formats.speckit import prompts as speckit
from planmark.formats.superpowers import prompts as superpowers
from planmark.plans.format import PlanInput, PromptParts
from planmark.plans.model import NextStep, PlanState, Step
from planmark.plans.registry import format_named
from planmark.plans.roles import STEP_ROLES
from planmark.prompts.safety import SHARED_SAFETY_SENTENCES, missing_sentences
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import SAMPLES

GOLDEN = REPOSITORY / "tests" / "data" / "prompts"
CASES: dict[tuple[str, Step], tuple[str, str | None]] = {
    ("openspec", "implement_task"): ("add-tip-jar", None),
    ("openspec", "continue_task"): ("add-tip-jar", "2.1"),
    ("openspec", "write_tasks"): ("rename-ledger", None),
    ("openspec", "verify_and_archive"): ("split-receipt", None),
    ("openspec", "confirm_state"): ("export-sheet", None),
    ("openspec", "closed"): ("2026-01-05-add-till", None),
    ("kiro", "implement_task"): ("coffee-club", None),
    ("kiro", "continue_task"): ("night-mode", None),
    ("kiro", "write_requirements"): ("printer", None),
    ("kiro", "write_design"): ("stock", None),
    ("kiro", "write_tasks"): ("vouchers", None),
    ("kiro", "closed"): ("done", None),
    ("kiro", "wait"): ("circle", None),
    ("kiro", "confirm_state"): ("lost", None),
    ("speckit", "implement_task"): ("001-lost-items", None),
    ("speckit", "continue_task"): ("007-roof", None),
    ("speckit", "write_design"): ("002-keys", None),
    ("speckit", "write_tasks"): ("003-lamps", None),
    ("speckit", "reconcile"): ("004-heating", None),
    ("speckit", "closed"): ("005-doors", None),
    ("speckit", "confirm_state"): ("006-stairs", None),
    ("openspec", "reconcile"): ("add-tip-jar", None),
    ("kiro", "reconcile"): ("coffee-club", None),
    ("superpowers", "implement_task"): ("2026-03-02-tide-clock", None),
    ("superpowers", "continue_task"): ("2026-03-02-tide-clock", "2"),
    ("superpowers", "write_tasks"): ("2026-03-10-ideas", None),
    ("superpowers", "reconcile"): ("2026-03-09-moon", None),
    ("superpowers", "confirm_state"): ("2026-03-11-wind", None),
    ("superpowers", "closed"): ("2026-03-12-rain", None),
    ("featureplanner", "implement_task"): ("library", None),
    ("featureplanner", "continue_task"): ("library", "Task 1.2"),
    ("featureplanner", "write_tasks"): ("shelves", None),
    ("featureplanner", "reconcile"): ("fees", None),
    ("featureplanner", "confirm_state"): ("labels", None),
    ("featureplanner", "closed"): ("doors", None),
}
"""Format and step → the plan, and a task of it, None for the next one."""
TABLES = {
    "openspec": openspec,
    "kiro": kiro,
    "speckit": speckit,
    "superpowers": superpowers,
    "featureplanner": featureplanner,
}
IN_ORDER = ("superpowers", "featureplanner")
"""The formats whose tasks follow each other in the order of the file, so that none waits."""
STEPS: tuple[Step, ...] = (
    *("implement_task", "continue_task", "reconcile", "confirm_state", "wait", "closed"),
    *("write_requirements", "write_design", "write_tasks", "verify_and_archive"),
)
COMMANDS = {"verdict", "create", "adopt", "new", "close", "archive", "pause", "resume", "drop"}
MAX_WORDS = 25


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    """A view of the samples of each format."""
    found = {}
    for name, files in SAMPLES.items():
        root = tmp_path_factory.mktemp(name)
        write_files(root, files)
        found[name] = opened(root)
    return found


def opened(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.mark.parametrize(("name", "step"), CASES)
def test_a_prompt_is_as_it_was_read(views: dict[str, View], name: str, step: Step) -> None:
    feature, item = CASES[name, step]
    (site,) = [site for site in views[name].snapshot.sites if site.feature == feature]
    prompt = prompt_of(views[name], site, item, step)
    golden = GOLDEN / name / f"{step}.md"
    if os.environ.get("PLANMARK_GOLDEN"):
        golden.write_text(prompt.prompt, encoding="utf-8", newline="\n")
    assert prompt.prompt == golden.read_text(encoding="utf-8")
    assert missing_sentences(SHARED_SAFETY_SENTENCES[step], prompt.prompt) == []


def test_every_golden_prompt_has_a_case() -> None:
    written = {(path.parent.name, path.stem) for path in GOLDEN.glob("*/*.md")}
    assert written == set(CASES)


@pytest.mark.parametrize("name", TABLES)
def test_every_step_has_a_wording_and_a_reading(name: str) -> None:
    table = TABLES[name]
    assert set(table.WORDINGS) == set(table.READINGS_BY_STEP) <= set(SHARED_SAFETY_SENTENCES)
    # The others share the wording of steps that none of their plans leads to.
    wanted = {step for of, step in CASES if of == name} if name in IN_ORDER else set(STEPS)
    assert set(table.WORDINGS) == wanted


@pytest.mark.parametrize("name", TABLES)
def test_sentences_are_short(name: str) -> None:
    wordings = [*TABLES[name].WORDINGS.values(), *SHARED_SENTENCES.values()]
    for sentence in (
        sentence for wording in wordings for text in itertools.chain(*wording) for sentence in parts(text)
    ):
        assert len(sentence.split()) <= MAX_WORDS, sentence


def parts(text: str) -> list[str]:
    """Return the sentences of a text."""
    return re.split(r"(?<=[.:?]) (?=[A-Z`{])", text)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_prompt_for_every_plan(name: str, step: Step) -> None:
    workspace = FormatWorkspace(format_named(name), SAMPLES[name])
    for feature in workspace.sites:
        plan, state = workspace.input(feature), workspace.state(feature)
        refs = [None, *(item.ref for item in state.achievements)]
        for ref in refs:
            found = asked(name, plan, state, step, ref)
            assert found.goal and "{" not in " ".join(
                (found.goal, *found.rules, *found.keeps, *found.proves, *found.stops, *found.ends, found.commit)
            )
            assert found.kept_count <= len(found.passages)
            assert set(found.updates) <= set(plan.documents)
            assert not set(found.creates) & set(plan.documents)


def asked(name: str, plan: PlanInput, state: PlanState, step: Step, ref: str | None) -> PromptParts:
    """Return what a format says about a step for an item."""
    duty = STEP_ROLES[step]
    return format_named(name).prompt(plan, state, NextStep(step, None, duty.role, duty.tier, None, "asked for", ref))


def prompted(
    name: str, feature: str, step: Step, ref: str | None, changed: dict[str, str] | None = None
) -> PromptParts:
    """Return what a format says about a step of a sample, some files of which have different texts."""
    workspace = FormatWorkspace(format_named(name), SAMPLES[name] | (changed or {}))
    return asked(name, workspace.input(feature), workspace.state(feature), step, ref)


def test_a_sentence_without_its_value_is_left_out() -> None:
    assert fill_sentences(("Tick {line}.", "Ask {who}.", "Stop."), {"line": "3", "who": ""}) == ["Tick 3.", "Stop."]
    assert value_names("Tick {line} of `{path}`.") == ["line", "path"]
    assert isinstance(SHARED_SENTENCES["wait"], PromptSentences)


def test_a_title_with_braces_is_no_template() -> None:
    found = prompted("kiro", "a", "implement_task", "1", {".kiro/specs/a/tasks.md": "- [ ] 1. Write {line} to {0}\n"})
    assert found.goal == "Implement task 1 of the spec a."


def test_the_last_sub_task_ticks_its_major_task() -> None:
    rule = "It is the last open sub-task of task 1: tick line 3 too."
    assert rule in prompted("kiro", "coffee-club", "implement_task", "1.2").keeps
    two_open = SAMPLES["kiro"][".kiro/specs/coffee-club/tasks.md"].replace("[x] 1.1", "[ ] 1.1")
    changed = {".kiro/specs/coffee-club/tasks.md": two_open}
    assert rule not in prompted("kiro", "coffee-club", "implement_task", "1.2", changed).keeps


def test_a_task_with_sub_tasks_leads_to_the_first_open_one() -> None:
    found = prompted("openspec", "add-tip-jar", "continue_task", "2.1")
    assert "It is the next sub-task of task 2.1: leave the others for later." in found.goal
    assert found.passages[0].start == 15


def test_a_task_whose_sub_tasks_are_all_done_is_checked_itself() -> None:
    text = "- [ ] 1. Major\n  - [x] 1.1 Minor\n"
    found = prompted("kiro", "a", "continue_task", "1", {".kiro/specs/a/tasks.md": text})
    assert "Every sub-task of task 1 is done: check that they work together." in found.rules
    assert found.passages[0].start == 1


def test_a_long_task_begins_with_lines_that_are_quoted() -> None:
    text = "- [ ] 1. Long\n" + "".join(f"  - detail {number}\n" for number in range(30))
    found = prompted("kiro", "a", "implement_task", "1", {".kiro/specs/a/tasks.md": text})
    assert [(part.start, part.end) for part in found.passages[:2]] == [(1, 20), (21, 31)]
    assert found.kept_count == 2


def test_a_feature_with_spaces_is_quoted_on_the_command_line() -> None:
    found = prompted("kiro", "my spec", "implement_task", "1", {".kiro/specs/my spec/tasks.md": "- [ ] 1. Go\n"})
    assert any('`planmark tick "@my spec" 1`' in rule for rule in found.keeps)


def test_steering_is_read_if_it_is_included() -> None:
    found = prompted("kiro", "coffee-club", "implement_task", "1.2")
    steering = [part.path for part in found.passages if part.why == "steering"]
    assert steering == [".kiro/steering/tech.md", ".kiro/steering/api.md"]
    other = prompted("kiro", "coffee-club", "implement_task", "2")
    assert [part.path for part in other.passages if part.why == "steering"] == [".kiro/steering/tech.md"]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("- [ ] T001 Test all scenarios of spec.md", ["spec.md"]),
        ("- [ ] T001 Follow `specs/003-lamps/plan.md` and [spec](./spec.md)", ["plan.md", "spec.md"]),
        ("- [ ] T001 Write myspec.md and spec.md.bak", []),
    ],
)
def test_documents_that_a_task_names_are_read(line: str, read: list[str]) -> None:
    found = prompted("speckit", "003-lamps", "implement_task", "T001", {"specs/003-lamps/tasks.md": f"{line}\n"})
    named = [part.path.rpartition("/")[2] for part in found.passages if part.why.endswith("which the task names")]
    assert named == read


def test_of_a_long_specification_the_stories_and_requirements_are_read() -> None:
    path = "specs/003-lamps/spec.md"
    text = "# Lamps\n\n### User Story 1 - Light\n\nIt is dark.\n\n## Notes\n\n" + "A note.\n" * 300
    changed = {path: f"{text}\n## Requirements\n\n- **FR-001**: Lamps MUST go out.\n"}
    found = prompted("speckit", "003-lamps", "write_tasks", None, changed)
    read = [(part.why, part.end - part.start + 1) for part in found.passages if part.path == path]
    assert read == [("user story 1", 3), ("the requirements", 3)]


@pytest.mark.parametrize(
    ("mark", "others", "said"),
    [
        ("-", {}, True),
        ("~", {}, True),
        (" ", {}, False),
        ("-", {"spec.json": "{}"}, True),
        ("~", {"spec.json": "{}"}, False),
    ],
)
def test_marks_of_kiro_are_explained(mark: str, others: dict[str, str], said: bool) -> None:
    files = {f".kiro/specs/a/{name}": text for name, text in others.items()}
    found = prompted("kiro", "a", "implement_task", "1", {".kiro/specs/a/tasks.md": f"- [{mark}] 1. Go\n", **files})
    assert any(rule.startswith(f"Kiro wrote `[{mark}]`") for rule in found.rules) == said


def test_a_merge_conflict_stops_the_work() -> None:
    text = "<<<<<<< HEAD\n- [ ] 1. Go\n=======\n- [ ] 1. Stay\n>>>>>>> x\n"
    found = prompted("kiro", "a", "implement_task", ":2-0000", {".kiro/specs/a/tasks.md": text})
    assert "has an unresolved merge conflict in line 1" in found.rules[0]


@pytest.mark.parametrize(
    ("name", "feature", "path", "text"),
    [
        ("openspec", "a", "openspec/changes/a/tasks.md", "- [ ] 1.1 Create `src/a.py`\n"),
        ("kiro", "a", ".kiro/specs/a/tasks.md", "- [ ] 1.1 Create `src/a.py`\n"),
        ("speckit", "001-a", "specs/001-a/tasks.md", "- [ ] T001 Create src/a.py\n"),
        (
            "featureplanner",
            "a",
            "docs/plans/PLAN_a.md",
            "# Implementation Plan: A\n\n### Phase 1: A\n\n- [ ] **Task 1.1**: Go\n  - File: `src/a.py`\n",
        ),
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_a_task_whose_file_exists_is_compared_before_it_is_built(
    name: str, feature: str, path: str, text: str, exists: bool
) -> None:
    workspace = FormatWorkspace(format_named(name), {path: text}, ["src/a.py"] if exists else [])
    plan, state = workspace.input(feature), workspace.state(feature)
    found = asked(name, plan, state, "implement_task", state.achievements[-1].ref)
    assert any(rule.startswith("`src/a.py` exists already") for rule in found.rules) == exists
    compared = asked(name, plan, state, "reconcile", state.achievements[-1].ref)
    assert ("Begin with" in compared.goal) == exists
    # A comparison that finds nothing names the way on, so that it does not come again and again.
    assert any("If nothing could be ticked, the work goes on with `planmark next" in rule for rule in compared.rules)


@pytest.mark.parametrize("name", TABLES)
def test_commands_say_what_to_do_instead(name: str) -> None:
    commands = format_named(name).commands
    assert set(commands) == COMMANDS
    for sentence in commands.values():
        assert len(sentence.split()) <= MAX_WORDS and not sentence.endswith(".") and ": " not in sentence
        assert sentence[0] in "`/" or sentence[0].islower() or sentence.startswith(("Kiro", "OpenSpec"))
