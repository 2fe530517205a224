"""The paths of the files that a step creates: folder, name and number."""

from __future__ import annotations

from typing import Literal

from planmark.formats.planmark.documents.ids import number_for
from planmark.formats.planmark.ownership.discovery import FEEDBACK_FOLDER
from planmark.formats.planmark.prompts.context import Material
from planmark.formats.planmark.prompts.part_questions import PARTS_BY_STEP
from planmark.formats.planmark.workflow.verdicts import FIRST_ROUND, round_of
from planmark.storage.paths import join, parent


def subplan_path(material: Material) -> str:
    """Return the path of the achievement's SUBPLAN."""
    assert material.achievement
    number = number_for(material.achievement.id, material.plan.facts.ids)
    return join(material.plan.folder, f"subplans/SUBPLAN_{material.plan.feature}_{number}.md")


def research_path(material: Material, part_name: str) -> str:
    """Return the path of the notes that one researcher writes for the achievement's design.

    `part_name` is the name of the researcher's part, such as `local`.
    """
    assert material.achievement
    number = number_for(material.achievement.id, material.plan.facts.ids)
    return join(material.plan.folder, f"research/{material.plan.feature}_{number}_{part_name}.md")


def existing_research_paths(material: Material) -> list[str]:
    """Return the paths of the existing research notes for the achievement's design."""
    paths = (research_path(material, part.name) for part in PARTS_BY_STEP["research"])
    return [path for path in paths if material.exists(path)]


def execution_path(material: Material) -> str:
    """Return the path of the next EXECUTION_TASK.

    The file name contains the number of the SUBPLAN and the first free execution number.
    """
    return next_execution(material)[1]


def next_execution(material: Material) -> tuple[int, str]:
    """Return the first free execution number, and the path of the EXECUTION_TASK with this number."""
    assert material.achievement and material.inputs
    subplan = material.inputs.subplan
    ids = material.plan.facts.ids
    number = subplan.name.number if subplan else number_for(material.achievement.id, ids)
    execution_number = max((other_execution.number for other_execution in material.inputs.executions), default=0) + 1
    while True:
        name = f"EXECUTION_TASK_{material.plan.feature}_{number}_{execution_number:02d}.md"
        path = join(material.plan.folder, f"execution/{name}")
        if not material.path_is_occupied(path):
            return execution_number, path
        execution_number += 1


def parallel_json_path(material: Material) -> str:
    """Return the path of the `parallel.json` that declares the plan's dependencies. The file need not exist."""
    document = material.plan.parallel
    return document.path if document else join(parent(material.plan.path), "parallel.json")


def verdict_path(material: Material, kind: Literal["APPROVED", "FIX"]) -> str:
    """Return a free path for the verdict of the next round of review: `FIX_11.md`, then `FIX_11_R2.md`.

    If the round is above 99, the file name is not valid as the name of a verdict.
    """
    assert material.achievement and material.inputs
    number = number_for(material.achievement.id, material.plan.facts.ids)
    assigned_documents = material.evaluation.assigned_documents
    verdicts_of_achievement = assigned_documents.verdicts.get(material.achievement.id, ())
    next_round = (
        max(
            (round_of(assigned_documents.numbers_by_path[document.path]) for document in verdicts_of_achievement),
            default=0,
        )
        + 1
    )
    while True:
        round_suffix = f"_R{next_round}" if next_round > FIRST_ROUND else ""
        path = join(material.plan.folder, f"{FEEDBACK_FOLDER}/{kind}_{number}{round_suffix}.md")
        if not material.snapshot.has(path):
            return path
        next_round += 1


def resolution_path(material: Material) -> str:
    """Return a path for the RESOLUTION of the last FIX.

    The file name can spell the round in several ways. Return the first path that is free. If no path is free, return the
    first path.
    """
    assert material.inputs and material.inputs.fix
    fix_path = material.inputs.fix.path
    fix_number = material.evaluation.assigned_documents.numbers_by_path[fix_path]
    names = [f"{fix_path.removesuffix('.md')}_RESOLUTION.md"]
    for round_word in ("R", "ROUND", "V"):
        names.append(
            join(
                parent(fix_path),
                f"FIX_{fix_number.number}_{round_word}{round_of(fix_number)}_RESOLUTION.md",
            )
        )
    return next((name for name in names if not material.snapshot.has(name)), names[0])
