"""The lines that explain a GSD plan or phase: the PLAN, its phase in ROADMAP, its requirements, its decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planmark.formats.checkbox.lines import split_lines
from planmark.formats.checkbox.passages import whole_document
from planmark.formats.gsd.tree import PhaseTree, PlanFile, Tree
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

MAX_OBJECTIVE = 12
"""Maximum number of lines of an objective in a hover; more are omitted."""
MAX_REQUIREMENTS = 10
"""Maximum number of requirements per prompt or hover that are quoted; more are omitted."""
MAX_BEFORE = 5
"""Maximum number of SUMMARYs of dependencies per plan; more are omitted."""


def section(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield the section of a phase in ROADMAP, or the line that lists the phase."""
    said = phase.said
    if said and said.line:
        lines = split_lines(tree.given.text(tree.roadmap_path))
        last = min(said.end, len(lines))
        while last > said.line and not lines[last - 1].strip():
            last -= 1
        yield Passage(tree.roadmap_path, said.line, last, f"phase {phase.id}")
    elif said and said.box_line:
        yield Passage(tree.roadmap_path, said.box_line, said.box_line, f"phase {phase.id}")


def plan_file(tree: Tree, plan: PlanFile, why: str) -> Iterator[Passage]:
    """Yield the whole PLAN, with the reason to read it."""
    yield from whole_document(tree.given, plan.path, why)


def before(tree: Tree, plan: PlanFile) -> Iterator[Passage]:
    """Yield the SUMMARYs of the plans that a plan depends on."""
    named = [tree.by_id[one] for one in plan.depends_on if one in tree.by_id]
    for other in [one for one in named if one.summary][:MAX_BEFORE]:
        yield from whole_document(tree.given, other.summary, f"what {other.id} did")


def notes(tree: Tree, phase: PhaseTree, *endings: str) -> Iterator[Passage]:
    """Yield the documents of a phase whose names end with one of `endings`."""
    for path in phase.notes:
        ending = next((one for one in endings if path.endswith(f"-{one}.md")), None)
        if ending:
            yield from whole_document(tree.given, path, f"the {ending} of phase {phase.id}")


def requirements(tree: Tree, named: Iterable[str]) -> Iterator[Passage]:
    """Yield the lines of REQUIREMENTS that define the requirements `named`."""
    path = next((path for path in tree.given.documents if path.rpartition("/")[2].endswith("REQUIREMENTS.md")), None)
    wanted = set(named)
    if path is None or not wanted:
        return
    found = 0
    for number, line in enumerate(split_lines(tree.given.text(path)), 1):
        name = line.partition("**")[2].partition("**")[0].strip(": ") if line.lstrip()[:1] in ("-", "*") else ""
        if name in wanted and found < MAX_REQUIREMENTS:
            found += 1
            yield Passage(path, number, number, f"the requirement {name}")


def state(tree: Tree) -> Iterator[Passage]:
    """Yield the whole STATE."""
    if tree.state_path:
        yield from whole_document(tree.given, tree.state_path, "the position and the decisions so far")


def checks(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield the VERIFICATIONs and the UATs of a phase, whole."""
    for path in (*phase.checks, *phase.tests):
        yield from whole_document(tree.given, path, f"what was checked of phase {phase.id}")


def summaries(tree: Tree, phase: PhaseTree) -> Iterator[Passage]:
    """Yield the SUMMARYs of a phase, whole."""
    for path in (*phase.summaries, *(plan.summary for plan in phase.counted if plan.summary)):
        yield from whole_document(tree.given, path, f"what was done in phase {phase.id}")


def details(given: PlanInput, _state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the objective of a plan, its requirements, and the goal of its phase."""
    tree = Tree(given)
    plan = next((one for one in tree.plans if one.ref == item.ref), None)
    if plan is None:
        return []
    passages = []
    if plan.facts and plan.facts.objective_line:
        lines = split_lines(given.text(plan.path))
        first = plan.facts.objective_line + 1
        inside = lines[first - 1 : first - 1 + MAX_OBJECTIVE]
        last = next((at for at, line in enumerate(inside) if "</objective>" in line), len(inside))
        if last:
            passages.append(Passage(plan.path, first, first + last - 1, "the objective"))
    named = plan.facts.requirements if plan.facts else ()
    return [*passages, *requirements(tree, named), *section(tree, plan.phase)]
