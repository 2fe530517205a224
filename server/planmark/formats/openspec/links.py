"""Links from the names in the documents of a change: names of decisions, specs and tasks, and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import (
    LinkTarget,
    find_nothing,
    finder,
    finder_in_lists,
    links_of,
    paths_finder,
    task_targets,
)
from planmark.formats.checkbox.passages import outline_at
from planmark.formats.openspec.grammar import Tasks
from planmark.formats.openspec.layout import root_of
from planmark.formats.openspec.passages import (
    DECISION_PATTERN,
    SPEC_PATTERN,
    capability_of,
    delta_paths,
    line_by_decision_number,
)
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_TASK_ID_PATTERN = r"[A-Z]{0,2}-?\d{1,4}(?:\.\d{1,4}){0,3}[a-z]?"
_TASK_MENTION = lazy_pattern(
    rf"(?<!` )(?<![\w.])(?:Tasks?|任务|タスク|작업|Aufgaben?|Tareas?)[ \t]{{1,3}}(?P<names>{_TASK_ID_PATTERN})(?![\w.]*\w)",
    re.I,
)
"""Pattern for the mention of a task by its number: `task 1.2`."""
_DEPENDENCY_LIST = lazy_pattern(
    r"(?:depends?[ \t]+on|dependencies|blocked by|requires|依赖|의존성)[^\w\n]{1,8}"
    rf"(?P<names>{_TASK_ID_PATTERN}(?:[ \t]{{0,3}}[,、&–-][ \t]{{0,3}}{_TASK_ID_PATTERN}){{0,30}})",
    re.IGNORECASE,
)
"""Pattern for a list of tasks after a word such as `depends on`."""
_TASK_ID = lazy_pattern(r"(?<![\w.])[A-Za-z]{0,2}-?\d{1,4}(?:\.\d{1,4}){0,3}[a-z]?(?![\w])")
_CAPABILITY = lazy_pattern(r"`(?P<name>[a-z][\w-]{1,80}(?:/[\w-]{1,80}){0,5})`")
"""Pattern for the name of a capability in backticks."""


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a change. With `only_line` (1-based), return only the links of this line."""
    design_path = f"{plan.site.folder}/design.md"
    decision_targets = {
        number: LinkTarget(design_path, line)
        for number, line in line_by_decision_number(outline_at(plan, design_path)).items()
    }
    spec_targets = {capability_of(plan, document): LinkTarget(document, 0) for document in delta_paths(plan)}
    document = plan.documents.get(plan.site.path)
    listed_tasks = document.facts.task_list.tasks if document and isinstance(document.facts, Tasks) else ()
    task_targets_by_id = task_targets(plan.site.path, listed_tasks)
    finders = (
        finder(DECISION_PATTERN, lambda match: decision_targets.get(match["number"].lower())),
        paths_finder(plan, path, root_of(plan.site.folder)),
        finder(
            SPEC_PATTERN,
            lambda match: _other_document(spec_targets.get(match["capability"]), path),
            without_digits=True,
        ),
        finder(_CAPABILITY, lambda match: spec_targets.get(match["name"]), without_digits=True)
        if path.endswith("/proposal.md")
        else find_nothing,
        finder_in_lists(_TASK_MENTION, _TASK_ID, task_targets_by_id),
        finder_in_lists(_DEPENDENCY_LIST, _TASK_ID, task_targets_by_id),
    )
    return links_of(plan, path, finders, only_line)


def _other_document(target: LinkTarget | None, path: str) -> LinkTarget | None:
    """Return `target` if its document is not the document at `path`; else None."""
    return target if target and target.path != path else None
