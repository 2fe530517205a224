"""The changes that close, archive, pause or resume a plan.

The changes are tried in memory first. After the changes, the plan must meet the requirement of the act. Every
achievement must keep its state, and every other plan must stay the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import NamedTuple

from planmark.formats.planmark.documents.vocabulary import heading_key, is_field, status_of
from planmark.formats.planmark.editor.rename import follow_renames
from planmark.formats.planmark.ownership.discovery import PLANNING_FOLDERS, WORK_FOLDERS
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments, as_plan_documents
from planmark.ide.features import ActError, LifecycleAct, PreparedAct
from planmark.ide.moved_links import link_changes_in_documents
from planmark.markdown.parsed_source import fields_in
from planmark.markdown.sections import split_into_sections
from planmark.plans.model import SETTLED_STATES, Lifecycle, PlanState
from planmark.plans.phrases import item_state_sentence
from planmark.queries.workspace_view import View, build_view
from planmark.storage.paths import join, parent
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import line_index
from planmark.text.lookalikes import narrowed_text
from planmark.workspace.imagined import preview_changes
from planmark.workspace.settings import FOLDER_LIFECYCLES, vocabulary_of
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange, in_order, insert_whole_lines

COMPLETE, PAUSED, IN_PROGRESS, PLANNING = "✅ Complete", "⏸️ Paused", "🚧 In Progress", "📋 Planning"
HANDOFF_SECTION = f"## 📝 Current Status & Handoff\n\n**Status**: {COMPLETE}\n"
"""Text of the handoff that closing adds to a PLAN without a handoff."""
NEXT_STEP_OF_CLOSED_PLAN = "nothing, the plan is closed"
"""Value of the field for the next step in the handoff of a closed plan."""
ARCHIVE_FOLDERS = ("archive", "archives", "archived")
"""Names of folders for archived plans. In such a folder, each plan has a folder of its own."""
SHARED_FOLDERS = frozenset(
    {"work-space", *PLANNING_FOLDERS, *WORK_FOLDERS.values(), *FOLDER_LIFECYCLES, *ARCHIVE_FOLDERS, "active", "docs"}
)
"""Names of folders that never belong to only one plan."""

_FIELD_VALUE = lazy_pattern(r":[ \t]*\**[ \t]*(?P<value>\S.*?)?[ \t]*$")
"""Pattern for the colon and the value of a field at the end of a line."""


def changes_of_act(view: View, plan: PlanDocuments, act: LifecycleAct) -> PreparedAct:
    """Return the changes that carry out an act on a plan. Raises ActError if the act is not possible."""
    prepared_act = LIFECYCLE_ACTS[act](view, plan)
    _verify_act(view, plan, prepared_act, REQUIREMENT_AFTER[act])
    return prepared_act


def closing_changes(view: View, plan: PlanDocuments) -> PreparedAct:
    """Return the changes that mark a complete plan as closed, in the Status and the handoffs of the PLAN."""
    state = view.evaluations[plan.path].state
    if state.next.step == "closed":
        raise ActError(f"{plan.feature} is closed already", "done already")
    if state.state != "complete":
        raise ActError(f"{plan.feature} is not complete: {_open_work_in_words(state)}", "open")
    return PreparedAct(
        in_order([*_status_changes(view, plan, COMPLETE), *_handoff_changes(view, plan)]),
        plan.path,
        _stale_handoff_notes(view, plan),
    )


def pausing_changes(view: View, plan: PlanDocuments) -> PreparedAct:
    """Return the changes that set the Status of the PLAN to paused."""
    state = view.evaluations[plan.path].state
    if plan.lifecycle == "paused":
        raise ActError(f"{plan.feature} is paused already", "done already")
    if plan.lifecycle in ("stopped", "archived"):
        raise ActError(f"{plan.feature} is {plan.lifecycle}: it cannot be paused", "open")
    if state.next.step == "closed":
        raise ActError(f"{plan.feature} is closed: there is nothing to pause", "open")
    if state.state == "complete":
        raise ActError(f"{plan.feature} is complete: close it (planmark close @{plan.feature})", "open")
    return PreparedAct(_status_changes(view, plan, PAUSED), plan.path)


def resuming_changes(view: View, plan: PlanDocuments) -> PreparedAct:
    """Return the changes that set the Status of the PLAN to in progress, or to planning if the plan has no work yet."""
    if plan.lifecycle in ("active", "backlog"):
        raise ActError(f"{plan.feature} is {plan.lifecycle}: there is nothing to resume", "done already")
    has_begun = bool(plan.subplans or plan.executions or plan.verdicts)
    return PreparedAct(_status_changes(view, plan, IN_PROGRESS if has_begun else PLANNING), plan.path)


def archiving_changes(view: View, plan: PlanDocuments) -> PreparedAct:
    """Return the changes that move the folder of a closed or stopped plan to the archive.

    The changes also update the links to the moved files and the mentions of the moved files.
    """
    state = view.evaluations[plan.path].state
    if plan.lifecycle == "archived":
        raise ActError(f"{plan.feature} is archived already: {plan.path}", "done already")
    if state.next.step != "closed" and plan.lifecycle != "stopped":
        advice = (
            f"close it first (planmark close @{plan.feature})"
            if state.state == "complete"
            else _open_work_in_words(state)
        )
        raise ActError(f"{plan.feature} is not closed: {advice}", "open")
    folder = _own_folder(view, plan)
    target = _archive_folder(view, plan, folder)
    existing_paths = [path for path in view.snapshot.paths if path == target or path.startswith(f"{target}/")]
    if existing_paths or view.exists(target):
        raise ActError(f"{(existing_paths or [target])[0]} exists already: nothing was overwritten", "refused")
    renamings = follow_renames(view, [(folder, target)])
    move = RenamePath(folder, target)
    links = link_changes_in_documents(view, move, renamings)
    return PreparedAct(in_order([*renamings, *links, move]), target + plan.path[len(folder) :])


LIFECYCLE_ACTS: dict[LifecycleAct, Callable[[View, PlanDocuments], PreparedAct]] = {
    "close": closing_changes,
    "archive": archiving_changes,
    "pause": pausing_changes,
    "resume": resuming_changes,
}
"""Act → the function that returns its changes."""


class ActRequirement(NamedTuple):
    """The requirement that a plan must meet after an act.

    `must_be_closed` tells whether the plan must be closed (True) or open (False); None allows both. If
    `allowed_lifecycles` is empty, every lifecycle is allowed.
    """

    must_be_closed: bool | None
    allowed_lifecycles: tuple[Lifecycle, ...]


REQUIREMENT_AFTER: dict[LifecycleAct, ActRequirement] = {
    "close": ActRequirement(True, ()),
    "archive": ActRequirement(None, ("archived",)),
    "pause": ActRequirement(None, ("paused",)),
    "resume": ActRequirement(None, ("active", "backlog")),
}
"""Act → the requirement that the plan must meet after the act."""


def _verify_act(view: View, plan: PlanDocuments, prepared_act: PreparedAct, outcome: ActRequirement) -> None:
    """Raise ActError unless `plan` meets the requirement `outcome` after the changes of `prepared_act`. Also raise
    ActError if the changes would change the state of an achievement or of a different plan.
    """
    try:
        changed_workspace = preview_changes(view.snapshot, view.text, prepared_act.changes)
    except ValueError:
        raise ActError("the changes overlap: make them by hand", "refused") from None
    changed_view = build_view(changed_workspace.snapshot, changed_workspace.text)
    moved_plan = changed_workspace.snapshot.plan_at(prepared_act.path)
    if moved_plan is None:
        raise ActError(f"{prepared_act.path} would no longer be a plan: nothing was changed", "refused")
    changed_plan = as_plan_documents(moved_plan)
    old_state, new_state = view.evaluations[plan.path].state, changed_view.evaluations[changed_plan.path].state
    if outcome.must_be_closed is not None and (new_state.next.step == "closed") != outcome.must_be_closed:
        raise ActError(f"{plan.path} would still not be closed: set its Status by hand", "refused")
    if outcome.allowed_lifecycles and changed_plan.lifecycle not in outcome.allowed_lifecycles:
        raise ActError(_wrong_lifecycle_message(plan, changed_plan, outcome), "open")
    if _achievement_steps(old_state) != _achievement_steps(new_state):
        raise ActError(f"the states of achievements of {plan.feature} would change: nothing was changed", "refused")
    other_states = {path: evaluation.state for path, evaluation in view.evaluations.items() if path != plan.path}
    for path in {*other_states, *changed_view.evaluations} - {changed_plan.path}:
        old_other_state, new_other_state = (
            other_states.get(path),
            changed_view.evaluations[path].state if path in changed_view.evaluations else None,
        )
        if (
            old_other_state is None
            or new_other_state is None
            or _compared_facts(old_other_state) != _compared_facts(new_other_state)
        ):
            raise ActError(f"the state of {path} would change: nothing was changed", "refused")


def _wrong_lifecycle_message(plan: PlanDocuments, changed_plan: PlanDocuments, outcome: ActRequirement) -> str:
    """Return the message for changes that would give a plan a lifecycle that `outcome` does not allow.

    `changed_plan` is the plan after the changes.
    """
    folder, lifecycle_names = parent(changed_plan.path), " or ".join(outcome.allowed_lifecycles)
    if changed_plan.path != plan.path:
        return f"{folder}/ is not a folder for archived plans: name a different one (`Archive Location`, `archive.folder`), or add it to `lifecycle.archived`"
    if changed_plan.lifecycle == plan.lifecycle and changed_plan.lifecycle != "active":
        return f"the folder {changed_plan.lifecycle_folder or folder}/ makes {plan.feature} {changed_plan.lifecycle}: move the plan out of it"
    return f"{plan.feature} would be {changed_plan.lifecycle}, not {lifecycle_names}: nothing was changed"


def _achievement_steps(state: PlanState) -> list[tuple[str, str, str]]:
    """Return a tuple (id, state, step) for each achievement of a plan."""
    return [(achievement.id, achievement.state, achievement.step) for achievement in state.achievements]


def _compared_facts(state: PlanState) -> tuple[object, ...]:
    """Return the facts about a plan that an act on a different plan must not change."""
    return (
        state.feature,
        state.lifecycle,
        state.state,
        state.next.step,
        state.next.achievement,
        _achievement_steps(state),
    )


def _open_work_in_words(state: PlanState) -> str:
    """Return the open achievements with their states, in words.

    If no achievement is open, return the reason for the next step of the plan.
    """
    open_texts = [item_state_sentence(achievement.id, achievement) for achievement in state.achievements]
    open_texts = [
        text
        for text, achievement in zip(open_texts, state.achievements, strict=True)
        if achievement.state not in SETTLED_STATES
    ]
    list_text = ", ".join(open_texts[:MAX_OPEN_ACHIEVEMENTS]) + (
        f", and {len(open_texts) - MAX_OPEN_ACHIEVEMENTS} more" if len(open_texts) > MAX_OPEN_ACHIEVEMENTS else ""
    )
    return list_text or state.next.reason


MAX_OPEN_ACHIEVEMENTS = 8
"""Maximum number of open achievements that a message names; the message states only the number of all others."""


def _status_changes(view: View, plan: PlanDocuments, value: str) -> list[Change]:
    """Return the changes that set the Status of the PLAN to `value`.

    If the PLAN has no Status, the changes add a Status below the title.
    """
    status = plan.facts.status
    if status is not None:
        return [_value_change(view, plan.path, plan.document.line(status.position) - 1, value)]
    text = view.text(plan.path)
    titled_sections = [section for section in split_into_sections(text) if section.section.kind == "heading"]
    index = titled_sections[0].start + 1 if titled_sections else 0
    return [
        insert_whole_lines(
            plan.path, text, index, f"\n**Status**: {value}\n" if titled_sections else f"**Status**: {value}\n\n"
        )
    ]


def _value_change(view: View, path: str, line: int, value: str) -> TextChange:
    """Return the change that sets the field on a 0-based line to `value`.

    Raises ActError if the line has an unexpected form.
    """
    lines = line_index(view.text(path))
    line_text = narrowed_text(lines.line(line)) if line < len(lines) else ""
    match = _FIELD_VALUE.search(line_text)
    if match is None or "|" in line_text:
        raise ActError(f"{path} line {line + 1} cannot be changed safely: write `{value}` there by hand", "refused")
    if match["value"] is None:
        return TextChange(
            path, line, match.end(), match.end(), value if line_text.endswith((" ", "\t")) else f" {value}"
        )
    return TextChange(path, line, match.start("value"), match.end("value"), value)


def _handoff_changes(view: View, plan: PlanDocuments) -> Iterator[TextChange]:
    """Yield the changes that mark each handoff as complete: in its Status, and in the field that names a next step.

    If the PLAN has no handoff, yield a change that adds one.
    """
    text, vocabulary = view.text(plan.path), vocabulary_of(view.snapshot.settings)
    source = split_into_sections(narrowed_text(text))
    if not plan.facts.handoffs:
        blank_line = "" if not text or text.endswith(("\n\n", "\r\n\r\n")) else "\n"
        yield insert_whole_lines(plan.path, text, len(line_index(text)), blank_line + HANDOFF_SECTION)
    for handoff in plan.facts.handoffs:
        first_line, last_line = plan.document.lines(handoff.passage)
        section_indexes = [
            index for index, section in enumerate(source) if first_line <= section.start + 1 <= last_line
        ]
        fields = [
            (source[place.section].start + place.line, field) for place, field in fields_in(source, section_indexes)
        ]
        fields = [(line, field) for line, field in fields if first_line <= line + 1 <= last_line]
        status_fields = [(line, field) for line, field in fields if is_field(field.name, "status", vocabulary)]
        for line, field in status_fields:
            if status_of(field.value, vocabulary) != "complete":
                yield _value_change(view, plan.path, line, COMPLETE)
        if not status_fields:
            yield insert_whole_lines(plan.path, text, first_line, f"\n**Status**: {COMPLETE}\n")
        next_step_lines = {plan.document.line(quote.position) - 1 for _, quote in handoff.next_ids}
        for line, field in fields:
            if line in next_step_lines and "next" in heading_key(field.name):
                yield _value_change(view, plan.path, line, NEXT_STEP_OF_CLOSED_PLAN)


def _stale_handoff_notes(view: View, plan: PlanDocuments) -> tuple[str, ...]:
    """Return a note for each line of a handoff that would still name a next step after the plan is closed."""
    changed_lines = {change.line for change in _handoff_changes(view, plan)}
    lines = [plan.document.line(quote.position) for handoff in plan.facts.handoffs for _, quote in handoff.next_ids]
    return tuple(
        f"{plan.path} line {line} still names a next step: reword it"
        for line in dict.fromkeys(lines)
        if line - 1 not in changed_lines
    )


def _own_folder(view: View, plan: PlanDocuments) -> str:
    """Return the folder of a plan. Raises ActError if the folder is for several plans, or contains files of a different
    plan.
    """
    folder = plan.folder
    owners = view.snapshot.owners
    foreign_paths = [
        path
        for path in view.snapshot.paths
        if path.startswith(f"{folder}/") and owners.get(path, plan.path) != plan.path
    ]
    if not folder or folder.rpartition("/")[2].casefold() in SHARED_FOLDERS or foreign_paths:
        reason = (
            f"{foreign_paths[0]} belongs to a different plan"
            if foreign_paths
            else f"{folder or 'the root'} is a shared folder"
        )
        raise ActError(f"{plan.feature} has no folder of its own: {reason}. Move its files by hand", "refused")
    return folder


def _archive_folder(view: View, plan: PlanDocuments, folder: str) -> str:
    """Return the path in the archive to which `folder`, the folder of a plan, moves.

    The archive is the Archive Location of the PLAN, else the setting `archive.folder`. Raises ActError if the path is
    outside the workspace or inside `folder`.
    """
    archive_path = plan.facts.archive_location
    archive_folder = (
        posixpath.normpath(join(folder, archive_path) if archive_path.startswith("..") else archive_path)
        if archive_path
        else ""
    )
    name = folder.rpartition("/")[2]
    if not archive_folder:
        archive_folder = posixpath.join(view.snapshot.settings["archive.folder"].strip("/"), name)
    elif archive_folder.rpartition("/")[2].casefold() in ARCHIVE_FOLDERS or _folder_exists(view, archive_folder):
        archive_folder = join(archive_folder, name)
    parts = archive_folder.split("/")
    if ".." in parts or archive_path.startswith(("~", "/")) or ":" in archive_folder:
        raise ActError(
            f"the Archive Location {archive_path} is outside the workspace: name a folder inside it", "refused"
        )
    if archive_folder == folder or archive_folder.startswith(f"{folder}/"):
        raise ActError(
            f"the Archive Location {archive_folder} is in the plan's own folder: name a different one", "refused"
        )
    return archive_folder


def _folder_exists(view: View, folder: str) -> bool:
    """Tell whether `folder` exists on disk, or whether the workspace has a document below it."""
    return view.exists(folder) or any(path.startswith(f"{folder}/") for path in view.snapshot.paths)
