"""Where a prompt's material stands: line ranges and quotes of the documents that a step is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.documents.document import Document
from planmark.documents.ids import number_for
from planmark.documents.placeholders import section_is_filled
from planmark.documents.plan import Achievement
from planmark.documents.source import Passage, Source, fields_in, passage, sections_named
from planmark.documents.vocabulary import is_field
from planmark.syntax.blocks import split_lines
from planmark.syntax.sections import split
from planmark.text.mojibake import repair
from planmark.workflow.plan import Judged
from planmark.workflow.state import Situation, verdict_facts
from planmark.workspace.discovery import FEEDBACKS, join
from planmark.workspace.snapshot import PlanFiles, ReadText, Snapshot

QUOTED_LINES = 60
"""A body up to this many lines is quoted in the prompt; a longer one is named by its lines."""
SIBLINGS = 12
"""How many documents not to read are named."""
_PATH = re.compile(r"`([^`\s]+\.[A-Za-z0-9]{1,5}|[^`\s]+/)`")


class Read(NamedTuple):
    """Lines to read, 1-based and inclusive, and why."""

    path: str
    start: int
    end: int
    why: str


class Material(NamedTuple):
    """Everything that a prompt may draw on."""

    snapshot: Snapshot
    files: PlanFiles
    judged: Judged
    achievement: Achievement | None
    situation: Situation | None
    text: ReadText


def lines_of(material: Material, path: str) -> list[str]:
    """The lines of a document, emoji repaired."""
    return split_lines(repair(material.text(path)) or "\n")


def source_of(material: Material, path: str) -> Source:
    """The sections of a document."""
    return split(repair(material.text(path)))


def whole(material: Material, document: Document | None, why: str) -> Iterator[Read]:
    """All of a document."""
    if document is not None:
        yield Read(document.path, 1, max(1, len(lines_of(material, document.path))), why)


def ranged(document: Document, part: Passage, why: str) -> Read:
    """A passage of a document."""
    return Read(document.path, *document.lines(part), why)


def body(material: Material) -> Iterator[Read]:
    """The achievement's body in the PLAN."""
    if material.achievement and material.achievement.body:
        yield ranged(material.files.document, material.achievement.body, "the achievement")
    elif material.achievement:
        line = material.files.document.line(material.achievement.at)
        yield Read(material.files.path, line, line, "the achievement, in the index: no body defines it")


def handoff(material: Material) -> Iterator[Read]:
    """The handoff, where what it names as next is still open."""
    open_ids = {known.id for known in material.judged.state.achievements if known.state != "approved"}
    for found in material.files.facts.handoffs:
        if all(named in open_ids for named, _ in found.next_ids):
            yield ranged(material.files.document, found.passage, "the handoff")


def design(material: Material) -> Iterator[Read]:
    """Objective and approach of the SUBPLAN; all of it where neither can be told apart."""
    subplan = material.situation.subplan if material.situation else None
    if subplan is None:
        return
    found = list(named_sections(material, subplan, ("objective", "approach")))
    yield from found or whole(material, subplan, "the SUBPLAN")


def named_sections(material: Material, document: Document, names: tuple[str, ...]) -> Iterator[Read]:
    """The filled sections of a document that have these names, inner ones of an outer one left out."""
    source = source_of(material, document.path)
    covered = -1
    headings = sorted({(index, name) for name in names for index in sections_named(source, name)})
    for index, name in headings:
        part = passage(source, index)
        if index > covered and section_is_filled(source, index):
            covered = part.end.section - 1
            yield ranged(document, part, name.replace("_", " "))


def learnings(material: Material) -> Iterator[Read]:
    """What the executions that are done have learned; all of a task where no section says it."""
    for task, execution in _tasks(material):
        if execution == "done":
            found = list(named_sections(material, task, ("learnings", "completion")))
            yield from found or whole(material, task, "a done execution")


def open_tasks(material: Material) -> Iterator[Read]:
    """The executions that are open, in order."""
    for task, execution in _tasks(material):
        if execution == "open":
            yield from whole(material, task, "the open execution")
            return


def blocked_tasks(material: Material) -> Iterator[Read]:
    """The executions that are blocked."""
    for task, execution in _tasks(material):
        if execution == "blocked":
            yield from whole(material, task, "the blocked execution")


def done_tasks(material: Material) -> Iterator[Read]:
    """The executions that are done."""
    for task, execution in _tasks(material):
        if execution == "done":
            yield from whole(material, task, "a done execution")


