"""The entry of an iteration in the log of an open EXECUTION_TASK."""

from __future__ import annotations

from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.prompts.context import material_of, tasks_with_outcomes
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import Source, parse_sections, section_range
from planmark.plans.model import DONE_STATES
from planmark.queries.authoring import LoggedIteration
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.workspace.snapshot import FormatPlan

OPEN_OUTCOMES = ("open", "blocked")
"""Outcomes of executions to which an iteration can be added."""
DEFAULT_HEADING_LEVEL = 3
"""The level of the heading of an iteration, if the log has no iteration yet."""
_NUMBER_AT_END = lazy_pattern(r"(\d{1,6})\W*$")
"""Pattern for the number at the end of the heading of an iteration."""


def log_iteration(view: View, plan: FormatPlan, achievement: str, text: str) -> LoggedIteration:
    """Return the change that appends an iteration to the last open EXECUTION_TASK of an achievement.

    `achievement` is an id, and `text` is the text of the iteration. Raises NoAnswerError if `text` is blank, if no
    EXECUTION_TASK is open, or if `text` would change the structure of the document.
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
    """Return the text of an EXECUTION_TASK with a new iteration at the end of its log.

    `old_text` is the text of the document, and `text` is the text of the iteration. Raises NoAnswerError if the
    iteration would change a different part of the document.
    """
    source = parse_sections(old_text)
    iteration_indexes = sections_with_name(source, "iteration")
    log_indexes = [index for index in sections_with_name(source, "log") if index not in iteration_indexes]
    last_heading = iteration_indexes[-1] if iteration_indexes else log_indexes[-1] if log_indexes else None
    section_end = section_range(source, last_heading).stop if last_heading is not None else len(source)
    level = source[iteration_indexes[-1]].section.level if iteration_indexes else DEFAULT_HEADING_LEVEL
    number_matches = [_NUMBER_AT_END.search(source[index].section.title) for index in iteration_indexes]
    number = max([int(match[1]) for match in number_matches if match] or [0]) + 1
    insert_offset = sum(len(section.section.text) for section in source[:section_end])
    text_before, text_after = old_text[:insert_offset], old_text[insert_offset:]
    # A rule or blank lines at the end of a section separate the section from the next section.
    kept_text = text_before.rstrip(" \t\r\n")
    while (last_line := kept_text.rpartition("\n")[2].strip()) and set(last_line) <= {"-"} and len(last_line) >= 3:
        kept_text = kept_text[: len(kept_text) - len(kept_text.rpartition("\n")[2])].rstrip(" \t\r\n")
    line_end = "\r\n" if "\r\n" in old_text else "\n"
    body = line_end.join(line.rstrip("\r\n") for line in split_lines(text.strip("\r\n") + "\n"))
    entry = f"{'#' * level} Iteration {number}{line_end}{line_end}{body}"
    separator = text_before[len(kept_text) :] if text_after or text_before[len(kept_text) :].strip() else line_end
    new_text = f"{kept_text}{line_end}{line_end}{entry}{separator if separator.startswith((chr(10), chr(13))) else line_end + separator}{text_after}"
    _refuse_other_changes(source, parse_sections(new_text), level)
    return new_text


def _refuse_other_changes(old_source: Source, new_source: Source, level: int) -> None:
    """Raise NoAnswerError unless exactly one section is new, and it is an iteration.

    Only sections with a heading of `level` or above are compared.
    """

    def upper_titles(source: Source) -> list[str]:
        """Return the titles of the headings of `level` or above, and of the definitions of achievements."""
        return [p.section.title for p in source if p.section.level in range(1, level + 1) or p.section.level == 7]

    added_count = len(sections_with_name(new_source, "iteration")) - len(sections_with_name(old_source, "iteration"))
    if added_count != 1 or len(upper_titles(new_source)) != len(upper_titles(old_source)) + 1:
        raise NoAnswerError(
            f"the text has a heading of level {level} or above, an achievement, or an open code block, which would change "
            f"the rest of the EXECUTION_TASK: use headings of a lower level, and close the code block",
            "usage",
        )
