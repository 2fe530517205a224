"""The sentences of the prompts for a superpowers plan, and what users of superpowers do instead of some commands of
Planmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

import planmark.formats.superpowers.passages as read
from planmark.formats.checkbox.evaluate import SETTLED_STATES, TICKED_STATES
from planmark.formats.checkbox.explain import explain_function
from planmark.formats.checkbox.passages import last_line_of_task
from planmark.formats.checkbox.prompts import (
    ASK_PERSON_RULES,
    BEGUN_WORK_RULE,
    CONFLICT_RULE,
    FORM_END_CONDITIONS,
    NO_BOX_RULE,
    READ_RULE,
    REPORT_END_CONDITION,
    SHARED_SENTENCES,
    WAITING_RULE,
    WRONG_TICK_RULE,
    PromptSentences,
    PromptTables,
    StepReading,
    prompt_function,
)
from planmark.formats.checkbox.reconciling import existing_files_clause, probably_done_sentence
from planmark.formats.checkbox.situation import Situation, item_names_in_words, list_in_words
from planmark.formats.checkbox.tasks import Task
from planmark.formats.superpowers.evaluate import LEDGER_EVIDENCE_TEXT, facts_of, missing_paths_of
from planmark.formats.superpowers.layout import root_of
from planmark.formats.superpowers.work import commit_hashes_in
from planmark.plans.format import AppliedRow, PlanInput
from planmark.plans.model import AchievementState, Evidence, PlanState, Step
from planmark.text.pluralize import counted_noun

FENCED_TASK_RULE = "Line {fenced} lies inside a code block, as other tools read it: close the block, or write four backticks around it, before you tick."
_WORK_RULES = (
    CONFLICT_RULE,
    WAITING_RULE,
    READ_RULE,
    "{existing_files} already, and an open box proves nothing: compare {whole_task} with the code first, and do no work twice.",
    "Commits may have done {whole_task} already ({commits}): look at them first, and do no work twice.",
    "Review the task first. If it has a gap or an error, say so before you begin.",
    "Work in a branch or a worktree of its own, never on the main branch without consent.",
    "Do the steps in their order.",
)
_TASK_SENTENCES = PromptSentences(
    (),
    (),
    (
        FENCED_TASK_RULE,
        "When the check of {task} passes, change its box to `[{mark}]` in `{tasks}` line {line}, or run `{tick}`.",
        "Then do the same for each further step of {whole_task}: {boxes_left}.",
        NO_BOX_RULE,
    ),
    (
        "Run the commands of each step, and compare the result with what the step expects. Show both before you tick it.",
        "For a step without a command, say how you checked it.",
    ),
    (
        "Stop and report BLOCKED with the reason if a step is unclear or fails twice. Do not guess, and leave its box open.",
    ),
    ("each step of {whole_task} is done, or you have said what is left", REPORT_END_CONDITION),
    ("Commit as the steps say, and nothing that they do not name.",),
)
WORDINGS: Mapping[Step, PromptSentences] = {
    "implement_task": _TASK_SENTENCES._replace(
        goal=("Do {whole_task} of the plan {feature}. Its next step is {task}.",), rules=_WORK_RULES
    ),
    "continue_task": _TASK_SENTENCES._replace(
        goal=("Continue {whole_task} of the plan {feature}. Its next step is {task}.",),
        rules=(BEGUN_WORK_RULE, *_WORK_RULES),
    ),
    "write_tasks": PromptSentences(
        ("Write the tasks of `{tasks}`, if it is to be a plan.",),
        (
            "If the skill superpowers:writing-plans is there, use it and follow it.",
            "Give each step its exact code or command, and what to expect. Write no placeholders.",
            "If the document is a roadmap or a list, change nothing, and say so.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "reconcile": SHARED_SENTENCES["reconcile"]._replace(
        rules=(
            "Commits name {committed}: begin with what they changed.",
            *SHARED_SENTENCES["reconcile"].rules,
            FENCED_TASK_RULE,
        ),
    ),
    "confirm_state": SHARED_SENTENCES["confirm_state"],
    "closed": PromptSentences(
        ("Every step of the plan {feature} is ticked.",),
        (
            "If the user asks you to finish, use superpowers:finishing-a-development-branch: it runs all tests, then offers to merge.",
            WRONG_TICK_RULE,
        ),
    ),
}
"""Step → the sentences of its prompt."""
_TASK_READING = StepReading(
    (read.step, read.whole_task),
    (read.declarations_of_needed_results, read.header_lines, read.constraints, read.design),
)
READINGS_BY_STEP: Mapping[Step, StepReading] = {
    "implement_task": _TASK_READING,
    "continue_task": _TASK_READING,
    "reconcile": StepReading((read.step,), (read.header_lines, read.all_tasks)),
    "confirm_state": StepReading((read.step,), (read.whole_task,)),
    "write_tasks": StepReading((), (read.whole_plan, read.design)),
    "closed": StepReading(()),
}
"""Mapping from a step to the sources of the passages to read for it."""
FORMS_BY_STEP: Mapping[Step, str] = {
    "write_tasks": """