def subplan(material: Material) -> Iterator[Read]:
    """All of the SUBPLAN."""
    yield from whole(material, material.situation.subplan if material.situation else None, "the SUBPLAN")


def fix(material: Material) -> Iterator[Read]:
    """The FIX file."""
    yield from whole(
        material, material.situation.fix if material.situation else None, "the review that asks for the fix"
    )


def resolution(material: Material) -> Iterator[Read]:
    """The RESOLUTION file."""
    yield from whole(material, material.situation.resolution if material.situation else None, "what was done about it")


def plan(material: Material) -> Iterator[Read]:
    """All of the PLAN."""
    yield from whole(material, material.files.document, "the PLAN")


def subplan_path(material: Material) -> str:
    """Where the SUBPLAN of the achievement is to be created."""
    assert material.achievement
    number = number_for(material.achievement.id, material.files.facts.ids)
    return join(material.files.folder, f"subplans/SUBPLAN_{material.files.feature}_{number}.md")


def execution_path(material: Material) -> str:
    """Where the next EXECUTION_TASK is to be created: the number of its SUBPLAN, the first free execution."""
    assert material.achievement and material.situation
    subplan = material.situation.subplan
    ids = material.files.facts.ids
    number = subplan.name.number if subplan else number_for(material.achievement.id, ids)
    execution = max((known.number for known in material.situation.executions), default=0) + 1
    taken = set(material.snapshot.paths)
    while True:
        name = f"EXECUTION_TASK_{material.files.feature}_{number}_{execution:02d}.md"
        path = join(material.files.folder, f"execution/{name}")
        if path not in taken:
            return path
        execution += 1


def verdict_path(material: Material, name: str) -> str:
    """The verdict of the achievement that is called `name` (`APPROVED_{}`, `FIX_{}`, `FIX_{}_RESOLUTION`)."""
    assert material.achievement and material.situation
    known = material.situation.fix or material.situation.approved
    number = known.name.number if known else number_for(material.achievement.id, material.files.facts.ids)
    return join(material.files.folder, f"{FEEDBACKS}/{name.format(number)}.md")


def issues(material: Material) -> list[dict[str, object]]:
    """Every issue of the FIX file: severity, title, path, first and last line (1-based, inclusive)."""
    document = material.situation.fix if material.situation else None
    if document is None:
        return []
    found = []
    for issue in verdict_facts(document).issues:
        start, end = document.lines(issue.passage)
        title = issue.title.replace("**", "").strip()
        found.append({"severity": issue.severity, "title": title, "path": document.path, "start": start, "end": end})
    return found


def quoted_body(material: Material) -> list[str]:
    """The lines of the achievement's body, without blank ends; none where it is too long to be quoted."""
    for read in body(material):
        lines = lines_of(material, read.path)[read.start - 1 : read.end]
        while lines and not lines[-1].strip():
            lines.pop()
        if len(lines) <= QUOTED_LINES:
            return lines
    return []


def deliverables(material: Material) -> list[str]:
    """The back-ticked paths in the Deliverables of the achievement and its SUBPLAN, each once."""
    found: list[str] = []
    for read in body(material):
        found += _delivered(lines_of(material, read.path)[read.start - 1 : read.end])
    if material.situation and material.situation.subplan:
        path = material.situation.subplan.path
        for read in named_sections(material, material.situation.subplan, ("deliverables",)):
            found += _PATH.findall("\n".join(lines_of(material, path)[read.start - 1 : read.end]))
    return list(dict.fromkeys(found))


def siblings(material: Material, reading: list[Read]) -> list[str]:
    """Documents of the same plan that the step has no use for: the first few, in order of path."""
    own = material.situation.tasks if material.situation else ()
    used = {*(read.path for read in reading), *(document.path for document in own)}
    others = (*material.files.subplans, *material.files.executions, *material.files.verdicts)
    return sorted(document.path for document in others if document.path not in used)[:SIBLINGS]


def _tasks(material: Material) -> list[tuple[Document, str]]:
    if material.situation is None:
        return []
    outcomes = [known.outcome for known in material.situation.executions]
    return list(zip(material.situation.tasks, outcomes, strict=True))


def _delivered(lines: list[str]) -> list[str]:
    """The back-ticked paths of the Deliverables fields."""
    source = split("\n".join(lines))
    found: list[str] = []
    for place, field in fields_in(source, range(len(source))):
        if is_field(field.name, "deliverables"):
            text = source[place.section].section.text.split("\n")
            found += _PATH.findall("\n".join([field.value, *text[field.body[0] : field.body[1]]]))
    return found
