"""Prompts for one task of a checkbox plan. Each format has a table of sentences, and a table of passages to read.

A sentence contains the names of values in braces. The prompt omits a sentence if one of its values is empty. For
example, `Tick line {parent_line} too` is omitted if the task has no parent to tick.
"""

from __future__ import annotations

import posixpath
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from planmark.formats.checkbox.passages import last_line_of_task, tasks_below, without_contained, without_repetitions
from planmark.formats.checkbox.places import folder_prefix
from planmark.formats.checkbox.reconciling import existing_files_clause
from planmark.formats.checkbox.situation import Situation, situation_of
from planmark.formats.checkbox.tasks import NO_POSITION
from planmark.plans.format import Passage, PlanInput, PromptParts
from planmark.plans.model import NextStep, PlanState, Step

MAX_KEPT_PASSAGES = 8
"""Maximum number of passages per prompt that the prompt keeps for every budget."""


class PromptSentences(NamedTuple):
    """The sentences of a prompt for a step. `goal` and `rules` say what to do.

    `update_rules` say which boxes and statuses to update, and `proof_rules` how to prove the work. `stop_rules` say
    when to stop and ask, and `end_conditions` when the work is finished. `commit_rules` are about commits.
    """

    goal: tuple[str, ...]
    rules: tuple[str, ...]
    update_rules: tuple[str, ...] = ()
    proof_rules: tuple[str, ...] = ()
    stop_rules: tuple[str, ...] = ()
    end_conditions: tuple[str, ...] = ()
    commit_rules: tuple[str, ...] = ()


PassageSource = Callable[[Situation], Iterable[Passage]]
"""A function that returns passages for a task or a step."""


class StepReading(NamedTuple):
    """The sources of the passages to read for a step.

    A prompt with any budget has the passages of `kept_sources`. If the budget allows more, the prompt also has passages
    of `more_sources`; the most important source comes first.
    """

    kept_sources: tuple[PassageSource, ...]
    more_sources: tuple[PassageSource, ...] = ()


def no_files(_situation: Situation) -> Iterable[str]:
    """Return no files. This is the `scope_files` of a format whose tasks name only the files that they create."""
    return ()


class PromptTables(NamedTuple):
    """The prompts of a format as tables.

    `wordings` has the sentences of each step, and `readings` has the passages to read for each step. `mark` is the text
    in a ticked box. `values` returns the values that only this format has. `written_paths` has the document or folder
    that a step writes, relative to the folder of the plan. `forms` has the form of this document for a step.
    `goal_passages` returns the lines that state the goal of a plan. `scope_files` returns the files of the scope of a
    task. `root_of` returns the folder to which the paths in tasks are relative.
    """

    wordings: Mapping[Step, PromptSentences]
    readings: Mapping[Step, StepReading]
    values: Callable[[Situation], Mapping[str, str]]
    mark: str
    goal_passages: PassageSource
    root_of: Callable[[PlanInput], str]
    scope_files: Callable[[Situation], Iterable[str]] = no_files
    written_paths: Mapping[Step, str] = {}
    forms: Mapping[Step, str] = {}


READ_RULE = "Read the quoted lines and the listed ranges before you write code."
FILES_EXIST_RULE = "{existing_files} already, and an open box proves nothing: compare {task} with the code first, and do no work twice."
BEGUN_WORK_RULE = "Find out first what is already there: compare the files with the task, and keep what is right."
SUBTASK_RULE = "It is the next sub-task of {asked}: leave the others for later."
CHECK_SUBTASKS_RULE = "Every sub-task of {finished} is done: check that they work together."
TICK_RULE = "When the task is done and its checks pass, change only `{box}` to `[{mark}]` in `{tasks}` line {line}, or run `{tick}`."
TICK_BOXES_RULE = (
    "The task has no box of its own: tick each box in `{tasks}` {boxes} whose text is true, and nothing else."
)
NO_BOX_RULE = "There is no box for {no_box}, so its state cannot be recorded: say so when you are done."
TICK_PARENT_RULE = "It is the last open sub-task of {parent}: tick line {parent_line} too."
PARTIAL_WORK_RULE = "If you finish only a part, leave `{box}` as it is and say what is left."
PROOF_RULES = (
    "If the task says how it is verified, run exactly that. Otherwise run the narrowest test of the files that you changed, and all tests once.",
    "Show each command with its result before you say that the task is done.",
)
"""Rules for every task: how to prove it."""
QUESTION_RULES = (
    "Stop if a decision is needed that no document makes, or if the task contradicts a document.",
    "Stop if the work reaches beyond what the documents speak of, or if one error comes back after three different attempts.",
    "Then leave every box as it is, say what you need and what you tried, and end.",
)
"""Rules for every task: when to stop and ask."""
ASK_PERSON_RULES = ("Stop if something is missing that only a person knows: ask for it, and invent nothing.",)
REPORT_END_CONDITION = "you have said what you did and how you checked it; then you stop"
TASK_END_CONDITIONS = ("the task does all that its lines ask, and its checks pass", REPORT_END_CONDITION)
FORM_END_CONDITIONS = ("no `…` of the form is left in what you wrote", REPORT_END_CONDITION)
COMMIT_RULES = ("Make one commit of only what the task needs, with `{commit_name}` in its subject.",)
CONFLICT_RULE = "`{tasks}` has an unresolved merge conflict in line {conflict}: stop and ask for it to be resolved."
TICK_RULES = (TICK_RULE, TICK_BOXES_RULE, NO_BOX_RULE, TICK_PARENT_RULE, PARTIAL_WORK_RULE)
"""Rules for every task: how to tick."""
UNTICK_RULE = "If a ticked task is not done, change its box back to `[ ]`, say why, and stop."
WRONG_TICK_RULE = "If you see that a ticked task is not done, say which one, and how you know."
WAITING_RULE = "In the order of the plan, {task} waits for {blockers}: ask before you begin it."

