"""The names in the documents of a feature: stories, requirements, tasks and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planmark.formats.checkbox.links import LinkTarget, finder, inner_finder, links_of, paths_finder, task_targets
from planmark.formats.speckit.evaluate import roots_of, spec_of, tasks_of, tasks_path
from planmark.plans.format import PlanInput, TextLink

_REQUIREMENT_MENTION = re.compile(r"(?<![\w-])(?P<name>(?:FR|SC|NFR)-\d{1,4}[a-z]?)(?![\w])")
_STORY_LABEL = re.compile(
    r"\[(?P<names>US[ -]?\d{1,3}(?:[ \t]{0,3}[-,/&+][ \t]{0,3}(?:US[ -]?)?\d{1,3}){0,20})\]", re.IGNORECASE
)
"""The label of stories, such as `[US1]` or `[US1,US2]`."""
_STORY_MENTION = re.compile(
    r"(?<![\w])(?P<name>(?:User Stor(?:y|ies)|US|ユーザーストーリー|使用者故事|用户故事|Historia(?: de Usuario)?|História(?: de Usuário)?)"
    r"[ \t#-]{0,3}(?P<number>\d{1,3}))(?![\w])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}")
_TASK_MENTION = re.compile(
    r"(?<![\w-])(?P<name>[TP]\d{3,9}(?:\.\d{1,3})?(?:[a-z](?![A-Za-z])|-[A-Z]{1,10}(?![A-Za-z0-9]))?)(?![\w])"
)


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a feature. With `only_line` (1-based), return those of that line."""
    spec, spec_path = spec_of(plan), f"{plan.site.folder}/spec.md"
    requirements: dict[str, LinkTarget] = {}
    stories: dict[str, LinkTarget] = {}
    for requirement in spec.requirements if spec else ():
        requirements.setdefault(requirement.id, LinkTarget(spec_path, requirement.line))
    for story in spec.stories if spec else ():
        stories.setdefault(str(story.number), LinkTarget(spec_path, story.line))
    tasks = task_targets(tasks_path(plan), tasks_of(plan).task_list.tasks)
    finders = (
        finder(_REQUIREMENT_MENTION, lambda match: requirements.get(match["name"])),
        inner_finder(_STORY_LABEL, _NUMBER, stories),
        finder(_STORY_MENTION, lambda match: stories.get(match["number"])),
        finder(_TASK_MENTION, lambda match: tasks.get(match["name"]), in_fences=True),
        paths_finder(plan, path, roots_of(plan)[0].rstrip("/")),
    )
    return links_of(plan, path, finders, only_line)
