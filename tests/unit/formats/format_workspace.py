"""A workspace of another plan format in memory: its plans, their states, and their diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from planmark.plans.diagnostic import Diagnostic, TextFix
from planmark.plans.format import Format, FormatDocument, PlanInput
from planmark.plans.history import NO_HISTORY
from planmark.plans.model import AchievementState, PlanState

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class FormatWorkspace:
    """The files of a workspace by path. `others` are the paths of files without text, `ignored` those that git ignores."""

    def __init__(
        self, read: Format, files: Mapping[str, str], others: Iterable[str] = (), ignored: Iterable[str] = ()
    ) -> None:
        self.format = read
        self.files = dict(files)
        self.present = {*files, *others}
        self.ignored = set(ignored)
        self.lengths: dict[str, int] = {}
        """Path of a file → its number of lines."""
        self.history = NO_HISTORY
        owned = [path for path in sorted(self.files) if read.role_of(path)]
        self.documents = {path: self._document(path) for path in owned}
        sites = read.discover(owned)
        self.sites = {site.feature: site for site in sites}
        assert len(self.sites) == len(sites)

    def _document(self, path: str) -> FormatDocument:
        role = self.format.role_of(path)
        assert role is not None
        facts = self.format.parse(path, role, self.files[path])
        stored: Any = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=self.format.facts)
        assert stored == facts
        return FormatDocument(path, self.format.name, role, stored)

    def input(self, feature: str) -> PlanInput:
        """Return the input of a plan."""
        site = self.sites[feature]
        folders = {path[:at] for path in self.present for at, one in enumerate(path) if one == "/"}
        return PlanInput(
            site,
            {path: self.documents[path] for path in site.documents},
            lambda path: path in self.present or path in folders,
            lambda path: path in self.ignored,
            lambda name: sorted(path for path in self.present if path.rpartition("/")[2] == name),
            self.files.__getitem__,
            self.lengths.get,
            lambda: self.history,
        )

    def state(self, feature: str) -> PlanState:
        """Return the state of a plan."""
        return self.format.evaluate(self.input(feature))

    def diagnostics(self, feature: str) -> list[Diagnostic]:
        """Return the diagnostics of a plan."""
        return self.checked(feature)[1]

    def checked(self, feature: str) -> tuple[PlanState, list[Diagnostic]]:
        """Return the state of a plan and its diagnostics."""
        given = self.input(feature)
        state = self.format.evaluate(given)
        return state, list(self.format.check(given, state))

    def fixed(self, path: str, fix: TextFix) -> FormatWorkspace:
        """Return the workspace after a fix of one of its files."""
        return FormatWorkspace(
            self.format, {**self.files, path: applied(self.files[path], fix)}, self.present, self.ignored
        )


def applied(text: str, fix: TextFix) -> str:
    """Return a text after a fix. It changes one line only, and keeps the line ends."""
    lines = _LINES.findall(text)
    line = lines[fix.line - 1]
    lines[fix.line - 1] = line[: fix.start] + fix.text + line[fix.end :]
    return "".join(lines)


def states(plan: PlanState) -> dict[str, str]:
    """Return ref → state of the items of a plan."""
    return {item.ref: item.state for item in plan.achievements}


def by_id(plan: PlanState) -> dict[str, AchievementState]:
    """Return id → item of a plan."""
    return {item.id: item for item in plan.achievements}