SHARED_SENTENCES: Mapping[Step, PromptSentences] = {
    "reconcile": PromptSentences(
        ("Compare the open tasks of `{tasks}` with the files, and tick those that are done.", "{candidates}"),
        (
            "Go through the open tasks in the order of the file.",
            "Open every file that a task names, and check that it does what the task and its details ask.",
            "That a file exists proves nothing: it may be empty, unfinished, or older than the plan.",
            "If you are in doubt, leave the task open and say what is missing.",
            "If nothing could be ticked, the work goes on with `{first}`.",
        ),
        update_rules=("Tick a task that is done: change only its box to `[{mark}]`. For {task}, `{tick}` does it.",),
        proof_rules=("Run the tests that a task names, and show each command with its result.",),
        stop_rules=ASK_PERSON_RULES,
        end_conditions=(
            "you have compared every open task, and listed what you ticked and what is left; then you stop",
        ),
    ),
    "confirm_state": PromptSentences(
        ("Find out whether {task} is done.", "Its box is ticked, but `{missing}` does not exist."),
        (
            "`{instead}` exists: find out whether that is the file.",
            "Look for the file under a different name or in a different folder, and in the history: `{history}`.",
            "If the work is there, propose the path that line {line} should name.",
            "If the work is not there, propose to remove the tick: `{untick}`.",
        ),
        end_conditions=("you have said what you found and where, and changed nothing before a person has decided",),
    ),
    "wait": PromptSentences(
        ("No task of {feature} can be done now.", "Of the open tasks, {task} waits for {blockers}."),
        (
            "Say what each open task waits for, and whether that is still true.",
            "If tasks wait for each other in a circle, say which line should change.",
        ),
        end_conditions=("you have said what has to come first, and changed no box; then you stop",),
    ),
    "closed": PromptSentences(
        ("Nothing is left to do for {feature}.",),
        ("If you think that work is missing, propose a task for it and stop.",),
    ),
}
"""Mapping from a step to its sentences, for the steps that have the same sentences in all formats."""


def prompt_function(table: PromptTables) -> Callable[[PlanInput, PlanState, NextStep], PromptParts]:
    """Return the `prompt` function of the format with this table. The function returns the parts of a prompt."""

    def prompt(plan: PlanInput, state: PlanState, step: NextStep) -> PromptParts:
        situation = situation_of(plan, state, step, table.mark)
        wording = table.wordings.get(step.step) or SHARED_SENTENCES.get(step.step) or SHARED_SENTENCES["closed"]
        existing_files = existing_files_clause(situation, folder_prefix(table.root_of(plan).rstrip("/")))
        values = {**situation.values(), "existing_files": existing_files, **table.values(situation)}
        values["commit_name"] = _commit_name(situation)
        reading = table.readings.get(step.step, StepReading(()))
        kept_passages = without_repetitions(passages_of(reading.kept_sources, situation))
        more_passages = [*_passage_of_finished_subtasks(situation), *passages_of(reading.more_sources, situation)]
        all_passages = [
            *kept_passages,
            *without_contained(without_repetitions([*kept_passages, *more_passages])[len(kept_passages) :]),
        ]
        written_path = table.written_paths.get(step.step)
        target = f"{plan.site.folder}/{written_path}" if written_path else situation.path
        is_new = bool(written_path) and target not in plan.documents
        changes_document = step.step in DOCUMENT_STEPS and (bool(written_path) or situation.path in plan.documents)
        return PromptParts(
            goal=" ".join(fill_sentences(wording.goal, values)),
            rules=tuple(fill_sentences(wording.rules, values)),
            passages=tuple(all_passages),
            kept_count=min(len(kept_passages), MAX_KEPT_PASSAGES),
            updates=((target,) if changes_document and not is_new else ())
            + tuple(_written_documents(situation, table.root_of(plan), step)),
            creates=(target,) if is_new else (),
            forms=((target, table.forms[step.step].strip()),) if step.step in table.forms else (),
            stated=tuple(table.goal_passages(situation)),
            code=tuple(_code_paths(situation, table)) if step.step in CODE_STEPS else (),
            mentioned_paths=tuple(_mentioned_paths(situation, table.root_of(plan))) if step.step in CODE_STEPS else (),
            keeps=tuple(fill_sentences(wording.update_rules, values)),
            proves=tuple(fill_sentences(wording.proof_rules, values)),
            stops=tuple(fill_sentences(wording.stop_rules, values)),
            ends=tuple(fill_sentences(wording.end_conditions, values)),
            commit=" ".join(fill_sentences(wording.commit_rules, values)),
        )

    return prompt


