"""A workspace as its doors see it: one snapshot, judged and checked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planmark.answers.templates import renderer_of
from planmark.checks.diagnostic import Diagnostic
from planmark.documents.document import Document
from planmark.prompts.render import BUILT_IN, Renderer
from planmark.workflow.model import AchievementState
from planmark.workflow.naming import renamings
from planmark.workflow.outside import NOTHING, Links, Outside, Standing, links_between, outside_of
from planmark.workflow.plan import Judged, judge_fully, standings
from planmark.workspace.discovery import parent
from planmark.workspace.snapshot import Exists, PlanFiles, ReadText, Snapshot, other_plans

if TYPE_CHECKING:
    from planmark.checks.check import Checked


def nothing_exists(_path: str) -> bool:
    """Where nobody can look."""
    return False


class Judgements(Mapping[str, Judged]):
    """Path of a PLAN → its judgement, made when it is asked for.

    `made` are those that were, `standings` how plans that others depend on look from there. Both hold for plans that are
    still the same object; a judgement is made again where other plans have changed what it takes from them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        made: dict[str, Judged],
        standings: dict[str, dict[str, Standing]],
        *,
        ignore_claims: bool,
    ) -> None:
        self.made = made
        self.standings = standings
        self._snapshot = snapshot
        self._ignore_claims = ignore_claims
        self._outside: dict[str, Outside] = {}

    def __getitem__(self, path: str) -> Judged:
        known = self.made.get(path)
        if known is None or known.outside != self.outside(path):
            files = self._snapshot.plan_at(path)
            if files is None:
                raise KeyError(path)
            known = self.made[path] = judge_fully(files, self.outside(path), ignore_claims=self._ignore_claims)
        return known

    @cached_property
    def links(self) -> Links:
        """How the plans depend on each other."""
        return links_between(self._snapshot.plans)

    def outside(self, path: str) -> Outside:
        """What the plan at a path takes from others."""
        if path not in self.links.plans:
            return NOTHING
        if path not in self._outside:
            self._outside[path] = outside_of(path, self.links, self._standings_of)
        return self._outside[path]

    def _standings_of(self, files: PlanFiles) -> dict[str, Standing]:
        if files.path not in self.standings:
            self.standings[files.path] = standings(files)
        return self.standings[files.path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._snapshot.plan_at(path) is not None

    def __iter__(self) -> Iterator[str]:
        return (files.path for files in self._snapshot.plans)

    def __len__(self) -> int:
        return len(self._snapshot.plans)


@dataclass(frozen=True)
class View:
    """One snapshot with the state of every plan in it (by path) and, where somebody asks for them, all findings.

    `text` gives the text of a document by its path, "" where it cannot be read; `read` says how many files were read
    for the snapshot; `exists` tells which named files are there; `renderer` makes the prompts; `others` are findings that
    are found elsewhere, `known` what was found in the last snapshot that was checked.
    """

    snapshot: Snapshot
    judged: Judgements
    text: ReadText
    read: int = 0
    exists: Exists = nothing_exists
    renderer: Renderer = BUILT_IN
    others: tuple[Diagnostic, ...] = ()
    known: Checked | None = None

    @cached_property
    def checked(self) -> Checked:
        """Every finding; found when it is asked for, since prompts and states need none."""
        from planmark.checks.check import check

        return check(self.snapshot, self.judged, self.text, self.others, self.known)

    def find_in_steps(self) -> Iterator[None]:
        """Finds everything, a document or a plan at a time; after the last step `checked` is there."""
        from planmark.checks.check import check_in_steps

        if not self.is_checked:
            finding = check_in_steps(self.snapshot, self.judged, self.text, self.others, self.known)
            self.__dict__["checked"] = yield from finding

    @property
    def is_checked(self) -> bool:
        """Whether somebody has asked for findings."""
        return "checked" in self.__dict__

    @property
    def last_checked(self) -> Checked | None:
        """What was found here, or where nobody has asked, in the last snapshot that was checked."""
        return self.checked if self.is_checked else self.known

    def diagnostics_at(self, path: str) -> tuple[Diagnostic, ...]:
        """What was found about a file, by line."""
        found = self.checked.files.get(path)
        return found.shown if found else ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, by path, line, severity and code."""
        return self.checked.diagnostics

    def diagnostics_of(self, files: PlanFiles) -> tuple[Diagnostic, ...]:
        """The findings about the documents of one plan, and about the files in its folder that belong to no other plan."""
        documents = (files.document, *files.subplans, *files.executions, *files.verdicts)
        own = {*(d.path for d in documents), *([files.parallel.path] if files.parallel else [])}
        paths = sorted(own.union(path for path in self._found_below(files.folder) if self._is_of(path, files)))
        return tuple(diagnostic for path in paths for diagnostic in self.diagnostics_at(path))

    def _found_below(self, folder: str) -> Iterator[str]:
        """The files below a folder about which something was found, those too that could not be listed."""
        paths, found = self.snapshot.paths, self.checked.files
        start, end = (bisect_left(paths, f"{folder}/"), bisect_left(paths, f"{folder}0")) if folder else (0, len(paths))
        yield from (path for path in paths[start:end] if path in found)
        for problem in self.snapshot.problems:
            if problem.path in found and (not folder or problem.path.startswith(f"{folder}/")):
                yield problem.path

    def _is_of(self, path: str, files: PlanFiles) -> bool:
        """Whether a file belongs to a plan, or lies in its folder and belongs to none."""
        owner = self.snapshot.owners.get(path)
        if owner:
            return owner == files.path
        return path != self.snapshot.settings.source and files.path in self._plans_around(path)

    def _plans_around(self, path: str) -> list[str]:
        """The plans whose work folder is the nearest above a path."""
        folder = path
        while folder:
            folder = parent(folder)
            if around := self.snapshot.table.by_folder.get(folder):
                return [plan.path for plan in around]
        return []

    def plan_of(self, path: str) -> PlanFiles | None:
        """The plan that a document belongs to: work, verdicts, `parallel.json`, copies that do not count, and what only
        has its feature."""
        owner = self.snapshot.owners.get(path)
        return self.snapshot.plan_at(owner) if owner else None

    def achievement_of(self, path: str) -> AchievementState | None:
        """The achievement that a SUBPLAN, an EXECUTION_TASK or a verdict is about, or a file that is misnamed for one."""
        owner = self.snapshot.owners.get(path)
        return self._achievements(owner).get(path) if owner else None

    def _achievements(self, plan: str) -> dict[str, AchievementState]:
        """The documents of a plan's achievements, by path."""
        if plan not in self._of_documents:
            judged = self.judged[plan]
            files = self.snapshot.plan_at(plan)
            misnamed = {r.old: r.achievements for r in (renamings(files) if files else ()) if len(r.achievements) == 1}
            self._of_documents[plan] = {
                path: known
                for known in judged.state.achievements
                for path in (
                    *(document.path for document in _documents_of(judged, known.id)),
                    *(path for path, about in misnamed.items() if about == (known.id,)),
                )
            }
        return self._of_documents[plan]

    @cached_property
    def _of_documents(self) -> dict[str, dict[str, AchievementState]]:
        return {}


def _documents_of(judged: Judged, achievement: str) -> list[Document]:
    assigned = judged.assigned
    subplan = assigned.subplans.get(achievement)
    documents = (*assigned.executions.get(achievement, ()), *assigned.verdicts.get(achievement, ()))
    return [*documents, *([subplan] if subplan else [])]


def view_of(
    snapshot: Snapshot,
    text: ReadText,
    read: int = 0,
    before: View | None = None,
    exists: Exists = nothing_exists,
    others: Sequence[Diagnostic] = (),
    *,
    ignore_claims: bool = False,
) -> View:
    """`snapshot` to be judged and checked; plans that are the same objects as in `before` keep their judgement.

    `others` are findings that are found elsewhere, as `over_budget` finds them.
    """
    made, seen = _still_judged(snapshot, before) if before else ({}, {})
    judged = Judgements(snapshot, made, seen, ignore_claims=ignore_claims)
    renderer, broken = renderer_of(Path(snapshot.root), snapshot.settings)
    checked = before.last_checked if before else None
    return View(snapshot, judged, text, read, exists, renderer, (*broken, *others), checked)


def _still_judged(snapshot: Snapshot, before: View) -> tuple[dict[str, Judged], dict[str, dict[str, Standing]]]:
    """The judgements and standings of the plans that are the same objects as before, by path."""
    made, seen = dict(before.judged.made), dict(before.judged.standings)
    for path in other_plans(before.snapshot, snapshot):
        made.pop(path, None)
        seen.pop(path, None)
    return made, seen


def changed_plans(before: View, after: View) -> list[str]:
    """The paths of the plans of which the documents, or what they take from other plans, is not the same; in order."""
    linked = before.judged.links.plans.keys() | after.judged.links.plans.keys()
    other = {path for path in linked if before.judged.outside(path) != after.judged.outside(path)}
    return sorted({*other, *other_plans(before.snapshot, after.snapshot)})
