"""The times from which achievements were approved, or no longer approved, by the dates of verdicts or by commits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from planmark.plans.model import AchievementState
from planmark.plans.review_log import DatedVerdict, ReviewLog
from planmark.queries.box_history import BoxKey, TickChange
from planmark.storage.git_history import FileCommit
from planmark.storage.timestamps import iso_seconds

TimeSource = Literal["verdict", "git", ""]
"""The source of a time: a date in a verdict, or a commit; "" for an unknown time."""
MAX_REPLAYED_TIMES = 60
"""Maximum number of times at which the verdicts of one achievement are evaluated. If its verdicts have more times, only
the current approval counts as a change.
"""


class ApprovalChange(NamedTuple):
    """A change of the approval of an achievement.

    From `time` on, the achievement was approved if `is_approved`, else no longer approved. `reviewer` is "" if unknown.
    """

    time: str
    is_approved: bool
    reviewer: str
    time_source: TimeSource


class ItemHistory(NamedTuple):
    """An item with the changes of its approval, the oldest first.

    `is_done` tells whether the item is done now. `changes` is empty if the last change contradicts `is_done`.
    """

    item: AchievementState
    is_done: bool
    changes: tuple[ApprovalChange, ...] = ()


class TimedVerdict(NamedTuple):
    """A verdict, its time ("" if unknown), and the source of the time."""

    verdict: DatedVerdict
    time: str
    time_source: TimeSource


class CommitTimes(NamedTuple):
    """The times of commits.

    `added_at` maps the path of a file to the time of the commit that added the file. `changed_at` maps the path to the
    time of the last commit that changed the file. `ticks` maps a box to its changes, the oldest first.
    """

    added_at: Mapping[str, str]
    changed_at: Mapping[str, str]
    ticks: Mapping[BoxKey, Sequence[TickChange]]


def is_up_to_today(time: str, today: str) -> bool:
    """Tell whether a time is known and its day is at most `today`.

    `time` is an ISO date or time, "" if unknown. `today` is an ISO date. Time zones are not converted.
    """
    return bool(time) and time[:10] <= today


def commit_times_of_files(commits: Iterable[FileCommit]) -> tuple[dict[str, str], dict[str, str]]:
    """Return two mappings from the current path of a file to a time.

    The first mapping has the time of the commit that added the file. The second mapping has the time of the last commit
    that changed the file. `commits` are sorted, the newest first.
    """
    current_path_by_old_path: dict[str, str] = {}
    # A file was added, renamed or deleted at each of these paths, so older commits there are about an earlier file.
    complete_paths: set[str] = set()
    added_at: dict[str, str] = {}
    changed_at: dict[str, str] = {}
    for commit in commits:
        path = current_path_by_old_path.get(commit.path, commit.path)
        if commit.path in complete_paths and commit.path not in current_path_by_old_path:
            continue
        if commit.kind == "deleted":
            complete_paths.add(commit.path)
            continue
        if commit.kind != "renamed":
            changed_at.setdefault(path, commit.author_time)
        if commit.kind == "added":
            added_at.setdefault(path, commit.author_time)
            current_path_by_old_path.pop(commit.path, None)
            complete_paths.add(commit.path)
        elif commit.old_path != commit.path:
            current_path_by_old_path.pop(commit.path, None)
            current_path_by_old_path[commit.old_path] = path
            complete_paths.add(commit.path)
    return added_at, changed_at


def timed_verdicts(log: ReviewLog, today: str, times: CommitTimes) -> list[TimedVerdict]:
    """Return the verdicts of an achievement with their times.

    The time of a verdict is its written date, else the time of the commit that added its file. A time after `today`
    counts as unknown.
    """
    result = []
    for verdict in log.verdicts:
        commit_at = times.added_at.get(verdict.path, "")
        if is_up_to_today(verdict.date, today):
            result.append(TimedVerdict(verdict, verdict.date, "verdict"))
        elif is_up_to_today(commit_at, today):
            result.append(TimedVerdict(verdict, commit_at, "git"))
        else:
            result.append(TimedVerdict(verdict, "", ""))
    return result


def approval_changes(
    item: AchievementState, log: ReviewLog | None, verdicts: Sequence[TimedVerdict]
) -> tuple[ApprovalChange, ...]:
    """Return the times at which verdicts approved an achievement, and at which a FIX ended the approval.

    If the time of a verdict is unknown, the result has only the current approval, because earlier changes are not
    certain.
    """
    effective_verdicts = [
        timed_verdict
        for timed_verdict in verdicts
        if timed_verdict.verdict.is_effective and timed_verdict.verdict.kind != "resolution"
    ]
    if log is None or not effective_verdicts:
        return ()
    groups = _grouped_by_time([timed_verdict for timed_verdict in effective_verdicts if timed_verdict.time])
    if len(groups) > MAX_REPLAYED_TIMES or not all(timed_verdict.time for timed_verdict in effective_verdicts):
        deciding_verdicts = [
            timed_verdict
            for timed_verdict in effective_verdicts
            if timed_verdict.verdict.path == item.verdict and timed_verdict.verdict.kind == "approved"
        ]
        return tuple(
            ApprovalChange(timed_verdict.time, True, timed_verdict.verdict.reviewer, timed_verdict.time_source)
            for timed_verdict in deciding_verdicts
            if timed_verdict.time
        )
    changes: list[ApprovalChange] = []
    earlier_paths: set[str] = set()
    was_approved = False
    for at, group in groups:
        earlier_paths |= {timed_verdict.verdict.path for timed_verdict in group}
        is_approved = log.is_approved_by(earlier_paths)
        if is_approved != was_approved:
            kind = "approved" if is_approved else "fix"
            latest_verdict = max(
                (timed_verdict for timed_verdict in group if timed_verdict.verdict.kind == kind),
                key=lambda timed_verdict: timed_verdict.verdict.round,
                default=None,
            )
            deciding_verdict = latest_verdict or group[-1]
            changes.append(
                ApprovalChange(at, is_approved, deciding_verdict.verdict.reviewer, deciding_verdict.time_source)
            )
        was_approved = is_approved
    return tuple(changes)


def _grouped_by_time(verdicts: Sequence[TimedVerdict]) -> list[tuple[str, list[TimedVerdict]]]:
    """Return pairs, the oldest first: a time, and all verdicts of this time.

    If at least one verdict of a day states only the day, all verdicts of that day form one pair, with the day as time.
    """
    groups: list[tuple[str, list[TimedVerdict]]] = []
    verdicts_by_day = sorted(verdicts, key=lambda timed_verdict: timed_verdict.time[:10])
    for day, day_group in itertools.groupby(verdicts_by_day, key=lambda timed_verdict: timed_verdict.time[:10]):
        day_verdicts = list(day_group)
        if not all("T" in timed_verdict.time for timed_verdict in day_verdicts):
            groups.append((day, day_verdicts))
            continue
        ordered_verdicts = sorted(
            day_verdicts, key=lambda timed_verdict: (iso_seconds(timed_verdict.time), timed_verdict.verdict.path)
        )
        for _, time_group in itertools.groupby(
            ordered_verdicts, key=lambda timed_verdict: iso_seconds(timed_verdict.time)
        ):
            simultaneous_verdicts = list(time_group)
            groups.append((simultaneous_verdicts[0].time, simultaneous_verdicts))
    return groups


def box_changes(times: CommitTimes, box: BoxKey | None, file: str | None, today: str) -> tuple[ApprovalChange, ...]:
    """Return the times at which commits ticked or cleared the box of an item, or at which a commit added `file`.

    `box` is the box of the item, None for an item without a box. `file` is the path of the file whose existence shows
    that the item is done, None for an item with a box.
    """
    ticks = times.ticks.get(box, ()) if box else ()
    if file is not None and file in times.added_at:
        ticks = (TickChange(times.added_at[file], True),)
    # Changes before a change without a usable time are left out, because their order is not certain.
    unknown_positions = [index for index, tick in enumerate(ticks) if not is_up_to_today(tick.time, today)]
    ticks = tuple(
        itertools.dropwhile(
            lambda tick: not tick.is_ticked, ticks[unknown_positions[-1] + 1 :] if unknown_positions else ticks
        )
    )
    sort_keys = [time_sort_key(tick.time) for tick in ticks]
    if sort_keys != sorted(sort_keys):
        # Clocks differ, so the times of the commits are not in the order of the commits. Only the last tick is certain.
        ticks = ticks[-1:] if ticks and ticks[-1].is_ticked else ()
    return tuple(ApprovalChange(tick.time, tick.is_ticked, "", "git") for tick in ticks)


def time_sort_key(time: str) -> tuple[str, float]:
    """Return the sort key of a date or time. The key sorts by the written day, then by the instant.

    A date without a time of day comes before all times of its day.
    """
    return time[:10], iso_seconds(time) if "T" in time else float("-inf")
