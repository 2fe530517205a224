"""The diagnostics of a change of OpenSpec."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES
from planmark.formats.checkbox.lines import heading_of, indent_of
from planmark.formats.checkbox.rules import (
    Rule,
    RuleInput,
    duplicate_ids,
    merge_conflicts,
    missing_deliverables,
    parents_ticked_early,
    tasks_missing,
    ticked_though_not_done,
    unknown_markers,
)
from planmark.formats.openspec.evaluate import all_missing_paths, tasks_of
from planmark.formats.openspec.layout import TASKS_FILE_NAME
from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import PlanInput, PlanSite
from planmark.plans.model import PlanState
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun

_TASKS_FILE_LOOKALIKE = lazy_pattern(r"(?:tasks?|todos?|task[-_]?list)\.md", re.IGNORECASE)
"""Pattern for names of files that probably should be `tasks.md`."""
_AFTER_ARCHIVE_WORDS = lazy_pattern(
    r"openspec archive\b|/?opsx:archive\b|\barchive (?:this|the) (?:openspec )?(?:change|proposal)\b|"
    r"\b(?:post-archive|after (?:the )?archiv(?:e|ing))\b|归档(?:本|此|该)?(?:提案|变更)",
    re.IGNORECASE,
)
"""Pattern for words that say that a task is done during or after the archive."""
_NUMBERED_GROUP = lazy_pattern(r"(\d+)\.(?=\s|$)")
"""Pattern for the number of a group at the beginning of its heading."""
_TASK_NUMBER = lazy_pattern(r"(\d+)(?:\.\d+)+[A-Za-z]?")
"""Pattern for the number of a task. Its regular expression group is the part before the first dot: `1` of `1.2`."""
_BOX_BEFORE_1_13 = lazy_pattern(r"\s*[-*]\s*\[([\sxX])\]")
"""Pattern for a box that OpenSpec 1.8 to 1.12 reads. These versions read neither ordered lists nor other marks in a
box.
"""
_BOX_BEFORE_1_8 = lazy_pattern(r"[-*]\s+\[[\sxX]\]")
"""Pattern for a box that OpenSpec before 1.8 reads: it is not indented."""


def check(plan_input: PlanInput, state: PlanState) -> Iterator[Diagnostic]:
    """Yield the diagnostics of a change."""
    yield from _check_documents(plan_input)
    tasks = tasks_of(plan_input)
    is_active = plan_input.site.lifecycle != "archived"
    if tasks is None:
        missing_file = "`tasks.md` does not exist: write it with `openspec instructions tasks`"
        message = missing_file if is_active else "This change was archived without a `tasks.md`"
        if is_active and is_folder_of_changes(plan_input.site):
            return
        yield from tasks_missing(plan_input, message, "information" if is_active else "hint")
        return
    rule_input = RuleInput(plan_input, tasks.task_list)
    missing_paths = all_missing_paths(plan_input, tasks.task_list)
    rules: tuple[Rule, ...] = (
        merge_conflicts,
        _check_ids,
        unknown_markers((" ", "x", "X"), "is “not done” for OpenSpec: write `[ ]` and what is left, or `[x]`"),
        parents_ticked_early,
        ticked_though_not_done("task-says-deferred"),
        missing_deliverables(missing_paths, "warning" if is_active else "hint"),
    )
    for rule in rules:
        yield from rule(rule_input)
    yield from (_check_active_change(rule_input, state) if is_active else _check_archived_change(rule_input))


def _check_active_change(rule_input: RuleInput, state: PlanState) -> Iterator[Diagnostic]:
    """Yield the diagnostics that only an active change has."""
    rules: tuple[Rule, ...] = (
        _check_tasks_exist,
        _check_misread_lines,
        _check_counts_of_old_versions,
        _check_group_numbers,
        _check_tasks_after_archive,
    )
    for rule in rules:
        yield from rule(rule_input)
    if state.next.step == "verify_and_archive":
        done_count = sum(
            1 for evaluation in rule_input.evaluated if evaluation.is_counted and evaluation.state in TICKED_STATES
        )
        deferred_count = state.counts.get("deferred", 0)
        deferred_text = f" ({deferred_count} deferred)" if deferred_count else ""
        done_text = f"All {done_count} tasks are done" if done_count != 1 else "The only task is done"
        message = f"{done_text}{deferred_text}: verify the change, then run `openspec archive {state.feature}`"
        yield rule_input.diagnostic(1, "hint", "change-ready-to-archive", message)


def _check_ids(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each repeated id.

    Two groups may use the same id if it has no dot: both may have a task 1.
    """
    seen_ids: set[tuple[str, int]] = set()
    restarted_lines: set[int] = set()
    for task in rule_input.tasks:
        if task.id.isdigit() and (task.id, task.group) not in seen_ids:
            restarted_lines.add(task.line)
        seen_ids.add((task.id, task.group))
    yield from (diagnostic for diagnostic in duplicate_ids(rule_input) if diagnostic.line not in restarted_lines)


