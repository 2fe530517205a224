"""The changes that drop an achievement: a mark at its definition and in the index."""

from __future__ import annotations

from planmark.formats.planmark.documents.achievements import DEFINITION_PATTERNS
from planmark.formats.planmark.documents.dropped import has_drop_mark
from planmark.formats.planmark.documents.plan import Achievement
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.ide.features import ActError, PreparedAct
from planmark.markdown.parsed_source import SectionPosition
from planmark.plans.model import AchievementState, PlanState
from planmark.queries.workspace_view import View, build_view
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import line_index
from planmark.workspace.imagined import preview_changes
from planmark.workspace.workspace_edits import TextChange

MAX_NOTE_CHARACTERS = 300
"""Maximum number of characters of the note that says why an achievement is dropped. The note becomes part of the title,
so a longer note is refused.
"""

_REPLACEMENTS_IN_MARK = str.maketrans({"(": "[", ")": "]", "*": "", "`": "'", "~": "-", "|": "/", "<": "‹", ">": "›"})
"""Character that would end the mark or change the meaning of the mark → the replacement."""
_TEXT_AFTER_TITLE = lazy_pattern(r"\s*(?:⏱|\((?=[0-9.–—-]+\s*(?:h|m|d))).*$|\s+#+\s*$|\s+$")
"""Pattern for the text after a title: an effort, or the closing marks of a heading."""
_TITLE_CELL = lazy_pattern(r"\s*\|[^|]*\|(?P<title>[^|]*)")
"""Pattern for the first two cells of a table row; the second cell contains the title."""


def drop(view: View, plan: PlanDocuments, target: AchievementState, note: str) -> PreparedAct:
    """Return the changes that mark the achievement `target` as dropped, with the reason `note`.

    Raises ActError if the achievement cannot be dropped, or if `note` is empty or too long.
    """
    reason = " ".join(note.translate(_REPLACEMENTS_IN_MARK).split())
    if not reason:
        raise ActError(f"say why {target.id} is dropped: the note is empty", "refused")
    if len(reason) > MAX_NOTE_CHARACTERS:
        raise ActError(f"the note has {len(reason)} characters; the maximum is {MAX_NOTE_CHARACTERS}", "refused")
    if target.state == "approved":
        raise ActError(f"{target.id} is approved ({target.verdict}): a finished achievement cannot be dropped", "open")
    if target.state == "dropped":
        evidence_place = f"{target.evidence[0].path}:{target.evidence[0].line}"
        raise ActError(f"{target.id} is dropped already ({evidence_place})", "done already")
    achievement = plan.facts.by_id[target.id]
    changes = [_change_that_adds_mark(view, plan, achievement.position, f"(DROPPED: {reason})")]
    if achievement.index_at is not None and achievement.index_at != achievement.position:
        line = _line_text(view, plan, achievement.index_at)
        if not has_drop_mark(line):
            changes.append(_change_that_adds_mark(view, plan, achievement.index_at, "(DROPPED)"))
    _verify_drop(view, plan, achievement, changes)
    return PreparedAct(list(changes), plan.path)


def _line_text(view: View, plan: PlanDocuments, place: SectionPosition) -> str:
    """Return the text of the line at a position of the PLAN; "" if the line no longer exists."""
    lines, number = line_index(view.text(plan.path)), plan.document.line(place) - 1
    return lines.line(number) if number < len(lines) else ""


def _change_that_adds_mark(view: View, plan: PlanDocuments, place: SectionPosition, mark: str) -> TextChange:
    """Return the change that adds `mark` after the title on the line at the position `place`."""
    line, number = _line_text(view, plan, place), plan.document.line(place) - 1
    start, end = _title_range(line)
    match = _TEXT_AFTER_TITLE.search(line[start:end])
    column = start + match.start() if match else end
    return TextChange(plan.path, number, column, column, f" {mark}" if column else mark)


def _title_range(line: str) -> tuple[int, int]:
    """Return the column range of the title on a line that defines or lists an achievement.

    For a line without a recognizable title, return the range of the whole line.
    """
    if match := DEFINITION_PATTERNS[1][1].fullmatch(line.rstrip()):
        return match.span("title")
    if match := _TITLE_CELL.match(line):
        return match.span("title")
    return 0, len(line)


def _verify_drop(view: View, plan: PlanDocuments, achievement: Achievement, changes: list[TextChange]) -> None:
    """Raise ActError unless the changes drop the achievement and keep the state of every other achievement."""
    changed_workspace = preview_changes(view.snapshot, view.text, changes)
    changed_view = build_view(changed_workspace.snapshot, changed_workspace.text)
    message = f"{plan.path}:{plan.document.line(achievement.position)} cannot be changed safely: write (DROPPED) there by hand"
    if changed_workspace.snapshot.plan_at(plan.path) is None:
        raise ActError(message, "refused")
    states_by_id = {item.id: item.state for item in view.evaluations[plan.path].state.achievements}
    states_by_id[achievement.id] = "dropped"
    if {item.id: item.state for item in changed_view.evaluations[plan.path].state.achievements} != states_by_id:
        raise ActError(message, "refused")
    for path, evaluation in view.evaluations.items():
        if path != plan.path and _achievement_states(evaluation.state) != _achievement_states(
            changed_view.evaluations[path].state
        ):
            raise ActError(f"the states of {path} would change: nothing was changed", "refused")


def _achievement_states(state: PlanState) -> list[tuple[str, str]]:
    """Return a pair (id, state) for each achievement of a plan."""
    return [(achievement.id, achievement.state) for achievement in state.achievements]
