"""The history of a workspace: approvals over time, rounds of review, and steps that wait for their role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.plans.model import DONE_STATES, AchievementState, Lifecycle, PlanState, Role, State, Step
from planmark.plans.phrases import is_next, progress_counts
from planmark.plans.review_log import DatedVerdict, ReviewLog
from planmark.plans.roles import STEP_ROLES, task_in_words
from planmark.queries.approval_times import (
    CommitTimes,
    ItemHistory,
    TimedVerdict,
    TimeSource,
    approval_changes,
    box_changes,
    commit_times_of_files,
    is_up_to_today,
    time_sort_key,
    timed_verdicts,
)
from planmark.queries.box_history import BoxKey, box_in_line, tick_changes
from planmark.queries.item_order import item_name
from planmark.queries.workspace_view import AnyPlan, View
from planmark.storage.git_history import NO_FILE_LOG, FileLog
from planmark.storage.timestamps import days_between
from planmark.text.pluralize import counted_noun
from planmark.text.shorten import shorten
from planmark.text.visible import visible_in_one_line
from planmark.workspace.plan_work import plan_work

HistorySource = Literal["verdicts", "git", "verdicts+git"]
BEGUN_STATES: frozenset[State] = frozenset(
    {
        *("needs_fix", "fix_resolved", "design_placeholder", "execution_blocked", "active_execution"),
        *("next_execution", "awaiting_review", "no_execution", "in_progress"),
    }
)
"""The states of items whose work has begun and whose next step can be done."""
TICKED_STATES: frozenset[State] = frozenset({"done", "unsupported"})
"""The states of items of other formats that count as done in the progress of their plan."""
STEPS_WITHOUT_ROLE: frozenset[Step] = frozenset({"wait", "closed"})
"""Steps that no role carries out. They do not count as waiting steps."""
MAX_EVENT_CHARACTERS = 60
"""Maximum number of characters of the name of an item in `HistoryPoint.event`."""


class HistoryPoint(msgspec.Struct, frozen=True):
    """The number of approved achievements after an event. `at` is the ISO date or time in the verdict or the commit."""

    at: str
    approved: int
    event: str


class ReviewedItem(msgspec.Struct, frozen=True):
    """An achievement that was reviewed or is done.

    `rounds` is the number of rounds of review; formats without reviews have 0. `approved` tells whether the achievement
    is approved now, and `approved_at` since when; "" if it is not approved or the time is unknown. `reopened_at` is the
    time of the FIX or the commit that ended the approval, else "". `by` is the reviewer, "" if unknown. `time_from` is
    the source of the time.
    """

    achievement: str
    title: str
    rounds: int
    approved_at: str
    approved: bool = False
    by: str = ""
    time_from: TimeSource = ""
    reopened_at: str = ""


class WaitingStep(msgspec.Struct, frozen=True):
    """A step that waits for its role. `achievement` is "" for a step about the whole plan.

    `since` is the time of the newest document that led to the step, or "" if it is unknown. `days` is the number of days
    since that time; null if it is unknown.
    """

    achievement: str
    title: str
    step: Step
    step_label: str
    role: Role
    since: str
    days: int | None


class PlanHistory(msgspec.Struct, frozen=True, kw_only=True):
    """The history of a plan.

    `of` achievements are wanted now, and `approved` of them are approved. `undated` of these were approved at an unknown
    time, so the last point has the number `approved` minus `undated`. `left_out_dates` is the number of dates that are in
    the future or unreadable.
    """

    plan: str
    feature: str
    of: int
    approved: int
    points: list[HistoryPoint]
    reviews: list[ReviewedItem]
    waiting: list[WaitingStep]
    lifecycle: Lifecycle
    closed: bool
    format: str = "planmark"
    undated: int = 0
    left_out_dates: int = 0
    notes: list[str] = []


class HistoryResult(msgspec.Struct, frozen=True, kw_only=True):
    """The history of a workspace on a day (`today`). `source` is the source of the times. `notes` say what is unknown."""

    schema: str = "planmark.history/1"
    workspace: str
    source: HistorySource
    today: str
    plans: list[PlanHistory]
    notes: list[str] = []


class NeededCommits(NamedTuple):
    """The commits that a history needs, by the names of the files that they change.

    `names` are the names of the files whose commits are needed. `names_with_lines` are the names of the files whose
    commits are needed with their changed lines.
    """

    names: frozenset[str] = frozenset()
    names_with_lines: frozenset[str] = frozenset()


class _PlanFacts(NamedTuple):
    """The facts about a plan that its history needs.

    `logs` maps the id of an achievement to its verdicts. `boxes` maps the name of an item to its box. `files` maps the
    name of an item to the file whose existence shows that the item is done.
    """

    plan: AnyPlan
    state: PlanState
    logs: Mapping[str, ReviewLog]
    boxes: Mapping[str, BoxKey]
    files: Mapping[str, str]


def needed_commits(view: View, today: str, plan_path: str | None = None) -> NeededCommits:
    """Return the commits that the history of a workspace needs, or only of the plan at `plan_path`.

    `today` is an ISO date. If the date of a verdict is later, it does not count, so the commits of the verdict are
    needed.
    """
    commit_paths: set[str] = set()
    box_paths: set[str] = set()
    for facts in _facts_of_plans(view, plan_path):
        verdicts = [verdict for log in facts.logs.values() for verdict in log.verdicts]
        commit_paths |= {verdict.path for verdict in verdicts if not is_up_to_today(verdict.date, today)}
        dated_paths = {verdict.path for verdict in verdicts} - commit_paths
        for item, _ in _waiting_items(facts.state):
            commit_paths |= _deciding_documents(facts.state, item) - dated_paths
        commit_paths |= set(facts.files.values())
        box_paths |= {path for path, _ in facts.boxes.values()}
    return NeededCommits(frozenset(map(_file_name, commit_paths)), frozenset(map(_file_name, box_paths)))


def history_result(view: View, today: str, log: FileLog = NO_FILE_LOG, plan_path: str | None = None) -> HistoryResult:
    """Return the history of a workspace until the day `today`, or only of the plan at `plan_path`.

    `today` is an ISO date, such as `2026-11-29`. Later dates do not count. `log` has the commits that
    `needed_commits` asks for.
    """
    all_facts = list(_facts_of_plans(view, plan_path))
    times = _commit_times(log, all_facts)
    plan_histories, sources = [], set[TimeSource]()
    for facts in all_facts:
        verdicts_by_item = {name: timed_verdicts(item_log, today, times) for name, item_log in facts.logs.items()}
        items = [_item_history(facts, item, verdicts_by_item, times, today) for item in _counted_items(facts.state)]
        sources |= {change.time_source for history in items for change in history.changes}
        waiting = list(_waiting_steps(facts, verdicts_by_item, times, log, today))
        plan_histories.append(_plan_history(facts, items, verdicts_by_item, waiting, today))
    has_verdicts, has_commits = "verdict" in sources, "git" in sources
    undated_count = sum(history.undated for history in plan_histories)
    notes = [f"Times from git are unknown: {log.problem}."] if log.problem and undated_count else []
    if log.is_partial and undated_count:
        notes.append("Git has older commits, which are not read.")
    return HistoryResult(
        workspace=view.snapshot.root,
        source=("verdicts+git" if has_verdicts else "git") if has_commits else "verdicts",
        today=today,
        plans=plan_histories,
        notes=[visible_in_one_line(note) for note in notes],
    )


def _facts_of_plans(view: View, plan_path: str | None) -> Iterator[_PlanFacts]:
    """Yield the facts about the plan at `plan_path`. If `plan_path` is None, yield the facts about each plan."""
    for plan in view.plans:
        if plan_path not in (None, plan.path):
            continue
        state = view.state(plan.path)
        listed_plan = view.snapshot.plan_at(plan.path)
        if listed_plan is not None:
            logs = plan_work().review_logs(listed_plan, view.evaluations[plan.path])
            yield _PlanFacts(plan, state, logs, {}, {})
        else:
            yield _PlanFacts(plan, state, {}, *_boxes_and_files_of_items(view, state))


def _boxes_and_files_of_items(view: View, state: PlanState) -> tuple[dict[str, BoxKey], dict[str, str]]:
    """Return two mappings from the name of an item: to its box, and to its file.

    The existence of the file shows that the item is done. An item with a box has no file. Only items that the progress
    of the plan counts are in the mappings.
    """
    boxes: dict[str, BoxKey] = {}
    files: dict[str, str] = {}
    lines_by_path: dict[str, list[str]] = {}
    for item in _counted_items(state):
        for evidence in item.evidence:
            path = evidence.path
            if path not in view.snapshot.records:
                continue
            if path not in lines_by_path:
                lines_by_path[path] = view.text(path).splitlines()
            box = (
                box_in_line(lines_by_path[path][evidence.line - 1])
                if 1 <= evidence.line <= len(lines_by_path[path])
                else None
            )
            if box is not None:
                boxes[item_name(item)] = path, box.text
                break
            if evidence.line == 1:
                files[item_name(item)] = path
                break
    return boxes, files


def _counted_items(state: PlanState) -> list[AchievementState]:
    """Return the items that the progress of a plan counts."""
    if state.progress is None:
        return [item for item in state.achievements if item.state != "dropped"]
    counted_items: list[AchievementState] = []
    optional_names: set[str] = set()
    for item in state.achievements:
        if item.optional or item.parent in optional_names:
            optional_names.add(item.ref)
        elif item.leaf and not item.listed and item.state != "deferred":
            counted_items.append(item)
    return counted_items


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _commit_times(log: FileLog, all_facts: Iterable[_PlanFacts]) -> CommitTimes:
    """Return the times at which the commits in `log` added or changed files, and changed the boxes of the plans."""
    texts_by_path: dict[str, set[str]] = {}
    for facts in all_facts:
        for path, text in facts.boxes.values():
            texts_by_path.setdefault(path, set()).add(text)
    added_at, changed_at = commit_times_of_files(log.commits)
    return CommitTimes(added_at, changed_at, tick_changes(log.line_commits, texts_by_path))


def _item_history(
    facts: _PlanFacts,
    item: AchievementState,
    verdicts_by_item: Mapping[str, Sequence[TimedVerdict]],
    times: CommitTimes,
    today: str,
) -> ItemHistory:
    """Return the history of an item.

    In a PLAN, the verdicts decide. In other formats, the box or the file of the item decides.
    """
    name = item_name(item)
    if facts.state.progress is None:
        is_done = item.state == "approved"
        changes = approval_changes(item, facts.logs.get(item.id), verdicts_by_item.get(item.id, ()))
    else:
        is_done = item.state in TICKED_STATES
        changes = box_changes(times, facts.boxes.get(name), facts.files.get(name) if is_done else None, today)
    ends_in_current_state = is_done == (changes[-1].is_approved if changes else False)
    return ItemHistory(item, is_done, changes if ends_in_current_state else ())


def _plan_history(
    facts: _PlanFacts,
    items: Sequence[ItemHistory],
    verdicts_by_item: Mapping[str, Sequence[TimedVerdict]],
    waiting: Sequence[WaitingStep],
    today: str,
) -> PlanHistory:
    """Return the history of a plan. It consists of the histories of its items, its waiting steps, and notes.

    The notes are about times that are unknown, and dates that do not count.
    """
    state = facts.state
    approved_count, total, _ = progress_counts(state)
    points = _history_points(items, "approved" if state.progress is None else "done")
    wrongly_dated_verdicts = [
        timed_verdict.verdict
        for verdicts in verdicts_by_item.values()
        for timed_verdict in verdicts
        if _has_wrong_date(timed_verdict.verdict, today)
    ]
    undated_count = approved_count - (points[-1].approved if points else 0)
    notes = []
    if wrongly_dated_verdicts:
        notes.append(
            f"{counted_noun(len(wrongly_dated_verdicts), 'date')} in the future or unreadable: "
            f"{', '.join(sorted(verdict.path for verdict in wrongly_dated_verdicts)[:3])}{', …' if len(wrongly_dated_verdicts) > 3 else ''}."
        )
    if undated_count:
        notes.append(
            f"{undated_count} of {approved_count} {'approved' if state.progress is None else 'done'} at an unknown time."
        )
    if waiting and waiting[-1].step == "complete_plan" and points and not undated_count:
        time = points[-1].at
        waiting = [*waiting[:-1], msgspec.structs.replace(waiting[-1], since=time, days=_days_since(time, today))]
    return PlanHistory(
        plan=state.path,
        feature=state.feature,
        of=total,
        approved=approved_count,
        points=points,
        reviews=[
            _reviewed_item(history) for history in items if history.item.round or history.is_done or history.changes
        ],
        waiting=list(waiting),
        lifecycle=state.lifecycle,
        closed=state.next.step == "closed",
        format=state.format,
        undated=undated_count,
        left_out_dates=len(wrongly_dated_verdicts),
        notes=[visible_in_one_line(note) for note in notes],
    )


def _has_wrong_date(verdict: DatedVerdict, today: str) -> bool:
    """Tell whether the date of a verdict is unreadable or after `today`."""
    return verdict.has_unreadable_date or (bool(verdict.date) and not is_up_to_today(verdict.date, today))


def _history_points(items: Sequence[ItemHistory], done_word: str) -> list[HistoryPoint]:
    """Return a point for each change of an item, the oldest first.

    The event of a point is the name of the item, followed by `done_word` or by `reopened`.
    """
    events = sorted(
        (
            (time_sort_key(change.time), index, change)
            for index, history in enumerate(items)
            for change in history.changes
        ),
        key=lambda event: event[:2],
    )
    points, approved_count = [], 0
    for _, index, change in events:
        approved_count += 1 if change.is_approved else -1
        event_word = done_word if change.is_approved else "reopened"
        points.append(HistoryPoint(change.time, approved_count, f"{_item_label(items[index].item)} {event_word}"))
    return points


def _item_label(item: AchievementState) -> str:
    """Return the name of an item in an event: its id, else its title, else its ref."""
    return visible_in_one_line(shorten(item.id or item.title or item.ref, MAX_EVENT_CHARACTERS))


def _reviewed_item(history: ItemHistory) -> ReviewedItem:
    item = history.item
    last_change = history.changes[-1] if history.changes else None
    return ReviewedItem(
        achievement=item_name(item),
        title=item.title,
        rounds=item.round,
        approved_at=last_change.time if last_change and last_change.is_approved else "",
        approved=history.is_done,
        by=last_change.reviewer if last_change else "",
        time_from=last_change.time_source if last_change else "",
        reopened_at="" if last_change is None or last_change.is_approved else last_change.time,
    )


def _waiting_items(state: PlanState) -> Iterator[tuple[AchievementState, Step]]:
    """Yield pairs: an item that waits for a step, and this step.

    In an active plan, these are the next item, and all leaves whose work has begun. Items whose step is in
    `STEPS_WITHOUT_ROLE` are left out. Other plans have no pairs.
    """
    if state.lifecycle != "active" or state.next.step == "closed":
        return
    for item in state.achievements:
        step = state.next.step if is_next(state, item) else item.step
        is_open = item.state not in DONE_STATES and not item.listed
        if (
            is_open
            and step not in STEPS_WITHOUT_ROLE
            and (is_next(state, item) or (item.state in BEGUN_STATES and item.leaf))
        ):
            yield item, step


def _deciding_documents(state: PlanState, item: AchievementState) -> set[str]:
    """Return the paths of the documents that led to the step of an item.

    The document of the plan is left out, because it also changes for other reasons.
    """
    return {evidence.path for evidence in item.evidence} - {state.path, item.path}


def _waiting_steps(
    facts: _PlanFacts,
    verdicts_by_item: Mapping[str, Sequence[TimedVerdict]],
    times: CommitTimes,
    log: FileLog,
    today: str,
) -> Iterator[WaitingStep]:
    """Yield the steps of a plan that wait for their role.

    Steps about items come first. If the next step of the plan is about no item, it comes last.
    """
    state = facts.state
    is_next_about_item = False
    for item, step in _waiting_items(state):
        is_next_about_item = is_next_about_item or is_next(state, item)
        verdict_times = {
            timed_verdict.verdict.path: timed_verdict.time for timed_verdict in verdicts_by_item.get(item.id, ())
        }
        document_times = [
            verdict_times[path]
            if path in verdict_times
            else ""
            if path in log.uncommitted
            else times.changed_at.get(path, "")
            for path in _deciding_documents(state, item)
        ]
        is_known = bool(document_times) and all(is_up_to_today(time, today) for time in document_times)
        since = max(document_times, key=time_sort_key) if is_known else ""
        yield _waiting_step(state, item_name(item), item.title, step, since, today)
    is_open = state.lifecycle == "active" and state.next.step not in STEPS_WITHOUT_ROLE
    if is_open and not is_next_about_item:
        yield _waiting_step(state, "", state.title or state.feature, state.next.step, "", today)


def _waiting_step(state: PlanState, name: str, title: str, step: Step, since: str, today: str) -> WaitingStep:
    """Return a step that waits for its role since the time `since`, "" if unknown.

    `name` and `title` are those of the item. For a step about the whole plan, `name` is "".
    """
    label = task_in_words(step, state.format)
    return WaitingStep(name, title, step, label, STEP_ROLES[step].role, since, _days_since(since, today))


def _days_since(since: str, today: str) -> int | None:
    """Return the number of days from the date or time `since` to `today`; None if `since` is ""."""
    return days_between(since[:10], today) if since else None
