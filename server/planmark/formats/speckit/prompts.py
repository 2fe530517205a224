"""The sentences of the prompts for each step of a feature, and what users of spec-kit do instead of some commands of
Planmark.
"""

from __future__ import annotations

from collections.abc import Mapping

import planmark.formats.speckit.passages as read
from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.prompts import (
    ASK_PERSON_RULES,
    BEGUN_WORK_RULE,
    CHECK_SUBTASKS_RULE,
    COMMIT_RULES,
    CONFLICT_RULE,
    FILES_EXIST_RULE,
    FORM_END_CONDITIONS,
    PROOF_RULES,
    QUESTION_RULES,
    READ_RULE,
    REPORT_END_CONDITION,
    SHARED_SENTENCES,
    SUBTASK_RULE,
    TASK_END_CONDITIONS,
    TICK_RULES,
    UNTICK_RULE,
    WAITING_RULE,
    PromptSentences,
    PromptTables,
    StepReading,
    prompt_function,
)
from planmark.formats.checkbox.reconciling import probably_done_sentence
from planmark.formats.checkbox.situation import Situation, list_in_words
from planmark.formats.speckit.documents import ChecklistFacts
from planmark.formats.speckit.evaluate import roots_of, spec_of
from planmark.formats.speckit.layout import CHECKLIST, CONSTITUTION
from planmark.plans.model import Step
from planmark.text.pluralize import line_range

