"""The times from which achievements were approved, or no longer approved, by the dates of verdicts or by commits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from planmark.plans.model import AchievementState
from planmark.plans.review_log import DatedVerdict, ReviewLog
from planmark.queries.box_history import BoxKey, TickChange
from planmark.storage.git_history import FileCommit
from planmark.storage.timestamps import instant

TimeSource = Literal["verdict", "git", ""]
MAX_REPLAYED_TIMES = 60
"""Maximum number of times at which the verdicts of one achievement are evaluated.

For an achievement with verdicts at more times, the current approval is the only change.
"""


class ApprovalChange(NamedTuple):
    """The time from which an achievement was approved, or no longer approved, and the reviewer."""

    time: str
    is_approved: bool
    reviewer: str
    time_source: TimeSource


class ItemHistory(NamedTuple):
    """The changes of one item, the oldest first. They are empty if the last change does not lead to the current state."""

    item: AchievementState
    is_done: bool
    changes: tuple[ApprovalChange, ...] = ()


class TimedVerdict(NamedTuple):
    verdict: DatedVerdict
    time: str
    time_source: TimeSource


class CommitTimes(NamedTuple):
    """The times of commits.

    `added_at` and `changed_at` map a path to the time of the commit that added the file, and of the last commit that changed
    it. `ticks` maps a box to its changes.
    """

    added_at: Mapping[str, str]
    changed_at: Mapping[str, str]
    ticks: Mapping[BoxKey, Sequence[TickChange]]


def is_past(time: str, today: str) -> bool:
    """Tell whether a time is known and its day, as written, is not after `today`."""
    return bool(time) and time[:10] <= today


def commit_times_of_files(commits: Iterable[FileCommit]) -> tuple[dict[str, str], dict[str, str]]:
    """Return two maps from the current path of a file to a time: when a commit added it, and when one last changed it.

    `commits` are the newest first.
    """
    current_paths: dict[str, str] = {}
    finished_paths: set[str] = set()
    added_at: dict[str, str] = {}
    changed_at: dict[str, str] = {}
    for commit in commits:
        path = current_paths.get(commit.path, commit.path)
        if commit.path in finished_paths and commit.path not in current_paths:
            continue
        if commit.kind == "deleted":
            finished_paths.add(commit.path)
            continue
        if commit.kind != "renamed":
            changed_at.setdefault(path, commit.author_time)
        if commit.kind == "added":
            added_at.setdefault(path, commit.author_time)
            current_paths.pop(commit.path, None)
            finished_paths.add(commit.path)
        elif commit.old_path != commit.path:
            current_paths.pop(commit.path, None)
            current_paths[commit.old_path] = path
            finished_paths.add(commit.path)
    return added_at, changed_at


def timed_verdicts(log: ReviewLog, today: str, times: CommitTimes) -> list[TimedVerdict]:
    """Return the verdicts of an achievement with their times: the written date, else the time of the first commit."""
    result = []
    for verdict in log.verdicts:
        commit_at = times.added_at.get(verdict.path, "")
        if is_past(verdict.date, today):
            result.append(TimedVerdict(verdict, verdict.date, "verdict"))
        elif is_past(commit_at, today):
            result.append(TimedVerdict(verdict, commit_at, "git"))
        else:
            result.append(TimedVerdict(verdict, "", ""))
    return result


def approval_changes(
    item: AchievementState, log: ReviewLog | None, verdicts: Sequence[TimedVerdict]
) -> tuple[ApprovalChange, ...]:
    """Return when the verdicts of an achievement approved it, and when a FIX reopened it.

    If the time of a verdict is missing, the current approval is the only certain change.
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
    paths: set[str] = set()
    was_approved = False
    for at, group in groups:
        paths |= {timed_verdict.verdict.path for timed_verdict in group}
        is_approved = log.is_approved_by(paths)
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
    """Return the times of verdicts, the oldest first, each with all verdicts of this time.

    If a verdict of a day states only the day, all verdicts of the day have this day as their time.
    """
    groups: list[tuple[str, list[TimedVerdict]]] = []
    by_day = sorted(verdicts, key=lambda timed_verdict: timed_verdict.time[:10])
    for day, day_group in itertools.groupby(by_day, key=lambda timed_verdict: timed_verdict.time[:10]):
        day_verdicts = list(day_group)
        if not all("T" in timed_verdict.time for timed_verdict in day_verdicts):
            groups.append((day, day_verdicts))
            continue
        ordered_verdicts = sorted(
            day_verdicts, key=lambda timed_verdict: (instant(timed_verdict.time), timed_verdict.verdict.path)
        )
        for _, time_group in itertools.groupby(ordered_verdicts, key=lambda timed_verdict: instant(timed_verdict.time)):
            simultaneous_verdicts = list(time_group)
            groups.append((simultaneous_verdicts[0].time, simultaneous_verdicts))
    return groups


def tick_times(times: CommitTimes, box: BoxKey | None, file: str | None, today: str) -> tuple[ApprovalChange, ...]:
    """Return when commits ticked and cleared a box, or when a commit added the file that shows an item done."""
    ticks = times.ticks.get(box, ()) if box else ()
    if file is not None and file in times.added_at:
        ticks = (TickChange(times.added_at[file], True),)
    # The changes before a change at an unknown time are not certain.
    unknown_positions = [index for index, tick in enumerate(ticks) if not is_past(tick.time, today)]
    ticks = tuple(
        itertools.dropwhile(
            lambda tick: not tick.is_ticked, ticks[unknown_positions[-1] + 1 :] if unknown_positions else ticks
        )
    )
    sort_keys = [time_sort_key(tick.time) for tick in ticks]
    if sort_keys != sorted(sort_keys):
        # Clocks of authors differ: only the last change is certain.
        ticks = ticks[-1:] if ticks and ticks[-1].is_ticked else ()
    return tuple(ApprovalChange(tick.time, tick.is_ticked, "", "git") for tick in ticks)


def time_sort_key(time: str) -> tuple[str, float]:
    """Return the sort key of a time: by the day as written, then a day without a time, then by the instant."""
    return time[:10], instant(time) if "T" in time else float("-inf")
