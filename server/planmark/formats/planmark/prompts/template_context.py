"""The variables of a template about issues, deliverables, dependencies and unfinished work. The module `next_prompt`
adds the variables about reading, quoting and writing.
"""

from __future__ import annotations

import json
import posixpath
import shlex
from typing import Any

from planmark.formats.planmark.documents.claims import Claim
from planmark.formats.planmark.documents.parallel_json import DependencyEntry
from planmark.formats.planmark.documents.verdict import issues_in_words
from planmark.formats.planmark.ownership.skipped import may_concern_achievement
from planmark.formats.planmark.prompts import excerpts, output_paths
from planmark.formats.planmark.prompts.context import Material, lines_of, ready_achievements, tasks_with_outcomes
from planmark.formats.planmark.workflow.decision_table import AchievementInputs, subplan_facts
from planmark.formats.planmark.workflow.declared import parallel_facts
from planmark.formats.planmark.workflow.naming import Renaming, renaming_advice, renamings_by_achievement
from planmark.formats.planmark.workflow.preflight import FileStanding, deliverable_standings_of
from planmark.formats.planmark.workflow.steps import unsettled_definitions
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.plans.model import SETTLED_STATES, Evidence, NextStep, Skipped
from planmark.plans.roles import STEP_ROLES
from planmark.storage.paths import parent
from planmark.text.lazy_pattern import lazy_pattern

MAX_ITERATION_LINES = 40
"""Maximum number of lines of a last iteration that a prompt quotes; a longer iteration is not quoted."""
MAX_SKIPPED_PATHS = 20
"""Maximum number of unread folders and files per prompt; more are omitted."""
EXISTS_BY_STANDING: dict[str, bool | None] = {"there": True, "missing": False, "unknown": None}
"""Standing of a deliverable → whether it exists, for the templates; None if the files do not show whether it exists."""
MAX_OPEN_BOXES = 12
"""Maximum number of open boxes that a prompt shows; the prompt states only the number of all others."""
_OPEN_BOX = lazy_pattern(r"\s*(?:[-*+]|[0-9]+[.)])\s+\[ \]\s+(?P<text>\S.*)")


def template_variables(material: Material, step: NextStep) -> dict[str, Any]:
    """Return the variables of a step's template, except the variables about reading, quoting and writing."""
    state, achievement = material.evaluation.state, material.achievement
    achievement_state = material.evaluation.by_id.get(step.achievement) if step.achievement else None
    claims: list[Claim] = [
        claim for claim in material.plan.facts.claims if achievement and achievement.id in claim.achievements
    ]
    inputs = material.inputs
    return {
        **_plan_variables(material),
        "feature": state.feature,
        "plan_path": state.path,
        "plan_title": state.title,
        "counts": state.counts,
        "total": len(state.achievements),
        "achievement": achievement.id if achievement else "",
        "title": achievement.title if achievement else "",
        "state": achievement_state.state if achievement_state else state.state,
        "evidence": achievement_state.evidence if achievement_state else (),
        "role": step.role,
        "asks": STEP_ROLES[step.step].asks,
        "reason": step.reason,
        "issues": issues(material),
        "severities": issues_in_words(
            [issue.severity for fix in excerpts.open_fixes(material) for issue in verdict_facts(fix).issues]
        ),
        "doubts": inputs.reviews.doubts if inputs else (),
        "round": inputs.reviews.round if inputs else 0,
        "research": output_paths.existing_research_paths(material) if achievement else [],
        "deliverables": [
            (file.deliverable.path, EXISTS_BY_STANDING[file.standing]) for file in deliverable_standings(material)
        ],
        "claims": [(material.plan.document.line(claim.position), claim.text) for claim in claims],
        "claimed_ids": list(dict.fromkeys(claim.achievement for claim in state.claims)),
        "verdict": output_paths.verdict_path(material, "APPROVED") if achievement else "",
        "blockers": blocker_evidence(material),
        "blocking_plans": blocking_plans(material),
        "done": [execution.path for execution in (inputs.executions if inputs else ()) if execution.outcome == "done"],
        "near_misses": [
            (material.plan.document.line(quote.position), quote.text) for quote in material.plan.facts.near_misses
        ],
        "subplan": inputs.subplan.path if inputs and inputs.subplan else "",
        "withdrawn": _withdrawal_of_subplan(material),
        "given_up": _unsuccessful_executions(material),
        "dependencies": dependencies(material),
        "dependency_lines": dependency_lines(material),
        "mend": _has_unreadable_dependencies(material),
        "touching": subplans_with_shared_files(material),
        "iteration": last_iteration_lines(material),
        "open_items": open_items(material),
        "execution": output_paths.execution_path(material).rpartition("_")[2].removesuffix(".md")
        if achievement
        else "",
        "step_file": step.file or "",
        "misnamed": misnamed_work(material),
    }


