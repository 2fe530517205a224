"""The lines of a change that explain a task: why, the requirements, the decisions and the specs that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.formats.checkbox.lines import full_width_to_ascii, split_lines
from planmark.formats.checkbox.outline import DocumentSection, Outline, plain_title, words_in
from planmark.formats.checkbox.passages import (
    MAX_LINES_READ_WHOLE,
    MAX_SECTIONS,
    mentioned_documents,
    outline,
    section,
    sections_about,
    task_passages,
    whole_document,
)
from planmark.formats.checkbox.places import folder_prefix
from planmark.formats.checkbox.situation import Situation, situation_of_item
from planmark.formats.openspec.layout import CONFIG_PATHS, root_of
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

WHY_TITLES = frozenset(
    {
        *("why", "summary", "motivation", "background", "problem", "context", "problem statement", "intent"),
        *("为什么", "背景", "动机", "概述", "por qué", "resumen", "warum", "zusammenfassung", "зачем", "почему"),
        *("なぜ", "概要", "왜", "배경", "por quê", "pourquoi", "proposal", "overview"),
    }
)
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
DECISION_PATTERN = re.compile(
    r"(?<![\w-])(?P<name>(?:D|Decision[ \t]{1,3}#?)(?P<number>\d{1,3}[a-z]?))(?![\w-])", re.IGNORECASE
)
"""Pattern for the mention of a decision: `D3` or `Decision 3`."""
_DECISION_TITLE = re.compile(r"[\W_]*(?:D|Decision[ \t]{1,3}#?)(?P<number>\d{1,3}[a-z]?)(?![\w-])", re.IGNORECASE)
_NUMBERED_TITLE = re.compile(r"(?P<number>\d{1,3})[.)][ \t]")
_REQUIREMENT_TITLE = re.compile(
    r"[\W_]*(?:Requirement|需求|要求|要件|Requisito|Anforderung|Требование|요구사항)\s*[:：]\s*", re.IGNORECASE
)
SPEC_PATTERN = re.compile(
    r"(?<![\w.-])(?P<name>specs/(?P<capability>[\w-]{1,80}(?:/(?!spec\.md)[\w-]{1,80}){0,5}))(?:/spec\.md)?(?![\w-])"
)
"""Pattern for the mention of a capability by the path of its spec."""
MAX_DELTAS = 3
"""Maximum number of spec deltas per task that a prompt tells the agent to read; more are omitted."""


class RequirementPassage(NamedTuple):
    """A requirement of a spec delta: its document, its section, its name, and the words of its text."""

    path: str
    section: DocumentSection
    name: str
    words: frozenset[str]


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the task with its details."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def project_context(situation: Situation) -> Iterator[Passage]:
    """Yield the whole file with the context of every change."""
    plan = situation.plan
    root_prefix = folder_prefix(root_of(plan.site.folder))
    path = next((path for path in (f"{root_prefix}{name}" for name in CONFIG_PATHS) if plan.exists(path)), "")
    text = plan.text(path) if path else ""
    if text.strip():
        yield Passage(path, 1, len(split_lines(text)), "the context of every change")


def reasons_for_change(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the proposal that says why the change is made, else the beginning of the proposal."""
    yield from reason_for_change(situation.plan)


def reason_for_change(plan: PlanInput) -> Iterator[Passage]:
    """Yield the section of the proposal that says why the change is made, else the beginning of the proposal."""
    path = f"{plan.site.folder}/proposal.md"
    passages = list(section(plan, path, WHY_TITLES, "why the change is made"))
    length = 0 if passages else outline(plan, path).length
    yield from passages or ([Passage(path, 1, min(length, 20), "the proposal")] if length else [])


def list_of_changes(situation: Situation) -> Iterator[Passage]:
    """Yield the section of the proposal that lists what changes."""
    path = f"{situation.plan.site.folder}/proposal.md"
    yield from section(situation.plan, path, CHANGES_TITLES, "what changes")


def proposal(situation: Situation) -> Iterator[Passage]:
    """Yield the whole proposal."""
    yield from whole_document(situation.plan, f"{situation.plan.site.folder}/proposal.md", "the proposal")


def all_design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design."""
    yield from whole_document(situation.plan, f"{situation.plan.site.folder}/design.md", "the design")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield all tasks."""
    yield from whole_document(situation.plan, f"{situation.plan.site.folder}/tasks.md", "the tasks")


def all_deltas(situation: Situation) -> Iterator[Passage]:
    """Yield all spec deltas of the change."""
    for path in delta_paths(situation.plan):
        yield from whole_document(situation.plan, path, "a spec delta")


