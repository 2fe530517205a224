"""The lines of a spec that explain a task: criteria, stories, properties, the design and the steering."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from planmark.formats.checkbox.lines import full_width_to_ascii
from planmark.formats.checkbox.outline import Outline, last_text_line, section_with_title, words_in
from planmark.formats.checkbox.passages import (
    MAX_LINES_OF_WHOLE_DOCUMENT,
    outline_at,
    passage_without_subsections,
    passages_about,
    passages_of_mentioned_documents,
    section_passages,
    task_passages,
    whole_document_passage,
)
from planmark.formats.checkbox.prompts import MAX_KEPT_PASSAGES
from planmark.formats.checkbox.situation import Situation, list_in_words, situation_of_item
from planmark.formats.kiro.grammar import REQUIREMENT_ID, RequirementUse, Steering, Tasks, ids_in
from planmark.formats.kiro.requirements import Requirement, Requirements
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState
from planmark.text.lazy_pattern import lazy_pattern

REQUIREMENT_DOCUMENTS = ("requirements.md", "bugfix.md")
"""Names of the documents of a spec that contain requirements."""
PROPERTY_PATTERN = lazy_pattern(
    r"(?<![\w])(?P<name>(?:Property|Propriedade|Propiedad|Eigenschaft|Propriété|속성|性质|属性|プロパティ|Свойство)\s{0,3}(?P<number>\d{1,4}))(?![\d.])",
    re.IGNORECASE,
)
"""Pattern for the name of a correctness property, such as `Property 3`."""
VALIDATES_PATTERN = lazy_pattern(
    r"(?:Validates|Validate|Validiert|Valida|Valide|검증|验证|検証|Проверяет)\**[ \t]*[:：]", re.IGNORECASE
)
"""Pattern for the label before the numbers of the requirements that a property or a test checks."""
INTRODUCTION_TITLES = frozenset(
    {
        *("introduction", "overview", "summary", "goal", "goals", "background", "bug description", "einführung"),
        *("einleitung", "überblick", "übersicht", "introducción", "introdução", "introdução geral", "visão geral"),
        *(
            "resumen",
            "descripción general",
            "introduction générale",
            "введение",
            "обзор",
            "简介",
            "介绍",
            "引言",
            "概述",
        ),
        *("背景", "はじめに", "概要", "소개", "개요", "서론", "المقدمة", "مقدمة", "نظرة عامة"),
    }
)
"""Titles of the section that says what a document is about."""
STANDARD_STEERING_FILES = frozenset({"product.md", "tech.md", "structure.md"})
"""Names of the steering files that Kiro itself writes."""
MAX_STEERING_FILES = 5
"""Maximum number of steering files per prompt."""
MAX_NAMED_REQUIREMENTS = 40
"""Maximum number of requirement numbers per task that are searched in the documents."""


class Criterion(NamedTuple):
    """A criterion or a requirement, in the document at `path`.

    `start` and `end` are its first and its last line, both 1-based. `requirement` is the number of the requirement.
    `number` is the number of the criterion, "" for a requirement.
    """

    path: str
    start: int
    end: int
    requirement: str
    number: str

    def passage(self) -> Passage:
        """Return the lines of the criterion as a passage. The name of the criterion is the reason of the passage."""
        return Passage(self.path, self.start, self.end, self.name)

    @property
    def name(self) -> str:
        """The name of the criterion or requirement in a sentence."""
        return (
            f"criterion {self.number} of requirement {self.requirement}"
            if self.number
            else (f"requirement {self.requirement}")
        )


def requirement_documents(plan: PlanInput) -> list[tuple[str, Requirements]]:
    """Return two values for each document of the plan that contains requirements: its path and its facts."""
    paths = (f"{plan.site.folder}/{name}" for name in REQUIREMENT_DOCUMENTS)
    documents = ((path, plan.documents[path].facts) for path in paths if path in plan.documents)
    return [(path, facts) for path, facts in documents if isinstance(facts, Requirements)]


def line_by_requirement_id(facts: Requirements) -> dict[str, int]:
    """Return a mapping from the number of each requirement and criterion to its 1-based line."""
    result: dict[str, int] = {}
    for requirement in facts.requirements:
        result.setdefault(requirement.id, requirement.line)
        for number, line in requirement.criteria:
            result.setdefault(f"{requirement.id}.{number}", line)
    for identity, line in facts.numbered_criteria:
        result.setdefault(identity, line)
    return result


def named_requirement_ids(situation: Situation) -> list[str]:
    """Return the numbers of the requirements and criteria that a task names.

    The numbers after a label such as `Validates:` in the text of the task count, too.
    """
    document = situation.plan.documents.get(situation.path)
    facts = document.facts if document else None
    uses: Iterable[RequirementUse] = facts.uses if isinstance(facts, Tasks) else ()
    requirement_ids = [use.id for use in uses if use.task == situation.index]
    for line in full_width_to_ascii(situation.task_text).split("\n"):
        if label := VALIDATES_PATTERN.search(line):
            requirement_ids += ids_in(line[label.end() :], REQUIREMENT_ID)
    return list(dict.fromkeys(requirement_ids))[:MAX_NAMED_REQUIREMENTS]


def criteria(situation: Situation) -> Iterator[Passage]:
    """Yield the criteria that a task names. Neighbouring criteria are one passage."""
    requirement_ids = named_requirement_ids(situation)
    if not requirement_ids:
        return
    for path, facts in requirement_documents(situation.plan):
        yield from merge_neighbours(criteria_with_ids(path, facts, outline_at(situation.plan, path), requirement_ids))


def criteria_with_ids(
    path: str, facts: Requirements, document_outline: Outline, requirement_ids: Iterable[str]
) -> list[Criterion]:
    """Return the requirements and criteria of a document with the numbers `requirement_ids`.

    The result has the order of the document. `facts` are the facts of the document at `path`, and `document_outline` is
    its outline.
    """
    lines_by_id = line_by_requirement_id(facts)
    starts = set(lines_by_id.values())
    found_criteria = []
    for identity in requirement_ids:
        if identity in lines_by_id:
            major, _, minor = identity.partition(".")
            found_criteria.append(
                Criterion(
                    path,
                    lines_by_id[identity],
                    _end_of_criterion(document_outline, lines_by_id[identity], starts),
                    major,
                    minor,
                )
            )
    return sorted(set(found_criteria), key=lambda criterion: criterion.start)


def _end_of_criterion(document_outline: Outline, start: int, starts: set[int]) -> int:
    """Return the last line of the criterion that begins at line `start`.

    A criterion ends before the next criterion, before a heading, or before unindented text after a blank line. `starts`
    are the first lines of all criteria.
    """
    headings = {section.line for section in document_outline.sections}
    if start in headings:
        return _end_before_subsections(document_outline, start)
    last, is_after_blank = start, False
    for line in document_outline.lines[start:]:
        if line.number in starts or line.number in headings:
            break
        if not line.text.strip():
            is_after_blank = True
            continue
        if is_after_blank and not line.text.startswith((" ", "\t")):
            break
        last, is_after_blank = line.number, False
    return last


def _end_before_subsections(document_outline: Outline, start: int) -> int:
    """Return the last line of the section that begins at line `start`. A sub-section ends this section."""
    return next(section.last_own_line for section in document_outline.sections if section.line == start)


def merge_neighbours(criteria: Sequence[Criterion]) -> Iterator[Passage]:
    """Yield one passage for each group of neighbouring criteria of one requirement, and for each other criterion."""
    run_number = 0
    run_numbers = []
    for index, criterion in enumerate(criteria):
        previous_criterion = criteria[index - 1] if index else None
        starts_run = (
            not previous_criterion
            or not criterion.number
            or previous_criterion.requirement != criterion.requirement
            or criterion.start - previous_criterion.end > 2
        )
        run_number += starts_run
        run_numbers.append(run_number)
    for _, run in groupby(zip(run_numbers, criteria, strict=True), key=lambda pair: pair[0]):
        criteria_of_run = [criterion for _, criterion in run]
        first, last = criteria_of_run[0], criteria_of_run[-1]
        if len(criteria_of_run) == 1:
            yield first.passage()
        else:
            numbers = list_in_words([criterion.number for criterion in criteria_of_run])
            yield Passage(first.path, first.start, last.end, f"criteria {numbers} of requirement {first.requirement}")


def requirements_with_ids(plan: PlanInput, requirement_ids: Sequence[str]) -> list[tuple[str, Requirement]]:
    """Return two values for each requirement with one of these numbers: the path of its document, and the requirement.

    The number of a criterion stands for the requirement of this criterion.
    """
    majors = {identity.partition(".")[0] for identity in requirement_ids}
    return [
        (path, requirement)
        for path, facts in requirement_documents(plan)
        for requirement in facts.requirements
        if requirement.id in majors
    ]


def stories(situation: Situation) -> Iterator[Passage]:
    """Yield the heading and the story of each requirement that a task names."""
    for path, requirement in requirements_with_ids(situation.plan, named_requirement_ids(situation)):
        document_outline = outline_at(situation.plan, path)
        first_criterion_line = min((line for _, line in requirement.criteria), default=requirement.line + 1)
        end = _end_before_subsections(document_outline, requirement.line)
        yield Passage(
            path,
            requirement.line,
            last_text_line(
                document_outline.lines, requirement.line, min(end, max(requirement.line, first_criterion_line - 1))
            ),
            _reason_to_read_story(requirement),
        )


def _reason_to_read_story(requirement: Requirement) -> str:
    """Return the reason to read the story of a requirement, for a prompt."""
    return f"the story of requirement {requirement.id}"


def property_names(situation: Situation) -> str:
    """Return the names of the correctness properties that a task names, as a list in a sentence."""
    numbers = dict.fromkeys(
        match["number"] for match in PROPERTY_PATTERN.finditer(full_width_to_ascii(situation.task_text))
    )
    return list_in_words([f"property {number}" for number in numbers])


def properties(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the design that state the correctness properties that a task names."""
    path = f"{situation.plan.site.folder}/design.md"
    property_numbers = {
        match["number"] for match in PROPERTY_PATTERN.finditer(full_width_to_ascii(situation.task_text))
    }
    if property_numbers:
        document_outline = outline_at(situation.plan, path)
        for number, line in line_by_property_number(document_outline).items():
            if number in property_numbers:
                yield Passage(path, line, _last_line_of_property(document_outline, line), f"property {number}")