def _unsuccessful_executions(material: Material) -> list[tuple[str, int, str]]:
    """Return a tuple (path, 1-based line, evidence) for each execution that stopped or failed."""
    executions = material.inputs.executions if material.inputs else ()
    return [
        (execution.path, execution.evidence.line, execution.evidence.says)
        for execution in executions
        if execution.outcome in ("stopped", "failed")
    ]


def _withdrawal_of_subplan(material: Material) -> tuple[str, int, str] | None:
    """Return a tuple (path, 1-based line, text) for the Status that withdraws the SUBPLAN of the achievement.

    Return None if no SUBPLAN of the achievement is withdrawn.
    """
    document = material.inputs.withdrawn_subplan if material.inputs else None
    status = subplan_facts(document).status if document else None
    return (document.path, document.line(status.position), status.text) if document and status else None


def _plan_variables(material: Material) -> dict[str, Any]:
    """Return the variables of a template that are about the whole plan."""
    state = material.evaluation.state
    return {
        "achievements": state.achievements,
        "next": state.next,
        "next_asks": STEP_ROLES[state.next.step].asks,
        "ready": ready_achievements(material),
        "stale": unsupported_lines(material),
        "parallel": parallel_json(material),
        "loose_ends": open_or_blocked_executions(material),
        "documents": {
            "SUBPLANs": len(material.plan.subplans),
            "EXECUTION_TASKs": len(material.plan.executions),
            "verdicts": len(material.plan.verdicts),
        },
        "archive": _archive_folder(material),
        "folder": material.plan.folder,
        "is_archived": material.evaluation.state.lifecycle == "archived",
        "skipped": _skipped_paths(material),
        "handoffs": list(excerpts.handoff_even_if_stale(material)),
        "to_fill": [
            (material.plan.document.line(quote.position), quote.text) for quote in material.plan.facts.placeholders
        ],
        "unsettled": [
            (
                material.plan.document.line(unsettled_line.line.position),
                unsettled_line.line.text,
                unsettled_line.problem,
            )
            for unsettled_line in unsettled_definitions(material.plan)
        ],
    }


def _skipped_paths(material: Material) -> list[Skipped]:
    """Return the files and folders that Planmark did not read or count, and that may concern the achievement.

    In a prompt about the plan, return all such files and folders of the plan.
    """
    achievement = material.achievement
    return [
        skipped
        for skipped in material.evaluation.unknown
        if achievement is None or may_concern_achievement(skipped.path, achievement.id, material.plan.facts.ids)
    ][:MAX_SKIPPED_PATHS]


def _archive_folder(material: Material) -> str:
    """Return the archive folder that the PLAN names; "" if this folder is outside the workspace."""
    archive_path = material.plan.facts.archive_location
    place = posixpath.normpath(posixpath.join(material.plan.folder, archive_path))
    return "" if place.split("/")[0] == ".." or archive_path.startswith("~") or ":" in archive_path else archive_path


