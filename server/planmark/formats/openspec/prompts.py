"""The sentences of prompts for each step of a change, and the commands of OpenSpec that replace those of Planmark."""

from __future__ import annotations

from collections.abc import Mapping

import planmark.formats.openspec.passages as read
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
from planmark.formats.openspec.layout import SPECS_FOLDER, root_of
from planmark.plans.model import Step

_WORK_RULES = (
    CONFLICT_RULE,
    WAITING_RULE,
    READ_RULE,
    FILES_EXIST_RULE,
    "The change has more spec deltas: read {other_deltas} if the task touches what they describe.",
    "`{marked}` means “not done” for OpenSpec, and often that a part is done: find out what is left.",
    CHECK_SUBTASKS_RULE,
    "Keep the change minimal: do what this task asks, and nothing beyond the specs.",
    "A task is done if all of its behaviour is there, not if it is partly done or put off.",
)
_TASK_SENTENCES = PromptSentences((), (), TICK_RULES, PROOF_RULES, QUESTION_RULES, TASK_END_CONDITIONS, COMMIT_RULES)
WORDINGS: Mapping[Step, PromptSentences] = {
    "implement_task": _TASK_SENTENCES._replace(
        goal=("Implement {task} of the change {feature}.", SUBTASK_RULE), rules=_WORK_RULES
    ),
    "continue_task": _TASK_SENTENCES._replace(
        goal=("Continue {task} of the change {feature}.", SUBTASK_RULE),
        rules=(CONFLICT_RULE, BEGUN_WORK_RULE, *_WORK_RULES[1:]),
    ),
    "write_requirements": PromptSentences(
        ("Write the spec deltas of the change {feature}.",),
        (
            "Write one file `spec.md` for each capability that the proposal names, in a folder below `{folder}/specs/` with the name of the capability.",
            "Use the headings `## ADDED Requirements`, `## MODIFIED Requirements` and `## REMOVED Requirements`.",
            "Each requirement has at least one scenario with WHEN and THEN.",
        ),
        proof_rules=("Run `openspec validate {feature} --strict` and correct what it reports.",),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "write_design": PromptSentences(
        ("Write `{folder}/design.md`, the design of the change {feature}.",),
        (
            "Write the sections Context, Goals, Decisions and Risks. Say for each decision what else was possible.",
            "Number the decisions, `### D1: Title`, so that tasks can name them.",
        ),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=FORM_END_CONDITIONS,
    ),
    "write_tasks": PromptSentences(
        ("Write `{folder}/tasks.md`, the tasks of the change {feature}.",),
        (
            "If the `openspec` command is there, run `openspec instructions tasks --change {feature}` and follow it.",
            "The change has no proposal: write `{no_proposal}` first, and have it approved.",
            "`{no_deltas}` does not exist: write a spec delta there first, because tasks follow from requirements.",
            "Group the tasks below headings `## 1. Title`, and number them: `- [ ] 1.1 Title`.",
            "Every task needs a box: OpenSpec does not count a line without one.",
            "Turn the lines of `{existing}` that are meant as tasks into tasks, and lose none of them.",
            "Each task fits into one session, and says how it is verified.",
            "Name files with their paths, and decisions of the design by their numbers.",
            "Archiving the change is no task. Leave every box open, and begin none of the tasks.",
        ),
        stop_rules=(*ASK_PERSON_RULES, "Stop if a document says that a different step has to come first: say which."),
        end_conditions=FORM_END_CONDITIONS,
    ),
    "verify_and_archive": PromptSentences(
        ("Verify the change {feature}, then archive it: every required task is done or deferred.",),
        (
            "Compare each requirement and scenario of the spec deltas with the code.",
            "Check that each ticked task is really done.",
            "With consent, run `openspec archive {feature}`. It merges the deltas into the specs of the project, and moves the change.",
            "Do not move the folder by hand, because the deltas would not be merged.",
        ),
        update_rules=(UNTICK_RULE,),
        proof_rules=(
            "Run all tests, and show each command with its result.",
            "Run `openspec validate {feature} --strict` and correct what it reports.",
        ),
        stop_rules=("Report what you found, and ask before you archive.",),
    ),
    "closed": PromptSentences(
        ("The change {feature} is archived: there is nothing to do in it.",),
        (
            "{left} of its tasks are open: for those that are still wanted, propose a new change.",
            "What was built is described in `{specs}`.",
            "For more work, propose a new change.",
        ),
    ),
    "reconcile": SHARED_SENTENCES["reconcile"],
    "confirm_state": SHARED_SENTENCES["confirm_state"],
    "wait": SHARED_SENTENCES["wait"],
}
"""Mapping from a step to the sentences of its prompt."""
_TASK_READING = StepReading(
    (read.task, read.decisions),
    (
        read.project_context,
        read.named_specs,
        read.named_documents,
        read.reasons_for_change,
        read.list_of_changes,
        read.design,
        read.deltas,
    ),
)
READINGS_BY_STEP: Mapping[Step, StepReading] = {
    "implement_task": _TASK_READING,
    "continue_task": _TASK_READING,
    "reconcile": StepReading((read.task,), (read.all_tasks, read.reasons_for_change)),
    "confirm_state": StepReading((read.task,), (read.reasons_for_change, read.decisions)),
    "wait": StepReading((read.task,), (read.all_tasks,)),
    "write_requirements": StepReading((), (read.proposal, read.all_design)),
    "write_design": StepReading((), (read.proposal, read.all_deltas)),
    "write_tasks": StepReading(
        (), (read.reasons_for_change, read.list_of_changes, read.all_deltas, read.all_design, read.all_tasks)
    ),
    "verify_and_archive": StepReading((), (read.all_deltas, read.all_tasks, read.reasons_for_change)),
    "closed": StepReading(()),
}
"""Mapping from a step to the sources of the passages to read for it."""
COMMAND_REPLACEMENTS: Mapping[str, str] = {
    "verdict": "the executor of a task ticks it, with `planmark tick`",
    "create": "`openspec instructions ARTIFACT --change ID` says how to write proposal, specs, design and tasks",
    "new": "`openspec new change ID`, or /opsx:new",
    "adopt": "there is nothing to adopt, because the boxes in `tasks.md` are what counts",
    "close": "`openspec archive ID`, which also merges the spec deltas",
    "archive": "`openspec archive ID`, which also merges the spec deltas",
    "pause": "OpenSpec has no paused changes; leave the change in `openspec/changes/`",
    "resume": "OpenSpec has no paused changes; see `planmark next`",
    "drop": "mark the task as deferred (`— **DEFERRED (why)**` behind its title), or remove its line from `tasks.md`",
}
"""Mapping from a command of Planmark to a text that says what users of OpenSpec do instead."""
FORMS_BY_STEP: Mapping[Step, str] = {
    "write_requirements": """
## ADDED Requirements

### Requirement: … its name
The system SHALL … what it does

#### Scenario: … one case
- **WHEN** … what happens
- **THEN** … what the system does
""",
    "write_design": """
## Context

… what there is today, and what limits the change

## Goals / Non-Goals

- **Goal**: … what the design has to reach
- **Non-Goal**: … what it leaves out

## Decisions

### D1: … what is decided

… why, and what else was possible

## Risks / Trade-offs

- … the risk, and what is done about it
""",
    "write_tasks": """
## 1. … a part of the work

- [ ] 1.1 … what to do in which file, and how it is verified
- [ ] 1.2 … the next task
""",
}
"""Mapping from a step to the form of the document that the step writes. In a form, `…` begins a text to fill in."""
MAX_OTHER_DELTAS = 6
"""Maximum number of further spec deltas that a sentence of a prompt names."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values that only prompts for changes of OpenSpec have, by their names in sentences."""
    plan = situation.plan
    folder, root_prefix = plan.site.folder, folder_prefix(root_of(plan.site.folder))
    proposal_path, tasks_path = f"{folder}/proposal.md", f"{folder}/tasks.md"
    return {
        "no_proposal": "" if proposal_path in plan.documents else proposal_path,
        "no_deltas": "" if read.delta_paths(plan) else f"{folder}/specs/",
        "other_deltas": list_in_words([f"`{path}`" for path in read.other_delta_paths(situation)[:MAX_OTHER_DELTAS]]),
        "existing": tasks_path if tasks_path in plan.documents else "",
        "specs": f"{root_prefix}{SPECS_FOLDER}/" if plan.exists(f"{root_prefix}{SPECS_FOLDER}") else "",
        "left": str(sum(item.leaf and item.state not in SETTLED_STATES for item in situation.state.achievements) or ""),
        "candidates": probably_done_sentence(situation, root_prefix),
    }


prompt = prompt_function(
    PromptTables(
        wordings=WORDINGS,
        readings=READINGS_BY_STEP,
        values=values,
        mark="x",
        goal_passages=read.reasons_for_change,
        root_of=lambda plan: root_of(plan.site.folder),
        written_paths={"write_requirements": "specs/", "write_design": "design.md", "write_tasks": "tasks.md"},
        forms=FORMS_BY_STEP,
    )
)
