"""A workspace as its doors see it: one snapshot, judged and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planmark.answers.templates import renderer_of
from planmark.checks.check import Checked, check
from planmark.checks.diagnostic import Diagnostic
from planmark.prompts.render import BUILT_IN, Renderer
from planmark.workflow.model import AchievementState
from planmark.workflow.plan import Judged, judge_fully
from planmark.workspace.snapshot import Exists, PlanFiles, ReadText, Snapshot


def nothing_exists(_path: str) -> bool:
    """Where nobody can look."""
    return False


@dataclass(frozen=True)
class View:
    """One snapshot with the state of every plan in it (by path) and, where somebody asks for them, all findings.

    `text` gives the text of a document by its path, "" where it cannot be read; `read` says how many files were read
    for the snapshot; `exists` tells which named files are there; `renderer` makes the prompts; `others` are findings that
    are found elsewhere, `known` what was found in the last snapshot that was checked.
    """

    snapshot: Snapshot
    judged: dict[str, Judged]
    text: ReadText
    read: int = 0
    exists: Exists = nothing_exists
    renderer: Renderer = BUILT_IN
    others: tuple[Diagnostic, ...] = ()
    known: Checked | None = None

    @cached_property
    def checked(self) -> Checked:
        """Every finding; found when it is asked for, since prompts and states need none."""
        return check(self.snapshot, self.judged, self.text, self.others, self.known)

    @property
    def last_checked(self) -> Checked | None:
        """What was found here, or where nobody has asked, in the last snapshot that was checked."""
        return self.checked if "checked" in self.__dict__ else self.known

    @cached_property
    def diagnostics_at(self) -> dict[str, tuple[Diagnostic, ...]]:
        """Path → what was found about the file, by line; only files about which something was."""
        return {path: of.shown for path, of in sorted(self.checked.files.items()) if of.shown}

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, by path, line, severity and code."""
        return self.checked.diagnostics

    def diagnostics_of(self, files: PlanFiles) -> tuple[Diagnostic, ...]:
        """The findings about the documents of one plan."""
        documents = (files.document, *files.subplans, *files.executions, *files.verdicts)
        paths = sorted({*(d.path for d in documents), *([files.parallel.path] if files.parallel else [])})
        return tuple(diagnostic for path in paths for diagnostic in self.diagnostics_at.get(path, ()))

    @cached_property
    def plan_of(self) -> dict[str, PlanFiles]:
        """Document path → the plan that it belongs to: work, verdicts, `parallel.json`, and copies that do not count."""
        found: dict[str, PlanFiles] = {}
        for files in self.snapshot.plans:
            documents = (files.document, *files.subplans, *files.executions, *files.verdicts)
            paths = [*(document.path for document in documents), *(copy.path for copy in files.copies)]
            paths += [*files.ambiguous_verdicts, *([files.parallel.path] if files.parallel else [])]
            found.update(dict.fromkeys(paths, files))
        by_feature = {files.feature: files for files in self.snapshot.plans}
        for path, document in self.snapshot.documents.items():
            if path not in found and document.name.feature in by_feature:
                found[path] = by_feature[document.name.feature]
        return found

    @cached_property
    def paths_named(self) -> dict[str, list[str]]:
        """File name → the paths of the documents that are called so."""
        found: dict[str, list[str]] = {}
        for path in self.snapshot.paths:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    @cached_property
    def achievement_of(self) -> dict[str, tuple[PlanFiles, AchievementState]]:
        """Path of a SUBPLAN, EXECUTION_TASK or verdict → its plan and achievement."""
        found: dict[str, tuple[PlanFiles, AchievementState]] = {}
        for files in self.snapshot.plans:
            judged = self.judged[files.path]
            for known in judged.state.achievements:
                documents = (*judged.assigned.executions.get(known.id, ()), *judged.assigned.verdicts.get(known.id, ()))
                subplan = judged.assigned.subplans.get(known.id)
                for document in (*documents, *((subplan,) if subplan else ())):
                    found[document.path] = (files, known)
        return found


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
    """`snapshot` judged and checked; plans that are the same objects as in `before` keep their judgement.

    `others` are findings that are found elsewhere, as `over_budget` finds them.
    """
    known = {files.path: files for files in before.snapshot.plans} if before else {}
    judged = {
        files.path: before.judged[files.path]
        if before and known.get(files.path) is files
        else judge_fully(files, ignore_claims=ignore_claims)
        for files in snapshot.plans
    }
    renderer, broken = renderer_of(Path(snapshot.root), snapshot.settings)
    checked = before.last_checked if before else None
    return View(snapshot, judged, text, read, exists, renderer, (*broken, *others), checked)
