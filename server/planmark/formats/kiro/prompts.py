"""The sentences of prompts for each step of a spec, and the actions in Kiro that replace commands of Planmark."""

from __future__ import annotations

from collections.abc import Mapping

import planmark.formats.kiro.passages as read
from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.places import folder_prefix
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
    WAITING_RULE,
    PromptSentences,
    PromptTables,
    StepReading,
    prompt_function,
)
from planmark.formats.checkbox.reconciling import probably_done_sentence
from planmark.formats.checkbox.situation import MAX_NAMED_TASKS, Situation, item_names_in_words, list_in_words
from planmark.formats.kiro.grammar import Approvals
from planmark.formats.kiro.layout import root_of
from planmark.plans.model import Step

_WORK_RULES = (
    CONFLICT_RULE,
    WAITING_RULE,
    "`{approvals}` says that the tasks are not approved: ask before you begin.",
    READ_RULE,
    FILES_EXIST_RULE,
    "The steering in `{steering}` applies to everything that you write: read the listed files, and others if they concern the task.",
    "Kiro wrote `{queued}` when the task was queued or started: nothing is done unless the files show it.",
    CHECK_SUBTASKS_RULE,
    "The task names {unstated}, which no document states: ask for the text, and do not guess.",
    "Implement what this task and the criteria that it names ask, and nothing that belongs to a different task.",
    "Leave out {optional}, because optional tasks were not asked for.",
    "Write all code before you run tests.",
)
_TASK_SENTENCES = PromptSentences(
    (),
    (),
    TICK_RULES,
    (
        "Check the result against the criteria that the task names: {criteria}.",
        *PROOF_RULES,
        "Run only commands that end, such as `vitest --run`.",
        "If the test of {properties} fails, report its counterexample. Do not weaken the test or the property.",
    ),
    QUESTION_RULES,
    (
        TASK_END_CONDITIONS[0],
        "you have said what you did and how you checked it, and let the user review; then you stop",
    ),
    COMMIT_RULES,
)
_APPROVAL_CONDITION = "the document is shown to the user; the next one waits for approval"
"""The end condition of a step that writes a document."""
WORDINGS: Mapping[Step, PromptSentences] = {
    "implement_task": _TASK_SENTENCES._replace(
        goal=("Implement {task} of the spec {feature}.", SUBTASK_RULE), rules=_WORK_RULES
    ),
    "continue_task": _TASK_SENTENCES._replace(
        goal=("Continue {task} of the spec {feature}.", SUBTASK_RULE),
        rules=(CONFLICT_RULE, BEGUN_WORK_RULE, *_WORK_RULES[1:]),
    ),
    "write_requirements": PromptSentences(
        ("Write `{folder}/requirements.md`, the requirements of the spec {feature}.",),
        (
            "`{design}` exists already: the requirements say what that design is to achieve.",
            "Begin with `# Requirements Document` and `## Introduction`: what is built, for whom, and why.",
            "Each requirement is a section `### Requirement 1: Title` with a line `**User Story:** As a …, I want …, so that …`.",
            "Below `#### Acceptance Criteria`, number the criteria: `1. WHEN … THE system SHALL …`. One criterion states one fact.",
            "Tasks name a criterion by two numbers: 3.2 is criterion 2 of requirement 3.",
        ),
        stop_rules=("Ask the user about what you cannot know. Do not invent numbers, roles or limits.",),
        end_conditions=(*FORM_END_CONDITIONS[:1], _APPROVAL_CONDITION),
    ),
    "write_design": PromptSentences(
        ("Write `{folder}/design.md`, the design of the spec {feature}.",),
        (
            "Read the requirements and the code that the design changes before you write.",
            "Write the sections of the form below.",
            "Say for each component which requirements it answers, by their numbers.",
            "Number the properties that must always hold, if there are any, as `Property 1`, with `**Validates: Requirements 1.2**`.",
        ),
        stop_rules=("If a requirement cannot be met, say so and stop: do not change the requirements silently.",),
        end_conditions=(*FORM_END_CONDITIONS[:1], _APPROVAL_CONDITION),
    ),
    "write_tasks": PromptSentences(
        ("Write `{folder}/tasks.md`, the tasks of the spec {feature}.",),
        (
            "Begin with `# Implementation Plan`.",
            "Use two levels: `- [ ] 1. Title` for a major task, and below it, indented by two, `- [ ] 1.1 Title`.",
            "A heading is not a task: Kiro starts only lines with a box and a number.",
            "Put the details below each task as plain list items, and at the end `_Requirements: 1.2, 3.1_`.",
            "Every criterion is named by a task. Every task can be done by an agent that writes code and tests.",
            "Mark tests that may be left out with `- [ ]*`, and leave every box open.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=(*FORM_END_CONDITIONS[:1], _APPROVAL_CONDITION),
    ),
    "reconcile": SHARED_SENTENCES["reconcile"]._replace(
        update_rules=(
            *SHARED_SENTENCES["reconcile"].update_rules,
            "Tick a major task only if each required sub-task below it is ticked.",
        ),
    ),
    "verify_and_archive": PromptSentences(
        ("Check that the spec {feature} is met: every required task is ticked.",),
        (
            "Compare each criterion of the requirements with the code.",
            "If something is missing, propose a task for it.",
            "A finished spec stays where it is: Kiro has no archive.",
        ),
        proof_rules=("Run all tests, and show each command with its result.",),
        end_conditions=(REPORT_END_CONDITION,),
    ),
    "closed": PromptSentences(
        ("Every required task of the spec {feature} is done: nothing is left to do.",),
        (
            "Optional tasks are open: {open_optional}. Do one only if the user asks for it.",
            "If the requirements ask for more than the tasks say, propose a task for it and stop.",
            "A finished spec stays where it is: Kiro has no archive.",
        ),
    ),
    "confirm_state": SHARED_SENTENCES["confirm_state"],
    "wait": SHARED_SENTENCES["wait"],
}
"""Mapping from a step to the sentences of its prompt."""
_TASK_READING = StepReading(
    (read.task, read.criteria, read.properties),
    (read.parent_task, read.named_documents, read.stories, read.introduction, read.design, read.steering),
)
READINGS_BY_STEP: Mapping[Step, StepReading] = {
    "implement_task": _TASK_READING,
    "continue_task": _TASK_READING,
    "reconcile": StepReading((read.task,), (read.all_tasks, read.introduction)),
    "confirm_state": StepReading((read.task,), (read.criteria, read.design)),
    "wait": StepReading((read.task,), (read.all_tasks,)),
    "write_requirements": StepReading((), (read.introduction, read.all_design, read.steering)),
    "write_design": StepReading((), (read.all_requirements, read.steering)),
    "write_tasks": StepReading((), (read.all_requirements, read.all_design, read.steering, read.all_tasks)),
    "verify_and_archive": StepReading((), (read.all_requirements, read.all_tasks, read.all_design)),
    "closed": StepReading(()),
}
"""Mapping from a step to the sources of the passages to read for it."""
FORMS_BY_STEP: Mapping[Step, str] = {
    "write_requirements": """
# Requirements Document

## Introduction

… what is built, for whom, and why

## Requirements

### Requirement 1: … its title

**User Story:** As a … role, I want … what, so that … why.

#### Acceptance Criteria

1. WHEN … what happens THE system SHALL … what it does
2. IF … a condition THEN THE system SHALL … what it does
""",
    "write_design": """
# Design Document

## Overview

… what is built, and how it answers the requirements

## Architecture

… the parts, and how they work together

## Components and Interfaces

… each component, with the requirements that it answers by their numbers

## Data Models

… what is stored

## Correctness Properties

**Property 1: … its name**
*For any* … input, … what always holds.
**Validates: Requirements 1.1**

## Error Handling

… what can fail, and what happens then

## Testing Strategy

… which tests prove what
""",
    "write_tasks": """
# Implementation Plan

- [ ] 1. … a major task
  - [ ] 1.1 … what to do in which file
    - … a detail
    - _Requirements: 1.1, 1.2_
  - [ ]* 1.2 … a test that may be left out
    - _Requirements: 1.2_
""",
}
"""Mapping from a step to the form of the document that the step writes. In a form, `…` begins a text to fill in."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "the executor of a task ticks it, with `planmark tick`",
    "create": "ask Kiro for the next document of the spec, or see `planmark next`",
    "new": "ask Kiro for a new spec, which writes `.kiro/specs/NAME/requirements.md`",
    "adopt": "there is nothing to adopt, because the boxes in `tasks.md` are what counts",
    "close": "a spec is finished when every required box is ticked",
    "archive": "a finished spec stays in `.kiro/specs/`, because Kiro has no archive",
    "pause": "Kiro has no paused specs; set `[-]` back to `[ ]` in tasks that were only started",
    "resume": "Kiro has no paused specs; see `planmark next`",
    "drop": "strike the title through (`~~Title~~`), or remove the task and its number from `tasks.md`",
}
"""Mapping from a command of Planmark to a text that says what users of Kiro do instead."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values that only prompts for specs of Kiro have, by their names in sentences."""
    plan = situation.plan
    folder = plan.site.folder
    approvals = plan.documents.get(f"{folder}/spec.json")
    facts = approvals.facts if approvals else None
    optional_subtasks = [
        achievement
        for achievement in situation.subtasks
        if achievement.optional and achievement.state not in SETTLED_STATES
    ]
    open_optional_items = [
        achievement
        for achievement in situation.state.achievements
        if achievement.optional and achievement.state not in SETTLED_STATES
    ]
    design_path = f"{folder}/design.md"
    requirement_ids = read.named_requirement_ids(situation)
    known_numbers = {
        number for _, document in read.requirement_documents(plan) for number in read.line_by_requirement_id(document)
    }
    return {
        "approvals": f"{folder}/spec.json" if isinstance(facts, Approvals) and facts.tasks_approved is False else "",
        "queued": situation.values().get("marked", "") if not approvals or _has_begun_mark(situation) else "",
        "optional": item_names_in_words(optional_subtasks),
        "open_optional": item_names_in_words(open_optional_items),
        "steering": next((passage.path.rpartition("/")[0] + "/" for passage in read.steering(situation)), ""),
        "criteria": list_in_words([number for number in requirement_ids if number in known_numbers]),
        "unstated": list_in_words(
            [f"criterion {number}" for number in requirement_ids if number not in known_numbers][:MAX_NAMED_TASKS]
        ),
        "properties": read.property_names(situation),
        "design": design_path if design_path in plan.documents else "",
        "candidates": probably_done_sentence(situation, folder_prefix(root_of(folder))),
    }


def _has_begun_mark(situation: Situation) -> bool:
    """Tell whether the box of the task is `[-]`: Kiro has begun the task.

    In projects of cc-sdd, a box `[~]` does not mean this: it means that a task is partly done or withdrawn.
    """
    return situation.task is not None and situation.task.marker == "-"


prompt = prompt_function(
    PromptTables(
        wordings=WORDINGS,
        readings=READINGS_BY_STEP,
        values=values,
        mark="x",
        goal_passages=read.introduction,
        root_of=lambda plan: root_of(plan.site.folder),
        written_paths={
            "write_requirements": "requirements.md",
            "write_design": "design.md",
            "write_tasks": "tasks.md",
        },
        forms=FORMS_BY_STEP,
    )
)
