"""The traces of the work on a task: files, ranges of lines, and commits.

Planmark shows these traces as evidence, but they decide no state.
"""

from __future__ import annotations

import functools
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
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import line_range
from planmark.text.shorten import shorten

MAX_LISTED_TRACES = 4
"""Maximum number of traces of one kind (files to create, or line ranges) that are listed per task. If there are more,
only their number is shown.
"""
MAX_COMMITS_PER_TASK = 3
"""Maximum number of commits per task. Older commits are ignored."""
MAX_INDEXED_COMMITS_PER_KEY = 20
"""Maximum number of commits per subject, and per task id, that are indexed. Older commits are ignored."""
MAX_SUBJECT_CHARACTERS = 60
"""Maximum number of characters of a commit's subject in the evidence. A longer subject is cut."""
COMMIT_PREFIX = "commit "
"""Text with which the evidence of a commit begins."""
MIN_PLAN_NAME_CHARACTERS = 5
"""Minimum number of characters of a plan's name that can identify the plan in the subject of a commit."""
_PULL_REQUEST_NUMBER = lazy_pattern(r"\s*\(#\d+\)$")
_NON_WORD_CHARACTERS = lazy_pattern(r"[\W_]+")


def work_evidence_by_task(
    plan_input: PlanInput, facts: PlanFacts, places: Mapping[str, str], history: History
) -> dict[int, tuple[Evidence, ...]]:
    """Return a mapping from the position of each task in the task list to the evidence of work on the task. `places`
    maps the path of each file to create, as the plan names it, to the path where the file exists. The value is "" if
    the file does not exist.
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
                [_file_trace(plan_input, path, places[path]) for path in task.creates],
                "files to create exist",
                task_place,
            ),
            *_shortened_evidence(
                [
                    trace
                    for file_range in (own_work.ranges if own_work else ())
                    if (trace := _range_trace(plan_input, file_range))
                ],
                "ranges fit",
                task_place,
            ),
            *(
                _commit_evidence(commit, task_place)
                for commit in _commits_of_task(plan_input, task, unique_messages, history)
            ),
        )
        if traces:
            result[index] = traces
    return result


class _Trace(NamedTuple):
    """A trace of the work on a task, as evidence.

    `supports_task` is True if the trace is a sign that the task is done.
    """

    evidence: Evidence
    supports_task: bool


def _shortened_evidence(traces: Sequence[_Trace], description: str, task_place: tuple[str, int]) -> Sequence[Evidence]:
    """Return the evidence of `traces`. If there are more than MAX_LISTED_TRACES traces, return one evidence that says
    how many traces support the task.

    `description` says in words what a trace shows if it supports the task. `task_place` is the path and the line of the
    task.
    """
    if len(traces) <= MAX_LISTED_TRACES:
        return [trace.evidence for trace in traces]
    return [Evidence(*task_place, f"{sum(trace.supports_task for trace in traces)} of {len(traces)} {description}")]


def _file_trace(plan_input: PlanInput, path: str, place: str) -> _Trace:
    """Return a trace that says whether a file to create exists.

    `path` is the path of the file in the plan. `place` is the path where the file exists, "" if it does not exist.
    """
    if not place:
        return _Trace(Evidence(path, 1, "does not exist"), supports_task=False)
    if first_existing_path(plan_input, path):
        return _Trace(Evidence(place, 1, "exists"), supports_task=True)
    statement = "is ignored by git, so it may exist" if place == path else f"has the name of {path}"
    return _Trace(Evidence(place, 1, statement), supports_task=True)


def _range_trace(plan_input: PlanInput, file_range: FileRange) -> _Trace | None:
    """Return a trace that says whether a file still has the lines that a task changes; None if this is unknown."""
    place = first_existing_path(plan_input, file_range.path)
    if not place:
        return _Trace(Evidence(file_range.path, 1, "does not exist"), supports_task=False)
    length = plan_input.line_count(place)
    if length is None:
        return None
    range_text = line_range(file_range.start, file_range.end)
    if file_range.end <= length:
        return _Trace(Evidence(place, file_range.start, f"still has {range_text}"), supports_task=True)
    return _Trace(Evidence(place, max(length, 1), f"ends at line {length}, before {range_text}"), supports_task=False)


def first_existing_path(plan_input: PlanInput, path: str) -> str:
    """Return the first of the possible paths of a file (see `possible_paths_of`) at which a file exists; "" if none exists."""
    return next((place for place in possible_paths_of(plan_input.site.path, path) if plan_input.exists(place)), "")


def possible_paths_of(plan: str, path: str) -> tuple[str, ...]:
    """Return the possible paths of a file that the plan at the path `plan` names.

    The file may be below the project folder of the plan, or below the workspace.
    """
    return tuple(dict.fromkeys((root_of(plan) + path, path)))


def _commit_evidence(commit: Commit, task_place: tuple[str, int]) -> Evidence:
    """Return the evidence that a commit belongs to a task. `task_place` is the path and the line of the task."""
    return Evidence(
        *task_place, f"{COMMIT_PREFIX}{commit.hash} of {commit.day}: {shorten(commit.subject, MAX_SUBJECT_CHARACTERS)}"
    )


class _TaskNamingCommit(NamedTuple):
    """A commit that names a task, and its subject in lower case without punctuation."""

    commit: Commit
    plain_subject: str


class _CommitIndex(NamedTuple):
    """The commits of a history in two mappings. In each value, the newest commit is first.

    `by_subject` is a mapping from a normalized subject to the commits with this subject. `by_task` is a mapping from
    the id of a task to the commits whose subjects name the task.
    """

    by_subject: Mapping[str, Sequence[Commit]]
    by_task: Mapping[str, Sequence[_TaskNamingCommit]]


@functools.lru_cache(maxsize=2)
def _commit_index(history: History) -> _CommitIndex:
    """Return the index of the commits of a history."""
    by_subject: dict[str, list[Commit]] = {}
    by_task: dict[str, list[_TaskNamingCommit]] = {}
    for commit in history.commits:
        commits = by_subject.setdefault(_normalized_subject(commit.subject), [])
        if len(commits) < MAX_INDEXED_COMMITS_PER_KEY:
            commits.append(commit)
        for name in mentioned_tasks(commit.subject):
            named_commits = by_task.setdefault(name, [])
            if len(named_commits) < MAX_INDEXED_COMMITS_PER_KEY:
                named_commits.append(_TaskNamingCommit(commit, _text_for_word_search(commit.subject)))
    return _CommitIndex(by_subject, by_task)


def _normalized_subject(subject: str) -> str:
    """Return the subject of a commit in lower case, with single blanks, and without the number of a pull request.

    Two subjects count as the same if this form is equal. The number of a pull request is a text such as `(#12)`.
    """
    return " ".join(_PULL_REQUEST_NUMBER.sub("", subject).casefold().split())


def _text_for_word_search(text: str) -> str:
    """Return a text in lower case, without punctuation, and with a blank at both ends.

    The blanks make it possible to search the text for whole words.
    """
    return f" {_NON_WORD_CHARACTERS.sub(' ', text).strip().casefold()} "


def _commits_of_task(plan_input: PlanInput, task: Task, messages: Sequence[str], history: History) -> Sequence[Commit]:
    """Return at most MAX_COMMITS_PER_TASK commits that belong to a task, the newest first.

    A commit belongs to the task if its subject is one of `messages`, or if its subject names the id of the task. Tasks
    of different plans may have the same id, so such a subject must also contain the plan's name or the task's title.
    Commits from before the day of the plan are ignored.
    """
    if not history.commits:
        return ()
    index, since = _commit_index(history), day_of(plan_input.site.path)
    commits = [commit for message in messages for commit in index.by_subject.get(_normalized_subject(message), ())]
    named_commits = index.by_task.get(task.id.upper(), ()) if task.kind == "task" and task.id else ()
    if named_commits:
        names = list(_identifying_texts(stem_of(plan_input.site.path), task.title))
        commits += [
            named_commit.commit
            for named_commit in named_commits
            if any(name in named_commit.plain_subject for name in names)
        ]
    newest = sorted(
        dict.fromkeys(commit for commit in commits if commit.day >= since),
        key=lambda commit: commit.day,
        reverse=True,
    )
    return newest[:MAX_COMMITS_PER_TASK]


def _identifying_texts(plan_name: str, title: str) -> Iterator[str]:
    """Yield the name of a plan and the title of a task, as `_text_for_word_search` returns them.

    A commit whose subject contains one of these texts belongs to the plan. A short name, and a title with one word, are
    omitted.
    """
    plain_name, plain_title = _text_for_word_search(plan_name), _text_for_word_search(title)
    if len(plain_name.strip()) >= MIN_PLAN_NAME_CHARACTERS:
        yield plain_name
    if " " in plain_title.strip():
        yield plain_title


def commit_hashes_in(item: AchievementState | None) -> list[str]:
    """Return the hashes of the commits in the evidence of `item`; an empty list if `item` is None."""
    item_evidence = item.evidence if item else ()
    return [
        evidence.says.removeprefix(COMMIT_PREFIX).partition(" ")[0]
        for evidence in item_evidence
        if evidence.says.startswith(COMMIT_PREFIX)
    ]