def delta_paths(plan: PlanInput) -> list[str]:
    """Return the paths of the spec deltas of a change."""
    return [path for path, document in plan.documents.items() if document.role in ("spec", "delta")]


def decision_lines(document_outline: Outline) -> dict[str, int]:
    """Map the number of each decision of a design, in lower case, to the line of its heading.

    A plain number, as in `### 3. Title`, is the number of a decision only below a heading `Decisions`.
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
    """Yield the decisions of the design that the task names."""
    path = f"{situation.plan.site.folder}/design.md"
    named_numbers = {match["number"].lower() for match in DECISION_PATTERN.finditer(situation.task_text)}
    if not named_numbers:
        return
    document_outline = outline(situation.plan, path)
    last_line_by_start = {section.line: section.last_line for section in document_outline.sections}
    for number, line in decision_lines(document_outline).items():
        if number in named_numbers:
            yield Passage(path, line, last_line_by_start[line], f"decision {number}")


def named_specs(situation: Situation) -> Iterator[Passage]:
    """Yield the spec deltas that the task names by their path."""
    capabilities = {match["capability"] for match in SPEC_PATTERN.finditer(situation.task_text)}
    for path in delta_paths(situation.plan):
        if capability_of(situation.plan, path) in capabilities:
            yield from whole_document(situation.plan, path, "the spec delta that the task names")


def capability_of(plan: PlanInput, path: str) -> str:
    """Return the capability of a spec delta: its path below `specs/` without the name of the file."""
    inner_path = path.removeprefix(f"{plan.site.folder}/specs/")
    return inner_path.rpartition("/")[0] or inner_path.removesuffix(".md")


def requirements_of_change(plan: PlanInput) -> list[RequirementPassage]:
    """Return the requirements of all spec deltas of a change."""
    requirements = []
    for path in delta_paths(plan):
        document_outline = outline(plan, path)
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


def sort_by_similarity(text: str, requirements: list[RequirementPassage]) -> list[RequirementPassage]:
    """Return the requirements, sorted by the number of words that they share with a text, the highest number first."""
    words = words_in(text)
    return sorted(requirements, key=lambda requirement: -len(words & requirement.words))


def chosen_deltas(situation: Situation) -> list[str]:
    """Return the spec deltas that share the most words with the task; all of them if they are few."""
    plan = situation.plan
    paths = delta_paths(plan)
    if len(paths) <= MAX_DELTAS:
        return paths
    words = words_in(situation.task_text)
    shared_words = {path: len(words & words_in(plan.text(path))) for path in paths}
    return sorted(paths, key=lambda path: -shared_words[path])[:MAX_DELTAS]


def other_deltas(situation: Situation) -> list[str]:
    """Return the spec deltas that are not chosen for the task."""
    deltas = chosen_deltas(situation)
    return [path for path in delta_paths(situation.plan) if path not in deltas]


def deltas(situation: Situation) -> Iterator[Passage]:
    """Yield the chosen spec deltas.

    A short delta is read as a whole. Of a long delta, only the requirements that are most similar to the task are read.
    """
    plan = situation.plan
    for path in chosen_deltas(situation):
        if outline(plan, path).length <= MAX_LINES_READ_WHOLE:
            yield from whole_document(plan, path, "a spec delta")
            continue
        requirements_of_delta = [
            requirement_passage
            for requirement_passage in requirements_of_change(plan)
            if requirement_passage.path == path
        ]
        for requirement_passage in sort_by_similarity(situation.task_text, requirements_of_delta)[:MAX_SECTIONS]:
            yield Passage(
                path,
                requirement_passage.section.line,
                requirement_passage.section.last_line,
                f"requirement: {requirement_passage.name}",
            )


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design if it is short, else its sections with the same names as the task."""
    path = f"{situation.plan.site.folder}/design.md"
    yield from sections_about(situation.plan, path, situation.names, "the design")


def named_documents(situation: Situation) -> Iterator[Passage]:
    """Yield the documents that the task names."""
    yield from mentioned_documents(situation.plan, situation.path, situation.task_text, situation.names)


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the decisions and specs that an item names, the reason for the change, and its requirement names."""
    situation = situation_of_item(plan, state, item)
    passages = [*decisions(situation), *named_specs(situation)]
    requirement_names = [
        Passage(
            requirement_passage.path, requirement_passage.section.line, requirement_passage.section.line, "requirement"
        )
        for requirement_passage in sort_by_similarity(situation.task_text, requirements_of_change(plan))
    ]
    return [*passages, *reason_for_change(plan), *requirement_names]
