"""The file that comes next, from its template: a SUBPLAN, an EXECUTION_TASK, a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from planmark.prompts import targets
from planmark.prompts.material import Material
from planmark.prompts.render import render_template
from planmark.prompts.variables import deliverables
from planmark.workspace.changes import CreateFile
from planmark.workspace.discovery import join

Decision = Literal["approve", "fix"]
VERDICTS: dict[Decision, tuple[str, str]] = {"approve": ("APPROVED_{}", "approved"), "fix": ("FIX_{}", "fix")}
"""Decision → file name and template."""


class ExistsError(Exception):
    """The file that was to be created is there already; the message names it."""


def subplan(material: Material) -> CreateFile:
    """The SUBPLAN of an achievement. Raises ExistsError where it has one."""
    situation = material.situation
    if situation is not None and situation.subplan is not None:
        raise ExistsError(f"{situation.subplan.path} is the SUBPLAN of {situation.achievement} already")
    return _new(material, targets.subplan_path(material), "subplan")


def execution(material: Material) -> CreateFile:
    """The next EXECUTION_TASK of an achievement. Raises ExistsError where there is no SUBPLAN to execute."""
    situation = material.situation
    if situation is None or situation.subplan is None:
        raise ExistsError("there is no SUBPLAN to execute: create it first")
    number, path = targets.next_execution(material)
    name = situation.subplan.path.rpartition("/")[2].removesuffix(".md")
    return _new(material, path, "execution", subplan=name, execution=number)


def verdict(material: Material, decision: Decision, reviewer: str, date: str, note: str) -> CreateFile:
    """A verdict of `reviewer` on `date` (ISO). Raises ExistsError where a file of its name is there."""
    name, template = VERDICTS[decision]
    path = targets.verdict_path(material, name)
    return _new(material, path, template, reviewer=reviewer, date=date, note=note.strip())


def adopted(material: Material, claims: Iterable[tuple[int, str]], reviewer: str, date: str) -> CreateFile:
    """The APPROVED of an achievement that only the PLAN's text says is done; `claims` are its lines (1-based) and texts.

    Raises ExistsError where a file of its name is there.
    """
    path = targets.verdict_path(material, VERDICTS["approve"][0])
    return _new(material, path, "adopted", reviewer=reviewer, date=date, claims=list(claims))


def plan(feature: str, folder: str, date: str, taken: Iterable[str]) -> CreateFile:
    """The PLAN of a new feature in a folder of its own below `folder`. Raises ExistsError where the name is taken.

    `date` is ISO; `taken` are the paths of the workspace.
    """
    path = join(folder, f"{feature}/PLAN_{feature}.md")
    existing = next((known for known in taken if known.rpartition("/")[2] == f"PLAN_{feature}.md"), None)
    if existing:
        raise ExistsError(f"{feature} exists already: {existing}")
    title = feature.replace("-", " ").capitalize()
    return CreateFile(path, render_template("new/plan.md.j2", {"feature": feature, "title": title, "date": date}))


def _new(material: Material, path: str, template: str, **variables: object) -> CreateFile:
    if material.is_taken(path):
        raise ExistsError(f"{path} exists already: it is not written over")
    assert material.achievement
    text = render_template(
        f"new/{template}.md.j2",
        {
            "feature": material.files.feature,
            "achievement": material.achievement.id,
            "title": material.achievement.title,
            "deliverables": deliverables(material),
            **variables,
        },
    )
    return CreateFile(path, text)
