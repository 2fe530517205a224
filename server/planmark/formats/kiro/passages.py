"""The lines of a spec that explain a task: criteria, stories, properties, the design and the steering."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from planmark.formats.checkbox.lines import full_width_to_ascii
from planmark.formats.checkbox.outline import Outline, last_text_line, section_titled, words_in
from planmark.formats.checkbox.passages import (
    MAX_LINES_READ_WHOLE,
    mentioned_documents,
    outline,
    passage_without_subsections,
    section,
    sections_about,
    task_passages,
    whole_document,
)
from planmark.formats.checkbox.prompts import MAX_KEPT_PASSAGES
from planmark.formats.checkbox.situation import Situation, list_in_words, situation_of_item
from planmark.formats.kiro.grammar import REQUIREMENT_ID, RequirementUse, Steering, Tasks, ids_in
from planmark.formats.kiro.requirements import Requirement, Requirements
from planmark.plans.format import Passage, PlanInput
from planmark.plans.model import AchievementState, PlanState

REQUIREMENT_DOCUMENTS = ("requirements.md", "bugfix.md")
PROPERTY_PATTERN = re.compile(
    r"(?<![\w])(?P<name>(?:Property|Propriedade|Propiedad|Eigenschaft|Propriété|속성|性质|属性|プロパティ|Свойство)\s{0,3}(?P<number>\d{1,4}))(?![\d.])",
    re.IGNORECASE,
)
"""The name of a correctness property, such as `Property 3`."""
VALIDATES_PATTERN = re.compile(
    r"(?:Validates|Validate|Validiert|Valida|Valide|검증|验证|検証|Проверяет)\**[ \t]*[:：]", re.IGNORECASE
)
"""The label before the requirements that a property or a test checks."""
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
STANDARD_STEERING = frozenset({"product.md", "tech.md", "structure.md"})
MAX_STEERING_FILES = 5
"""Maximum number of steering files of one prompt. Some projects have more than forty."""
MAX_CRITERIA = 40
"""Maximum number of requirement numbers of one task that are looked up."""


class Criterion(NamedTuple):
    """The lines of a criterion or a requirement, and what it is called."""

    path: str
    start: int
    end: int
    requirement: str
    number: str

    def passage(self) -> Passage:
        """Return the lines with their name."""
        return Passage(self.path, self.start, self.end, self.name)

    @property
    def name(self) -> str:
        """Its name in a sentence."""
        return (
            f"criterion {self.number} of requirement {self.requirement}"
            if self.number
            else (f"requirement {self.requirement}")
        )


def requirement_documents(plan: PlanInput) -> list[tuple[str, Requirements]]:
    """Return the documents of the plan that hold requirements."""
    paths = (f"{plan.site.folder}/{name}" for name in REQUIREMENT_DOCUMENTS)
    documents = ((path, plan.documents[path].facts) for path in paths if path in plan.documents)
    return [(path, facts) for path, facts in documents if isinstance(facts, Requirements)]


def lines_of_ids(facts: Requirements) -> dict[str, int]:
    """Return the number of each requirement and criterion, and its line."""
    result: dict[str, int] = {}
    for requirement in facts.requirements:
        result.setdefault(requirement.id, requirement.line)
        for number, line in requirement.criteria:
            result.setdefault(f"{requirement.id}.{number}", line)
    for identity, line in facts.numbered_criteria:
        result.setdefault(identity, line)
    return result


def named_requirements(situation: Situation) -> list[str]:
    """Return the numbers of the requirements that a task names, also those that its tests validate."""
    document = situation.plan.documents.get(situation.path)
    facts = document.facts if document else None
    uses: Iterable[RequirementUse] = facts.uses if isinstance(facts, Tasks) else ()
    requirement_ids = [use.id for use in uses if use.task == situation.index]
    for line in full_width_to_ascii(situation.task_text).split("\n"):
        if label := VALIDATES_PATTERN.search(line):
            requirement_ids += ids_in(line[label.end() :], REQUIREMENT_ID)
    return list(dict.fromkeys(requirement_ids))[:MAX_CRITERIA]


def criteria(situation: Situation) -> Iterator[Passage]:
    """Yield the criteria that a task names; neighbouring ones are one passage."""
    requirement_ids = named_requirements(situation)
    if not requirement_ids:
        return
    for path, facts in requirement_documents(situation.plan):
        yield from merge_neighbours(found_criteria(path, facts, outline(situation.plan, path), requirement_ids))


def found_criteria(path: str, facts: Requirements, of: Outline, requirement_ids: Iterable[str]) -> list[Criterion]:
    """Return the lines of the requirements and criteria with these numbers, in the order of the document."""
    lines_by_id = lines_of_ids(facts)
    starts = set(lines_by_id.values())
    criteria = []
    for identity in requirement_ids:
        if identity in lines_by_id:
            major, _, minor = identity.partition(".")
            criteria.append(
                Criterion(
                    path, lines_by_id[identity], _end_of_criterion(of, lines_by_id[identity], starts), major, minor
                )
            )
    return sorted(set(criteria), key=lambda criterion: criterion.start)


def _end_of_criterion(of: Outline, start: int, starts: set[int]) -> int:
    """Return the last line of a criterion: before the next one, a heading, or text at the margin behind a blank line."""
    headings = {section.line for section in of.sections}
    if start in headings:
        return _head_end(of, start)
    last, blank = start, False
    for line in of.lines[start:]:
        if line.number in starts or line.number in headings:
            break
        if not line.text.strip():
            blank = True
            continue
        if blank and not line.text.startswith((" ", "\t")):
            break
        last, blank = line.number, False
    return last


def _head_end(of: Outline, start: int) -> int:
    """Return the last line of a requirement before its criteria."""
    return next(section.last_own_line for section in of.sections if section.line == start)


def merge_neighbours(criteria: Sequence[Criterion]) -> Iterator[Passage]:
    """Yield neighbouring criteria of one requirement as one passage."""
    run = 0
    keys = []
    for index, criterion in enumerate(criteria):
        before = criteria[index - 1] if index else None
        is_apart = (
            not before
            or not criterion.number
            or before.requirement != criterion.requirement
            or criterion.start - before.end > 2
        )
        run += is_apart
        keys.append(run)
    for _, group in groupby(zip(keys, criteria, strict=True), key=lambda pair: pair[0]):
        other_criteria = [criterion for _, criterion in group]
        first, last = other_criteria[0], other_criteria[-1]
        if len(other_criteria) == 1:
            yield first.passage()
        else:
            numbers = list_in_words([criterion.number for criterion in other_criteria])
            yield Passage(first.path, first.start, last.end, f"criteria {numbers} of requirement {first.requirement}")


def requirements_named(plan: PlanInput, requirement_ids: Sequence[str]) -> list[tuple[str, Requirement]]:
    """Return the requirements to which these numbers belong."""
    majors = {identity.partition(".")[0] for identity in requirement_ids}
    return [
        (path, requirement)
        for path, facts in requirement_documents(plan)
        for requirement in facts.requirements
        if requirement.id in majors
    ]


def stories(situation: Situation) -> Iterator[Passage]:
    """Yield the heading and the story of each requirement that a task names."""
    for path, requirement in requirements_named(situation.plan, named_requirements(situation)):
        of = outline(situation.plan, path)
        first = min((line for _, line in requirement.criteria), default=requirement.line + 1)
        own = _head_end(of, requirement.line)
        yield Passage(
            path,
            requirement.line,
            last_text_line(of.lines, requirement.line, min(own, max(requirement.line, first - 1))),
            _story(requirement),
        )


def _story(requirement: Requirement) -> str:
    return f"the story of requirement {requirement.id}"


def property_names(situation: Situation) -> str:
    """Return the properties that a task names, for a sentence."""
    numbers = dict.fromkeys(
        match["number"] for match in PROPERTY_PATTERN.finditer(full_width_to_ascii(situation.task_text))
    )
    return list_in_words([f"property {number}" for number in numbers])


def properties(situation: Situation) -> Iterator[Passage]:
    """Yield the correctness properties that a task names, as the design states them."""
    path = f"{situation.plan.site.folder}/design.md"
    property_numbers = {
        match["number"] for match in PROPERTY_PATTERN.finditer(full_width_to_ascii(situation.task_text))
    }
    if property_numbers:
        of = outline(situation.plan, path)
        for number, line in property_lines(of).items():
            if number in property_numbers:
                yield Passage(path, line, _property_end(of, line), f"property {number}")


def property_lines(of: Outline) -> dict[str, int]:
    """Return the number of each correctness property of a design, and its line: a heading, or a line that begins so."""
    result: dict[str, int] = {}
    for line in of.lines:
        if line.kind == "text" and (match := PROPERTY_PATTERN.search(full_width_to_ascii(line.text[:80]))):
            before = line.text[: match.start()].strip(" \t#*-+_")
            if not before:
                result.setdefault(match["number"], line.number)
    return result


def _property_end(of: Outline, start: int) -> int:
    heading = next((section for section in of.sections if section.line == start), None)
    if heading:
        return heading.last_line
    following = [line for line in property_lines(of).values() if line > start] + [
        section.line for section in of.sections if section.line > start
    ]
    return last_text_line(of.lines, start, min(following, default=len(of.lines) + 1) - 1)


def task(situation: Situation) -> Iterator[Passage]:
    """Yield the task with its details."""
    if situation.task:
        yield from task_passages(situation.path, situation.lines, situation.task)


def parent_task(situation: Situation) -> Iterator[Passage]:
    """Yield the task above, without its other sub-tasks."""
    if situation.task and situation.task.parent >= 0:
        above = situation.task_list.tasks[situation.task.parent]
        yield from list(task_passages(situation.path, situation.lines, above, "the task above it"))[:1]


def introduction(situation: Situation) -> Iterator[Passage]:
    """Yield what the spec is about: the introduction of its requirements, else the overview of its tasks or design."""
    folder = situation.plan.site.folder
    for name in (*REQUIREMENT_DOCUMENTS, "tasks.md", "design.md"):
        passages = list(section(situation.plan, f"{folder}/{name}", INTRODUCTION_TITLES, "what the spec is about"))
        if passages:
            yield passages[0]._replace(end=min(passages[0].end, passages[0].start + MAX_LINES_READ_WHOLE))
            return


def design(situation: Situation) -> Iterator[Passage]:
    """Yield the design: all of it if it is short, else its sections that name the same things, and its overview."""
    path = f"{situation.plan.site.folder}/design.md"
    yield from sections_about(situation.plan, path, situation.names, "the design")
    of = outline(situation.plan, path)
    overview = section_titled(of, INTRODUCTION_TITLES)
    if of.length > MAX_LINES_READ_WHOLE and overview:
        yield passage_without_subsections(path, overview, "the overview of the design")


def steering(situation: Situation) -> Iterator[Passage]:
    """Yield the steering that holds for a task, at most `MAX_STEERING_FILES` files.

    The three files that Kiro writes itself come first, then those that share the most words with the task.
    """
    plan, words = situation.plan, words_in(situation.task_text)
    included = [
        (path, document.facts)
        for path, document in plan.documents.items()
        if isinstance(document.facts, Steering) and is_included(document.facts, situation.names)
    ]

    def rank(steering_file: tuple[str, Steering]) -> tuple[bool, int]:
        path, facts = steering_file
        name = path.rpartition("/")[2]
        return name not in STANDARD_STEERING, -len(words & words_in(f"{facts.title} {name}"))

    for path, _ in sorted(included, key=rank)[:MAX_STEERING_FILES]:
        yield from whole_document(plan, path, "steering")


def is_included(facts: Steering, names: Sequence[str]) -> bool:
    """Tell whether Kiro includes a steering file for a task that names these files."""
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
        yield from whole_document(situation.plan, path, "the requirements")


def all_design(situation: Situation) -> Iterator[Passage]:
    """Yield all of the design."""
    yield from whole_document(situation.plan, f"{situation.plan.site.folder}/design.md", "the design")


def all_tasks(situation: Situation) -> Iterator[Passage]:
    """Yield all tasks."""
    yield from whole_document(situation.plan, f"{situation.plan.site.folder}/tasks.md", "the tasks")


def documents_named(situation: Situation) -> Iterator[Passage]:
    """Yield the documents that the task names."""
    yield from mentioned_documents(situation.plan, situation.path, situation.task_text, situation.names)


def details(plan: PlanInput, state: PlanState, item: AchievementState) -> list[Passage]:
    """Return the criteria and properties that an item names."""
    situation = situation_of_item(plan, state, item)
    passages = [*criteria(situation), *properties(situation)]
    return passages[:MAX_KEPT_PASSAGES]
