"""Traces of a task's work: files, ranges of lines, commits.

Planmark shows them as evidence, but they decide no state.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from planmark.formats.checkbox.tasks import Task
from planmark.formats.superpowers.grammar import FileRange, mentioned_tasks
from planmark.formats.superpowers.layout import day_of, root_of, stem_of
from planmark.formats.superpowers.reading import PlanFacts
from planmark.plans.format import PlanInput
from planmark.plans.history import Commit, History
from planmark.plans.model import AchievementState, Evidence
from planmark.text.pluralize import line_range
from planmark.text.shorten import shorten

MAX_LISTED_FILES = 4
"""Maximum number of files, and of ranges, per task that are listed; for more, only their number is shown."""
MAX_COMMITS = 3
"""Maximum number of commits per task, newest first; more are ignored."""
MAX_SAME_SUBJECT = 20
"""Maximum number of commits per subject, and per task id, that are indexed, newest first; more are ignored."""
MAX_SUBJECT_CHARACTERS = 60
"""Maximum number of characters of a commit's subject in the evidence; more are cut off."""
COMMIT_PREFIX = "commit "
"""Text with which the evidence of a commit begins."""
MIN_NAME_LENGTH = 5
"""Minimum number of characters of a plan's name that can identify the plan in the subject of a commit."""
_PULL_REQUEST_NUMBER = re.compile(r"\s*\(#\d+\)$")
_NON_WORD_CHARACTERS = re.compile(r"[\W_]+")


def evidence_of(
    plan_input: PlanInput, facts: PlanFacts, places: Mapping[str, str], history: History
) -> dict[int, tuple[Evidence, ...]]:
    """Return the traces of the work of each task, by its position.

    `places` maps each file to create to the path where it exists, "" if it does not exist.
    """
    work_by_task = {task_work.at: task_work for task_work in facts.work}
    message_counts = Counter(_normalized_subject(message) for task_work in facts.work for message in task_work.messages)
    result = {}
    for index, task in enumerate(facts.task_list.tasks):
        own_work = work_by_task.get(index)
        if own_work is None and not task.creates and task.kind != "task":
            continue
        unique_messages = (
            [message for message in own_work.messages if message_counts[_normalized_subject(message)] == 1]
            if own_work
            else []
        )
        task_place = (plan_input.site.path, task.line)
        traces = (
            *_shortened_evidence(
                [_file_sign(plan_input, path, places[path]) for path in task.creates],
                "files to create exist",
                task_place,
            ),
            *_shortened_evidence(
                [
                    sign
                    for file_range in (own_work.ranges if own_work else ())
                    if (sign := _range_sign(plan_input, file_range))
                ],
                "ranges fit",
                task_place,
            ),
            *(_commit_evidence(commit, task_place) for commit in _commits(plan_input, task, unique_messages, history)),
        )
        if traces:
            result[index] = traces
    return result


class _Sign(NamedTuple):
    """Evidence, and whether it supports that the task is done."""

    evidence: Evidence
    supports: bool


def _shortened_evidence(signs: Sequence[_Sign], description: str, task_place: tuple[str, int]) -> Sequence[Evidence]:
    """Return the evidence.

    If there are more than `MAX_LISTED_FILES` signs, return only how many of them support the task.
    """
    if len(signs) <= MAX_LISTED_FILES:
        return [sign.evidence for sign in signs]
    return [Evidence(*task_place, f"{sum(sign.supports for sign in signs)} of {len(signs)} {description}")]


def _file_sign(plan_input: PlanInput, path: str, place: str) -> _Sign:
    if not place:
        return _Sign(Evidence(path, 1, "does not exist"), supports=False)
    if existing_place(plan_input, path):
        return _Sign(Evidence(place, 1, "exists"), supports=True)
    statement = "is ignored by git, so it may exist" if place == path else f"has the name of {path}"
    return _Sign(Evidence(place, 1, statement), supports=True)


