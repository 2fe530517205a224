"""The lines of documents that explain a task.

These lines are the task itself, sections with a given title, and sections that contain names from the text of the task.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from planmark.formats.checkbox.lines import Line, heading_of
from planmark.formats.checkbox.outline import (
    DocumentSection,
    Outline,
    last_text_line,
    outline_of,
    section_with_title,
    sections_with_names,
)
from planmark.formats.checkbox.tasks import NO_POSITION, Task
from planmark.plans.format import Passage, PlanInput

MAX_QUOTED_LINES = 20
"""Maximum number of lines of a passage that a prompt quotes. For a longer passage, the prompt gives its line range."""
MAX_LINES_OF_WHOLE_DOCUMENT = 150
"""Maximum number of lines of a document that a prompt tells the agent to read as a whole."""
MAX_LINES_OF_MENTIONED_DOCUMENT = 300
"""Maximum number of lines of a document that a prompt tells the agent to read as a whole if the task names it."""
MAX_SECTIONS_PER_DOCUMENT = 3
"""Maximum number of sections that become passages, for each document with more than MAX_LINES_OF_WHOLE_DOCUMENT lines."""


def task_passages(path: str, lines: Sequence[Line], task: Task, why: str = "the task") -> Iterator[Passage]:
    """Yield the lines of a task and its details as one or two passages. `why` says what the lines are.

    The first passage is short enough to be quoted. If there are more lines, a second passage contains them.
    """
    last = max(task.line, last_text_line(lines, task.line, last_line_of_task(lines, task)))
    last_quoted = min(last, task.line + MAX_QUOTED_LINES - 1)
    yield Passage(path, task.line, last_quoted, why)
    if last > last_quoted:
        yield Passage(path, last_quoted + 1, last, "the rest of the task")


def last_line_of_task(lines: Sequence[Line], task: Task) -> int:
    """Return the 1-based last line of a task.

    A task that is a heading extends to the next heading of its level or above.
    """
    heading = heading_of(lines[task.line - 1].text) if task.line <= len(lines) else None
    if heading is None:
        return task.end
    for line in lines[task.line :]:
        later_heading = heading_of(line.text) if line.kind == "text" and "#" in line.text else None
        if later_heading and later_heading.level <= heading.level:
            return line.number - 1
    return len(lines)


def tasks_below(tasks: Sequence[Task], index: int) -> list[int]:
    """Return the positions of all tasks below the task at position `index`."""
    indexes = {index}
    for other_index in range(index + 1, len(tasks)):
        if tasks[other_index].parent != NO_POSITION and tasks[other_index].parent in indexes:
            indexes.add(other_index)
    return sorted(indexes - {index})


def outline_at(plan: PlanInput, path: str) -> Outline:
    """Return the outline of a document of the plan; an empty outline if the plan has no document at `path`."""
    return outline_of(plan.text(path)) if path in plan.documents else Outline((), ())


def whole_document_passage(plan: PlanInput, path: str, why: str) -> Iterator[Passage]:
    """Yield the whole text of a document as a passage, if it has text. `why` says what the text is."""
    length = outline_at(plan, path).length
    if length:
        yield Passage(path, 1, length, why)


def section_passages(plan: PlanInput, path: str, titles: Collection[str], why: str) -> Iterator[Passage]:
    """Yield the first section of a document whose title is in `titles`, if the section has text.

    `titles` are in lower case and without numbers. `why` says what the section is about.
    """
    titled_section = section_with_title(outline_at(plan, path), titles)
    if titled_section and titled_section.last_line > titled_section.line:
        yield Passage(path, titled_section.line, titled_section.last_line, why)


def passages_about(plan: PlanInput, path: str, names: Iterable[str], why: str) -> Iterator[Passage]:
    """Yield the whole document at `path` if it is short, else its sections that mention some of `names`.

    `why` says what the document is about.
    """
    document_outline = outline_at(plan, path)
    if 0 < document_outline.length <= MAX_LINES_OF_WHOLE_DOCUMENT:
        yield Passage(path, 1, document_outline.length, why)
        return
    for section in sorted(sections_with_names(document_outline, names, MAX_SECTIONS_PER_DOCUMENT)):
        yield passage_without_subsections(path, section, f"{why}: {section.title}")


def passages_of_mentioned_documents(
    plan: PlanInput, tasks_path: str, text: str, names: Iterable[str]
) -> Iterator[Passage]:
    """Yield passages of the documents of the plan that `text` names by their paths, except `tasks_path`.

    A path may be relative to the folder of the plan. Of a long document, only the sections that mention some of `names`
    are passages. If there is no such section, the whole document is one passage.
    """
    folder = f"{plan.site.folder}/"
    for path in plan.documents:
        name = path.removeprefix(folder)
        pattern = rf"(?<![\w./-])(?:\./|{re.escape(folder)})?{re.escape(name)}(?![\w/]|\.\w)"
        if path == tasks_path or name not in text or not re.search(pattern, text):
            continue
        length = outline_at(plan, path).length
        why = f"{name}, which the task names"
        passages = [] if length <= MAX_LINES_OF_MENTIONED_DOCUMENT else list(passages_about(plan, path, names, why))
        yield from passages or whole_document_passage(plan, path, why)


def passage_without_subsections(path: str, section: DocumentSection, why: str) -> Passage:
    """Return the lines of a section without its sub-sections; `why` says what the lines are."""
    return Passage(path, section.line, section.last_own_line, why)


def without_repetitions(passages: Iterable[Passage]) -> list[Passage]:
    """Return the passages, except each passage whose lines an earlier passage contains."""
    kept_passages: list[Passage] = []
    for passage in passages:
        if not any(contains_passage(kept_passage, passage) for kept_passage in kept_passages):
            kept_passages.append(passage)
    return kept_passages


def without_contained(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages, except each passage whose lines a later passage contains."""
    return [
        passage
        for index, passage in enumerate(passages)
        if not any(contains_passage(later_passage, passage) for later_passage in passages[index + 1 :])
    ]


def contains_passage(outer: Passage, inner: Passage) -> bool:
    """Tell whether the passage `outer` contains all lines of the passage `inner`."""
    return outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end