_WORK_RULES = (
    CONFLICT_RULE,
    WAITING_RULE,
    "Check lists have open boxes: {checklists}. Show them, and ask whether to begin.",
    "`{no_plan}` is missing, so spec-kit's own commands refuse this feature: ask whether to go on without it.",
    READ_RULE,
    FILES_EXIST_RULE,
    "The constitution (`{constitution}`) holds for everything that you write.",
    CHECK_SUBTASKS_RULE,
    "The task names its scope: {files}. Change a different file only if these cannot work without the change.",
    "Never tick or edit the lists in `{lists}`: they check the requirements, not the work.",
)
_TASK_SENTENCES = PromptSentences(
    (),
    (),
    TICK_RULES,
    (
        "If the task writes tests, run them and see that they fail before the code exists.",
        *PROOF_RULES,
        "It is the last open task of its phase: run the independent test in `{tasks}` line {last_test} before you tick.",
    ),
    QUESTION_RULES,
    (
        *TASK_END_CONDITIONS,
        "The phase ends at the checkpoint in `{tasks}` line {last_checkpoint}: let a person look at it.",
    ),
    COMMIT_RULES,
)
WORDINGS: Mapping[Step, PromptSentences] = {
    "implement_task": _TASK_SENTENCES._replace(
        goal=("Implement {task} of the feature {feature}.", SUBTASK_RULE), rules=_WORK_RULES
    ),
    "continue_task": _TASK_SENTENCES._replace(
        goal=("Continue {task} of the feature {feature}.", SUBTASK_RULE),
        rules=(CONFLICT_RULE, BEGUN_WORK_RULE, *_WORK_RULES[1:]),
    ),
    "write_requirements": PromptSentences(
        ("Write `{folder}/spec.md`, the specification of the feature {feature}.",),
        (
            "If the command /speckit.specify is there, run it and follow it.",
            "Write user stories with priorities, each with an independent test and acceptance scenarios.",
            "Number the requirements, `- **FR-001**: …`, and the success criteria, `- **SC-001**: …`.",
        ),
        stop_rules=("Mark what you cannot know with `[NEEDS CLARIFICATION: …]` and the question, and ask.",),
        end_conditions=FORM_END_CONDITIONS,
    ),
    "write_design": PromptSentences(
        ("Write `{folder}/plan.md`, the technical plan of the feature {feature}.",),
        (
            "If the command /speckit.plan is there, run it and follow it. Older versions call it /plan.",
            "`{no_spec}` is missing: run /speckit.specify first, because a plan follows from requirements.",
            "Line {unclear} of the specification has an open question: run /speckit.clarify first.",
            "Write the sections Summary, Technical Context, Constitution Check and Project Structure.",
            "The plan keeps to the constitution (`{constitution}`); say where it cannot.",
            "Write no tasks yet: /speckit.tasks follows.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "write_tasks": PromptSentences(
        ("Write `{folder}/tasks.md`, the tasks of the feature {feature}.",),
        (
            "If the command /speckit.tasks is there, run it and follow it. Older versions call it /tasks.",
            "`{no_plan}` is missing: run /speckit.plan first.",
            "Number the tasks in the order of the work, and give each the path of its file.",
            "Use the phases Setup, Foundational, one for each user story in order of priority, and Polish.",
            "Mark a task with `[P]` only if it changes no file that an earlier open task changes.",
            "Write `[US1]` in the phases of stories only, and a `**Checkpoint**` at the end of each phase.",
            "Leave every box open, and begin none of the tasks.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "reconcile": SHARED_SENTENCES["reconcile"],
    "verify_and_archive": PromptSentences(
        ("Check that the feature {feature} is what its specification asks for: every task is ticked.",),
        (
            "Run /speckit.analyze, if it is there, and report what it finds.",
            "Compare each requirement and success criterion with the code.",
            "If work is missing, /speckit.converge appends a phase with tasks. Do not write over ticked ones.",
            "The feature stays in `{folder}`: spec-kit has no archive.",
        ),
        update_rules=(UNTICK_RULE,),
        proof_rules=(
            "Run all tests, and show each command with its result.",
            "Go through `{quickstart}` step by step.",
        ),
        end_conditions=(REPORT_END_CONDITION,),
    ),
    "confirm_state": SHARED_SENTENCES["confirm_state"],
    "wait": SHARED_SENTENCES["wait"]._replace(
        rules=("A phase waits for the open tasks of the phases before it: name them.", *SHARED_SENTENCES["wait"].rules)
    ),
    "closed": PromptSentences(
        ("Every task of the feature {feature} is done: nothing is left to do.",),
        (
            "To compare the feature with its specification, a person runs /speckit.analyze, and then the tests.",
            "If work is missing, /speckit.converge appends a phase with tasks.",
            "The feature stays in `{folder}`: spec-kit has no archive.",
        ),
    ),
}
"""Step → the sentences of its prompt."""
_TASK_READING = StepReading(
    (read.task, read.requirements),
    (read.phase, read.named_documents, read.stories, read.plan_md, read.related_passages, read.constitution),
)
READINGS_BY_STEP: Mapping[Step, StepReading] = {
    "implement_task": _TASK_READING,
    "continue_task": _TASK_READING,
    "reconcile": StepReading((read.task,), (read.all_tasks, read.plan_md)),
    "confirm_state": StepReading((read.task,), (read.requirements, read.plan_md)),
    "wait": StepReading((read.task,), (read.all_tasks,)),
    "write_requirements": StepReading((), (read.constitution,)),
    "write_design": StepReading((), (read.spec, read.constitution, read.supporting_documents)),
    "write_tasks": StepReading((), (read.spec, read.plan_md, read.supporting_documents, read.constitution)),
    "verify_and_archive": StepReading((), (read.spec, read.all_tasks, read.supporting_documents)),
    "closed": StepReading(()),
}
"""Step → the sources of the passages that its prompt tells the agent to read."""
FORMS_BY_STEP: Mapping[Step, str] = {
    "write_requirements": """
# Feature Specification: … its name

**Status**: Draft

## User Scenarios & Testing

### User Story 1 - … its title (Priority: P1)

… what the user does, and why

**Why this priority**: … its value

**Independent Test**: … how this story is tested alone

**Acceptance Scenarios**:

1. **Given** … a state, **When** … an action, **Then** … the result

### Edge Cases

- … what happens at a limit

## Requirements

### Functional Requirements

- **FR-001**: System MUST … what it does

## Success Criteria

### Measurable Outcomes

- **SC-001**: … a number that shows success
""",
    "write_design": """
# Implementation Plan: … its name

## Summary

… what is built, and how

## Technical Context

**Language/Version**: … which
**Primary Dependencies**: … which
**Storage**: … which, or none
**Testing**: … which command
**Constraints**: … which

## Constitution Check

- … each principle, and how the plan keeps to it

## Project Structure

… the folders and files that are created or changed
""",
    "write_tasks": """
# Tasks: … the name of the feature

## Phase 1: Setup

- [ ] T001 … what to do, with the path of its file

## Phase 2: Foundational

- [ ] T002 [P] … what blocks every story, with the path of its file

**Checkpoint**: … what works now

## Phase 3: User Story 1 - … its title (Priority: P1)

**Goal**: … what the story delivers

**Independent Test**: … how it is tested alone

- [ ] T003 [P] [US1] … what to do, with the path of its file

**Checkpoint**: … what works now
""",
}
"""Step → the form of the document that the step writes. In a form, `…` begins a text to fill in."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "the executor of a task ticks it, with `planmark tick`",
    "create": "/speckit.plan writes `plan.md`, and /speckit.tasks writes `tasks.md`",
    "new": "/speckit.specify, which creates `specs/NNN-NAME/spec.md`",
    "adopt": "there is nothing to adopt, because the boxes in `tasks.md` are what counts",
    "close": "a feature is finished when every box is ticked; /speckit.analyze compares it with its specification",
    "archive": "a finished feature stays in `specs/`, because spec-kit has no archive",
    "pause": "spec-kit has no paused features; name a different one in `.specify/feature.json`",
    "resume": "name the feature in `.specify/feature.json`, then see `planmark next`",
    "drop": "write `SKIP:` before the id of the task in `tasks.md`, and the reason in brackets",
}
"""Command of Planmark → what users of spec-kit do instead."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values for the variables in sentences, if only prompts for spec-kit have these variables. The keys are
    the names of the variables.
    """
    plan = situation.plan
    folder = plan.site.folder
    phase, detail = read.phase_of(situation), read.task_facts_of(situation)
    is_last = _is_last_open_task_of_phase(situation)
    spec = spec_of(plan)
    acceptance_lines = detail.acceptance
    values_by_name = {
        "checklists": _open_checklists(situation),
        "lists": f"{folder}/checklists/" if read.paths_with_role(plan, CHECKLIST) else "",
        "constitution": next(iter(read.paths_with_role(plan, CONSTITUTION)), ""),
        "files": list_in_words([f"`{path}`" for path in detail.files]),
        "no_plan": "" if f"{folder}/plan.md" in plan.documents else f"{folder}/plan.md",
        "no_spec": "" if spec else f"{folder}/spec.md",
        "unclear": str(spec.open_questions[0]) if spec and spec.open_questions else "",
        "quickstart": f"{folder}/quickstart.md" if f"{folder}/quickstart.md" in plan.documents else "",
        "last_test": str(phase.test) if phase and phase.test and is_last else "",
        "last_checkpoint": str(phase.checkpoint) if phase and phase.checkpoint and is_last else "",
        "candidates": probably_done_sentence(situation, roots_of(plan)[0]),
    }
    if acceptance_lines:
        values_by_name |= {"boxes": line_range(acceptance_lines[0], acceptance_lines[-1]), "no_box": ""}
    return values_by_name


def _is_last_open_task_of_phase(situation: Situation) -> bool:
    """Tell whether no required leaf of the phase is open, except the task of the situation."""
    item = situation.item
    return item is not None and not any(
        other.group == item.group and other.leaf and not other.optional and other.state not in SETTLED_STATES
        for other in situation.state.achievements
        if other.ref != item.ref
    )


def _open_checklists(situation: Situation) -> str:
    """Return in words which check lists have open boxes, and how many; "" if no check list has an open box."""
    checklist_texts = []
    for path, document in situation.plan.documents.items():
        facts = document.facts
        if isinstance(facts, ChecklistFacts) and facts.done_count < facts.total:
            checklist_texts.append(f"`{path}` ({facts.total - facts.done_count} of {facts.total} open)")
    return list_in_words(checklist_texts)


prompt = prompt_function(
    PromptTables(
        wordings=WORDINGS,
        readings=READINGS_BY_STEP,
        values=values,
        mark="X",
        goal_passages=read.feature_purpose,
        root_of=lambda plan: roots_of(plan)[0],
        scope_files=lambda situation: read.task_facts_of(situation).files,
        written_paths={"write_requirements": "spec.md", "write_design": "plan.md", "write_tasks": "tasks.md"},
        forms=FORMS_BY_STEP,
    )
)