def _range_sign(plan_input: PlanInput, file_range: FileRange) -> _Sign | None:
    """Return evidence about whether a file still has the lines that a task changes; None if this is unknown."""
    place = existing_place(plan_input, file_range.path)
    if not place:
        return _Sign(Evidence(file_range.path, 1, "does not exist"), supports=False)
    length = plan_input.line_count(place)
    if length is None:
        return None
    range_text = line_range(file_range.start, file_range.end)
    if file_range.end <= length:
        return _Sign(Evidence(place, file_range.start, f"still has {range_text}"), supports=True)
    return _Sign(Evidence(place, max(length, 1), f"ends at line {length}, before {range_text}"), supports=False)


def existing_place(plan_input: PlanInput, path: str) -> str:
    """Return the path where a file exists, below the project or the workspace; "" if it does not exist."""
    return next((place for place in places_of(plan_input.site.path, path) if plan_input.exists(place)), "")


def places_of(plan: str, path: str) -> tuple[str, ...]:
    """Return the possible paths of a file that a plan names: below the project folder, or below the workspace."""
    return tuple(dict.fromkeys((root_of(plan) + path, path)))


def _commit_evidence(commit: Commit, task_place: tuple[str, int]) -> Evidence:
    return Evidence(
        *task_place, f"{COMMIT_PREFIX}{commit.hash} of {commit.day}: {shorten(commit.subject, MAX_SUBJECT_CHARACTERS)}"
    )


class _NamedCommit(NamedTuple):
    """A commit, and its subject in lower case without punctuation."""

    commit: Commit
    plain_subject: str


class _CommitIndex(NamedTuple):
    """The commits, indexed by their plain subjects and by the ids of the tasks that they mention."""

    by_subject: Mapping[str, Sequence[Commit]]
    by_task: Mapping[str, Sequence[_NamedCommit]]


@functools.lru_cache(maxsize=2)
def _commit_index(history: History) -> _CommitIndex:
    by_subject: dict[str, list[Commit]] = {}
    by_task: dict[str, list[_NamedCommit]] = {}
    for commit in history.commits:
        commits = by_subject.setdefault(_normalized_subject(commit.subject), [])
        if len(commits) < MAX_SAME_SUBJECT:
            commits.append(commit)
        for name in mentioned_tasks(commit.subject):
            named_commits = by_task.setdefault(name, [])
            if len(named_commits) < MAX_SAME_SUBJECT:
                named_commits.append(_NamedCommit(commit, _plain_text(commit.subject)))
    return _CommitIndex(by_subject, by_task)


def _normalized_subject(subject: str) -> str:
    return " ".join(_PULL_REQUEST_NUMBER.sub("", subject).casefold().split())


def _plain_text(text: str) -> str:
    return f" {_NON_WORD_CHARACTERS.sub(' ', text).strip().casefold()} "


def _commits(plan_input: PlanInput, task: Task, messages: Sequence[str], history: History) -> Sequence[Commit]:
    """Return the newest commits that have a message of the task, or that name the task.

    A task number alone may belong to any plan. So the commit must also contain the name of the plan or the task title.
    """
    if not history.commits:
        return ()
    index, since = _commit_index(history), day_of(plan_input.site.path)
    commits = [commit for message in messages for commit in index.by_subject.get(_normalized_subject(message), ())]
    named_commits = index.by_task.get(task.id.upper(), ()) if task.kind == "task" and task.id else ()
    if named_commits:
        names = list(_identifying_texts(stem_of(plan_input.site.path), task.title))
        commits += [named.commit for named in named_commits if any(name in named.plain_subject for name in names)]
    newest = sorted(
        dict.fromkeys(commit for commit in commits if commit.day >= since),
        key=lambda commit: commit.day,
        reverse=True,
    )
    return newest[:MAX_COMMITS]


def _identifying_texts(plan_name: str, title: str) -> Iterator[str]:
    plain_name, plain_title = _plain_text(plan_name), _plain_text(title)
    if len(plain_name.strip()) >= MIN_NAME_LENGTH:
        yield plain_name
    if " " in plain_title.strip():
        yield plain_title


def commit_hashes_in(item: AchievementState | None) -> list[str]:
    """Return the hashes of the commits in the evidence of an item."""
    item_evidence = item.evidence if item else ()
    return [
        evidence.says.removeprefix(COMMIT_PREFIX).partition(" ")[0]
        for evidence in item_evidence
        if evidence.says.startswith(COMMIT_PREFIX)
    ]
