"""The sentences of prompts for each step of a change, and the commands of OpenSpec that replace Planmark's own."""

from __future__ import annotations

from collections.abc import Mapping

import planmark.formats.openspec.passages as read
from planmark.formats.checkbox.places import prefix
from planmark.formats.checkbox.prompts import (
    BEGUN,
    CHECK_SUBTASKS,
    CONFLICT,
    FINISH,
    READ,
    SHARED,
    STOP,
    SUBTASKS,
    UNTICK,
    Prompting,
    StepReading,
    Wording,
    prompter,
)
from planmark.formats.checkbox.reconciling import candidates
from planmark.formats.checkbox.situation import Situation, joined
from planmark.formats.openspec.layout import root_of
from planmark.plans.model import Step

_WORK = (
    CONFLICT,
    READ,
    "`{config}` has context that holds for every change: read it too.",
    "The change has more spec deltas: read {other_deltas} if the task touches what they describe.",
    "`{marked}` means “not done” for OpenSpec, and often that a part is done: find out what is left.",
    CHECK_SUBTASKS,
    "Keep the change minimal: do what this task asks, and nothing beyond the specs.",
    "If the task says how it is verified, run exactly that. Otherwise run the tests of what you changed.",
    "A task is done if all of its behaviour is there, not if it is partly done or put off.",
    *FINISH,
    STOP,
)
WORDINGS: Mapping[Step, Wording] = {
    "implement_task": Wording(("Implement {task} of the change {feature}.", SUBTASKS), _WORK),
    "continue_task": Wording(("Continue {task} of the change {feature}.", SUBTASKS), (CONFLICT, BEGUN, *_WORK[1:])),
    "write_requirements": Wording(
        ("Write the spec deltas of the change {feature}.",),
        (
            "Write one file `{folder}/specs/CAPABILITY/spec.md` for each capability that the proposal names.",
            "Use the headings `## ADDED Requirements`, `## MODIFIED Requirements` and `## REMOVED Requirements`.",
            "Each `### Requirement: Name` has at least one `#### Scenario: Name` with WHEN and THEN.",
            "Run `openspec validate {feature} --strict` and correct what it reports.",
            STOP,
        ),
    ),
    "write_design": Wording(
        ("Write `{folder}/design.md`, the design of the change {feature}.",),
        (
            "Write the sections Context, Goals, Decisions and Risks. Say for each decision what else was possible.",
            "Number the decisions, `### D1: Title`, so that tasks can name them.",
            STOP,
        ),
    ),
    "write_tasks": Wording(
        ("Write `{folder}/tasks.md`, the tasks of the change {feature}.",),
        (
            "If the `openspec` command is there, run `openspec instructions tasks --change {feature}` and follow it.",
            "The change has no proposal: write `{no_proposal}` first, and have it approved.",
            "The change has no spec delta: write `{no_deltas}` first, because tasks follow from requirements.",
            "Group the tasks below headings `## 1. Title`, and number them: `- [ ] 1.1 Title`.",
            "Every task needs a box: OpenSpec does not count a line without one.",
            "Turn the lines of `{existing}` that are meant as tasks into tasks, and lose none of them.",
            "Each task fits into one session, and says how it is verified.",
            "Name files with their paths, and decisions of the design by their numbers.",
            "Archiving the change is no task. Leave every box open, and begin none of the tasks.",
            STOP,
        ),
    ),
    "verify_and_archive": Wording(
        ("Verify the change {feature}, then archive it: every required task is done or deferred.",),
        (
            "Compare each requirement and scenario of the spec deltas with the code, and run the tests.",
            "Check that each ticked task is really done.",
            UNTICK,
            "Run `openspec validate {feature} --strict` and correct what it reports.",
            "Report what you found, and ask before you archive.",
            "With consent, run `openspec archive {feature}`. It merges the deltas into `{specs}` and moves the change.",
            "Do not move the folder by hand, because the deltas would not be merged.",
        ),
    ),
    "closed": Wording(
        ("The change {feature} is archived: nothing is left to do.",),
        (
            "What was built is described in `{specs}`.",
            "For more work, propose a new change.",
        ),
    ),
    "reconcile": SHARED["reconcile"],
    "confirm_state": SHARED["confirm_state"],
    "wait": SHARED["wait"],
}
_TASK = StepReading(
    (read.task, read.decisions),
    (read.named_specs, read.documents_named, read.why, read.what_changes, read.design, read.deltas),
)
READINGS: Mapping[Step, StepReading] = {
    "implement_task": _TASK,
    "continue_task": _TASK,
    "reconcile": StepReading((read.task,), (read.all_tasks, read.why)),
    "confirm_state": StepReading((read.task,), (read.why, read.decisions)),
    "wait": StepReading((read.task,), (read.all_tasks,)),
    "write_requirements": StepReading((), (read.proposal, read.all_design)),
    "write_design": StepReading((), (read.proposal, read.all_deltas)),
    "write_tasks": StepReading((), (read.why, read.what_changes, read.all_deltas, read.all_design, read.all_tasks)),
    "verify_and_archive": StepReading((), (read.all_deltas, read.all_tasks, read.why)),
    "closed": StepReading(()),
}
"""Step → what to read for it."""
COMMANDS: Mapping[str, str] = {
    "verdict": "whoever did a task ticks it, with `planmark tick`",
    "create": "`openspec instructions ARTIFACT --change ID` says how to write proposal, specs, design and tasks",
    "new": "`openspec new change ID`, or /opsx:new",
    "adopt": "nothing is to be adopted, because the boxes in `tasks.md` are what counts",
    "close": "`openspec archive ID`, which also merges the spec deltas",
    "archive": "`openspec archive ID`, which also merges the spec deltas",
    "pause": "OpenSpec has no paused changes; leave the change in `openspec/changes/`",
    "resume": "OpenSpec has no paused changes; see `planmark next`",
    "drop": "mark the task as deferred (`— **DEFERRED (why)**` behind its title), or remove its line from `tasks.md`",
}
"""Command of Planmark → what users of OpenSpec do instead."""
CONFIGS = ("openspec/config.yaml", "openspec/config.yml", "openspec/project.md")
"""Files with context for every change, relative to the root; the first one that exists counts."""
MAX_OTHERS = 6
"""Maximum number of further spec deltas that a rule names."""


def values(situation: Situation) -> dict[str, str]:
    """Return the values that only changes of OpenSpec have."""
    plan = situation.plan
    folder, above = plan.site.folder, prefix(root_of(plan.site.folder))
    configs = (f"{above}{name}" for name in CONFIGS)
    proposal, tasks = f"{folder}/proposal.md", f"{folder}/tasks.md"
    return {
        "config": next((path for path in configs if plan.exists(path)), ""),
        "no_proposal": "" if proposal in plan.documents else proposal,
        "no_deltas": "" if read.delta_paths(plan) else f"{folder}/specs/CAPABILITY/spec.md",
        "other_deltas": joined([f"`{path}`" for path in read.other_deltas(situation)[:MAX_OTHERS]]),
        "existing": tasks if tasks in plan.documents else "",
        "specs": f"{above}openspec/specs/",
        "candidates": candidates(situation, above),
    }


prompt = prompter(
    Prompting(
        wordings=WORDINGS,
        readings=READINGS,
        values=values,
        mark="x",
        writes={
            "write_requirements": "specs/CAPABILITY/spec.md",
            "write_design": "design.md",
            "write_tasks": "tasks.md",
        },
    )
)