def misnamed_work(material: Material) -> list[dict[str, str]]:
    """Return a mapping for each misnamed file that may be work for the achievement.

    The keys are `old` (the path), `renaming_advice` and `command` (the shell command that renames the file, or "").
    """
    achievement_id = material.achievement.id if material.achievement else ""
    renamings = renamings_by_achievement(material.plan).get(achievement_id, ()) if material.plan.misnamed else ()
    return [
        {
            "old": renaming.old,
            "advice": renaming_advice(renaming, material.plan.feature),
            "command": _git_mv_command(material, renaming),
        }
        for renaming in renamings
    ]


def _git_mv_command(material: Material, renaming: Renaming) -> str:
    """Return the shell command that renames a misnamed file; "" if the new name is doubtful or in use."""
    if renaming.doubt or renaming.path is None or material.exists(renaming.path):
        return ""
    folder = parent(renaming.path)
    mkdir_command = f"mkdir -p {shlex.quote(folder)} && " if folder != parent(renaming.old) else ""
    return f"{mkdir_command}git mv {shlex.quote(renaming.old)} {shlex.quote(renaming.path)}"


def issues(material: Material) -> list[dict[str, object]]:
    """Return a mapping for each issue of the open FIX files.

    The keys are `severity`, `title`, `start`, `end`, `path` and `name`. `start` and `end` are the first and the last line
    of the issue (1-based, inclusive). `name` is the name of the file.
    """
    described_issues = []
    for document in excerpts.open_fixes(material):
        for issue in verdict_facts(document).issues:
            start, end = document.lines(issue.passage)
            title = issue.title.replace("**", "").strip()
            described_issues.append(
                {
                    "severity": issue.severity,
                    "title": title,
                    "start": start,
                    "end": end,
                    "path": document.path,
                    "name": document.path.rpartition("/")[2],
                }
            )
    return described_issues


def dependencies(material: Material) -> list[dict[str, object]]:
    """Return a mapping for each achievement that the achievement of `material` depends on.

    The keys are `id`, `title`, `state`, `verdict` and `delivers` (the files to deliver). For an achievement of a
    different plan, `id` has the form `@OTHER 1.1`, and `delivers` is empty.
    """
    needed_ids = _ids_of_dependencies(material)
    outside_standings = material.evaluation.outside.standings
    own_dependencies: list[dict[str, object]] = [
        {
            "id": achievement.id,
            "title": achievement.title,
            "state": achievement.state,
            "verdict": achievement.verdict,
            "delivers": deliverable_paths_of(material, achievement.id),
        }
        for achievement in material.evaluation.state.achievements
        if achievement.id in needed_ids
    ]
    foreign_dependencies: list[dict[str, object]] = [
        {"id": name, "title": standing.title, "state": standing.state, "verdict": standing.verdict, "delivers": []}
        for name, standing in outside_standings.items()
        if name in needed_ids
    ]
    return own_dependencies + foreign_dependencies


def dependency_lines(material: Material) -> list[tuple[int, str]]:
    """Return a pair (1-based line, text) for each dependency field in the achievement's body that has unread text.

    Unread text is text in the field that does not name a dependency.
    """
    declarations = material.achievement.declarations if material.achievement else ()
    unread_lines = (
        (material.plan.document.line(declaration.quote.position), declaration.quote.text)
        for declaration in declarations
        if declaration.unread_parts
    )
    return list(dict.fromkeys(unread_lines))


def blocker_evidence(material: Material) -> list[Evidence]:
    """Return the evidence that the achievement cannot begin.

    In a prompt about the plan, return the evidence of all unreadable declarations. If there are none, return the evidence
    of all blocked achievements.
    """
    if material.inputs is not None:
        return _blocking_evidence(material.inputs)
    if broken_evidence := list(material.evaluation.unreadable.values()):
        return broken_evidence
    return list(
        dict.fromkeys(
            reason for inputs in _inputs_of_blocked_achievements(material) for reason in _blocking_evidence(inputs)
        )
    )


