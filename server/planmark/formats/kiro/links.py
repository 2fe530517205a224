"""Links from the names in the documents of a spec: requirement numbers, properties, tasks and paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from planmark.formats.checkbox.lines import Line, full_width_to_ascii
from planmark.formats.checkbox.links import (
    Finder,
    LinkedName,
    LinkTarget,
    find_nothing,
    finder,
    finder_in_lists,
    links_of,
    paths_finder,
    task_targets,
)
from planmark.formats.checkbox.passages import outline_at
from planmark.formats.kiro.grammar import DEPENDENCY_WORDS, DETAIL_PATTERN, REQUIREMENT_WORDS, Tasks
from planmark.formats.kiro.layout import root_of
from planmark.formats.kiro.passages import (
    PROPERTY_PATTERN,
    VALIDATES_PATTERN,
    line_by_property_number,
    line_by_requirement_id,
    requirement_documents,
)
from planmark.plans.format import PlanInput, TextLink
from planmark.text.lazy_pattern import lazy_pattern

_NUMBER_IN_LIST = lazy_pattern(r"(?<![\w.])\d{1,6}[a-z]?(?:\.\d{1,6})*[a-z]?(?![\w])")
_REQUIREMENT_MENTION = lazy_pattern(
    r"(?:Requirements?|Reqs?\.?|需求|要件|要求|Anforderung(?:en)?|Requisitos?|요구사항|المتطلبات?|Exigences?)[\s:：*_]{1,6}"
    r"(?P<names>\d{1,6}(?:\.\d{1,6})?(?:\s{0,3}[,、，–-]\s{0,3}\d{1,6}(?:\.\d{1,6})?){0,60})",
    re.IGNORECASE,
)
"""Pattern for a word such as “Requirements” with a list of requirement numbers, in any text."""
_TASK_ID_IN_GRAPH = lazy_pattern(r'"(?P<name>\d{1,6}[a-z]?(?:\.\d{1,6})*[a-z]?\*?)"')


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    """Return the links of a document of a spec. With `only_line` (1-based), return only the links of this line."""
    requirement_targets = {
        identity: LinkTarget(document, line)
        for document, facts in requirement_documents(plan)
        for identity, line in line_by_requirement_id(facts).items()
    }
    document = plan.documents.get(plan.site.path)
    listed_tasks = document.facts.task_list.tasks if document and isinstance(document.facts, Tasks) else ()
    task_targets_by_id = task_targets(plan.site.path, listed_tasks)
    design_path = f"{plan.site.folder}/design.md"
    property_targets = {
        number: LinkTarget(design_path, line)
        for number, line in line_by_property_number(outline_at(plan, design_path)).items()
    }
    finders = (
        _labelled_number_finder(requirement_targets, task_targets_by_id),
        finder_in_lists(_REQUIREMENT_MENTION, _NUMBER_IN_LIST, requirement_targets),
        finder(PROPERTY_PATTERN, lambda match: property_targets.get(match["number"])),
        finder(_TASK_ID_IN_GRAPH, lambda match: task_targets_by_id.get(match["name"]), in_fences=True)
        if path == plan.site.path
        else find_nothing,
        paths_finder(plan, path, root_of(plan.site.folder)),
    )
    return links_of(plan, path, finders, only_line)


def _labelled_number_finder(requirements: dict[str, LinkTarget], tasks: dict[str, LinkTarget]) -> Finder:
    """Return the finder of the numbers after `_Requirements:_`, `_Depends:_` and `Validates:`.

    `requirements` has the line of each requirement by its number, and `tasks` has the line of each task by its number.
    """

    def find(line: Line) -> Iterator[LinkedName]:
        if line.kind == "fence":
            return
        text = full_width_to_ascii(line.text)
        if ":" not in text:
            return
        label = VALIDATES_PATTERN.search(text)
        if label:
            yield from _linked_numbers(text, label.end(), requirements)
            return
        detail = DETAIL_PATTERN.match(text)
        word = detail["word"].strip().lower() if detail else ""
        if detail and word in REQUIREMENT_WORDS:
            yield from _linked_numbers(text, detail.start("rest"), requirements)
        elif detail and word in DEPENDENCY_WORDS:
            yield from _linked_numbers(text, detail.start("rest"), tasks)

    return find


def _linked_numbers(text: str, start: int, targets: dict[str, LinkTarget]) -> Iterator[LinkedName]:
    """Yield the numbers in a line that have a target in `targets`. The search begins at column `start`."""
    bare_text = f"{text[:start]}{text[start:].replace('_', ' ')}"
    for match in _NUMBER_IN_LIST.finditer(bare_text, start):
        if target := targets.get(match[0]):
            yield LinkedName(*match.span(), target)
