"""Instructions of a step other than its task: the goal, the code, the proof, when to stop, which lines to update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planmark.formats.planmark.documents.deliverable_paths import candidate_paths
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.placeholders import section_is_filled
from planmark.formats.planmark.prompts import output_paths
from planmark.formats.planmark.prompts.context import Material, lines_of, sections_of, tasks_with_outcomes
from planmark.formats.planmark.prompts.excerpts import body, documents_to_change
from planmark.formats.planmark.prompts.file_formats import texts_to_write
from planmark.formats.planmark.prompts.template_context import EXISTS_BY_STANDING, deliverable_standings
from planmark.formats.planmark.workflow.decision_table import subplan_facts, task_facts
from planmark.markdown.blocks import prose_lines
from planmark.markdown.parsed_source import section_range, section_start_lines
from planmark.plans.model import REVIEW_STEPS, SETTLED_STATES, NextStep, Step
from planmark.prompts.stated_goal import GOAL_FIELD, first_paragraph, first_two_sentences, goal_in_field
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun, line_range

EXECUTION_STEPS: tuple[Step, ...] = ("create_execution", "next_execution", "continue_execution", "address_fix")
"""Steps in which an executor changes code."""
DESIGN_STEPS: tuple[Step, ...] = ("create_subplan", "fill_subplan")
"""Steps in which a designer has to know which of the named files exist."""
STEPS_THAT_ASK: tuple[Step, ...] = (
    *("create_subplan", "fill_subplan", "synthesize", "define_achievements", "parallel"),
    *("update_index", "complete_plan", "unblock", "fill_execution"),
)
"""Steps in which an agent that needs a decision says so and stops, but changes no Status."""
DOCUMENTS_TO_EDIT: dict[Step, tuple[str, ...]] = {
    "fill_subplan": ("subplan",),
    "synthesize": ("subplan",),
    "fill_execution": ("open",),
    "continue_execution": ("open",),
    "unblock": ("blocked",),
    **dict.fromkeys(
        ("fill_plan", "define_achievements", "update_index", "complete_plan", "pause", "resume"), ("plan",)
    ),
}
"""Step → the existing documents that the step changes: "plan", "subplan", or executions with an outcome, such as "open"."""
OUTCOMES_OF_UPDATED_EXECUTIONS: dict[Step, tuple[str, ...]] = {
    **dict.fromkeys(EXECUTION_STEPS, ("open",)),
    "address_fix": ("open", "done", "blocked"),
    "unblock": ("blocked",),
}
"""Step → the outcomes of the executions in which the step must bring the Status and other lines up to date."""
_FILE_PATH = lazy_pattern(r"`(?P<path>(?:[\w.@-]+/)+[\w.@-]*\.[A-Za-z]\w{0,9})`")
"""Pattern for the path of a file in inline code."""
MAX_CODE_FILES = 12
"""Maximum number of code files that a prompt names; the prompt states only the number of all others."""
MAX_COMMANDS = 8
"""Maximum number of commands per prompt; more are omitted."""


def instruction_variables(material: Material, step: NextStep) -> dict[str, Any]:
    """Return the variables of the template that say how an agent does, proves and ends the step `step`."""
    is_execution, is_review = step.step in EXECUTION_STEPS, step.step in REVIEW_STEPS
    files = (
        code_files(material)
        if is_execution or is_review
        else named_code_files(material)
        if step.step in DESIGN_STEPS
        else []
    )
    commands = commands_to_run(material) if is_execution or is_review else []
    return {
        "plan_goal": goal(material) if step.step not in ("finish_execution", "closed") else "",
        "code": files[:MAX_CODE_FILES],
        "code_more": max(0, len(files) - MAX_CODE_FILES),
        "commands": commands[:MAX_COMMANDS],
        "tests_in_words": tests_in_words(material) if is_execution and not commands else "",
        "proves": is_execution,
        "stops": status_to_change(material, step) if is_execution else (),
        "asks_first": step.step in STEPS_THAT_ASK,
        "formats": texts_to_write(material, step.step),
        "bookkeeping": list(lines_to_update(material, step)),
        "commits": is_execution and material.snapshot.settings["prompts.commit"] and material.exists(".git"),
        "repository": material.exists(".git"),
        "waits_for": awaited_achievements(material) if step.step == "wait" else [],
        "log_is_empty": log_is_empty(material),
    }


def goal(material: Material) -> str:
    """Return the first two sentences of the PLAN's goal, on one line; "" if there is no goal. The goal is in the Goal
    section, else in a Goal field at the beginning of the PLAN.
    """
    source = sections_of(material, material.plan.path)
    for heading_index in sections_with_name(source, "objective"):
        if source[heading_index].section.kind != "heading" or not section_is_filled(source, heading_index):
            continue
        for index in section_range(source, heading_index):
            if source[index].section.kind == "achievement":
                break
            lines = [text for number, text in prose_lines(source[index].section) if index != heading_index or number]
            if text := first_paragraph(lines):
                return first_two_sentences(text)
    for section in source[:2]:
        for _, text in prose_lines(section.section, GOAL_FIELD.match):
            if goal_text := goal_in_field(text):
                return goal_text
    return ""


def code_files(material: Material) -> list[tuple[str, bool | None]]:
    """Return a pair for each deliverable and each test file of the achievement.

    The first value is the path. The second value says whether the file exists; it is None if this is unknown.
    """
    existence_by_path = {
        file.deliverable.path.removeprefix("./"): EXISTS_BY_STANDING[file.standing]
        for file in deliverable_standings(material)
    }
    subplan = material.inputs.subplan if material.inputs else None
    for deliverable in subplan_facts(subplan).tests.files if subplan else ():
        if not any(path.endswith(deliverable.path) for path in existence_by_path):
            existence_by_path[deliverable.path] = material.exists(deliverable.path)
    name_endings = {f"/{path.rpartition('/')[2]}" for path in existence_by_path if "/" in path}
    return [
        (path, exists) for path, exists in existence_by_path.items() if "/" in path or f"/{path}" not in name_endings
    ]


def named_code_files(material: Material) -> list[tuple[str, bool | None]]:
    """Return a pair for each file that the PLAN names for the achievement: first the deliverables, then other files.

    The first value is the path. The second value says whether the file exists; it is None if this is unknown.
    """
    existence_by_path = {
        file.deliverable.path.removeprefix("./"): EXISTS_BY_STANDING[file.standing]
        for file in deliverable_standings(material)
    }
    for excerpt in body(material):
        for line in lines_of(material, excerpt.path)[excerpt.start - 1 : excerpt.end]:
            for match in _FILE_PATH.finditer(line):
                path = match["path"].removeprefix("./")
                existence_by_path.setdefault(path, any(map(material.exists, candidate_paths(excerpt.path, path))))
    return [(path, exists) for path, exists in existence_by_path.items() if "/" in path]


def commands_to_run(material: Material) -> list[str]:
    """Return the commands in the Tests sections of the SUBPLAN, unchanged, each as inline code."""
    subplan = material.inputs.subplan if material.inputs else None
    texts = [quote.text for quote in subplan_facts(subplan).tests.commands] if subplan else []
    return [f"`` {text} ``" if "`" in text else f"`{text}`" for text in texts]


def tests_in_words(material: Material) -> str:
    """Return the path of the SUBPLAN and the lines of its Tests sections: "`path` lines 12-20 and line 31".

    Return "" if no Tests section is filled.
    """
    subplan = material.inputs.subplan if material.inputs else None
    if subplan is None:
        return ""
    source = sections_of(material, subplan.path)
    starts = section_start_lines(source)
    ranges: list[tuple[int, int]] = []
    for heading_index in sections_with_name(source, "tests"):
        first, last = source[heading_index].start + 1, starts[section_range(source, heading_index).stop]
        if not section_is_filled(source, heading_index) or (ranges and last <= ranges[-1][1]):
            continue
        if ranges and first == ranges[-1][1] + 1:
            first = ranges.pop()[0]
        ranges.append((first, last))
    if not ranges:
        return ""
    *first_ranges, last_range = [line_range(first, last) for first, last in ranges[:MAX_COMMANDS]]
    return f"`{subplan.path}` {' and '.join([', '.join(first_ranges), last_range] if first_ranges else [last_range])}"


def status_to_change(material: Material, step: NextStep) -> tuple[str, str]:
    """Return a pair (path, place) for the Status that an executor must change before stopping.

    The path is the path of the EXECUTION_TASK. The place is the line of its last Status, in words; this Status decides
    whether the execution counts as blocked. Both are "" if a fix has no EXECUTION_TASK.
    """
    tasks = [task for task, outcome in tasks_with_outcomes(material) if outcome == "open"]
    if step.step == "address_fix":
        tasks = tasks or [task for task, _ in tasks_with_outcomes(material)][-1:]
    if tasks:
        facts = task_facts(tasks[0])
        status = facts.ending.status_quote or facts.header
        return tasks[0].path, f"line {tasks[0].line(status.position)}" if status else "the header"
    return ("", "") if step.step == "address_fix" else (output_paths.execution_path(material), "the header")


def lines_to_update(material: Material, step: NextStep) -> Iterator[tuple[str, int, str]]:
    """Yield a tuple (path, 1-based line, instruction) for each line that must be up to date when the step ends."""
    inputs = material.inputs
    if step.step == "complete_plan":
        yield from _lines_to_update_at_closing(material)
    if inputs is None or step.step not in OUTCOMES_OF_UPDATED_EXECUTIONS:
        return
    for task, outcome in tasks_with_outcomes(material):
        if outcome not in OUTCOMES_OF_UPDATED_EXECUTIONS[step.step]:
            continue
        facts = task_facts(task)
        for status in dict.fromkeys(quote for quote in (facts.header, facts.ending.status_quote) if quote):
            yield task.path, task.line(status.position), f"the Status, now `{_status_value(status.text)}`"
        source = sections_of(material, task.path)
        for heading_index in sections_with_name(source, "learnings")[:1]:
            yield task.path, source[heading_index].start + 1, "the learnings: what the next person should know"
        box_lines = [task.line(box.position) for box in facts.ending.open_criteria]
        if box_lines:
            yield (
                task.path,
                box_lines[0],
                f"{counted_noun(len(box_lines), 'open box', 'open boxes')} of the Completion section: tick only what is done",
            )
    if inputs.subplan is not None and step.step in EXECUTION_STEPS:
        subplan = subplan_facts(inputs.subplan)
        if subplan.status and subplan.status_word not in ("in_progress", "complete"):
            line = inputs.subplan.line(subplan.status.position)
            yield inputs.subplan.path, line, f"the Status of the SUBPLAN, now `{_status_value(subplan.status.text)}`"


def _lines_to_update_at_closing(material: Material) -> Iterator[tuple[str, int, str]]:
    """Yield a tuple (path, 1-based line, instruction) for the Status of the PLAN and for each handoff."""
    plan = material.plan
    if plan.facts.status is not None:
        yield (
            plan.path,
            plan.document.line(plan.facts.status.position),
            f"the Status, now `{_status_value(plan.facts.status.text)}`",
        )
    for handoff in plan.facts.handoffs:
        yield plan.path, plan.document.lines(handoff.passage)[0], "the handoff: what was left open on purpose"


def paths_of_edits(material: Material, step: NextStep) -> list[str]:
    """Return the paths of the existing documents that a step changes.

    Files that the step creates, and files of code, are not included.
    """
    paths: list[str] = []
    for kind in DOCUMENTS_TO_EDIT.get(step.step, ()):
        if kind == "plan":
            paths.append(material.plan.path)
        elif kind == "subplan":
            paths += [material.inputs.subplan.path] if material.inputs and material.inputs.subplan else []
        else:
            paths += [task.path for task, outcome in tasks_with_outcomes(material) if outcome == kind]
    if step.step == "address_fix":
        paths += documents_to_change(material)
    if step.step == "pause":
        paths += _open_executions(material)
    return list(dict.fromkeys([*paths, *(path for path, _, _ in lines_to_update(material, step))]))


def _open_executions(material: Material) -> list[str]:
    """Return the paths of the EXECUTION_TASKs of all open executions in the plan."""
    return [
        task.path
        for inputs in material.evaluation.inputs.values()
        for task, execution in zip(inputs.tasks, inputs.executions, strict=True)
        if execution.outcome == "open"
    ]


def _status_value(status_line: str) -> str:
    """Return the text after the colon of a Status line, without Markdown marks.

    If there is no text after a colon, return the whole line, without marks at its ends.
    """
    return status_line.partition(":")[2].replace("*", "").replace("`", "'").strip() or status_line.strip("*` ")


def awaited_achievements(material: Material) -> list[tuple[str, str, str, str]]:
    """Return a tuple (id, title, file, command) for each achievement that must be approved first.

    The achievement of `material` waits for these achievements. In a prompt about the plan, at least one achievement of
    the plan waits for them. The file is the evidence of the state, or "" for a different plan. The command prints the
    next prompt for the awaited achievement.
    """
    evaluation = material.evaluation
    waiting_inputs = [material.inputs] if material.inputs else [*evaluation.inputs.values()]
    awaited_names = dict.fromkeys(d.depends_on for inputs in waiting_inputs for d in inputs.open_dependencies)
    awaited_items = []
    for name in awaited_names:
        if name.startswith("@"):
            awaited_achievement = evaluation.outside.standings.get(name)
            awaited_items.append(
                (name, awaited_achievement.title if awaited_achievement else "", "", f"planmark next {name}")
            )
        elif (achievement := evaluation.by_id.get(name)) and achievement.state not in SETTLED_STATES:
            file = achievement.evidence[0].path if achievement.evidence else achievement.path
            awaited_items.append((name, achievement.title, file, f"planmark next @{material.plan.feature} {name}"))
    return awaited_items


def log_is_empty(material: Material) -> bool:
    """Tell whether an open execution of the achievement has an Iteration Log without entries."""
    return any(
        outcome == "open" and task_facts(task).ending.empty_log for task, outcome in tasks_with_outcomes(material)
    )


def sort_mentioned_first(paths: list[str], quoted_text: str) -> list[str]:
    """Return `paths` in a new order: first the paths whose file names occur in `quoted_text`, then all others."""
    return sorted(paths, key=lambda path: (path.rpartition("/")[2].removesuffix(".md") not in quoted_text, path))
