"""Where a prompt's material stands: line ranges and quotes of the documents that a step is about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.documents.document import Document
from planmark.documents.ids import number_for
from planmark.documents.placeholders import section_is_filled
from planmark.documents.plan import Achievement
from planmark.documents.source import (
    Passage,
    Source,
    field_passage,
    fields_in,
    line_number,
    passage,
    sections_named,
    starts_of,
)
from planmark.documents.vocabulary import is_field
from planmark.syntax.blocks import split_lines
from planmark.syntax.sections import split
from planmark.text.mojibake import repair
from planmark.workflow.model import AchievementState
from planmark.workflow.plan import Judged
from planmark.workflow.state import Situation, verdict_facts
from planmark.workspace.discovery import FEEDBACKS, join, parent
from planmark.workspace.snapshot import Exists, PlanFiles, ReadText, Snapshot

QUOTED_LINES = 60
"""A body up to this many lines is quoted in the prompt; a longer one is named by its lines."""
SHORT_LINES = 20
"""Of other documents, what is no longer than this is quoted."""
HEAD_LINES = 60
"""So much of a document is read where it does not say what matters in it."""
BRIEF_LINES = 15
"""So much of each of several reports is read where all of them are too much."""
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
    exists: Exists


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


def handoff_anyway(material: Material) -> Iterator[Read]:
    """The handoff, stale or not."""
    for found in material.files.facts.handoffs:
        yield ranged(material.files.document, found.passage, "the handoff")


def bodies_ready(material: Material) -> Iterator[Read]:
    """The bodies of the achievements that could be worked on now."""
    open_ids = {known.id for known in ready(material)}
    for known in material.files.facts.achievements:
        if known.id in open_ids and known.body:
            yield ranged(material.files.document, known.body, f"achievement {known.id}")


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


def objective(material: Material) -> Iterator[Read]:
    """The objective of the SUBPLAN; its first lines where it has none."""
    yield from _of_subplan(material, ("objective",)) or _head(material, _subplan(material), "the SUBPLAN")


def checks(material: Material) -> Iterator[Read]:
    """What the SUBPLAN says of deliverables, tests and success."""
    yield from _of_subplan(material, ("deliverables", "tests", "success"))


def success(material: Material) -> Iterator[Read]:
    """The success criteria of the SUBPLAN."""
    yield from _of_subplan(material, ("success",))


def criteria(material: Material) -> Iterator[Read]:
    """The defining line of the achievement and the fields that say when it is done; its first lines without them."""
    for read in body(material):
        source = split("\n".join(lines_of(material, read.path)[read.start - 1 : read.end]))
        starts = starts_of(source)
        found = [Read(read.path, read.start, read.start, "the achievement")]
        for place, field in fields_in(source, range(len(source))):
            if is_field(field.name, "success") or is_field(field.name, "deliverables"):
                part = field_passage(place, field)
                first, behind = line_number(starts, part.start), line_number(starts, part.end)
                found.append(Read(read.path, read.start + first, read.start + behind - 1, field.name.casefold()))
        yield from found if len(found) > 1 else [read._replace(end=min(read.end, read.start + HEAD_LINES - 1))]


def first_learnings(material: Material) -> Iterator[Read]:
    """The beginning of what each execution has learned."""
    for read in learnings(material):
        yield read._replace(end=min(read.end, read.start + BRIEF_LINES - 1))


def last_iteration(material: Material) -> Iterator[Read]:
    """The header and the last iteration of the executions that are open or blocked; their ends without any."""
    for task, outcome in _tasks(material):
        if outcome not in ("open", "blocked"):
            continue
        source = source_of(material, task.path)
        why = f"the {outcome} execution"
        headings = sections_named(source, "iteration")
        length = max(1, len(lines_of(material, task.path)))
        if headings:
            start, end = task.lines(passage(source, headings[-1]))
            yield Read(task.path, 1, min(BRIEF_LINES, start - 1) or 1, f"{why}, its header")
            yield Read(task.path, start, end, f"{why}, its last iteration")
        else:
            yield Read(task.path, max(1, length - HEAD_LINES), length, f"{why}, its end")


def plan_head(material: Material) -> Iterator[Read]:
    """The beginning of the PLAN."""
    yield from _head(material, material.files.document, "the beginning of the PLAN")


def fix_issues(material: Material) -> Iterator[Read]:
    """The issues of the FIX file alone; all of it where they cannot be taken apart."""
    document = material.situation.fix if material.situation else None
    if document is None:
        return
    found = [ranged(document, issue.passage, "an issue to fix") for issue in verdict_facts(document).issues]
    yield from found or fix(material)


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


def parallel_path(material: Material) -> str:
    """Where the dependencies of the plan are declared."""
    found = material.files.parallel
    return found.path if found else join(parent(material.files.path), "parallel.json")


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


def ready(material: Material) -> list[AchievementState]:
    """The achievements that could be worked on now: the next one, and those that are ready besides."""
    state = material.judged.state
    ids = {state.next.achievement, *(known.achievement for known in state.also_ready)}
    return [known for known in state.achievements if known.id in ids]


def stale(material: Material) -> list[tuple[int, str]]:
    """What the PLAN's text says that the files do not: (1-based line, text)."""
    open_ids = {known.id for known in material.judged.state.achievements if known.state != "approved"}
    found = [
        (material.files.document.line(quote.at), quote.text)
        for handoff_found in material.files.facts.handoffs
        for named, quote in handoff_found.next_ids
        if named not in open_ids
    ]
    found += [(claim.line, claim.text) for claim in material.judged.state.claims if claim.achievement in open_ids]
    return sorted(set(found))


def parallel_json(material: Material) -> str:
    """The dependencies of every achievement, as the file that declares them has them."""
    state = material.judged.state
    priorities = {known.priority for known in ready(material)}
    level = "level_2" if len(priorities) == 1 else "level_3"
    rows = [
        json.dumps({"achievement_id": known.id, "dependencies": list(known.depends_on)}) for known in state.achievements
    ]
    listed = ",\n    ".join(rows)
    head = f'"plan_name": {json.dumps(state.feature)},\n  "parallelization_level": "{level}"'
    return f'{{\n  {head},\n  "achievements": [\n    {listed}\n  ]\n}}'


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


def _subplan(material: Material) -> Document | None:
    return material.situation.subplan if material.situation else None


def _of_subplan(material: Material, names: tuple[str, ...]) -> list[Read]:
    document = _subplan(material)
    return list(named_sections(material, document, names)) if document else []


def _head(material: Material, document: Document | None, why: str) -> Iterator[Read]:
    """The beginning of a document."""
    if document is not None:
        yield Read(document.path, 1, min(HEAD_LINES, max(1, len(lines_of(material, document.path)))), why)


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
