"""The problem of an achievement, and the facts about recurring work, in the types of the core (`queries/learning.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.formats.planmark.documents.cases import cases_of
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import AchievementInputs
from planmark.markdown.blocks import split_lines
from planmark.markdown.parsed_source import parse_sections, section_range
from planmark.plans.document import Document
from planmark.queries.learning import LearningReaders, OpenProblem, ReviewIssue
from planmark.queries.workspace_view import View

STATES_DECIDED_BY_FIX = ("needs_fix", "fix_resolved")


def problem_of(view: View, plan: PlanDocuments, achievement: str) -> OpenProblem:
    """Return the open problem of an achievement. `achievement` is an id.

    If a FIX or its RESOLUTION decides the state, the issues of the FIX files are the problem. Otherwise, the blocked
    executions are the problem, else the last execution. If there is no execution, the definition describes the problem.
    """
    evaluation = view.evaluations[plan.path]
    inputs: AchievementInputs = evaluation.inputs[achievement]
    state = evaluation.by_id[achievement].state
    reviews = inputs.reviews
    fixes = [*reviews.other_open_fixes, *([reviews.fix] if reviews.fix else [])]
    documents = [*inputs.tasks, *fixes, *([reviews.resolution] if reviews.resolution else [])]
    own_paths = [document.path for document in documents if document.path]
    if state in STATES_DECIDED_BY_FIX and fixes:
        text = "\n".join(_issues_text(view, document) for document in fixes)
        return OpenProblem(text, tuple(document.path for document in fixes), tuple(own_paths))
    outcomes = zip(inputs.tasks, inputs.executions, strict=True)
    blocked_tasks = [task for task, execution in outcomes if execution.outcome == "blocked"]
    logs = blocked_tasks or list(inputs.tasks)
    text = "\n".join(view.text(document.path) for document in (blocked_tasks or inputs.tasks[-1:]))
    return OpenProblem(
        text or _definition_text(view, plan, achievement), tuple(log.path for log in logs), tuple(own_paths)
    )


def _issues_text(view: View, document: Document) -> str:
    """Return the text of the issues in a FIX. If the FIX has no issues that Planmark can read, return the whole text of
    the FIX.
    """
    text = view.text(document.path)
    facts = document.facts
    if not isinstance(facts, Verdict) or not facts.issues:
        return text
    lines = split_lines(text)
    line_ranges = [document.lines(issue.passage) for issue in facts.issues]
    return "\n".join("\n".join(lines[start - 1 : end]) for start, end in line_ranges)


def _definition_text(view: View, plan: PlanDocuments, achievement: str) -> str:
    """Return the definition of an achievement with its body, as text. If there is no definition, return the title."""
    defined_achievement = plan.facts.by_id[achievement]
    if defined_achievement.body is None:
        return view.evaluations[plan.path].by_id[achievement].title
    start, end = plan.document.lines(defined_achievement.body)
    return "\n".join(split_lines(view.text(plan.path))[start - 1 : end])


def review_issues(document: Document) -> Iterator[ReviewIssue]:
    """Yield the issues of a FIX file. Any other document has no issues."""
    facts = document.facts
    if isinstance(facts, Verdict) and parsed_name(document).verdict == "fix":
        for issue in facts.issues:
            yield ReviewIssue(issue.severity, issue.title, document.lines(issue.passage)[0])


def iteration_count(document: Document, text: str) -> int:
    """Return the number of iterations in the log of an EXECUTION_TASK. For any other document, return 0.

    A heading such as `Iteration Log` is not an iteration if there are iterations below this heading.
    """
    if not isinstance(document.facts, ExecutionTask):
        return 0
    source = parse_sections(text)
    heading_indexes = sections_with_name(source, "iteration")
    section_ends = [section_range(source, heading_index).stop for heading_index in heading_indexes]
    return sum(
        next_index is None or next_index >= section_end
        for next_index, section_end in zip([*heading_indexes[1:], None], section_ends, strict=False)
    )


LEARNING = LearningReaders(("execution_task", "verdict"), cases_of, problem_of, review_issues, iteration_count)
"""The functions of the methodology for `planmark learn`."""