def blocking_plans(material: Material) -> list[str]:
    """Return the features of the plans that must progress before the achievement can begin.

    In a prompt about the plan, return the features for all blocked achievements of the plan.
    """
    blocked_inputs = [material.inputs] if material.inputs is not None else _inputs_of_blocked_achievements(material)
    needed_ids = [dependency.depends_on for inputs in blocked_inputs for dependency in inputs.open_dependencies]
    other_features = list(dict.fromkeys(name.partition(" ")[0][1:] for name in needed_ids if name.startswith("@")))
    is_own_plan_awaited = material.inputs is not None and not all(name.startswith("@") for name in needed_ids)
    return [*other_features, *([material.plan.feature] if is_own_plan_awaited or not other_features else [])]


def _inputs_of_blocked_achievements(material: Material) -> list[AchievementInputs]:
    """Return the inputs of the blocked achievements of the plan."""
    evaluation = material.evaluation
    return [
        evaluation.inputs[achievement.id]
        for achievement in evaluation.state.achievements
        if achievement.state == "blocked"
    ]


def _has_unreadable_dependencies(material: Material) -> bool:
    """Tell whether the declarations of dependencies must be corrected before work can begin."""
    inputs = material.inputs
    return bool(inputs.unreadable_evidence if inputs else material.evaluation.unreadable)


def _blocking_evidence(inputs: AchievementInputs) -> list[Evidence]:
    """Return the evidence that an achievement cannot begin.

    This is the evidence of an unreadable declaration. If every declaration is readable, it is the evidence of each open
    dependency.
    """
    if inputs.unreadable_evidence is not None:
        return [inputs.unreadable_evidence]
    return list(dict.fromkeys(dependency.reason for dependency in inputs.open_dependencies))


def subplans_with_shared_files(material: Material) -> list[tuple[str, list[str]]]:
    """Return a pair (path, shared files) for each SUBPLAN of a different achievement.

    The shared files are the files that both achievements deliver. A SUBPLAN without shared files is left out.
    """
    own_paths = set(deliverables(material))
    achievement_id = material.achievement.id if material.achievement else None
    shared_paths_by_subplan = [
        (achievement.subplan, sorted(own_paths & set(deliverable_paths_of(material, achievement.id))))
        for achievement in material.evaluation.state.achievements
        if own_paths and achievement.subplan and achievement.id != achievement_id
    ]
    return [(path, shared_paths) for path, shared_paths in shared_paths_by_subplan if shared_paths]


def deliverable_paths_of(material: Material, achievement_id: str) -> list[str]:
    """Return the paths of the files that an achievement of the plan should deliver."""
    planned_achievement, inputs = material.plan.facts.by_id[achievement_id], material.evaluation.inputs[achievement_id]
    return deliverables(material._replace(achievement=planned_achievement, inputs=inputs))


def last_iteration_lines(material: Material) -> list[str]:
    """Return the lines of the last iteration of an open or blocked execution.

    Return [] if there is no iteration, or if the iteration is too long to be quoted.
    """
    for excerpt in excerpts.last_iteration(material):
        if excerpt.why.endswith("its last iteration") and excerpt.end - excerpt.start < MAX_ITERATION_LINES:
            lines = list(lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end])
            while lines and lines[-1].strip() in ("", "---"):
                lines.pop()
            return lines
    return []


def open_items(material: Material) -> list[tuple[str, int, str]]:
    """Return a tuple (path, 1-based line, text) for each unticked box in the open executions."""
    open_lines = []
    for task, outcome in tasks_with_outcomes(material):
        if outcome == "open":
            for number, line in enumerate(lines_of(material, task.path), 1):
                if match := _OPEN_BOX.match(line):
                    open_lines.append((task.path, number, match["text"]))
    return open_lines