def _check_archived_change(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if an archived change has open tasks."""
    evaluated = rule_input.evaluated
    open_indexes = [
        index
        for index, evaluation in enumerate(evaluated)
        if evaluation.is_leaf and evaluation.state not in SETTLED_STATES
    ]
    if open_indexes:
        first_task = rule_input.tasks[open_indexes[0]]
        count_text = counted_noun(len(open_indexes), "open task")
        message = f"Archived with {count_text}, first: {rule_input.name(open_indexes[0])} (line {first_task.line})"
        yield rule_input.diagnostic(first_task.line, "information", "change-archived-open", message)


def _check_tasks_exist(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic if the tasks file has no task."""
    if not rule_input.tasks:
        message = "`tasks.md` has no checkbox, so OpenSpec shows “No tasks”: write each task as `- [ ] 1.1 …`"
        yield rule_input.diagnostic(1, "warning", "checkbox-missing", message)


def _check_misread_lines(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each list item that looks like a task, but has no box.

    Also yield a diagnostic for each box in a code block or a comment.
    """
    for line in rule_input.task_list.hidden_lines:
        message = "This box is in a code block or comment: OpenSpec counts it, but it is not a task"
        yield rule_input.diagnostic(line, "hint", "checkbox-missing", message)
    if not rule_input.tasks:
        return
    headings = [number for number, text in enumerate(rule_input.lines, 1) if heading_of(text)]
    used_prefixes = {(bisect(headings, task.line), task.id.rpartition(".")[0]) for task in rule_input.tasks}
    for line, column, number in rule_input.task_list.unboxed:
        heading_count, prefix = bisect(headings, line), number.rpartition(".")[0]
        heading = heading_of(rule_input.lines[headings[heading_count - 1] - 1]) if heading_count else None
        numbered_match = _NUMBERED_GROUP.match(heading.title) if heading else None
        if (
            number[:1].isdigit()
            and (heading_count, prefix) not in used_prefixes
            and not (numbered_match and numbered_match[1] == prefix)
        ):
            continue
        message = f"{number} reads like a task, but has no checkbox, so OpenSpec does not count it"
        fix = TextFix("Insert a checkbox", line, column, column, "[ ] ")
        yield rule_input.diagnostic(line, "warning", "checkbox-missing", message, fix)


def _check_counts_of_old_versions(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield at most two diagnostics about tasks that OpenSpec before 1.8, or before 1.13, does not count.

    Each diagnostic is at the first of these tasks.
    """
    indented_lines: list[int] = []
    other_lines: list[int] = []
    for task in rule_input.tasks:
        line = rule_input.lines[task.line - 1]
        if not _BOX_BEFORE_1_13.match(line):
            other_lines.append(task.line)
        elif indent_of(line) or not _BOX_BEFORE_1_8.match(line):
            indented_lines.append(task.line)
    for lines, version, kind_of_lines in (
        (indented_lines, "1.8", "indented boxes"),
        (other_lines, "1.13", "other marks and ordered lists"),
    ):
        if lines:
            message = f"OpenSpec before {version} does not count {counted_noun(len(lines), 'line')} like this ({kind_of_lines})"
            yield rule_input.diagnostic(lines[0], "hint", "old-counter-drops", message)


def _check_group_numbers(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each task whose number does not begin with the number of its group.

    OpenSpec has the same check.
    """
    for task in rule_input.tasks:
        number_match = _TASK_NUMBER.fullmatch(task.id)
        if not number_match or task.group < 0 or task.parent >= 0:
            continue
        group = rule_input.task_list.groups[task.group]
        heading = heading_of(rule_input.lines[group.line - 1]) if group.level == 2 else None
        numbered_match = _NUMBERED_GROUP.match(heading.title) if heading else None
        if numbered_match and numbered_match[1] != number_match[1]:
            fix = rule_input.id_fix(task, rule_input.free_id(f"{numbered_match[1]}."))
            message = f"{task.id} stands below “## {numbered_match[1]}.”: renumber it, or move it to its group"
            yield rule_input.diagnostic(task.line, "warning", "task-number-group", message, fix, group.line, task.id)


def _check_tasks_after_archive(rule_input: RuleInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each open task that can only be done after the archive."""
    for index, task in enumerate(rule_input.tasks):
        if rule_input.evaluated[index].state == "open" and _AFTER_ARCHIVE_WORDS.search(task.title):
            message = "This can only be done after the archive: make it a plain bullet below `## Workflow follow-up`"
            yield rule_input.diagnostic(task.line, "hint", "task-after-archive", message)


def is_folder_of_changes(site: PlanSite) -> bool:
    """Tell whether the folder of a site only contains folders with changes, and no document of a change directly.
    OpenSpec does not read changes in such a folder.
    """
    inner_paths = [
        path for document in site.documents if not (path := document[len(site.folder) + 1 :]).startswith("specs/")
    ]
    return all("/" in path for path in inner_paths) and any(
        path.endswith((f"/{TASKS_FILE_NAME}", "/proposal.md")) for path in inner_paths
    )


def _check_documents(plan_input: PlanInput) -> Iterator[Diagnostic]:
    """Yield the diagnostics about the places and names of files."""
    site = plan_input.site
    is_active = site.lifecycle != "archived"
    has_tasks = f"{site.folder}/{TASKS_FILE_NAME}" in site.documents
    direct_paths = {path for path in site.documents if "/" not in path[len(site.folder) + 1 :]}
    for path in site.documents:
        inner_path = path[len(site.folder) + 1 :]
        name = inner_path.rpartition("/")[2]
        if path in direct_paths and not has_tasks and _TASKS_FILE_LOOKALIKE.fullmatch(name):
            message = f"OpenSpec reads `{TASKS_FILE_NAME}`, not `{name}`: rename the file"
            yield Diagnostic(path, 1, "warning" if is_active else "hint", "task-file-name", message)
        elif not is_active:
            continue
        elif inner_path.startswith("specs/"):
            if not inner_path.endswith("/spec.md"):
                message = "Only `specs/<capability>/spec.md` is merged when the change is archived: rename the file"
                yield Diagnostic(path, 1, "hint", "delta-not-merged", message)
        elif name in (TASKS_FILE_NAME, "proposal.md") and is_folder_of_changes(site):
            nested_name = inner_path.rpartition("/")[0].replace("/", "-")
            message = f"Only folders directly below `openspec/changes/` are changes: rename it to `{site.feature}-{nested_name}`"
            yield Diagnostic(path, 1, "warning", "change-nested", message)