### Task 1: … its name

**Files:**
- Create: … the path of a new file
- Modify: … the path of a file
- Test: … the path of its test

- [ ] **Step 1: … write the failing test**

Run: … the command
Expected: … what it shows

- [ ] **Step 2: … write the code**

- [ ] **Step 3: … commit**
""",
}
"""Mapping from a step to the form of a task that the step writes. In a form, `…` begins a text to fill in."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "whoever did a step ticks it, with `planmark tick`",
    "create": "superpowers:writing-plans writes the plan with its tasks",
    "new": "superpowers:brainstorming writes the design, and superpowers:writing-plans the plan",
    "adopt": "there is nothing to adopt; compare the boxes with the files, with `planmark next`",
    "close": "superpowers:finishing-a-development-branch, when every step is ticked",
    "archive": "superpowers has no archive; a finished plan stays in its folder",
    "pause": "superpowers has no paused plans; name a different plan",
    "resume": "name the plan, with `planmark next @NAME`",
    "drop": "write `(skipped)` behind the title of the step, with the reason",
}
"""Mapping from a command of Planmark to a text that says what users of superpowers do instead."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values for the variables in sentences, if only prompts for superpowers plans have these variables."""
    path = situation.plan.site.path
    task = read.task_of_step(situation)
    task_name = (
        f"Task {task.id}" if task and task.id else f"the task in line {task.line}" if task else "the next open task"
    )
    items, facts = situation.state.achievements, facts_of(situation.plan)
    task_item = next((item for item in items if task and item.line == task.line), None)
    committed_items = [item for item in items if commit_hashes_in(item) and item.state not in SETTLED_STATES]
    return {
        "tasks": path,
        "whole_task": task_name,
        "fenced": str(situation.item.line) if situation.item and situation.item.line in facts.fenced else "",
        "candidates": probably_done_sentence(situation, root_of(path)),
        "existing_files": existing_files_clause(situation, root_of(path)) or _existing_files_clause(situation.state),
        "commits": list_in_words([f"`git show {name}`" for name in commit_hashes_in(task_item)]),
        "committed": item_names_in_words(committed_items),
        "boxes_left": _later_boxes(situation, task),
    }


def _existing_files_clause(state: PlanState) -> str:
    """Return in words how many of the files that a plan creates exist.

    Return "" if a step is ticked, or if fewer than half of the files exist.
    """
    built_files = state.built_files
    if (
        not built_files
        or built_files.exist * 2 < built_files.creates
        or any(item.state in TICKED_STATES for item in state.achievements)
    ):
        return ""
    return f"{built_files.exist} of {counted_noun(built_files.creates, 'file')} that the plan creates exist"


def _later_boxes(situation: Situation, task: Task | None) -> str:
    """Return in words the lines of the open boxes of `task` after the step of the situation; "" if there are none."""
    if task is None or situation.item is None:
        return ""
    end = last_line_of_task(situation.lines, task)
    open_lines = [
        item.line
        for item in situation.state.achievements
        if situation.item.line < item.line <= end and item.leaf and item.marker and item.state not in SETTLED_STATES
    ]
    return (
        f"the box{'es' * (len(open_lines) > 1)} in line{'s' * (len(open_lines) > 1)} {list_in_words([*map(str, open_lines)])}"
        if open_lines
        else ""
    )


prompt = prompt_function(
    PromptTables(
        wordings=WORDINGS,
        readings=READINGS_BY_STEP,
        values=values,
        mark="x",
        goal_passages=read.header_lines,
        root_of=lambda plan: root_of(plan.site.path),
        scope_files=read.listed_files,
        forms=FORMS_BY_STEP,
    )
)
_explain_without_ledger = explain_function(missing_paths_of)


def explain(plan: PlanInput, state: PlanState, item: AchievementState) -> Sequence[AppliedRow]:
    """Return the rows of the decision table for an item.

    If the ledger calls the task of the item complete, a row about the ledger comes first, and this row decides. The row
    that decides also shows the other evidence of the item, such as the traces of the work.
    """
    ledger_evidence = tuple(evidence for evidence in item.evidence if evidence.says == LEDGER_EVIDENCE_TEXT)
    rows = _explain_without_ledger(plan, state, item)
    if ledger_evidence:
        ledger_row = AppliedRow("L", item.state, "the ledger says that its task is complete", True, ledger_evidence)
        rows = [ledger_row, *(msgspec.structs.replace(row, matched=False) for row in rows)]
    return [
        msgspec.structs.replace(row, evidence=_with_traces(row.evidence, item)) if row.matched else row for row in rows
    ]


def _with_traces(shown_evidence: Sequence[Evidence], item: AchievementState) -> tuple[Evidence, ...]:
    """Return `shown_evidence`, followed by the evidence of the item that it does not contain."""
    return (*shown_evidence, *(evidence for evidence in item.evidence if evidence not in shown_evidence))