def line_by_property_number(document_outline: Outline) -> dict[str, int]:
    """Return a mapping from the number of each correctness property of a design to the line that begins with its name.

    The line is 1-based.
    """
    result: dict[str, int] = {}
    for line in document_outline.lines:
        if line.kind == "text" and (match := PROPERTY_PATTERN.search(full_width_to_ascii(line.text[:80]))):
            text_before = line.text[: match.start()].strip(" \t#*-+_")
            if not text_before:
                result.setdefault(match["number"], line.number)
    return result


def _last_line_of_property(document_outline: Outline, start: int) -> int:
    """Return the last line of the property that begins at line `start`."""
    heading = next((section for section in document_outline.sections if section.line == start), None)
    if heading:
        return heading.last_line
    next_starts = [line for line in line_by_property_number(document_outline).values() if line > start] + [
        section.line for section in document_outline.sections if section.line > start
    ]
    return last_text_line(document_outline.lines, start, min(next_starts, default=len(document_outline.lines) + 1) - 1)


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the task with its details."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def parent_task(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the parent of the task, without the sub-tasks of this parent."""
    if situation.task and situation.task.parent >= 0:
        parent = situation.task_list.tasks[situation.task.parent]
        yield from list(task_passages(situation.path, situation.lines, parent, "the task above it"))[:1]


