"""Waves of random plans of every format: the order and the files that documents declare, whatever they declare."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor_checks import view_at
from planmark.queries.waves import WavesResult, waves_result
from waves_checks import faults, simulate, simulation_faults

Files = dict[str, str]
Draw = st.DrawFn
PATHS = ("src/till.py", "src/coins.py", "src", "docs/till.md", "till.py")


def box(draw: Draw) -> str:
    return draw(st.sampled_from(("[ ]", "[ ]", "[ ]", "[x]")))


def creates(draw: Draw) -> str:
    path = draw(st.sampled_from((*PATHS, "")))
    return f"Create `{path}`" if path else "Count"


def earlier(draw: Draw, numbers: int, spell: Callable[[int], str]) -> str:
    """Return a few of the items 1 to `numbers`, as one of their lines names them; "" for none."""
    chosen = draw(st.lists(st.integers(1, numbers), max_size=2, unique=True)) if numbers else []
    return ", ".join(spell(number) for number in chosen)


@st.composite
def plans_of_the_methodology(draw: Draw) -> Files:
    folder, lines, files = "work-space/plans/TILL", [], {}
    has_dependencies = draw(st.booleans())
    names = [f"{draw(st.integers(0, 3))}.{number}" for number in range(1, draw(st.integers(2, 8)))]
    for at, name in enumerate(names):
        lines += [f"**Achievement {name}**: Part {name}", ""]
        needs = earlier(draw, at, lambda number: names[number - 1]) if has_dependencies else ""
        lines += [f"- **Dependencies**: {needs}"] if needs else []
        lines += [f"- Effort: {draw(st.integers(1, 5))} hours"] if draw(st.booleans()) else []
        lines += [f"- Deliverables: `{draw(st.sampled_from(PATHS))}`"] if draw(st.booleans()) else []
        lines.append("")
        if draw(st.integers(0, 4)) == 0:
            files[f"{folder}/execution/feedbacks/APPROVED_{name.replace('.', '')}.md"] = f"# APPROVED: {name}\n"
    listed = "".join(f"- Achievement {name}: Part {name}\n" for name in names)
    body = "\n".join(lines)
    return {
        f"{folder}/PLAN_TILL.md": f"# PLAN: Till\n\n**Status**: In Progress\n\n## Achievement Index\n\n{listed}\n{body}\n",
        **files,
    }


@st.composite
def changes_of_openspec(draw: Draw) -> Files:
    lines = [f"- {box(draw)} 1.{number} {creates(draw)}" for number in range(1, draw(st.integers(2, 8)))]
    return {"openspec/changes/till/tasks.md": "\n".join(["# Tasks", "", "## 1. Till", "", *lines, ""])}


@st.composite
def features_of_speckit(draw: Draw) -> Files:
    heads = ("Setup", "Foundational", "User Story 1 - Coins", "User Story 2 - Notes", "Polish")
    lines, number = ["# Tasks: Till", ""], 0
    for phase, head in enumerate(heads, 1):
        lines += [f"## Phase {phase}: {head}", ""]
        for _ in range(draw(st.integers(0, 4))):
            number += 1
            mark = draw(st.sampled_from((" [P]", "")))
            story = f" [US{phase - 2}]" if phase in (3, 4) else ""
            needs = earlier(draw, number - 1, lambda one: f"T{one:03}")
            depends = f" (depends on {needs})" if needs and draw(st.integers(0, 3)) == 0 else ""
            lines.append(f"- {box(draw)} T{number:03}{mark}{story} {creates(draw)}{depends}")
        lines.append("")
    return {"specs/001-till/spec.md": "# Feature Specification: Till\n", "specs/001-till/tasks.md": "\n".join(lines)}


@st.composite
def specs_of_kiro(draw: Draw) -> Files:
    lines, names = ["# Implementation Plan", ""], []
    for major in range(1, draw(st.integers(2, 4))):
        lines.append(f"- [ ] {major}. Part {major}")
        for minor in range(1, draw(st.integers(2, 4))):
            names.append(f"{major}.{minor}")
            mark = draw(st.sampled_from((" (P)", "")))
            needs = earlier(draw, len(names) - 1, lambda one: names[one - 1])
            optional = draw(st.sampled_from(("", "", "", "*")))
            lines.append(f"  - {box(draw)}{optional} {major}.{minor}{mark} {creates(draw)}")
            lines += [f"    - _Depends: {needs}_"] if needs and draw(st.booleans()) else []
    if names and draw(st.booleans()):
        cut = draw(st.integers(0, len(names)))
        waves = [{"id": at, "tasks": part} for at, part in enumerate((names[:cut], names[cut:])) if part]
        lines += ["", "## Task Dependency Graph", "", "```json", json.dumps({"waves": waves}), "```"]
    return {
        ".kiro/specs/till/requirements.md": "# Requirements\n",
        ".kiro/specs/till/tasks.md": "\n".join([*lines, ""]),
    }


@st.composite
def plans_of_superpowers(draw: Draw) -> Files:
    lines = ["# Till Implementation Plan", "", "**Goal:** Count", ""]
    for task in range(1, draw(st.integers(2, 4))):
        lines += [f"### Task {task}: Part {task}", "", "**Files:**", f"- Create: `{draw(st.sampled_from(PATHS))}`", ""]
        lines += [f"- {box(draw)} **Step {step}: Count**" for step in range(1, draw(st.integers(2, 4)))]
        lines.append("")
    return {"docs/superpowers/plans/2026-01-02-till.md": "\n".join(lines)}


@st.composite
def trees_of_gsd(draw: Draw) -> Files:
    files, phases = {}, draw(st.integers(1, 3))
    for phase in range(1, phases + 1):
        for plan in range(1, draw(st.integers(2, 4))):
            wave = draw(st.integers(1, 3))
            needs = earlier(draw, plan - 1, lambda one, phase=phase: f"{phase:02}-{one:02}")  # type: ignore[misc]
            head = f"phase: {phase:02}-part\nplan: {plan:02}\nwave: {wave}\ndepends_on: [{needs}]\n"
            head += f"files_modified: [{draw(st.sampled_from(PATHS))}]\n"
            stem = f".planning/phases/{phase:02}-part/{phase:02}-{plan:02}"
            files[f"{stem}-PLAN.md"] = f"---\n{head}---\n"
            if draw(st.integers(0, 4)) == 0:
                files[f"{stem}-SUMMARY.md"] = "# Summary\n"
    listed = "".join(f"- [ ] **Phase {phase}: Part**\n" for phase in range(1, phases + 1))
    bodies = ""
    for phase in range(1, phases + 1):
        other = draw(st.sampled_from((0, 0, *range(1, phases + 1))))
        depends = f"**Depends on**: Phase {other}\n" if other else ""
        bodies += f"\n### Phase {phase}: Part\n**Goal**: Count\n{depends}"
    return {".planning/ROADMAP.md": f"# Roadmap: Till\n\n## Phases\n\n{listed}{bodies}", **files}


@st.composite
def plans_of_feature_planner(draw: Draw) -> Files:
    lines = ["# Implementation Plan: Till", "", "**Status**: 🔄 In Progress", ""]
    for phase in range(1, draw(st.integers(2, 4))):
        lines += [f"### Phase {phase}: Part {phase}", "", "**Goal**: Count", "", "#### Tasks", ""]
        lines += [
            f"- {box(draw)} **Task {phase}.{task}**: {creates(draw)}" for task in range(1, draw(st.integers(2, 4)))
        ]
        lines.append("")
    return {"docs/plans/PLAN_till.md": "\n".join(lines)}


PLANS = {
    "planmark": plans_of_the_methodology(),
    "openspec": changes_of_openspec(),
    "speckit": features_of_speckit(),
    "kiro": specs_of_kiro(),
    "superpowers": plans_of_superpowers(),
    "gsd": trees_of_gsd(),
    "featureplanner": plans_of_feature_planner(),
}


@pytest.mark.parametrize("name", PLANS)
def test_waves_of_a_random_plan_keep_its_order_and_its_files(name: str) -> None:
    seen: list[int] = []

    @given(PLANS[name], st.sampled_from((None, 1, 2, 3)))
    def check(files: Files, agents: int | None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            view = view_at(files, Path(folder))
            (plan,) = view.plans
            state, result = view.state(plan.path), waves_result(view, plan, agents)
            assert (state.format, waves_result(view, plan, agents)) == (name, result)
        seen.append(len(result.waves))
        if result.cycle:
            assert (result.waves, result.cycle[0]) == ((), result.cycle[-1])
            return
        assert faults(state, result) == []
        assert simulation_faults(state, files_of(result), simulate(result, agents or 3)) == []

    check()
    assert max(seen) > 1, "no plan had an order"


def files_of(result: WavesResult) -> dict[str, tuple[str, ...]]:
    return {member.achievement: member.files for wave in result.waves for member in wave.members}


@pytest.mark.parametrize("name", ["kiro", "gsd"])
def test_declared_waves_are_split_and_never_merged(name: str) -> None:
    both: list[bool] = []

    @given(PLANS[name])
    def check(files: Files) -> None:
        with tempfile.TemporaryDirectory() as folder:
            view = view_at(files, Path(folder))
            (plan,) = view.plans
            result = waves_result(view, plan, None)
        declared = declared_waves(files)
        order = [declared[member.achievement] for wave in result.waves for member in wave.members if declared]
        # A phase may depend on a later one, and then comes after it.
        assert order == sorted(order) or "**Depends on**" in files.get(".planning/ROADMAP.md", "")
        for wave in result.waves:
            assert len({declared[member.achievement] for member in wave.members if declared}) <= 1
        both.append(len(set(order)) > 1)

    check()
    assert any(both), "no plan had two declared waves"


def declared_waves(files: Files) -> dict[str, tuple[int, int]]:
    """Return item → the wave that its document declares; an item that no graph of Kiro names is last."""
    declared: dict[str, tuple[int, int]] = {}
    for path, text in files.items():
        if path.endswith("-PLAN.md"):
            phase, plan = path.split("/")[-1].split("-")[:2]
            declared[f"{phase}-{plan}"] = (int(phase), int(text.partition("wave: ")[2].split("\n")[0]))
        elif "```json" in text:
            graph = json.loads(text.partition("```json\n")[2].partition("\n")[0])
            majors = {line.split()[3].rstrip("."): (99, 0) for line in text.split("\n") if line.startswith("- [ ] ")}
            declared |= majors
            declared |= {task: (wave["id"], 0) for wave in graph["waves"] for task in wave["tasks"]}
    return declared
