"""Links from the names in the documents of a feature: stories, requirements, tasks and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import LinkTarget, finder, finder_in_lists, links_of, paths_finder, task_targets
from planmark.formats.speckit.evaluate import roots_of, spec_of, tasks_of, tasks_path
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_REQUIREMENT_MENTION = lazy_pattern(r"(?<![\w-])(?P<name>(?:FR|SC|NFR)-\d{1,4}[a-z]?)(?![\w])")
_STORY_LABEL = lazy_pattern(
    r"\[(?P<names>US[ -]?\d{1,3}(?:[ \t]{0,3}[-,/&+][ \t]{0,3}(?:US[ -]?)?\d{1,3}){0,20})\]", re.IGNORECASE
)
"""The label of stories, such as `[US1]` or `[US1,US2]`."""
_STORY_MENTION = lazy_pattern(
    r"(?<![\w])(?P<name>(?:User Stor(?:y|ies)|US|ユーザーストーリー|使用者故事|用户故事|Historia(?: de Usuario)?|História(?: de Usuário)?)"
    r"[ \t#-]{0,3}(?P<number>\d{1,3}))(?![\w])",
    re.IGNORECASE,
)
_NUMBER = lazy_pattern(r"\d{1,3}")
_TASK_MENTION = lazy_pattern(
    r"(?<![\w-])(?P<name>[TP]\d{3,9}(?:\.\d{1,3})?(?:[a-z](?![A-Za-z])|-[A-Z]{1,10}(?![A-Za-z0-9]))?)(?![\w])"
)


def links(plan_input: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a feature. With `only_line` (1-based), return only the links of this line."""
    spec, spec_path = spec_of(plan_input), f"{plan_input.site.folder}/spec.md"
    requirement_targets: dict[str, LinkTarget] = {}
    story_targets: dict[str, LinkTarget] = {}
    for requirement in spec.requirements if spec else ():
        requirement_targets.setdefault(requirement.id, LinkTarget(spec_path, requirement.line))
    for story in spec.stories if spec else ():
        story_targets.setdefault(str(story.number), LinkTarget(spec_path, story.line))
    task_targets_by_id = task_targets(tasks_path(plan_input), tasks_of(plan_input).task_list.tasks)
    finders = (
        finder(_REQUIREMENT_MENTION, lambda match: requirement_targets.get(match["name"])),
        finder_in_lists(_STORY_LABEL, _NUMBER, story_targets),
        finder(_STORY_MENTION, lambda match: story_targets.get(match["number"])),
        finder(_TASK_MENTION, lambda match: task_targets_by_id.get(match["name"]), in_fences=True),
        paths_finder(plan_input, path, roots_of(plan_input)[0].rstrip("/")),
    )
    return links_of(plan_input, path, finders, only_line)
