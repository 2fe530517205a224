"""The entry of an iteration in the log of an open EXECUTION_TASK."""

from __future__ import annotations

import re

from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.prompts.context import material_of, tasks_with_outcomes
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import Source, parse_sections, section_range
from planmark.plans.model import DONE_STATES
from planmark.queries.authoring import LoggedIteration
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.workspace.snapshot import FormatPlan

OPEN_OUTCOMES = ("open", "blocked")
DEFAULT_LEVEL = 3
"""The level of the heading of an iteration, if the log has no iteration yet."""
_NUMBER = re.compile(r"(\d{1,6})\W*$")


def log_iteration(view: View, plan: FormatPlan, achievement: str, text: str) -> LoggedIteration:
    """Return the change that appends an iteration with a text to the open EXECUTION_TASK of an achievement.

    Raises NoAnswerError if no EXECUTION_TASK is open, or if the text would change the structure of the document.
    """
    if not text.strip():
        raise NoAnswerError("an iteration needs its text: what was done, with result and learning", "usage")
    evaluation = view.evaluations[plan.path]
    material = material_of(view.reader, plan, evaluation, achievement)
    open_tasks = [task for task, outcome in tasks_with_outcomes(material) if outcome in OPEN_OUTCOMES]
    if not open_tasks or evaluation.by_id[achievement].state in DONE_STATES:
        raise NoAnswerError(
            f"no EXECUTION_TASK of {achievement} is open: create one first (planmark create execution "
            f"@{plan.feature} {achievement})",
            "waiting",
        )
    path = open_tasks[-1].path
    old_text = view.text(path)
    return LoggedIteration(path, old_text, with_iteration(old_text, text))


def with_iteration(old_text: str, text: str) -> str:
    """Return the text of an EXECUTION_TASK with an iteration at the end of its log.

    Raises NoAnswerError if the iteration would change a different part of the document.
    """
    source = parse_sections(old_text)
    iterations = sections_with_name(source, "iteration")
    logs = [index for index in sections_with_name(source, "log") if index not in iterations]
    last_heading = iterations[-1] if iterations else logs[-1] if logs else None
    section_end = section_range(source, last_heading).stop if last_heading is not None else len(source)
    level = source[iterations[-1]].section.level if iterations else DEFAULT_LEVEL
    numbers = [_NUMBER.search(source[index].section.title) for index in iterations]
    number = max([int(match[1]) for match in numbers if match] or [0]) + 1
    position = sum(len(section.section.text) for section in source[:section_end])
    head, tail = old_text[:position], old_text[position:]
    # A rule or blank lines at the end of a section separate the section from the next section.
    head_text = head.rstrip(" \t\r\n")
    while (last_line := head_text.rpartition("\n")[2].strip()) and set(last_line) <= {"-"} and len(last_line) >= 3:
        head_text = head_text[: len(head_text) - len(head_text.rpartition("\n")[2])].rstrip(" \t\r\n")
    line_end = "\r\n" if "\r\n" in old_text else "\n"
    body = line_end.join(line.rstrip("\r\n") for line in split_lines(text.strip("\r\n") + "\n"))
    entry = f"{'#' * level} Iteration {number}{line_end}{line_end}{body}"
    gap = head[len(head_text) :] if tail or head[len(head_text) :].strip() else line_end
    new_text = (
        f"{head_text}{line_end}{line_end}{entry}{gap if gap.startswith((chr(10), chr(13))) else line_end + gap}{tail}"
    )
    _refuse_other_changes(source, parse_sections(new_text), level)
    return new_text


def _refuse_other_changes(old_source: Source, new_source: Source, level: int) -> None:
    """Raise NoAnswerError unless the only new section at `level` or above is one iteration."""

    def outline(source: Source) -> list[str]:
        return [p.section.title for p in source if p.section.level in range(1, level + 1) or p.section.level == 7]

    added_count = len(sections_with_name(new_source, "iteration")) - len(sections_with_name(old_source, "iteration"))
    if added_count != 1 or len(outline(new_source)) != len(outline(old_source)) + 1:
        raise NoAnswerError(
            f"the text has a heading of level {level} or above, an achievement, or an open code block, which would change "
            f"the rest of the EXECUTION_TASK: write smaller headings, and close what is open",
            "usage",
        )
