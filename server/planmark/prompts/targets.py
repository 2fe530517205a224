"""Where what a step creates belongs: folder, name and number."""

from __future__ import annotations

from planmark.documents.ids import number_for
from planmark.prompts.material import Material
from planmark.workspace.discovery import FEEDBACKS, join, parent


def subplan_path(material: Material) -> str:
    """Where the SUBPLAN of the achievement is to be created."""
    assert material.achievement
    number = number_for(material.achievement.id, material.files.facts.ids)
    return join(material.files.folder, f"subplans/SUBPLAN_{material.files.feature}_{number}.md")


def execution_path(material: Material) -> str:
    """Where the next EXECUTION_TASK is to be created: the number of its SUBPLAN, the first free execution."""
    return next_execution(material)[1]


def next_execution(material: Material) -> tuple[int, str]:
    """The first free execution and its path."""
    assert material.achievement and material.situation
    subplan = material.situation.subplan
    ids = material.files.facts.ids
    number = subplan.name.number if subplan else number_for(material.achievement.id, ids)
    execution = max((known.number for known in material.situation.executions), default=0) + 1
    while True:
        name = f"EXECUTION_TASK_{material.files.feature}_{number}_{execution:02d}.md"
        path = join(material.files.folder, f"execution/{name}")
        if not material.is_taken(path):
            return execution, path
        execution += 1


def parallel_path(material: Material) -> str:
    """Where the dependencies of the plan are declared."""
    found = material.files.parallel
    return found.path if found else join(parent(material.files.path), "parallel.json")


def verdict_path(material: Material, name: str) -> str:
    """The verdict of the achievement that is called `name` (`APPROVED_{}`, `FIX_{}`, `FIX_{}_RESOLUTION`)."""
    assert material.achievement and material.situation
    known = material.situation.fix or material.situation.approved
    number = known.name.number if known else number_for(material.achievement.id, material.files.facts.ids)
    return join(material.files.folder, f"{FEEDBACKS}/{name.format(number)}.md")
