"""The subject of a prompt or a hover: one task of a plan, with the plan's documents and the related tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from planmark.formats.checkbox.deliverables import existing_replacement
from planmark.formats.checkbox.evaluate import SETTLED_STATES
from planmark.formats.checkbox.lines import Line, read_lines
from planmark.formats.checkbox.outline import names_in
from planmark.formats.checkbox.passages import last_line_of_task
from planmark.formats.checkbox.tasks import NO_POSITION, Task, TaskList
from planmark.plans.format import PlanInput
from planmark.plans.model import AchievementState, NextStep, PlanState
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun

_UNQUOTED_ARGUMENT = lazy_pattern(r"[\w.@:/+-]+$")
"""Pattern for an argument that needs no quotation marks in a shell."""
MAX_NAMED_TASKS = 5
"""Maximum number of tasks that a sentence names. Of further tasks, the sentence states only the number."""


class Situation:
    """The subject of a prompt: a step of a plan.

    `item` is the task of the step; None if the step is about the whole plan.

    `asked_item` is the task that a person asks for. If this task has open leaves below it, `item` is the first of them.
    Otherwise, `item` is the same task. `mark` is the text in a ticked box.
    """

    def __init__(self, plan: PlanInput, state: PlanState, achievement: AchievementState | None, mark: str) -> None:
        self.plan = plan
        self.state = state
        self.mark = mark
        self.asked_item = achievement
        self.item = self._first_open_leaf(achievement)

    @property
    def path(self) -> str:
        """The path of the document with the tasks; the document may not exist."""
        if self.item:
            return self.item.path
        site = self.plan.site
        return site.path if site.path in self.plan.documents else f"{site.folder}/tasks.md"

    @cached_property
    def task_list(self) -> TaskList:
        """The tasks of the document; empty if the document does not exist."""
        document = self.plan.documents.get(self.path)
        task_list: TaskList = document.facts.task_list if document else TaskList()
        return task_list

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the document with the tasks."""
        return read_lines(self.plan.text(self.path)) if self.path in self.plan.documents else ()

    @cached_property
    def index(self) -> int:
        """The position of the task in the task list, or `NO_POSITION`."""
        line = self.item.line if self.item else NO_POSITION
        return next((index for index, task in enumerate(self.task_list.tasks) if task.line == line), NO_POSITION)

    @property
    def task(self) -> Task | None:
        """The task on the line of the item; None if there is no such task."""
        return self.task_list.tasks[self.index] if self.index != NO_POSITION else None

    @cached_property
    def task_text(self) -> str:
        """The text of the task with its details; "" if there is no task."""
        if not self.task:
            return ""
        task_lines = self.lines[self.task.line - 1 : last_line_of_task(self.lines, self.task)]
        return "\n".join(line.text for line in task_lines)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in the text of the task: code spans, paths, identifiers, and words in quotation marks."""
        return names_in(self.task_text)

    @cached_property
    def items_by_ref(self) -> Mapping[str, AchievementState]:
        """The items by their refs."""
        return {item.ref: item for item in self.state.achievements}

    @cached_property
    def subtasks(self) -> Sequence[AchievementState]:
        """The items directly below the task."""
        return [item for item in self.state.achievements if self.item and item.parent == self.item.ref]

    def values(self) -> dict[str, str]:
        """Return a mapping from names to texts: the values that the sentences of every format may contain.

        The text of a missing value is "".
        """
        item, task = self.item, self.task
        feature = self.state.feature
        is_open = item is not None and item.state not in SETTLED_STATES
        values = {
            "feature": feature,
            "folder": self.plan.site.folder,
            "tasks": self.path,
            "task": "the next open task",
            "mark": self.mark,
            "name": name_of(self.asked_item) if self.asked_item else "",
            "conflict": str(self.task_list.conflicts[0]) if self.task_list.conflicts else "",
        }
        first_open_ref = next(
            (
                achievement.ref
                for achievement in self.state.achievements
                if achievement.leaf and achievement.state == "open" and not achievement.optional
            ),
            "",
        )
        if first_open_ref:
            values["first"] = f"planmark next {feature_argument(feature)} --achievement {shell_quoted(first_open_ref)}"
        if item is None or task is None:
            return values
        parent = self._parent_to_complete()
        values |= {
            "task": name_of(item),
            "line": str(task.line),
            "asked": name_of(self.asked_item) if self.asked_item is not item and self.asked_item else "",
            "box": self._box_text(task) if task.marker else "",
            "marked": self._box_text(task) if is_open and task.marker.strip() else "",
            "tick": f"planmark tick {feature_argument(feature)} {shell_quoted(item.ref)}"
            if task.marker and is_open
            else "",
            "untick": f"planmark tick {feature_argument(feature)} {shell_quoted(item.ref)} --undo",
            "no_box": name_of(item) if not task.marker else "",
            "parent": name_of(parent) if parent else "",
            "parent_line": str(parent.line) if parent else "",
            "finished": name_of(item)
            if self.subtasks and is_open and not item.leaf and not self._open_leaves_below(item)
            else "",
            "missing": item.evidence[0].path if item.state == "unsupported" else "",
            "instead": self._replacement_path(item),
            "history": f"git log --oneline --all -- '**/{item.evidence[0].path.rpartition('/')[2]}'",
            "blockers": item_names_in_words(
                [self.items_by_ref[ref] for ref in item.blocked_by if ref in self.items_by_ref]
            ),
            "optional": item_names_in_words([subtask for subtask in self.subtasks if subtask.optional]),
        }
        return values

    def _replacement_path(self, item: AchievementState) -> str:
        """Return the path of an existing file that may be the missing file of a task; "" if there is no such file."""
        missing_path = item.evidence[0].path if item.state == "unsupported" else ""
        return existing_replacement(missing_path, self.plan.files_named)

    def _box_text(self, task: Task) -> str:
        """Return the text of the box of a task, with the brackets."""
        return self.lines[task.line - 1].text[task.box[0] : task.box[1]]

    def _first_open_leaf(self, achievement: AchievementState | None) -> AchievementState | None:
        """Return the first required leaf below `achievement` that still needs work; `achievement` itself if there is
        none.
        """
        return next(iter(self._open_leaves_below(achievement)), achievement) if achievement else None

    def _open_leaves_below(self, top_item: AchievementState) -> list[AchievementState]:
        """Return the leaves below an item that still need work and are required for the item."""
        items = self.state.achievements
        open_leaves: list[AchievementState] = []
        refs_below = {top_item.ref}
        for item in items[next((index for index, achievement in enumerate(items) if achievement is top_item), 0) + 1 :]:
            if item.parent not in refs_below or (item.optional and not top_item.optional):
                continue
            refs_below.add(item.ref)
            if item.leaf and item.state not in SETTLED_STATES:
                open_leaves.append(item)
        return open_leaves

    def _parent_to_complete(self) -> AchievementState | None:
        """Return the parent of the task if no other required task below this parent is open; else None.

        Also return None if the parent has no box or is settled, or if the task is optional.
        """
        item = self.item
        parent = self.items_by_ref.get(item.parent) if item and item.parent else None
        if not item or not parent or not parent.marker or parent.state in SETTLED_STATES or item.optional:
            return None
        return parent if self._open_leaves_below(parent) == [item] else None


def situation_of(plan: PlanInput, state: PlanState, step: NextStep, mark: str) -> Situation:
    """Return the situation of a step, which is the subject of its prompt. `mark` is the text in a ticked box."""
    achievement = next((item for item in state.achievements if step.ref is not None and item.ref == step.ref), None)
    return Situation(plan, state, achievement, mark)


def situation_of_item(plan: PlanInput, state: PlanState, item: AchievementState) -> Situation:
    """Return a situation whose `item` is exactly this item, even if it has sub-tasks."""
    situation = Situation(plan, state, None, "")
    situation.item = item
    return situation


def name_of(item: AchievementState) -> str:
    """Return the name of an item for a sentence.

    The name is `task 1.2`, or the id itself if the id contains a space (`Test 1.2`). If the item has no id, the name
    states the line of the item.
    """
    if " " in item.id:
        return item.id
    return f"task {item.id}" if item.id else f"the task in line {item.line}"


def item_names_in_words(items: Sequence[AchievementState]) -> str:
    """Return the names of items for a sentence: `task 1.1, task 1.2 and 3 more tasks`."""
    names_of_items = [name_of(item) for item in items[:MAX_NAMED_TASKS]]
    more_count = len(items) - len(names_of_items)
    if more_count:
        names_of_items.append(counted_noun(more_count, "more task", "more tasks"))
    return list_in_words(names_of_items)


def list_in_words(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def feature_argument(feature: str) -> str:
    """Return a feature in the form of an argument on the command line."""
    return shell_quoted(f"@{feature}")


def shell_quoted(argument: str) -> str:
    """Return an argument of the command line, in quotation marks if the shell needs them."""
    return argument if _UNQUOTED_ARGUMENT.match(argument) else '"' + argument.replace('"', '\\"') + '"'
