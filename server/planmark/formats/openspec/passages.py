"""The lines of a change that explain a task: the reason for the change, requirements, decisions and specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.formats.checkbox.lines import full_width_to_ascii, split_lines
from planmark.formats.checkbox.outline import DocumentSection, Outline, plain_title, words_in
from planmark.formats.checkbox.passages import (
    MAX_LINES_OF_WHOLE_DOCUMENT,
    MAX_SECTIONS_PER_DOCUMENT,
    outline_at,
    passages_about,
    passages_of_mentioned_documents,
    section_passages,
    task_passages,
    whole_document_passage,
)
from planmark.formats.checkbox.places import folder_prefix
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.openspec.layout import CONFIG_PATHS, root_of
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState
from planmark.text.lazy_pattern import lazy_pattern

WHY_TITLES = frozenset(
    {
        *("why", "summary", "motivation", "background", "problem", "context", "problem statement", "intent"),
        *("为什么", "背景", "动机", "概述", "por qué", "resumen", "warum", "zusammenfassung", "зачем", "почему"),
        *("なぜ", "概要", "왜", "배경", "por quê", "pourquoi", "proposal", "overview"),
    }
)
"""Titles, in lower case, of the section that says why a change is made."""
CHANGES_TITLES = frozenset(
    {
        *("what changes", "what", "changes", "proposed changes", "proposal", "solution", "proposed solution", "scope"),
        *(
            "变更内容",
            "改动内容",
            "qué cambia",
            "cambios",
            "was sich ändert",
            "änderungen",
            "что меняется",
            "изменения",
        ),
        *("変更内容", "변경 사항", "o que muda", "ce qui change"),
    }
)
"""Titles, in lower case, of the section that lists what changes."""
DECISION_PATTERN = lazy_pattern(
    r"(?<![\w-])(?P<name>(?:D|Decision[ \t]{1,3}#?)(?P<number>\d{1,3}[a-z]?))(?![\w-])", re.IGNORECASE
)
"""Pattern for the mention of a decision: `D3` or `Decision 3`."""
_DECISION_TITLE = lazy_pattern(r"[\W_]*(?:D|Decision[ \t]{1,3}#?)(?P<number>\d{1,3}[a-z]?)(?![\w-])", re.IGNORECASE)
"""Pattern for a heading that begins with the name of a decision."""
_NUMBERED_TITLE = lazy_pattern(r"(?P<number>\d{1,3})[.)][ \t]")
"""Pattern for a heading that begins with a plain number."""
_REQUIREMENT_TITLE = lazy_pattern(
    r"[\W_]*(?:Requirement|需求|要求|要件|Requisito|Anforderung|Требование|요구사항)\s*[:：]\s*", re.IGNORECASE
)
SPEC_PATTERN = lazy_pattern(
    r"(?<![\w.-])(?P<name>specs/(?P<capability>[\w-]{1,80}(?:/(?!spec\.md)[\w-]{1,80}){0,5}))(?:/spec\.md)?(?![\w-])"
)
"""Pattern for the mention of a capability by the path of its spec."""
MAX_CHOSEN_DELTAS = 3
"""Maximum number of spec deltas per task that a prompt tells the agent to read."""


class RequirementPassage(NamedTuple):
    """A requirement of a spec delta.

    `path` is the path of the delta. `section` is the section of the requirement in the delta, and `words` are the words
    in this section. `name` is the name of the requirement.
    """

    path: str
    section: DocumentSection
    name: str
    words: frozenset[str]


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the task with its details."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def project_context(situation: Situation) -> Iterator[Passage]:
    """Yield the whole file that describes the project for every change, if such a file exists."""
    plan = situation.plan
    root_prefix = folder_prefix(root_of(plan.site.folder))
    path = next((path for path in (f"{root_prefix}{name}" for name in CONFIG_PATHS) if plan.exists(path)), "")
    text = plan.text(path) if path else ""
    if text.strip():
        yield Passage(path, 1, len(split_lines(text)), "the context of every change")


def reasons_for_change(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the proposal that says why the change is made, else the beginning of the proposal."""
    yield from reason_in_proposal(situation.plan)


def reason_in_proposal(plan: PlanInput) -> Iterator[Passage]:
    """Yield the section of the proposal that says why the change is made, else the beginning of the proposal."""
    path = f"{plan.site.folder}/proposal.md"
    passages = list(section_passages(plan, path, WHY_TITLES, "why the change is made"))
    length = 0 if passages else outline_at(plan, path).length
    yield from passages or ([Passage(path, 1, min(length, 20), "the proposal")] if length else [])


def list_of_changes(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the proposal that lists what changes."""
    path = f"{situation.plan.site.folder}/proposal.md"
    yield from section_passages(situation.plan, path, CHANGES_TITLES, "what changes")


def proposal(situation: Situation) -> Iterator[Passage]:
    """Yield the whole proposal."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/proposal.md", "the proposal")


def all_design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/design.md", "the design")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield all tasks."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/tasks.md", "the tasks")


def all_deltas(situation: Situation) -> Iterator[Passage]:
    """Yield all spec deltas of the change."""
    for path in delta_paths(situation.plan):
        yield from whole_document_passage(situation.plan, path, "a spec delta")


def delta_paths(plan: PlanInput) -> list[str]:
    """Return the paths of the spec deltas of a change."""
    return [path for path, document in plan.documents.items() if document.role in ("spec", "delta")]


