"""Plans of a format from texts, without a workspace on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.registry import format_named

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class Plan(NamedTuple):
    """A plan as its format reads it."""

    state: PlanState
    diagnostics: list[Diagnostic]

    def item(self, identity: str) -> AchievementState:
        """Return the first item with an id or a ref."""
        return next(item for item in self.state.achievements if identity in (item.id, item.ref))

    def states(self) -> dict[str, str]:
        """Return the state of each item by its ref."""
        return {item.ref: item.state for item in self.state.achievements}

    def found(self, code: str) -> list[Diagnostic]:
        """Return the diagnostics with a code."""
        return [one for one in self.diagnostics if one.code == code]

    def lines(self, code: str) -> list[int]:
        """Return the lines of the diagnostics with a code."""
        return [one.line for one in self.found(code)]


def plans(
    name: str, files: Mapping[str, str], others: Iterable[str] = (), ignored: Iterable[str] = ()
) -> dict[str, Plan]:
    """Return the plans among files, by path. `others` are paths of files without a role."""
    chosen = format_named(name)
    roles = {path: role for path in files if (role := chosen.role_of(path))}
    documents = {path: _document(chosen, path, role, files[path]) for path, role in roles.items()}
    existing, hidden = {*files, *others}, set(ignored)
    folders = {path[:at] for path in existing for at in range(len(path)) if path[at] == "/"}
    read = {}
    for site in chosen.discover(sorted(roles)):
        given = PlanInput(
            site,
            {path: documents[path] for path in site.documents},
            lambda path: path in existing or path in folders,
            lambda path: path in hidden,
            lambda file_name: sorted(path for path in existing if path.rpartition("/")[2] == file_name),
            files.__getitem__,
        )
        state = chosen.evaluate(given)
        read[site.path] = Plan(state, list(chosen.check(given, state)))
    return read


def _document(chosen: Format, path: str, role: str, text: str) -> FormatDocument:
    facts = chosen.parse(path, role, text)
    stored: Any = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=chosen.facts)
    assert stored == facts
    return FormatDocument(path, chosen.name, role, stored)


def fixed(text: str, fix: TextFix) -> str:
    """Return a text after a fix. It changes one line only, and keeps the line ends."""
    lines = _LINES.findall(text)
    line = lines[fix.line - 1]
    lines[fix.line - 1] = line[: fix.start] + fix.text + line[fix.end :]
    return "".join(lines)
