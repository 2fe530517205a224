"""The ledger of subagent-driven-development: a file that lists the completed tasks of a plan."""

from __future__ import annotations

import msgspec

from planmark.text.lazy_pattern import lazy_pattern

_TITLE_LINE = lazy_pattern(r"#\s+SDD ledger\s*[—–-]+\s*plan:\s*`?(?P<path>[^`\n]+?)`?\s*$")
_COMPLETE_LINE = lazy_pattern(r"Task (?P<id>\S{1,40}): complete \(commits (?P<commits>\w+\.\.\w+)")
_TASK_LINE = lazy_pattern(r"Task (?P<id>\S{1,40}):")


class CompletedTask(msgspec.Struct, frozen=True):
    """A task that the ledger calls complete, and the 1-based line of this statement."""

    id: str
    line: int


class LedgerFacts(msgspec.Struct, frozen=True, tag="ledger"):
    """The facts of a ledger: the path of its plan, and the completed tasks.

    A task is not in `completed` if a later line says that the task is not complete.
    """

    plan: str = ""
    completed: tuple[CompletedTask, ...] = ()


def read_ledger(text: str) -> LedgerFacts:
    """Return the facts of a ledger."""
    lines = text.removeprefix("\ufeff").splitlines()
    title = _TITLE_LINE.match(lines[0]) if lines else None
    completed: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if match := _COMPLETE_LINE.match(line):
            completed[match["id"]] = number
        elif match := _TASK_LINE.match(line):
            completed.pop(match["id"], None)
    completed_tasks = tuple(CompletedTask(name, number) for name, number in completed.items())
    return LedgerFacts(title["path"].strip().replace("\\", "/") if title else "", completed_tasks)
