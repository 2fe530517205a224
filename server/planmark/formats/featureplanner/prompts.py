"""The sentences of prompts for each step of a feature-planner plan, and what replaces the commands of Planmark."""

from __future__ import annotations

from collections.abc import Mapping

import planmark.formats.featureplanner.passages as read
from planmark.formats.checkbox.explain import explain_function
from planmark.formats.checkbox.prompts import (
    BEGUN_WORK_RULE,
    CHECK_SUBTASKS_RULE,
    COMMIT_RULES,
    CONFLICT_RULE,
    FILES_EXIST_RULE,
    FORM_END_CONDITIONS,
    PARTIAL_WORK_RULE,
    PROOF_RULES,
    QUESTION_RULES,
    READ_RULE,
    SHARED_SENTENCES,
    SUBTASK_RULE,
    TASK_END_CONDITIONS,
    TICK_PARENT_RULE,
    TICK_RULE,
    WAITING_RULE,
    WRONG_TICK_RULE,
    PromptSentences,
    PromptTables,
    StepReading,
    prompt_function,
)
from planmark.formats.checkbox.reconciling import probably_done_sentence
from planmark.formats.checkbox.situation import Situation
from planmark.formats.featureplanner.evaluate import facts_of, missing_paths_of
from planmark.formats.featureplanner.layout import root_of
from planmark.plans.model import Step

TDD_RULES: Mapping[str, str] = {
    "RED": "This is the RED group: write the test only, run it, and see it fail.",
    "GREEN": "This is the GREEN group: write the least code that makes the tests pass.",
    "REFACTOR": "This is the REFACTOR group: improve the code, keep its behaviour, and keep the tests green.",
    "CODE REVIEW": "This is the review group: review the code of the phase, and fix what you find.",
}
"""Name of a group of tasks → the rule for its tasks in a prompt."""
_WORK_RULES = (
    CONFLICT_RULE,
    WAITING_RULE,
    READ_RULE,
    FILES_EXIST_RULE,
    CHECK_SUBTASKS_RULE,
    "{tdd}",
)
_TASK_SENTENCES = PromptSentences(
    (),
    (),
    (
        TICK_RULE,
        TICK_PARENT_RULE,
        PARTIAL_WORK_RULE,
        "Tick the gate items of {last} that really passed. Leave those that a person must check by hand to the user.",
        "If the whole gate of {last} passes, set its `**Status**` to ✅ Complete, and update the header and `**Last Updated**`.",
        "Write what you learned in {last} into the notes of the plan.",
    ),
    (*PROOF_RULES, "It is the last task of {last}: run every command of its quality gate. Do not skip a gate."),
    QUESTION_RULES,
    (*TASK_END_CONDITIONS, "the next phase waits: do not begin it before the user agrees that {last} is done"),
    COMMIT_RULES,
)
WORDINGS: Mapping[Step, PromptSentences] = {
    "implement_task": _TASK_SENTENCES._replace(
        goal=("Do {task} in {phase} of the plan {feature}.", SUBTASK_RULE), rules=_WORK_RULES
    ),
    "continue_task": _TASK_SENTENCES._replace(
        goal=("Continue {task} in {phase} of the plan {feature}.", SUBTASK_RULE), rules=(BEGUN_WORK_RULE, *_WORK_RULES)
    ),
    "write_tasks": PromptSentences(
        ("Write the tasks of the phases in `{tasks}`.",),
        (
            "If the skill feature-planner is there, use it and follow it.",
            "Write 3 to 7 phases of 1 to 4 hours each. Each one ends with a quality gate.",
            "Write tests before the code that they test.",
        ),
        stop_rules=("Ask the user to approve the phases before you change the file.",),
        end_conditions=FORM_END_CONDITIONS,
    ),
    "reconcile": SHARED_SENTENCES["reconcile"],
    "confirm_state": SHARED_SENTENCES["confirm_state"],
    "closed": PromptSentences(
        ("Every task of the plan {feature} is ticked.",),
        (
            "If the user asks you to finish, go through the final checklist: tick what is really done, and leave manual checks to the user.",
            "Then make the status at the beginning and the plan status at the end agree.",
            WRONG_TICK_RULE,
        ),
    ),
}
"""Step → the sentences of its prompt."""
_TASK_READING = StepReading(
    (read.task, read.whole_task, read.phase_head, read.gate), (read.goal, read.design, read.strategy_of_tests)
)
READINGS_BY_STEP: Mapping[Step, StepReading] = {
    "implement_task": _TASK_READING,
    "continue_task": _TASK_READING,
    "reconcile": StepReading((read.task,), (read.goal, read.all_tasks)),
    "confirm_state": StepReading((read.task,), (read.phase_head,)),
    "write_tasks": StepReading((), (read.goal, read.design, read.all_tasks)),
    "closed": StepReading((), (read.final_checklist,)),
}
"""Step → the sources of the passages that its prompt tells the agent to read."""
FORMS_BY_STEP: Mapping[Step, str] = {
    "write_tasks": """
### Phase 1: … its name

**Goal**: … what works when it is done
**Status**: ⏳ Pending

#### Tasks

- [ ] **Test 1.1**: … which test
  - File(s): … the path of the test
  - Expected: … why it fails first
- [ ] **Task 1.2**: … what to build
  - File(s): … the path of the code

#### Quality Gate

- [ ] … a command, and what it must show
""",
}
"""Step → the form of the phases that the step writes; the words behind `…` say what to fill in."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "the executor of a task ticks it, with `planmark tick`",
    "create": "the skill feature-planner writes the plan with its phases",
    "new": "the skill feature-planner writes the plan, after you approved its phases",
    "adopt": "there is nothing to adopt; compare the boxes with the files, with `planmark next`",
    "close": "go through the final checklist, and write ✅ Complete as the status",
    "archive": "feature-planner has no archive; a finished plan stays in its folder",
    "pause": "feature-planner has no paused plans; name a different plan",
    "resume": "name the plan, with `planmark next @NAME`",
    "drop": "delete the line of the task, or write `(optional)` behind its title",
}
"""Command of Planmark → what users of feature-planner do instead."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values that only prompts for feature-planner plans have, by their names in sentences."""
    path = situation.plan.site.path
    phase_and_task = read.phase_and_heading_of(situation)
    phase = phase_and_task[1].id if phase_and_task else ""
    task_line = situation.item.line if situation.item else 0
    return {
        "tasks": path,
        "phase": phase or "its phase",
        "last": phase if read.is_last_open_task_of_phase(situation) else "",
        "tdd": TDD_RULES.get(dict(facts_of(situation.plan).tdd).get(task_line, ""), ""),
        "candidates": probably_done_sentence(situation, root_of(path)),
    }


prompt = prompt_function(
    PromptTables(
        wordings=WORDINGS,
        readings=READINGS_BY_STEP,
        values=values,
        mark="x",
        goal_passages=read.goal,
        root_of=lambda plan: root_of(plan.site.path),
        forms=FORMS_BY_STEP,
    )
)
explain = explain_function(missing_paths_of)
