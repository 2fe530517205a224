"""New files from templates: a PLAN, or the next SUBPLAN, EXECUTION_TASK or verdict of a plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN, parse_name
from planmark.formats.planmark.documents.verdict import ADOPTION_SENTENCE
from planmark.formats.planmark.prompts import output_paths
from planmark.formats.planmark.prompts.context import Material
from planmark.formats.planmark.prompts.file_formats import text_of_new_document
from planmark.formats.planmark.prompts.template_context import issues
from planmark.formats.planmark.workflow.decision_table import AchievementInputs
from planmark.formats.planmark.workflow.naming import renaming_advice, renamings_by_achievement
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.vocabulary import ISSUE_SEVERITIES
from planmark.prompts.render import render_template
from planmark.queries.authoring import (
    DecisionInput,
    DecisionKind,
    ExistsError,
    FeatureTemplate,
    MisnamedError,
    NotWantedError,
    ReportedIssue,
)
from planmark.storage.paths import join
from planmark.workspace.workspace_edits import CreateFile

FIRST_ISSUE_MARKER = "1. "
"""The line of a draft FIX on which the first issue begins. Without a title, the line is not read as an issue."""


def first_issue_line(text: str) -> int:
    """Return the 1-based line of a draft FIX on which its reviewer writes the first issue."""
    return text.split("\n").index(FIRST_ISSUE_MARKER) + 1


def new_subplan(material: Material) -> CreateFile:
    """Return the new SUBPLAN of an achievement.

    Raises ExistsError if the achievement has a SUBPLAN, MisnamedError if it may have misnamed work, and NotWantedError
    if it is dropped.
    """
    _refuse_misnamed(material)
    _refuse_dropped(material)
    inputs = material.inputs
    if inputs is not None and inputs.withdrawn_subplan is not None:
        path = inputs.withdrawn_subplan.path
        raise ExistsError(
            f"{path} exists, and its Status withdraws it: write the new design in this file, and set the Status"
        )
    if inputs is not None and inputs.subplan is not None:
        raise ExistsError(f"{inputs.subplan.path} is the SUBPLAN of {inputs.achievement} already")
    return _fill_new_document(material, output_paths.subplan_path(material), "subplan")


def new_execution(material: Material) -> CreateFile:
    """Return the next EXECUTION_TASK of an achievement.

    Raises ExistsError if the achievement has no SUBPLAN to execute, MisnamedError if it may have misnamed work, and
    NotWantedError if it is dropped.
    """
    _refuse_misnamed(material)
    _refuse_dropped(material)
    inputs = material.inputs
    if inputs is None or inputs.subplan is None:
        raise ExistsError("there is no SUBPLAN to execute: create it first")
    number, path = output_paths.next_execution(material)
    name = inputs.subplan.path.rpartition("/")[2].removesuffix(".md")
    return _fill_new_document(material, path, "execution", subplan=name, execution=number)


def _refuse_dropped(material: Material) -> None:
    """Raise NotWantedError if the achievement is dropped."""
    drop_evidence = material.inputs.drop_evidence if material.inputs else None
    if material.inputs is not None and drop_evidence is not None:
        raise NotWantedError(
            f"{material.inputs.achievement} is dropped ({drop_evidence.path}:{drop_evidence.line}: {drop_evidence.says}): remove that text first"
        )


def new_verdict_file(material: Material, decision: DecisionKind, decision_input: DecisionInput) -> CreateFile:
    """Return the new verdict file for a decision.

    An APPROVED or FIX file is in the next round of review. A RESOLUTION has the round of the FIX that it answers.
    Raises ExistsError if there is no FIX to resolve, or if no file name is free.
    """
    file = _FILE_MAKERS[decision](material, decision_input)
    if parse_name(file.path.rpartition("/")[2]) is None:
        raise ExistsError(
            f"{file.path} is not a name of a verdict: the highest round is 99; archive old verdicts, or rename the last one"
        )
    return file


def _approved_file(material: Material, decision: DecisionInput) -> CreateFile:
    """Return the APPROVED file of an achievement."""
    path = output_paths.verdict_path(material, "APPROVED")
    return _fill_new_document(material, path, "approved", said=decision, note=_indent(decision.note, ""))


def _fix_file(material: Material, decision: DecisionInput) -> CreateFile:
    """Return the FIX file of an achievement, with its issues in the order of their severities."""
    assert material.inputs
    issues = (*((ReportedIssue(decision.note),) if decision.note.strip() else ()), *decision.issues)
    ordered_issues = [issue for severity in ISSUE_SEVERITIES for issue in issues if issue.severity == severity]
    template_issues = [
        {
            "severity": issue.severity,
            "marker": f"{number}.",
            "title": _first_line(issue.text),
            "rest": _lines_after_first(issue, number),
        }
        for number, issue in enumerate(ordered_issues, 1)
    ]
    return _fill_new_document(
        material,
        output_paths.verdict_path(material, "FIX"),
        "fix",
        said=decision,
        first_issue=FIRST_ISSUE_MARKER if decision.is_draft else "",
        groups=[(severity, [i for i in template_issues if i["severity"] == severity]) for severity in ISSUE_SEVERITIES],
        reopens=_revoked_file_names(material.inputs, material.evaluation),
    )


def _revoked_file_names(inputs: AchievementInputs, evaluation: PlanEvaluation) -> tuple[str, ...]:
    """Return the file names of the APPROVED files that a new FIX revokes.

    If the last FIX is still open, return the files that it has revoked. Otherwise, return all APPROVED files of the
    achievement.
    """
    if inputs.fix is not None and inputs.reviews.is_fix_open:
        return verdict_facts(inputs.fix).reopens
    verdicts = evaluation.assigned_documents.verdicts.get(inputs.achievement, ())
    return tuple(
        document.path.rpartition("/")[2] for document in verdicts if parsed_name(document).verdict == "approved"
    )


def _resolution_file(material: Material, decision: DecisionInput) -> CreateFile:
    """Return the RESOLUTION of the open FIX. Raises ExistsError if no FIX is open."""
    inputs = material.inputs
    if inputs is None or inputs.fix is None or not inputs.reviews.is_fix_open:
        raise ExistsError("there is no FIX to resolve")
    path = output_paths.resolution_path(material)
    return _fill_new_document(
        material, path, "resolution", said=decision, note=_indent(decision.note, ""), issues=issues(material)
    )


_FILE_MAKERS: dict[DecisionKind, Callable[[Material, DecisionInput], CreateFile]] = {
    "approve": _approved_file,
    "fix": _fix_file,
    "resolve": _resolution_file,
}
"""Mapping from a decision to the function that makes the verdict file."""


def approval_of_claim(material: Material, claims: Iterable[tuple[int, str]], reviewer: str, date: str) -> CreateFile:
    """Return the APPROVED file that confirms the claims of the PLAN about an achievement.

    `claims` contains (1-based line, text) for each claim. `date` is the time of the approval.
    """
    path = output_paths.verdict_path(material, "APPROVED")
    return _fill_new_document(
        material, path, "adopted", said=DecisionInput(reviewer, date), adopted=ADOPTION_SENTENCE, claims=list(claims)
    )


def new_plan(feature: str, folder: str, date: str, existing_paths: Iterable[str]) -> CreateFile:
    """Return the new PLAN of the feature `feature`. The PLAN is in a folder of its own below `folder`.

    `date` is an ISO date. `existing_paths` are the paths of all files in the workspace. Raises ExistsError if a PLAN
    with this feature exists.
    """
    path = join(folder, f"{feature}/PLAN_{feature}.md")
    existing_path = next(
        (known_path for known_path in existing_paths if known_path.rpartition("/")[2] == f"PLAN_{feature}.md"), None
    )
    if existing_path:
        raise ExistsError(f"{feature} exists already: {existing_path}")
    return CreateFile(path, fill_feature_template("plan", feature, date))


def is_feature(name: str) -> bool:
    """Tell whether `name` may be the name of a feature."""
    return re.fullmatch(FEATURE_PATTERN, name) is not None


def fill_feature_template(template: FeatureTemplate, feature: str, date: str) -> str:
    """Return the text of a new document from the template `template`. `date` is an ISO date."""
    title = feature.replace("-", " ").capitalize()
    return render_template(f"new/{template}.md.j2", {"feature": feature, "title": title, "date": date})


def _refuse_misnamed(material: Material) -> None:
    """Raise MisnamedError if the achievement may have work in misnamed files."""
    if material.achievement is None:
        return
    achievement_id = material.achievement.id
    renamings = renamings_by_achievement(material.plan).get(achievement_id, ())
    if renamings:
        renaming_lines = "\n".join(
            f"  {renaming.old}: {renaming_advice(renaming, material.plan.feature)}" for renaming in renamings
        )
        subject = "a file seems" if len(renamings) == 1 else f"{len(renamings)} files seem"
        raise MisnamedError(
            f"{subject} to be work for {achievement_id} already, under a name that is not read:\n{renaming_lines}"
        )


def _fill_new_document(material: Material, path: str, template: str, **variables: object) -> CreateFile:
    """Return the new file at `path` with the text of the template `template`. Raises ExistsError if `path` exists.

    `variables` are further values for the template.
    """
    if material.path_is_occupied(path):
        raise ExistsError(f"{path} exists already, and is not overwritten")
    return CreateFile(path, text_of_new_document(material, template, **variables))


def _first_line(text: str) -> str:
    """Return the first line of a text without bold marks."""
    return text.strip().splitlines()[0].strip().replace("**", "")


def _lines_after_first(issue: ReportedIssue, number: int) -> str:
    """Return the lines of an issue after the first line, indented as part of the item `number` of a numbered list."""
    return _indent("\n".join(issue.text.strip().splitlines()[1:]), " " * len(f"{number}. "))


def _indent(text: str, margin: str) -> str:
    """Return `text` with `margin` before each line. Blank lines at the beginning and the end are removed."""
    return "\n".join(f"{margin}{line}".rstrip() for line in text.strip("\n").rstrip().splitlines())
