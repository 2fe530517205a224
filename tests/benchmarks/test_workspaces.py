"""Generated workspaces: the same for a seed, of the requested size, and with the planted states."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from benchmarks.workspaces import large
from benchmarks.workspaces.large import SHAPES, Complexity, gathered, long_plan, of_files, of_tasks, write
from benchmarks.workspaces.spellings import STATES
from conftest import REPOSITORY
from fixture import write_files
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.workspace.index import load_snapshot

GENERATOR = sorted((REPOSITORY / "benchmarks" / "workspaces").glob("*.py"))


@pytest.mark.parametrize("complexity", SHAPES)
def test_what_was_planted_comes_back(tmp_path: Path, complexity: Complexity) -> None:
    planted = gathered(of_tasks(150, complexity, seed=3))
    write_files(tmp_path, planted.files)
    found = {plan.path: evaluate(plan) for plan in load_snapshot(tmp_path).plans}
    assert set(found) == set(planted.expected)
    for path, expected in planted.expected.items():
        assert {known.id: known.state for known in found[path].achievements} == expected.states
        assert (found[path].next.step, found[path].next.achievement) == expected.next


@pytest.mark.parametrize("complexity", SHAPES)
@pytest.mark.parametrize("tasks", [1, 10, 50, 137])
def test_so_many_tasks(complexity: Complexity, tasks: int) -> None:
    planted = gathered(of_tasks(tasks, complexity))
    achievements = sum(len(expected.states) for expected in planted.expected.values())
    executions = sum("/EXECUTION_TASK_" in path for path in planted.files)
    assert achievements + executions == tasks


@pytest.mark.parametrize("files", [1, 40, 300])
def test_so_many_files(files: int) -> None:
    assert sum(path.endswith(".md") for path in gathered(of_files(files)).files) == files


def test_a_long_plan_has_its_lines() -> None:
    part = long_plan(3000)
    assert 3000 <= part.files[part.plan].count("\n") < 3010


def test_a_seed_always_gives_the_same_and_another_one_another() -> None:
    one, same, other = (gathered(of_files(60, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one.files != other.files


def test_large_workspaces_are_as_mixed_as_real_ones() -> None:
    planted = gathered(of_files(1500))
    states = [state for expected in planted.expected.values() for state in expected.states.values()]
    assert set(states) == set(STATES)
    begun = [state for state in states if state not in ("no_subplan", "blocked")]
    assert 0.3 < len(begun) / len(states) < 0.5
    lengths = sorted(text.count("\n") for path, text in planted.files.items() if "/PLAN_" in path)
    assert 400 < lengths[len(lengths) // 2] < 1400
    assert any("\r\n" in text for text in planted.files.values())


def test_no_two_sections_are_the_same() -> None:
    """Require different sections, because a cache by content would otherwise make every measurement too good."""
    texts = gathered(of_files(40)).files
    notes = [line for text in texts.values() for line in text.split("\n") if line.startswith("Number ")]
    assert len(notes) > 500
    assert len(set(notes)) == len(notes)


def test_what_is_written_is_what_was_made(tmp_path: Path) -> None:
    planted = gathered(of_files(30))
    written = write(of_files(30), tmp_path)
    assert written.files == len(planted.files)
    assert written.expected == planted.expected
    assert all((tmp_path / path).read_bytes() == text.encode() for path, text in planted.files.items())


def test_the_generator_owes_nothing_to_the_product() -> None:
    for path in GENERATOR:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "planmark" for name in names), path.name
    assert large.__file__ in map(str, GENERATOR)


def test_plans_of_a_workspace_have_names_of_their_own() -> None:
    names = [part.plan.rpartition("/")[2] for part in itertools.islice(of_files(2000), 200) if part.plan]
    assert len(names) == len(set(names)) > 10