def line_by_decision_number(document_outline: Outline) -> dict[str, int]:
    """Return a mapping from the number of each decision of a design, in lower case, to the line of its heading.

    The line is 1-based. A plain number, as in `### 3. Title`, is the number of a decision only if the heading above is
    `Decisions` or begins with “decision”.
    """
    result: dict[str, int] = {}
    for document_section in document_outline.sections:
        match = _DECISION_TITLE.match(full_width_to_ascii(document_section.title))
        if (
            not match
            and document_section.parent >= 0
            and plain_title(document_outline.sections[document_section.parent].title).startswith("decision")
        ):
            match = _NUMBERED_TITLE.match(full_width_to_ascii(document_section.title))
        if match:
            result.setdefault(match["number"].lower(), document_section.line)
    return result


def decisions(situation: Situation) -> Iterator[Passage]:
    """Yield the sections of the design that describe the decisions that the task names."""
    path = f"{situation.plan.site.folder}/design.md"
    named_numbers = {match["number"].lower() for match in DECISION_PATTERN.finditer(situation.task_text)}
    if not named_numbers:
        return
    document_outline = outline_at(situation.plan, path)
    last_line_by_start = {section.line: section.last_line for section in document_outline.sections}
    for number, line in line_by_decision_number(document_outline).items():
        if number in named_numbers:
            yield Passage(path, line, last_line_by_start[line], f"decision {number}")


def named_specs(situation: Situation) -> Iterator[Passage]:
    """Yield the spec deltas that the task names by their path."""
    capabilities = {match["capability"] for match in SPEC_PATTERN.finditer(situation.task_text)}
    for path in delta_paths(situation.plan):
        if capability_of(situation.plan, path) in capabilities:
            yield from whole_document_passage(situation.plan, path, "the spec delta that the task names")


def capability_of(plan: PlanInput, path: str) -> str:
    """Return the name of the capability that a spec delta describes.

    The name is the folder of the delta below `specs/`. If the delta is directly in `specs/`, the name of the capability
    is the file name without `.md`.
    """
    inner_path = path.removeprefix(f"{plan.site.folder}/specs/")
    return inner_path.rpartition("/")[0] or inner_path.removesuffix(".md")


def requirements_of_change(plan: PlanInput) -> list[RequirementPassage]:
    """Return the requirements of all spec deltas of a change."""
    requirements = []
    for path in delta_paths(plan):
        document_outline = outline_at(plan, path)
        for document_section in document_outline.sections:
            if match := _REQUIREMENT_TITLE.match(document_section.title):
                text = "\n".join(
                    line.text for line in document_outline.lines[document_section.line - 1 : document_section.last_line]
                )
                requirements.append(
                    RequirementPassage(
                        path, document_section, document_section.title[match.end() :].strip(), words_in(text)
                    )
                )
    return requirements


def sorted_by_similarity(text: str, requirements: list[RequirementPassage]) -> list[RequirementPassage]:
    """Return `requirements`, sorted by the number of words that each of them shares with `text`, the highest first."""
    words = words_in(text)
    return sorted(requirements, key=lambda requirement: -len(words & requirement.words))


def chosen_delta_paths(situation: Situation) -> list[str]:
    """Return the paths of at most MAX_CHOSEN_DELTAS spec deltas. Deltas that share more words with the task are preferred."""
    plan = situation.plan
    paths = delta_paths(plan)
    if len(paths) <= MAX_CHOSEN_DELTAS:
        return paths
    words = words_in(situation.task_text)
    shared_word_counts = {path: len(words & words_in(plan.text(path))) for path in paths}
    return sorted(paths, key=lambda path: -shared_word_counts[path])[:MAX_CHOSEN_DELTAS]


def other_delta_paths(situation: Situation) -> list[str]:
    """Return the paths of the spec deltas that `chosen_delta_paths` does not return."""
    chosen_paths = chosen_delta_paths(situation)
    return [path for path in delta_paths(situation.plan) if path not in chosen_paths]


def deltas(situation: Situation) -> Iterator[Passage]:
    """Yield passages of the spec deltas that `chosen_delta_paths` returns.

    A short delta is one passage. Of a long delta, the passages are the requirements that are most similar to the task.
    """
    plan = situation.plan
    for path in chosen_delta_paths(situation):
        if outline_at(plan, path).length <= MAX_LINES_OF_WHOLE_DOCUMENT:
            yield from whole_document_passage(plan, path, "a spec delta")
            continue
        requirements_of_delta = [
            requirement_passage
            for requirement_passage in requirements_of_change(plan)
            if requirement_passage.path == path
        ]
        for requirement_passage in sorted_by_similarity(situation.task_text, requirements_of_delta)[
            :MAX_SECTIONS_PER_DOCUMENT
        ]:
            yield Passage(
                path,
                requirement_passage.section.line,
                requirement_passage.section.last_line,
                f"requirement: {requirement_passage.name}",
            )


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design if it is short, else its sections that contain names from the text of the task."""
    path = f"{situation.plan.site.folder}/design.md"
    yield from passages_about(situation.plan, path, situation.names, "the design")


def named_documents(situation: Situation) -> Iterator[Passage]:
    """Yield passages of the documents of the change that the task names by their paths."""
    yield from passages_of_mentioned_documents(situation.plan, situation.path, situation.task_text, situation.names)


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the passages that explain an item.

    They are the decisions and specs that the item names, the reason for the change, and the headings of all
    requirements of the change. Among these headings, the requirement that is most similar to the item comes first.
    """
    situation = situation_of_item(plan, state, item)
    passages = [*decisions(situation), *named_specs(situation)]
    requirement_names = [
        Passage(
            requirement_passage.path, requirement_passage.section.line, requirement_passage.section.line, "requirement"
        )
        for requirement_passage in sorted_by_similarity(situation.task_text, requirements_of_change(plan))
    ]
    return [*passages, *reason_in_proposal(plan), *requirement_names]