DOCUMENT_STEPS: frozenset[Step] = frozenset(
    {"implement_task", "continue_task", "reconcile", "write_requirements", "write_design", "write_tasks"}
)
"""Steps that change a document of the plan."""


CODE_STEPS: frozenset[Step] = frozenset({"implement_task", "continue_task"})
"""Steps that change code."""


def _code_paths(situation: Situation, table: PromptTables) -> Iterator[str]:
    """Yield the files of the task's scope, without the documents of the plan.

    If the scope has no files, yield the files that the task creates. If the task creates none, yield the files of the
    nearest task above that creates files.
    """
    root = table.root_of(situation.plan)
    paths, index = tuple(table.scope_files(situation)), situation.index
    while index != NO_POSITION and not paths:
        paths, index = situation.task_list.tasks[index].creates, situation.task_list.tasks[index].parent
    for path in dict.fromkeys(posixpath.normpath(posixpath.join(root, path)) for path in paths):
        if not _document_at(situation, path):
            yield path


def _document_at(situation: Situation, path: str) -> str:
    """Return the path of the document of the plan that `path` means; "" if there is no such document.

    `path` is relative to the workspace or to the folder of the plan.
    """
    documents, folder = situation.plan.documents, situation.plan.site.folder
    return next((candidate for candidate in (path, f"{folder}/{path}") if candidate in documents), "")


def _written_documents(situation: Situation, root: str, step: NextStep) -> Iterator[str]:
    """Yield the documents of the plan that a task writes, except the document with the tasks.

    `root` is the folder to which the paths in tasks are relative.
    """
    created_paths = situation.task.creates if situation.task and step.step in CODE_STEPS else ()
    for name in created_paths:
        path = _document_at(situation, posixpath.normpath(posixpath.join(root, name)))
        if path and path != situation.path:
            yield path


def _passage_of_finished_subtasks(situation: Situation) -> Iterator[Passage]:
    """Yield the lines of the sub-tasks of an open task if none of its required sub-tasks is open. The agent must check
    whether they work together.
    """
    if not situation.values().get("finished"):
        return
    tasks = situation.task_list.tasks
    subtask_indexes = tasks_below(tasks, situation.index)
    last = max(last_line_of_task(situation.lines, tasks[index]) for index in subtask_indexes)
    yield Passage(situation.path, tasks[subtask_indexes[0]].line, last, "its sub-tasks, which are done")


def _mentioned_paths(situation: Situation, root: str) -> Iterator[str]:
    """Yield the paths that the text of the task mentions, except documents of the plan.

    `root` is the folder to which the paths in tasks are relative.
    """
    for name in situation.names:
        path = posixpath.normpath(posixpath.join(root, name))
        if "/" in name and not path.startswith("..") and not _document_at(situation, path):
            yield path


def _commit_name(situation: Situation) -> str:
    """Return the name of the task for the subject of a commit."""
    item = situation.item
    return f"{situation.state.feature} {item.id}" if item and item.id else situation.state.feature


def passages_of(sources: Iterable[PassageSource], situation: Situation) -> list[Passage]:
    """Return the passages of several sources, in the order of the sources."""
    return [passage for source in sources for passage in source(situation)]


def fill_sentences(sentences: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Replace the names in braces by their values, and return the sentences. Omit a sentence that lacks a value."""
    return [
        sentence.format_map(values) for sentence in sentences if all(values.get(name) for name in value_names(sentence))
    ]


def value_names(sentence: str) -> list[str]:
    """Return the names of the values that a sentence contains in braces."""
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
