"""A plan format of its own, small enough to read at once: `toys/NAME.todo.md` with lines `- [ ] id: title`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import (
    AppliedRow,
    Format,
    Passage,
    PlanInput,
    PlanSite,
    PromptParts,
    TextLink,
    TickEdit,
    TickOutcome,
)
from planmark.plans.model import AchievementState, Evidence, NextStep, PlanState, Progress

_PATH = re.compile(r"(?:^|/)toys/(?P<name>[^/]+)\.todo\.md$")
_LINE = re.compile(r"- \[(?P<mark>[ x?])\] (?P<id>\w+): (?P<title>.*)")


class Todo(msgspec.Struct, frozen=True):
    """One line: its 1-based number, its mark, its id and its title."""

    line: int
    mark: str
    id: str
    title: str


def parse(_path: str, _role: str, text: str) -> msgspec.Struct:
    found = enumerate(text.splitlines(), 1)
    return Todos(tuple(Todo(n, m["mark"], m["id"], m["title"]) for n, line in found if (m := _LINE.match(line))))


class Todos(msgspec.Struct, frozen=True):
    """The lines of a document."""

    todos: tuple[Todo, ...]


def discover(paths: Sequence[str]) -> Sequence[PlanSite]:
    named = [(path, match["name"]) for path in paths if (match := _PATH.search(path))]
    return [PlanSite("toy", path, path.rpartition("/")[0], name, "active", (path,)) for path, name in named]


def evaluate(plan: PlanInput) -> PlanState:
    path = plan.site.path
    todos = plan.documents[path].facts.todos if path in plan.documents else ()
    items = tuple(_item(path, todo) for todo in todos)
    first = next((item for item in items if item.state == "open"), None)
    step = (
        NextStep("implement_task", first.id, "executor", 2, path, "it is the first open line", first.ref)
        if first
        else NextStep("closed", None, "planner", 1, path, "every line is ticked")
    )
    done = sum(item.state == "done" for item in items)
    return PlanState(
        *(path, plan.site.feature, plan.site.feature, "active", None, None, False),
        "in_progress" if first else "complete",
        {"done": done, "open": len(items) - done},
        *(step, (), (), None, None, (), items),
        format="toy",
        progress=Progress(done, len(items)),
    )


def _item(path: str, todo: Todo) -> AchievementState:
    evidence = (Evidence(path, todo.line, f"[{todo.mark}]"),)
    state = "done" if todo.mark == "x" else "open"
    return AchievementState(
        *(todo.id, todo.title, "", state, "implement_task", path, todo.line, None, (), None, (), (), evidence),
        ref=todo.id,
        marker=todo.mark,
    )


def check(_plan: PlanInput, state: PlanState) -> Iterator[Diagnostic]:
    for item in state.achievements:
        if item.marker == "?":
            fix = TextFix("Write `[ ]`", item.line, 3, 4, " ", is_safe=True)
            yield Diagnostic(item.path, item.line, "warning", "task-marker-unknown", "`[?]` is no mark", fix=fix)


def explain(_plan: PlanInput, _state: PlanState, item: AchievementState) -> Sequence[AppliedRow]:
    return [AppliedRow("A", "done", "the box is ticked", item.state == "done", item.evidence)]


def prompt(_plan: PlanInput, state: PlanState, step: NextStep) -> PromptParts:
    line = next((item.line for item in state.achievements if item.ref == step.ref), 1)
    return PromptParts("Do the toy task.", ("Tick it.",), (Passage(state.path, line, line, "the task"),))


def tick(_plan: PlanInput, _state: PlanState, item: AchievementState, undo: bool) -> TickOutcome:
    mark = " " if undo else "x"
    return TickOutcome((TickEdit(item.path, item.line, 3, 4, mark),)) if item.marker != mark else TickOutcome()


def links(plan: PlanInput, path: str, only_line: int | None = None) -> Sequence[TextLink]:
    lines = {todo.id: todo.line for todo in plan.documents[path].facts.todos}
    found = []
    for number, text in enumerate(plan.text(path).splitlines(), 1):
        for match in re.finditer(r"\(after (\w+)\)", text):
            found.append(TextLink(number, match.start(1), match.end(1), path, lines.get(match[1], 0)))
    return [link for link in found if only_line in (None, link.line)]


FORMAT = Format(
    *("toy", "Toy", lambda path: "todo" if _PATH.search(path) else None, parse, Todos),
    *(lambda _document: (), discover, evaluate, check, explain, prompt),
    links=links,
    tick=tick,
    commands={"archive": "delete the file"},
)
