"""The format of spec-kit: `specs/NNN-name/` with `spec.md`, `plan.md` and `tasks.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from planmark.formats.checkbox.explain import explain_function
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.formats.checkbox.tick import tick_function
from planmark.formats.checkbox.work_scopes import task_scopes
from planmark.formats.speckit import documents, layout, reading
from planmark.formats.speckit.evaluate import evaluate, missing_paths_of, places, roots_of, tasks_of
from planmark.formats.speckit.links import links
from planmark.formats.speckit.names import names
from planmark.formats.speckit.passages import details
from planmark.formats.speckit.phases import kinds_of
from planmark.formats.speckit.prompts import COMMAND_REPLACEMENTS, prompt
from planmark.formats.speckit.rules import check
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.work_scope import WorkScope

DocumentFacts = (
    reading.TasksFacts | documents.SpecFacts | documents.ChecklistFacts | documents.NoteFacts | documents.ActiveFacts
)


def parse(_path: str, role: str, text: str) -> msgspec.Struct:
    """Return the facts of a document. The role decides their class."""
    if role == layout.TASKS:
        return reading.read(text)
    if role == layout.SPEC:
        return documents.read_spec(text)
    if role == layout.CHECKLIST:
        return documents.read_checklist(text)
    if role == layout.ACTIVE:
        return documents.read_active_feature(text)
    return documents.read_note(text)


def possible_active_folders(document_by_path: Mapping[str, FormatDocument]) -> Sequence[str]:
    """Return the folders that may contain an active feature: two folders for each `.specify/feature.json` that names a
    feature.
    """
    folders = []
    for path, document in document_by_path.items():
        if isinstance(document.facts, documents.ActiveFacts) and document.facts.feature:
            project_folder = path.removesuffix(".specify/feature.json")
            folders += [
                f"{project_folder}specs/{document.facts.feature}",
                f"{project_folder}.specify/specs/{document.facts.feature}",
            ]
    return folders


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return the scope of the work on each task, by ref. Each phase of a user story is a track, because these phases do
    not wait for each other.
    """
    facts = tasks_of(plan_input)
    phase_indexes, kinds = [task.group for task in facts.task_list.tasks], kinds_of(facts.phases)
    return task_scopes(
        facts.task_list.tasks,
        roots_of(plan_input)[0],
        track_of=lambda index: (
            str(phase_indexes[index])
            if phase_indexes[index] != NO_POSITION and kinds[phase_indexes[index]] == "story"
            else ""
        ),
    )


FORMAT = Format(
    name=layout.NAME,
    title="spec-kit",
    role_of=layout.role_of,
    parse=parse,
    facts=DocumentFacts,
    places=places,
    discover=layout.discover,
    evaluate=evaluate,
    check=check,
    chosen=possible_active_folders,
    explain=explain_function(missing_paths_of),
    prompt=prompt,
    details=details,
    links=links,
    names=names,
    tick=tick_function("X", with_parents=False),
    commands=COMMAND_REPLACEMENTS,
    scopes=scopes,
)
