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
"""Minimum number of characters of a plan's one-word name by which a commit can name the plan."""
_REQUEST = re.compile(r"\s*\(#\d+\)$")
_NO_WORDS = re.compile(r"[\W_]+")


def evidence_of(
    plan_input: PlanInput, facts: PlanFacts, places: Mapping[str, str], history: History
) -> dict[int, tuple[Evidence, ...]]:
    """Return the traces of the work of each task, by its position.

    `places` maps each file to create to the path where it exists, "" if it does not exist.
    """
    work = {task_work.at: task_work for task_work in facts.work}
    messages = Counter(_normalized_subject(text) for task_work in facts.work for text in task_work.messages)
    result = {}
    for index, task in enumerate(facts.task_list.tasks):
        own = work.get(index)
        if own is None and not task.creates and task.kind != "task":
            continue
        unique_texts = [text for text in own.messages if messages[_normalized_subject(text)] == 1] if own else []
        here = (plan_input.site.path, task.line)
        parts = (
            *_evidence_in_short(
                [_of_file(plan_input, path, places[path]) for path in task.creates], "files to create exist", here
            ),
            *_evidence_in_short(
                [task_work for part in (own.ranges if own else ()) if (task_work := _of_range(plan_input, part))],
                "ranges fit",
                here,
            ),
            *(_of_commit(task_work, here) for task_work in _commits(plan_input, task, unique_texts, history)),
        )
        if parts:
            result[index] = parts
    return result


class _Sign(NamedTuple):
    """Evidence, and whether it supports that the task is done."""

    evidence: Evidence
    speaks_for: bool


def _evidence_in_short(signs: Sequence[_Sign], what: str, here: tuple[str, int]) -> Sequence[Evidence]:
    """Return the evidence.

    If there are more than `MAX_LISTED_FILES` signs, return only how many of them support the task.
    """
    if len(signs) <= MAX_LISTED_FILES:
        return [sign.evidence for sign in signs]
    return [Evidence(*here, f"{sum(sign.speaks_for for sign in signs)} of {len(signs)} {what}")]


def _of_file(plan_input: PlanInput, path: str, place: str) -> _Sign:
    if not place:
        return _Sign(Evidence(path, 1, "does not exist"), speaks_for=False)
    if existing_place(plan_input, path):
        return _Sign(Evidence(place, 1, "exists"), speaks_for=True)
    says = "is ignored by git, so it may exist" if place == path else f"has the name of {path}"
    return _Sign(Evidence(place, 1, says), speaks_for=True)


def _of_range(plan_input: PlanInput, part: FileRange) -> _Sign | None:
    """Return evidence about whether a file still has the lines that a task changes; None if this is unknown."""
    place = existing_place(plan_input, part.path)
    if not place:
        return _Sign(Evidence(part.path, 1, "does not exist"), speaks_for=False)
    length = plan_input.lines(place)
    if length is None:
        return None
    range_text = line_range(part.start, part.end)
    if part.end <= length:
        return _Sign(Evidence(place, part.start, f"still has {range_text}"), speaks_for=True)
    return _Sign(Evidence(place, max(length, 1), f"ends at line {length}, before {range_text}"), speaks_for=False)


def existing_place(plan_input: PlanInput, path: str) -> str:
    """Return the path where a file exists, below the project or the workspace; "" if it does not exist."""
    return next((place for place in places_of(plan_input.site.path, path) if plan_input.exists(place)), "")


def places_of(plan: str, path: str) -> tuple[str, ...]:
    """Return the possible paths of a file that a plan names: below the project folder, or below the workspace."""
    return tuple(dict.fromkeys((root_of(plan) + path, path)))


def _of_commit(commit: Commit, here: tuple[str, int]) -> Evidence:
    return Evidence(
        *here, f"{COMMIT_PREFIX}{commit.hash} of {commit.day}: {shorten(commit.subject, MAX_SUBJECT_CHARACTERS)}"
    )


class _Named(NamedTuple):
    """A commit, and the words of its subject."""

    commit: Commit
    words: str


class _Index(NamedTuple):
    """The commits, indexed by their plain subjects and by the ids of the tasks that they mention."""

    by_subject: Mapping[str, Sequence[Commit]]
    by_task: Mapping[str, Sequence[_Named]]


@functools.lru_cache(maxsize=2)
def _commits_by_subject(history: History) -> _Index:
    by_subject: dict[str, list[Commit]] = {}
    by_task: dict[str, list[_Named]] = {}
    for commit in history.commits:
        commits = by_subject.setdefault(_normalized_subject(commit.subject), [])
        if len(commits) < MAX_SAME_SUBJECT:
            commits.append(commit)
        for name in mentioned_tasks(commit.subject):
            nameds = by_task.setdefault(name, [])
            if len(nameds) < MAX_SAME_SUBJECT:
                nameds.append(_Named(commit, _words(commit.subject)))
    return _Index(by_subject, by_task)


def _normalized_subject(subject: str) -> str:
    return " ".join(_REQUEST.sub("", subject).casefold().split())


def _words(text: str) -> str:
    return f" {_NO_WORDS.sub(' ', text).strip().casefold()} "


def _commits(plan_input: PlanInput, task: Task, messages: Sequence[str], history: History) -> Sequence[Commit]:
    """Return the newest commits that have a message of the task, or that name the task.

    A number alone may name a task of any plan. So the commit must also name the plan, or the title of the task.
    """
    if not history.commits:
        return ()
    index, since = _commits_by_subject(history), day_of(plan_input.site.path)
    commits = [commit for text in messages for commit in index.by_subject.get(_normalized_subject(text), ())]
    nameds = index.by_task.get(task.id.upper(), ()) if task.kind == "task" and task.id else ()
    if nameds:
        names = list(_telling(stem_of(plan_input.site.path), task.title))
        commits += [other_named.commit for other_named in nameds if any(name in other_named.words for name in names)]
    newest = sorted(
        dict.fromkeys(other_named for other_named in commits if other_named.day >= since),
        key=lambda other_named: other_named.day,
        reverse=True,
    )
    return newest[:MAX_COMMITS]


def _telling(plan: str, title: str) -> Iterator[str]:
    name, words = _words(plan), _words(title)
    if len(name.strip()) >= MIN_NAME_LENGTH:
        yield name
    if " " in words.strip():
        yield words


def commits_in(item: AchievementState | None) -> list[str]:
    """Return the hashes of the commits in the evidence of an item."""
    other_evidence = item.evidence if item else ()
    return [
        evidence.says.removeprefix(COMMIT_PREFIX).partition(" ")[0]
        for evidence in other_evidence
        if evidence.says.startswith(COMMIT_PREFIX)
    ]