def open_or_blocked_executions(material: Material) -> list[tuple[str, int, str]]:
    """Return a tuple (path, 1-based line, text) for each execution of the plan that is still open or blocked.

    The text states the outcome of the execution and the state of the achievement.
    """
    open_executions = []
    for achievement in material.evaluation.state.achievements:
        inputs = material.evaluation.inputs[achievement.id]
        for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
            if execution.outcome in ("open", "blocked"):
                text = f"{execution.outcome}, although {achievement.id} is {achievement.state}"
                open_executions.append((task.path, execution.evidence.line, text))
    return open_executions


def _ids_of_dependencies(material: Material) -> set[str]:
    """Return the ids of the achievements that the achievement of `material` depends on.

    For an achievement of a different plan, the id has the form `@OTHER 1.1`.
    """
    own_id = material.achievement.id if material.achievement else None
    return {edge.depends_on for edge in material.evaluation.state.dependencies if edge.achievement == own_id}


def unsupported_lines(material: Material) -> list[tuple[int, str]]:
    """Return a pair (1-based line, text) for each line of the PLAN that the files do not support.

    Such a line claims that an open achievement is done, or names as next an achievement that is not open.
    """
    open_ids = {
        achievement.id
        for achievement in material.evaluation.state.achievements
        if achievement.state not in SETTLED_STATES
    }
    stale_lines = [
        (material.plan.document.line(quote.position), quote.text)
        for handoff in material.plan.facts.handoffs
        for next_id, quote in handoff.next_ids
        if next_id not in open_ids
    ]
    stale_lines += [
        (claim.line, claim.text) for claim in material.evaluation.state.claims if claim.achievement in open_ids
    ]
    return sorted(set(stale_lines))


def parallel_json(material: Material) -> str:
    """Return the content of `parallel.json`, without stored statuses.

    If the file does not exist, return new content with the dependencies that the PLAN declares.
    """
    state, facts = material.evaluation.state, parallel_facts(material.plan)
    priorities = {achievement.priority for achievement in ready_achievements(material)}
    parallelization_level = (facts.level if facts else "") or ("level_2" if len(priorities) == 1 else "level_3")
    entries: list[dict[str, object]] = [
        {"achievement_id": achievement.id, "dependencies": list(achievement.depends_on)}
        for achievement in state.achievements
    ]
    if facts is not None:
        entries = [_parallel_json_entry(entry) for entry in facts.entries]
    list_text = ",\n    ".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    first_lines = f'"plan_name": {json.dumps(state.feature)},\n  "parallelization_level": "{parallelization_level}"'
    return f'{{\n  {first_lines},\n  "achievements": [\n    {list_text}\n  ]\n}}'


def _parallel_json_entry(declared_entry: DependencyEntry) -> dict[str, object]:
    """Return the entry of `parallel.json` for one achievement, without the stored status of the achievement."""
    blocks = {"blocks": list(declared_entry.blocks)} if declared_entry.blocks is not None else {}
    return {"achievement_id": declared_entry.achievement, "dependencies": list(declared_entry.depends_on), **blocks}


def deliverable_standings(material: Material) -> list[FileStanding]:
    """Return the deliverables of the achievement and its SUBPLAN, without duplicates.

    Each deliverable has a standing, which says whether the file exists.
    """
    if material.inputs is None:
        return []
    return deliverable_standings_of(material.snapshot, material.plan, material.inputs, material.exists)


def deliverables(material: Material) -> list[str]:
    """Return the back-ticked paths in the Deliverables of the achievement and its SUBPLAN, without duplicates."""
    subplan = material.inputs.subplan if material.inputs else None
    deliverables = [
        *(material.achievement.deliverables if material.achievement else ()),
        *(subplan_facts(subplan).deliverables if subplan else ()),
    ]
    return list(dict.fromkeys(deliverable.path for deliverable in deliverables))
