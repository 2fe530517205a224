"""Rules for parallel.json: errors, stored statuses, and lists that disagree with each other or with the PLAN."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from planmark.diagnostics.rule_inputs import DocumentInput, Fix, FixContext
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.parallel_json import Parallel, parse_parallel
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, RelatedPlace, replacement_fix
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import State
from planmark.plans.phrases import item_state_sentence
from planmark.text.json_spans import JsonKey, JsonSpan, json_spans_by_path
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import LineIndex, line_index
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import Snapshot
from planmark.workspace.workspace_edits import TextChange

PARALLEL_STATUS_STORED = DiagnosticCode(
    "parallel-status-stored", "hint", "a parallel.json that stores a status, although only the files decide it"
)
PARALLEL_JSON_INVALID = DiagnosticCode("parallel-json-invalid", "error", "an invalid parallel.json")
DEPENDENCY_ASYMMETRIC = DiagnosticCode(
    "dependency-asymmetric", "hint", "`blocks` and `dependencies` of a parallel.json that disagree"
)

STATES_OF_STORED_STATUS: dict[str, tuple[State, ...]] = {
    "complete": ("approved",),
    "failed": ("needs_fix", "fix_resolved"),
    "execution_created": ("active_execution", "execution_blocked", "next_execution", "awaiting_review"),
    "subplan_created": ("no_execution", "design_placeholder"),
    "not_started": ("no_subplan", "blocked"),
    "in_progress": ("active_execution", "next_execution", "awaiting_review", "no_execution", "design_placeholder"),
}
"""Status that a `parallel.json` stores → the states that the status may stand for (the methodology, §2.9)."""
_COMMA = lazy_pattern(r"\s*,\s*")
_ID_AS_JSON = lazy_pattern(rf'"\s*(?:achievement\s+)?(?P<id>{ID_PATTERN})\s*"', re.IGNORECASE)
_parse_parallel_cached = functools.lru_cache(maxsize=1)(parse_parallel)
"""`parse_parallel` with a cache for one text, because several fixes parse the same `parallel.json`."""


class RemoveStatus(FixKind, frozen=True):
    """Fix that removes the status on the line of the diagnostic."""


class RemoveStatuses(FixKind, frozen=True):
    """Fix that removes all statuses that a `parallel.json` stores."""


class AddToList(FixKind, frozen=True):
    """Fix that adds the id `other` to the list `key` (`blocks` or `dependencies`) of the achievement `owner`."""

    owner: str
    other: str
    key: str


def stored_statuses(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield diagnostics for the statuses that a `parallel.json` stores.

    Each status that the files contradict gets a warning; all other statuses together get one hint.
    """
    if plan.parallel is None or not isinstance(plan.parallel.facts, Parallel):
        return
    achievements_by_id = {achievement.id: achievement for achievement in evaluation.state.achievements}
    stored_entries = [
        declared_entry for declared_entry in plan.parallel.facts.entries if declared_entry.status is not None
    ]
    uncontradicted_entries = []
    for declared_entry in stored_entries:
        achievement = achievements_by_id.get(declared_entry.achievement)
        possible_states = STATES_OF_STORED_STATUS.get((declared_entry.status or "").casefold())
        if achievement is None or possible_states is None or achievement.state in possible_states:
            uncontradicted_entries.append(declared_entry)
            continue
        message = f"the file says that {achievement.id} is {declared_entry.status}, but {item_state_sentence(achievement.id, achievement)}: remove the status, because the files decide it"
        yield PARALLEL_STATUS_STORED.at(
            plan.parallel.path,
            declared_entry.status_line + 1,
            message,
            (RelatedPlace(achievement.path, achievement.line, achievement.state.replace("_", " ")),),
            target_text=f'"{declared_entry.status}"',
            fix=RemoveStatus(),
            severity="warning",
        )
    if uncontradicted_entries:
        count_text = counted_noun(len(uncontradicted_entries), "stored status", "stored statuses")
        message = (
            f"{count_text}: nothing reads them, and they become stale; remove them, because the files decide the state"
        )
        path, line = plan.parallel.path, uncontradicted_entries[0].status_line + 1
        yield PARALLEL_STATUS_STORED.at(path, line, message, target_text='"status"', fix=RemoveStatuses())


