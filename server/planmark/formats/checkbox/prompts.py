"""Prompts for one task of a checkbox plan: a table of sentences per format, and the passages to read.

A sentence contains names of values in braces. It is omitted if one of its values is empty, so a table needs no
branches. For example, a prompt contains `Tick line {parent_line} too` only if such a line exists.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from planmark.formats.checkbox.passages import distinct, widest
from planmark.formats.checkbox.situation import Situation, situation_of
from planmark.plans.format import Passage, PlanInput, PromptParts
from planmark.plans.model import NextStep, PlanState, Step

MAX_KEPT = 8
"""Maximum number of passages per prompt that remain in every budget."""


class Wording(NamedTuple):
    """The sentences of a prompt for a step: its goal and its rules."""

    goal: tuple[str, ...]
    rules: tuple[str, ...]


Source = Callable[[Situation], Iterable[Passage]]
"""A function that returns passages for a task or a step."""


class StepReading(NamedTuple):
    """The passages to read for a step: `kept` always remain, `more` are the others, the most important first."""

    kept: tuple[Source, ...]
    more: tuple[Source, ...] = ()


class Prompting(NamedTuple):
    """The prompts of a format as tables.

    `mark` is the text in a ticked box. `values` returns the values that only this format has. `writes` maps a step to
    the document that it writes, relative to the folder of the plan. `reconciles` tells whether an open task may be done
    because all files that it should create exist.
    """

    wordings: Mapping[Step, Wording]
    readings: Mapping[Step, StepReading]
    values: Callable[[Situation], Mapping[str, str]]
    mark: str
    writes: Mapping[Step, str]


READ = "Read the quoted lines and the listed ranges before you write code."
BEGUN = "Find out first what is already there: compare the files with the task, and keep what is right."
SUBTASKS = "For {asked}, do its next sub-task, {task}, and leave the others for later."
CHECK_SUBTASKS = "Every sub-task of {finished} is done: check that they work together."
TICK = "When the task is done and its checks pass, change `{box}` to `[{mark}]` in line {line}, and nothing else, or run `{tick}`."
TICK_BOXES = "The task has no box of its own: tick each box in {boxes} that holds, and nothing else."
NO_BOX = "{no_box} has no box, so its state cannot be recorded: say so when you are done."
TICK_PARENT = "It is the last open sub-task of {parent}: tick line {parent_line} too."
PARTLY = "If you finish only a part, leave `{box}` as it is and say what is left."
ASK = "Stop and ask if the task is unclear, if it contradicts a document, or if it needs work that no document names."
STOP = "Then stop, and say what you did and how you checked it."
CONFLICT = "`{tasks}` has an unresolved merge conflict in line {conflict}: stop and ask for it to be resolved."
FINISH = (TICK, TICK_BOXES, NO_BOX, TICK_PARENT, PARTLY, ASK)
"""Rules for every task: how to tick, and when to ask."""
UNTICK = "If a ticked task is not done, remove its tick with `planmark tick --undo`, say why, and stop."

SHARED: Mapping[Step, Wording] = {
    "reconcile": Wording(
        ("Compare the open tasks of `{tasks}` with the files, and tick those that are done.", "{candidates}"),
        (
            "Go through the open tasks in the order of the file.",
            "Open every file that a task names, and check that it does what the task and its details ask.",
            "That a file exists proves nothing: it may be empty, unfinished, or older than the plan.",
            "Run the tests that a task names.",
            "Tick a task that holds with `{tick_any}`, or change its box to `[{mark}]` and nothing else.",
            "If you are in doubt, leave the task open and say what is missing.",
            "When you have compared every task, stop and list what you ticked and what is left.",
        ),
    ),
    "confirm_state": Wording(
        ("Find out whether {task} is done.", "Its box is ticked, but `{missing}` does not exist."),
        (
            "`{instead}` exists: find out whether that is the file.",
            "Look for the file under a different name or in a different folder, and in the history: `{history}`.",
            "If the work is there, propose the path that line {line} should name.",
            "If the work is not there, propose to remove the tick: `{untick}`.",
            "Say what you found and where. Change nothing before a person has decided.",
        ),
    ),
    "wait": Wording(
        ("No task of {feature} can be done now.", "Of the open tasks, {task} waits for {blockers}."),
        (
            "Say what each open task waits for, and whether that is still true.",
            "If tasks wait for each other in a circle, say which line should change.",
            "Change no box, and stop.",
        ),
    ),
    "closed": Wording(
        ("Nothing is left to do for {feature}.",),
        ("If you think that work is missing, propose a task for it and stop.",),
    ),
}
"""Step → its wording, for steps that are alike in all formats."""


def prompter(table: Prompting) -> Callable[[PlanInput, PlanState, NextStep], PromptParts]:
    """Return the `prompt` function of a format."""

    def prompt(plan: PlanInput, state: PlanState, step: NextStep) -> PromptParts:
        situation = situation_of(plan, state, step, table.mark)
        wording = table.wordings.get(step.step) or SHARED.get(step.step) or SHARED["closed"]
        values = {**situation.values(), **table.values(situation)}
        reading = table.readings.get(step.step, StepReading(()))
        kept = distinct(passages_of(reading.kept, situation))
        everything = [*kept, *widest(distinct([*kept, *passages_of(reading.more, situation)])[len(kept) :])]
        written = table.writes.get(step.step)
        target = f"{plan.site.folder}/{written}" if written else situation.path
        is_new = bool(written) and target not in plan.documents
        changes = step.step in CHANGES and (bool(written) or situation.path in plan.documents)
        return PromptParts(
            goal=" ".join(filled(wording.goal, values)),
            rules=tuple(filled(wording.rules, values)),
            passages=tuple(everything),
            kept=min(len(kept), MAX_KEPT),
            updates=(target,) if changes and not is_new else (),
            creates=(target,) if is_new else (),
        )

    return prompt


CHANGES: frozenset[Step] = frozenset(
    {"implement_task", "continue_task", "reconcile", "write_requirements", "write_design", "write_tasks"}
)
"""Steps that change a document of the plan."""


def passages_of(sources: Iterable[Source], situation: Situation) -> list[Passage]:
    """Return the passages of several sources, in the order of the sources."""
    return [part for source in sources for part in source(situation)]


def filled(sentences: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Return the sentences with their values. A sentence with an empty value is omitted."""
    return [sentence.format_map(values) for sentence in sentences if all(values.get(name) for name in names(sentence))]


def names(sentence: str) -> list[str]:
    """Return the names of the values in a sentence."""
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
