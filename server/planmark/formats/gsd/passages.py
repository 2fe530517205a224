"""The lines that explain a GSD plan or phase: the PLAN, its phase in ROADMAP, its requirements, its decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planmark.formats.checkbox.lines import split_lines
from planmark.formats.checkbox.passages import whole_document_passage
from planmark.formats.gsd.phases import PhasePlan, PhaseTree
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

MAX_OBJECTIVE_LINES = 12
"""Maximum number of lines of an objective in a hover; more are omitted."""
MAX_QUOTED_REQUIREMENTS = 10
"""Maximum number of requirements per prompt or hover that are quoted; more are omitted."""
MAX_NEEDED_SUMMARIES = 5
"""Maximum number of SUMMARYs that a prompt for a plan quotes from the plans that it depends on; more are omitted."""


def section_passages(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield the section of a phase in ROADMAP. For a phase without a section, yield the line that lists it."""
    roadmap_phase = phase.roadmap_phase
    if roadmap_phase and roadmap_phase.line:
        lines = split_lines(tree.plan_input.text(tree.roadmap_path))
        last_line = min(roadmap_phase.end, len(lines))
        while last_line > roadmap_phase.line and not lines[last_line - 1].strip():
            last_line -= 1
        yield Passage(tree.roadmap_path, roadmap_phase.line, last_line, f"phase {phase.id}")
    elif roadmap_phase and roadmap_phase.box_line:
        yield Passage(tree.roadmap_path, roadmap_phase.box_line, roadmap_phase.box_line, f"phase {phase.id}")


def plan_passages(tree: Tree, plan: PhasePlan, reason: str) -> Iterator[Passage]:
    """Yield the whole PLAN, with the reason to read it."""
    yield from whole_document_passage(tree.plan_input, plan.path, reason)


def needed_summary_passages(tree: Tree, plan: PhasePlan) -> Iterator[Passage]:
    """Yield each whole SUMMARY of the plans that a plan depends on."""
    needed_plans = [tree.plan_by_id[plan_id] for plan_id in plan.depends_on if plan_id in tree.plan_by_id]
    for needed_plan in [needed_plan for needed_plan in needed_plans if needed_plan.summary][:MAX_NEEDED_SUMMARIES]:
        yield from whole_document_passage(tree.plan_input, needed_plan.summary, f"what {needed_plan.id} did")


def note_passages(tree: Tree, phase: PhaseTree, *endings: str) -> Iterator[Passage]:
    """Yield the whole text of each note of a phase, if the file name ends with one of `endings`, such as `CONTEXT`."""
    for path in phase.notes:
        ending = next((note_ending for note_ending in endings if path.endswith(f"-{note_ending}.md")), None)
        if ending:
            yield from whole_document_passage(tree.plan_input, path, f"the {ending} of phase {phase.id}")


def requirement_passages(tree: Tree, requirement_ids: Iterable[str]) -> Iterator[Passage]:
    """Yield the lines of REQUIREMENTS that define requirements with the given ids."""
    path = next(
        (path for path in tree.plan_input.documents if path.rpartition("/")[2].endswith("REQUIREMENTS.md")), None
    )
    wanted_ids = set(requirement_ids)
    if path is None or not wanted_ids:
        return
    passage_count = 0
    for number, line in enumerate(split_lines(tree.plan_input.text(path)), 1):
        requirement_id = (
            line.partition("**")[2].partition("**")[0].strip(": ") if line.lstrip()[:1] in ("-", "*") else ""
        )
        if requirement_id in wanted_ids and passage_count < MAX_QUOTED_REQUIREMENTS:
            passage_count += 1
            yield Passage(path, number, number, f"the requirement {requirement_id}")


def state_passages(tree: Tree) -> Iterator[Passage]:
    """Yield the whole STATE."""
    if tree.state_path:
        yield from whole_document_passage(tree.plan_input, tree.state_path, "the position and the decisions so far")


def verification_passages(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield each whole VERIFICATION and UAT of a phase."""
    for path in (*phase.verifications, *phase.uats):
        yield from whole_document_passage(tree.plan_input, path, f"what was checked of phase {phase.id}")


def summary_passages(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield each whole SUMMARY of a phase."""
    for path in (*phase.summaries, *(plan.summary for plan in phase.counted_plans if plan.summary)):
        yield from whole_document_passage(tree.plan_input, path, f"what was done in phase {phase.id}")


def details(plan_input: PlanInput, _state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the objective of a plan, its requirements, and the goal of its phase."""
    tree = Tree(plan_input)
    plan = next((plan_file for plan_file in tree.plans if plan_file.ref == item.ref), None)
    if plan is None:
        return []
    passages = []
    if plan.facts and plan.facts.objective_line:
        lines = split_lines(plan_input.text(plan.path))
        first_line = plan.facts.objective_line + 1
        objective_lines = lines[first_line - 1 : first_line - 1 + MAX_OBJECTIVE_LINES]
        line_count = next(
            (index for index, line in enumerate(objective_lines) if "</objective>" in line), len(objective_lines)
        )
        if line_count:
            passages.append(Passage(plan.path, first_line, first_line + line_count - 1, "the objective"))
    requirement_ids = plan.facts.requirements if plan.facts else ()
    return [*passages, *requirement_passages(tree, requirement_ids), *section_passages(tree, plan.phase)]