def parallel_json_errors(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each error in a `parallel.json` that can be found without the PLAN."""
    for issue in document_input.document.json_issues:
        yield PARALLEL_JSON_INVALID.at(
            document_input.document.path,
            issue.line + 1,
            f"{issue.message}; correct it here",
            target_text=issue.words,
            severity=issue.severity,
        )


def mismatches_with_plan(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield diagnostics for a `parallel.json` that does not fit the PLAN in the same folder.

    There is one if the file names a different plan. There is one for each entry without dependencies whose achievement
    the PLAN does not have.
    """
    if plan.parallel is None or not isinstance(plan.parallel.facts, Parallel):
        return
    facts, path = plan.parallel.facts, plan.parallel.path
    feature = facts.plan_name.removesuffix(".md").removeprefix("PLAN_")
    if feature and feature != plan.feature:
        message = f"`plan_name` is {facts.plan_name}, but the PLAN beside it is {plan.feature}: correct the name"
        yield PARALLEL_JSON_INVALID.at(
            path,
            facts.plan_line + 1,
            message,
            (RelatedPlace(plan.path, 1, "the PLAN"),),
            target_text=facts.plan_name,
            fix=replacement_fix(plan.feature),
            severity="warning",
        )
    for declared_entry in facts.entries:
        if declared_entry.achievement not in plan.facts.ids and not declared_entry.depends_on:
            message = f"the PLAN has no achievement {declared_entry.achievement}: correct the id, or remove the entry"
            yield PARALLEL_JSON_INVALID.at(
                path, declared_entry.line + 1, message, target_text=declared_entry.achievement, severity="warning"
            )


def asymmetric_lists(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each id that is missing in a list `blocks` or `dependencies` of a `parallel.json`.

    For example, if `blocks` of 1.1 lists 1.2, then `dependencies` of 1.2 must list 1.1.
    """
    facts = document_input.document.facts
    lines = {entry.achievement: entry.line for entry in reversed(facts.entries)} if isinstance(facts, Parallel) else {}
    for owner, other, key in ids_missing_in_lists(facts):
        dependency_text = f"{other} blocks {owner}" if key == "dependencies" else f"{other} depends on {owner}"
        message = f"{dependency_text}, but `{key}` of {owner} does not list {other}: add it, or remove the other entry"
        path, line = document_input.document.path, lines[owner] + 1
        yield DEPENDENCY_ASYMMETRIC.at(path, line, message, target_text=owner, fix=AddToList(owner, other, key))


def ids_missing_in_lists(facts: object) -> list[tuple[str, str, str]]:
    """Return the ids that are missing in the lists `blocks` and `dependencies` of a `parallel.json`.

    Each result is a tuple (achievement, missing id, key). The list `key` of the achievement should contain the missing
    id.
    """
    if not isinstance(facts, Parallel):
        return []
    needed_ids_by_id = {
        declared_entry.achievement: frozenset(declared_entry.depends_on) for declared_entry in facts.entries
    }
    blocked_ids_by_id = {d.achievement: None if d.blocks is None else frozenset(d.blocks) for d in facts.entries}
    result = []
    for entry in facts.entries:
        for blocked_id in entry.blocks or ():
            if blocked_id in needed_ids_by_id and entry.achievement not in needed_ids_by_id[blocked_id]:
                result.append((blocked_id, entry.achievement, "dependencies"))
        for needed_id in entry.depends_on:
            blocked_ids = blocked_ids_by_id.get(needed_id)
            if blocked_ids is not None and entry.achievement not in blocked_ids:
                result.append((needed_id, entry.achievement, "blocks"))
    return result


def remove_status(context: FixContext, _: RemoveStatus) -> Iterator[Fix]:
    """Yield a fix that removes the status that the parallel file stores on the line of the diagnostic."""
    return _removal_fixes(
        context, "Remove the stored status", _stored_status_spans(context.text).get(context.line_number, ())
    )


def remove_statuses(context: FixContext, _: RemoveStatuses) -> Iterator[Fix]:
    """Yield a fix that removes every status that the parallel file stores."""
    spans = [span for spans_of_line in _stored_status_spans(context.text).values() for span in spans_of_line]
    return _removal_fixes(context, "Remove the stored statuses", spans)


def _removal_fixes(context: FixContext, title: str, spans: Iterable[JsonSpan]) -> Iterator[Fix]:
    """Yield a fix that removes the key-value pairs at `spans`, if the `parallel.json` has entries and no errors."""
    facts, issues = _parse_parallel_cached(context.text)
    lines = line_index(context.text)
    if facts.entries and not any(issue.severity == "error" for issue in issues):
        ranges = [_range_of_pair(context.text, span.key_start, span.end) for span in spans]
        yield Fix(title, True, tuple(_text_change(context.path, lines, *start_and_end) for start_and_end in ranges))


@functools.lru_cache(maxsize=1)
def _stored_status_spans(text: str) -> dict[int, list[JsonSpan]]:
    """Return the spans of the statuses that a `parallel.json` stores, by 0-based line."""
    lines, spans_by_line = line_index(text), dict[int, list[JsonSpan]]()
    for path, place in json_spans_by_path(text).items():
        if len(path) == 3 and path[0] == "achievements" and path[2] == "status":
            spans_by_line.setdefault(lines.position(place.key_start).line, []).append(place)
    return spans_by_line


def _range_of_pair(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range, in character offsets, of a key-value pair with one adjacent comma.

    The range also contains the whitespace before the pair. `start` and `end` are the offsets of the pair alone.
    """
    pair_start = start
    while pair_start > 0 and text[pair_start - 1].isspace():
        pair_start -= 1
    pair_start -= text.endswith(",", 0, pair_start)
    match = _COMMA.match(text, end)
    if match and text[pair_start] != ",":
        return start, match.end()
    return pair_start, end


def _text_change(path: str, lines: LineIndex, start: int, end: int, text: str = "") -> TextChange:
    """Return the change that replaces the text between the character offsets `start` and `end` with `text`."""
    first, last = lines.position(start), lines.position(end)
    return TextChange(path, first.line, first.column, last.column, text, last.line - first.line)


class ListFixInputs(NamedTuple):
    """The values of a `parallel.json` that a fix of its lists needs.

    `places` maps the JSON path of each value to its span. `entries` maps each id that is a string to the JSON path of
    its last entry. `missing` contains (achievement, id that is missing in its list, key of the list).
    """

    places: Mapping[tuple[JsonKey, ...], JsonSpan]
    entries: dict[str, tuple[JsonKey, ...]]
    missing: frozenset[tuple[str, str, str]]


@functools.lru_cache(maxsize=1)
def _list_fix_inputs(text: str) -> ListFixInputs:
    """Return the values of a `parallel.json` that a fix of its lists needs. The result for the last text is cached."""
    places, entries = json_spans_by_path(text), dict[str, tuple[JsonKey, ...]]()
    for path, place in places.items():
        # If two entries have the same id, the last entry counts, as with two equal keys in JSON. Fixes ignore an id
        # that is not a string; a person must correct it.
        if path[2:] == ("achievement_id",) and (match := _ID_AS_JSON.fullmatch(text, place.start, place.end)):
            entries[match["id"]] = path[:2]
    return ListFixInputs(places, entries, frozenset(ids_missing_in_lists(_parse_parallel_cached(text)[0])))


def add_to_list(context: FixContext, fix: AddToList) -> Iterator[Fix]:
    """Yield a fix that adds the id `fix.other` to the list `fix.key` of the achievement `fix.owner`.

    Yield no fix if the list already contains the id. For the list `dependencies`, the fix is not preferred, because
    this list decides which work has to wait.
    """
    text, lines, key, other = context.text, line_index(context.text), fix.key, fix.other
    parts = _list_fix_inputs(text)
    entry = parts.entries.get(fix.owner)
    if entry is None or (fix.owner, other, key) not in parts.missing:
        return
    listed_span = parts.places.get((*entry, key))
    if listed_span is not None and text[listed_span.start] != "[":
        return
    if listed_span is None:
        id_path = (*entry, "achievement_id")
        index, added_text = parts.places[id_path].end, f', "{key}": ["{other}"]'
    else:
        list_content = text[listed_span.start + 1 : listed_span.end - 1].rstrip()
        index, added_text = listed_span.start + 1 + len(list_content), f', "{other}"' if list_content else f'"{other}"'
    yield Fix(
        f"Add {other} to `{key}`", key == "blocks", (_text_change(context.path, lines, index, index, added_text),)
    )


TOPIC = Topic(
    codes=(PARALLEL_STATUS_STORED, PARALLEL_JSON_INVALID, DEPENDENCY_ASYMMETRIC),
    document=(parallel_json_errors, asymmetric_lists),
    plan=(stored_statuses, mismatches_with_plan),
    fixes=((RemoveStatus, remove_status), (RemoveStatuses, remove_statuses), (AddToList, add_to_list)),
)