def introduction(situation: Situation) -> Iterator[Passage]:
    """Yield the lines that say what the spec is about, such as the introduction of its requirements."""
    folder = situation.plan.site.folder
    for name in (*REQUIREMENT_DOCUMENTS, "tasks.md", "design.md"):
        passages = list(
            section_passages(situation.plan, f"{folder}/{name}", INTRODUCTION_TITLES, "what the spec is about")
        )
        if passages:
            yield passages[0]._replace(end=min(passages[0].end, passages[0].start + MAX_LINES_OF_WHOLE_DOCUMENT))
            return


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design if it is short.

    Of a long design, yield its overview and the sections that contain names from the text of the task.
    """
    path = f"{situation.plan.site.folder}/design.md"
    yield from passages_about(situation.plan, path, situation.names, "the design")
    document_outline = outline_at(situation.plan, path)
    overview = section_with_title(document_outline, INTRODUCTION_TITLES)
    if document_outline.length > MAX_LINES_OF_WHOLE_DOCUMENT and overview:
        yield passage_without_subsections(path, overview, "the overview of the design")


def steering(situation: Situation) -> Iterator[Passage]:
    """Yield at most MAX_STEERING_FILES steering files that Kiro includes for a task.

    The three files that Kiro itself writes come first, then the files that share the most words with the task.
    """
    plan, task_words = situation.plan, words_in(situation.task_text)
    included_files = [
        (path, document.facts)
        for path, document in plan.documents.items()
        if isinstance(document.facts, Steering) and is_steering_included(document.facts, situation.names)
    ]

    def sort_key(steering_file: tuple[str, Steering]) -> tuple[bool, int]:
        path, facts = steering_file
        name = path.rpartition("/")[2]
        return name not in STANDARD_STEERING_FILES, -len(task_words & words_in(f"{facts.title} {name}"))

    for path, _ in sorted(included_files, key=sort_key)[:MAX_STEERING_FILES]:
        yield from whole_document_passage(plan, path, "steering")


def is_steering_included(facts: Steering, names: Sequence[str]) -> bool:
    """Tell whether Kiro includes a steering file for a task. `names` are the names in the text of the task."""
    if facts.inclusion == "always":
        return True
    patterns = [part.strip(" \"'") for part in facts.pattern.strip("[]").split(",")]
    return facts.inclusion == "fileMatch" and any(
        fnmatch.fnmatchcase(name, pattern.removeprefix("**/")) or fnmatch.fnmatchcase(name, pattern)
        for name in names
        for pattern in patterns
        if pattern
    )


def all_requirements(situation: Situation) -> Iterator[Passage]:
    """Yield all requirements of the spec."""
    for path, _ in requirement_documents(situation.plan):
        yield from whole_document_passage(situation.plan, path, "the requirements")


def all_design(situation: Situation) -> Iterator[Passage]:
    """Yield the whole design."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/design.md", "the design")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield all tasks."""
    yield from whole_document_passage(situation.plan, f"{situation.plan.site.folder}/tasks.md", "the tasks")


def named_documents(situation: Situation) -> Iterator[Passage]:
    """Yield passages of the documents of the spec that the task names by their paths."""
    yield from passages_of_mentioned_documents(situation.plan, situation.path, situation.task_text, situation.names)


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return at most MAX_KEPT_PASSAGES passages: the criteria and properties that an item names."""
    situation = situation_of_item(plan, state, item)
    passages = [*criteria(situation), *properties(situation)]
    return passages[:MAX_KEPT_PASSAGES]
