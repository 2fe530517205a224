"""Lines of documents that explain a task: its own lines, sections by title, and sections with the same names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from planmark.formats.checkbox.lines import Line, heading_of
from planmark.formats.checkbox.outline import (
    DocumentSection,
    Outline,
    last_text_line,
    outline_of,
    section_titled,
    sections_like_title,
)
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.plans.format import Passage, PlanInput

MAX_QUOTED_LINES = 20
"""Maximum number of lines of a passage that a prompt quotes; for a longer passage, the prompt gives its line range."""
MAX_LINES_READ_WHOLE = 150
"""Maximum number of lines of a document that a prompt tells the agent to read as a whole."""
MAX_LINES_OF_MENTIONED = 300
"""Maximum number of lines of a document that is read as a whole because the task names it."""
MAX_SECTIONS = 3
"""Maximum number of sections per longer document; more are omitted."""


def task_passages(path: str, lines: Sequence[Line], task: Task, why: str = "the task") -> Iterator[Passage]:
    """Yield the lines of a task and its details.

    The first passage is short enough to be quoted; a second passage contains the rest.
    """
    last = max(task.line, last_text_line(lines, task.line, end_of(lines, task)))
    first = min(last, task.line + MAX_QUOTED_LINES - 1)
    yield Passage(path, task.line, first, why)
    if last > first:
        yield Passage(path, first + 1, last, "the rest of the task")


def end_of(lines: Sequence[Line], task: Task) -> int:
    """Return the last line of a task. A task that is a heading extends to the next heading of its level or above."""
    heading = heading_of(lines[task.line - 1].text) if task.line <= len(lines) else None
    if heading is None:
        return task.end
    for line in lines[task.line :]:
        below = heading_of(line.text) if line.kind == "text" and "#" in line.text else None
        if below and below.level <= heading.level:
            return line.number - 1
    return len(lines)


def tasks_below(tasks: Sequence[Task], index: int) -> list[int]:
    """Return the positions of all tasks below the task at position `index`."""
    inside = {index}
    for number in range(index + 1, len(tasks)):
        if tasks[number].parent != NO_POSITION and tasks[number].parent in inside:
            inside.add(number)
    return sorted(inside - {index})


def outline(plan: PlanInput, path: str) -> Outline:
    """Return the sections of a document of the plan; an empty outline if the plan does not have it."""
    return outline_of(plan.text(path)) if path in plan.documents else Outline((), ())


def whole_document(plan: PlanInput, path: str, why: str) -> Iterator[Passage]:
    """Yield the whole text of a document."""
    length = outline(plan, path).length
    if length:
        yield Passage(path, 1, length, why)


def section(plan: PlanInput, path: str, titles: Collection[str], why: str) -> Iterator[Passage]:
    """Yield the first section of a document with a title in `titles` (lower case, without numbers)."""
    titled_section = section_titled(outline(plan, path), titles)
    if titled_section and titled_section.last > titled_section.line:
        yield Passage(path, titled_section.line, titled_section.last, why)


def sections_about(plan: PlanInput, path: str, names: Iterable[str], why: str) -> Iterator[Passage]:
    """Yield the whole document if it is short, else its sections that mention the names."""
    document_outline = outline(plan, path)
    if 0 < document_outline.length <= MAX_LINES_READ_WHOLE:
        yield Passage(path, 1, document_outline.length, why)
        return
    for section in sorted(sections_like_title(document_outline, names, MAX_SECTIONS)):
        yield own_lines(path, section, f"{why}: {section.title}")


def mentioned_documents(plan: PlanInput, tasks: str, text: str, names: Iterable[str]) -> Iterator[Passage]:
    """Yield the documents of the plan that a text names by their paths, except the document `tasks`.

    A path may be relative to the folder of the plan. Of a long document, only the sections with the names of the task
    count, if there are any.
    """
    folder = f"{plan.site.folder}/"
    for path in plan.documents:
        name = path.removeprefix(folder)
        pattern = rf"(?<![\w./-])(?:\./|{re.escape(folder)})?{re.escape(name)}(?![\w/]|\.\w)"
        if path == tasks or name not in text or not re.search(pattern, text):
            continue
        length = outline(plan, path).length
        why = f"{name}, which the task names"
        passages = [] if length <= MAX_LINES_OF_MENTIONED else list(sections_about(plan, path, names, why))
        yield from passages or whole_document(plan, path, why)


def own_lines(path: str, section: DocumentSection, why: str) -> Passage:
    """Return the lines of a section without its sub-sections."""
    return Passage(path, section.line, section.own, why)


def without_repetitions(passages: Iterable[Passage]) -> list[Passage]:
    """Return the passages, except each passage whose lines an earlier passage contains."""
    quoted_passages: list[Passage] = []
    for part in passages:
        if not any(contains_passage(passage, part) for passage in quoted_passages):
            quoted_passages.append(part)
    return quoted_passages


def without_contained(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages, except each passage whose lines a later passage contains."""
    return [
        part
        for index, part in enumerate(passages)
        if not any(contains_passage(passage, part) for passage in passages[index + 1 :])
    ]


def contains_passage(outer: Passage, inner: Passage) -> bool:
    """Tell whether the passage `outer` contains all lines of the passage `inner`."""
    return outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end
