"""The view of a workspace for the CLI and the server: one snapshot with its states and diagnostics."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planmark.coordination.lease_look import NO_LEASES, LeaseLook
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.format import FormatDocument, PlanSite
from planmark.plans.model import AchievementState, PlanState
from planmark.plans.outside import EMPTY_OUTSIDE, OtherAchievement, Outside
from planmark.plans.registry import format_named
from planmark.prompts.render import BUILT_IN, Renderer
from planmark.queries.format_plans import FormatPlans, WorkSource
from planmark.queries.template_loader import renderer_of
from planmark.storage.paths import parent
from planmark.workspace.case_index import CaseSource
from planmark.workspace.plan_work import Links, plan_work
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import Exists, FormatPlan, PlanDocuments, ReadText, Snapshot, changed_plan_paths
from planmark.workspace.text_memo import TextMemo

if TYPE_CHECKING:
    from planmark.diagnostics.engine import CheckedWorkspace


ChangedNs = Callable[[str], int]
"""A function that returns the time of the last change of a document, in nanoseconds; 0 if the time is unknown."""


def never_changed(_path: str) -> int:
    """Return 0, for a view without access to the disk."""
    return 0


def no_branch() -> str:
    """Return no branch, for a view without access to the disk."""
    return ""


AnyPlan = PlanDocuments | PlanSite
"""A plan of the methodology, or of another format."""


def never_exists(_path: str) -> bool:
    """Return False, for a view without access to the disk."""
    return False


class PlanEvaluations(Mapping[str, PlanEvaluation]):
    """Path of a PLAN → its evaluation, computed on demand.

    `evaluated` holds the evaluations so far. `standings` are the states of the achievements on which other plans depend.
    Both are valid while the plan is the same object. A plan is evaluated again if the standings that it depends on have
    changed. `earlier` holds plans that have changed since their evaluation, and this evaluation; the next evaluation of
    the plan reuses its parts.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        evaluated: dict[str, PlanEvaluation],
        standings: dict[str, dict[str, OtherAchievement]],
        earlier: dict[str, tuple[FormatPlan, PlanEvaluation]],
        *,
        ignore_claims: bool,
    ) -> None:
        self.evaluated = evaluated
        self.standings = standings
        self.earlier = earlier
        self._snapshot = snapshot
        self._ignore_claims = ignore_claims
        self._outside: dict[str, Outside] = {}

    def __getitem__(self, path: str) -> PlanEvaluation:
        evaluation = self.evaluated.get(path)
        if evaluation is None or evaluation.outside != self.outside(path):
            plan = self._snapshot.plan_at(path)
            if plan is None:
                raise KeyError(path)
            earlier = self.earlier.pop(path, None) or ((plan, evaluation) if evaluation else None)
            evaluation = plan_work().evaluate(plan, self.outside(path), self._ignore_claims, earlier)
            self.evaluated[path] = evaluation
        return evaluation

    @cached_property
    def links(self) -> Links:
        """The dependencies between plans."""
        return plan_work().links(self._snapshot.plans)

    def outside(self, path: str) -> Outside:
        """Return the dependencies of the plan at a path on other plans."""
        if path not in self.links.plans:
            return EMPTY_OUTSIDE
        if path not in self._outside:
            self._outside[path] = plan_work().outside(path, self.links, self._standings_of)
        return self._outside[path]

    def _standings_of(self, plan: PlanDocuments) -> dict[str, OtherAchievement]:
        if plan.path not in self.standings:
            self.standings[plan.path] = plan_work().standings(plan)
        return self.standings[plan.path]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._snapshot.plan_at(path) is not None

    def __iter__(self) -> Iterator[str]:
        return (plan.path for plan in self._snapshot.plans)

    def __len__(self) -> int:
        return len(self._snapshot.plans)


@dataclass(frozen=True)
class View:
    """One snapshot with the state of every plan (by path) and, on demand, all diagnostics.

    `text` returns the text of a document by its path, "" if it is unreadable. `read_count` is the number of files that
    were read for the snapshot. `exists` tells whether the file at a path exists. `changed_at` returns the time of the
    last change of a file. `branch` returns the checked-out git branch, "" without one. `renderer` renders the prompts.

    `extra_diagnostics` are diagnostics that other modules add. `previous_check` is the check of an earlier snapshot, for
    reuse. `whole_view` is the view of the whole workspace, if this view contains only some of its plans. `leases` are the
    leases at the time of the view. `cases` is the index of causes, fixes and learnings. `searched_texts` keeps the texts
    in the form in which a search reads them.
    """

    snapshot: Snapshot
    evaluations: PlanEvaluations
    text: ReadText
    read_count: int = 0
    exists: Exists = never_exists
    renderer: Renderer = BUILT_IN
    formats: FormatPlans = field(kw_only=True)
    changed_at: ChangedNs = never_changed
    branch: Callable[[], str] = no_branch
    extra_diagnostics: tuple[Diagnostic, ...] = ()
    previous_check: CheckedWorkspace | None = None
    whole_view: View | None = None
    leases: LeaseLook = NO_LEASES
    cases: CaseSource = field(default_factory=CaseSource, compare=False)
    searched_texts: TextMemo[Any] = field(default_factory=TextMemo, compare=False)

    @property
    def reader(self) -> WorkspaceReader:
        """The snapshot with the texts of its documents and the existence of files."""
        return WorkspaceReader(self.snapshot, self.text, self.exists)

    @cached_property
    def checked(self) -> CheckedWorkspace:
        """All diagnostics, computed on demand, because prompts and states need no diagnostics."""
        if self.whole_view is not None:
            return self.whole_view.checked
        from planmark.diagnostics.engine import check

        return check(self.snapshot, self.evaluations, self.text, self._all_extra_diagnostics, self.previous_check)

    def check_stepwise(self) -> Iterator[None]:
        """Compute all diagnostics, one document or plan per step. After the last step `checked` is set."""
        from planmark.diagnostics.engine import check_in_steps

        if not self.is_checked:
            steps = check_in_steps(
                self.snapshot, self.evaluations, self.text, self._all_extra_diagnostics, self.previous_check
            )
            self.__dict__["checked"] = yield from steps

    @property
    def _all_extra_diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*self.extra_diagnostics, *self.formats.diagnostics())

    @cached_property
    def search_values(self) -> dict[str, Any]:
        """Name → a value that searches compute once for this view."""
        return {}

    @cached_property
    def plans(self) -> tuple[AnyPlan, ...]:
        """The plans of all formats, sorted by path."""
        snapshot = self.snapshot
        return (
            tuple(sorted((*snapshot.plans, *snapshot.sites), key=lambda plan: plan.path))
            if snapshot.sites
            else snapshot.plans
        )

    @cached_property
    def chosen_sites(self) -> frozenset[str]:
        """The paths of the current plans of other formats, by the format's own documents, else by the git branch."""
        by_format: dict[str, dict[str, FormatDocument]] = {}
        for path, record in self.snapshot.records.items():
            by_format.setdefault(record.format, {})[path] = record
        folders = {folder for name, records in by_format.items() for folder in format_named(name).chosen(records)}
        sites = self.snapshot.sites
        site_paths = frozenset(site.path for site in sites if site.folder in folders)
        branch = self.branch().rpartition("/")[2]
        return site_paths or frozenset(site.path for site in sites if branch and site.feature == branch)

    def changed_ns(self, plan: AnyPlan) -> int:
        """Return the time of the last change of the item list of a plan of another format, in nanoseconds; else 0.

        Formats without priorities put the plan that changed last first.
        """
        return self.changed_at(plan.path) if isinstance(plan, PlanSite) else 0

    def state(self, path: str) -> PlanState:
        """Return the state of the plan at a path, in any format. Raises KeyError without such a plan."""
        return self.evaluations[path].state if path in self.evaluations else self.formats[path].state

    @property
    def is_checked(self) -> bool:
        """Whether the diagnostics were computed."""
        return "checked" in self.__dict__

    @property
    def last_checked(self) -> CheckedWorkspace | None:
        """The check of this snapshot if it was computed, else the check of the last snapshot that has a check."""
        return self.checked if self.is_checked else self.previous_check

    def diagnostics_at(self, path: str) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of a file, by line."""
        diagnostics = self.checked.by_path.get(path)
        return diagnostics.visible if diagnostics else ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, by path, line, severity and code."""
        return self.checked.diagnostics

    def diagnostics_of(self, plan: AnyPlan) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of one plan's documents, and of files in its folder that belong to no other plan."""
        if isinstance(plan, PlanSite):
            return tuple(
                diagnostic for path in sorted({*plan.documents, plan.path}) for diagnostic in self.diagnostics_at(path)
            )
        documents = (plan.document, *plan.subplans, *plan.executions, *plan.verdicts)
        own_paths = {*(document.path for document in documents), *([plan.parallel.path] if plan.parallel else [])}
        is_shared = len(self.snapshot.table.by_folder.get(plan.folder, ())) > 1
        paths_below = (
            self._files_in_shared_folders.get((plan.folder, plan.path), ())
            if is_shared
            else self._files_with_diagnostics_below(plan.folder)
        )
        paths = sorted(own_paths.union(path for path in paths_below if self._belongs_to_plan(path, plan)))
        return tuple(diagnostic for path in paths for diagnostic in self.diagnostics_at(path))

    def _files_with_diagnostics_below(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder that have diagnostics, including files that could not be listed."""
        paths, by_path = self.snapshot.paths, self.checked.by_path
        start, end = (bisect_left(paths, f"{folder}/"), bisect_left(paths, f"{folder}0")) if folder else (0, len(paths))
        yield from (path for path in paths[start:end] if path in by_path)
        for problem in self.snapshot.problems:
            if problem.path in by_path and (not folder or problem.path.startswith(f"{folder}/")):
                yield problem.path

    @cached_property
    def _files_in_shared_folders(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """(Work folder that several plans share, plan) → the files of `_files_with_diagnostics_below` that may belong to this plan."""
        by_folder, result = self.snapshot.table.by_folder, defaultdict[tuple[str, str], list[str]](list)
        for folder, plans in by_folder.items():
            for path in self._files_with_diagnostics_below(folder) if len(plans) > 1 else ():
                owner = self.snapshot.owners.get(path)
                for plan in [owner] if owner else self._plans_around(path):
                    result[folder, plan].append(path)
        return result

    def _belongs_to_plan(self, path: str, plan: PlanDocuments) -> bool:
        """Tell whether a file belongs to a plan, or is in its folder and belongs to no plan."""
        owner = self.snapshot.owners.get(path)
        if owner:
            return owner == plan.path
        return path != self.snapshot.settings.source and plan.path in self._plans_around(path)

    def _plans_around(self, path: str) -> list[str]:
        """Return the plans whose work folder is the nearest above a path."""
        folder = path
        while folder:
            folder = parent(folder)
            if plan_places := self.snapshot.table.by_folder.get(folder):
                return [plan.path for plan in plan_places]
        return []

    def any_plan_of(self, path: str) -> AnyPlan | None:
        """Return the plan of a document, in any format; see `plan_of`."""
        return self.plan_of(path) or self.formats.site_of_document(path)

    def plans_around(self, path: str) -> list[AnyPlan]:
        """Return the plans whose folder is the nearest above a path, in all formats."""
        plans: list[AnyPlan] = [
            plan for plan_path in self._plans_around(path) if (plan := self.snapshot.plan_at(plan_path))
        ]
        return [*plans, *(site for site in self.snapshot.sites if path.startswith(f"{site.folder}/"))]

    def plan_of(self, path: str) -> PlanDocuments | None:
        """Return the plan of a document.

        The documents of a plan are work, verdicts, `parallel.json`, ignored copies, and documents that only share its
        feature.
        """
        owner = self.snapshot.owners.get(path)
        return self.snapshot.plan_at(owner) if owner else None

    def achievement_of(self, path: str) -> AchievementState | None:
        """Return the achievement of a SUBPLAN, an EXECUTION_TASK or a verdict, even if the document is misnamed."""
        owner = self.snapshot.owners.get(path)
        return self._achievements(owner).get(path) if owner else None

    def _achievements(self, plan: str) -> dict[str, AchievementState]:
        """Return the achievement of each of a plan's documents, by path."""
        if plan not in self._achievements_by_document:
            listed_plan = self.snapshot.plan_at(plan)
            evaluation = self.evaluations[plan]
            self._achievements_by_document[plan] = (
                plan_work().items_of_documents(listed_plan, evaluation) if listed_plan else {}
            )
        return self._achievements_by_document[plan]

    @cached_property
    def _achievements_by_document(self) -> dict[str, dict[str, AchievementState]]:
        return {}


def build_view(
    snapshot: Snapshot,
    text: ReadText,
    read_count: int = 0,
    before: View | None = None,
    exists: Exists = never_exists,
    extra_diagnostics: Sequence[Diagnostic] = (),
    *,
    changed_ns: ChangedNs = never_changed,
    branch: Callable[[], str] = no_branch,
    work: WorkSource | None = None,
    ignore_claims: bool = False,
    leases: LeaseLook | None = None,
    cases: CaseSource | None = None,
    searched_texts: TextMemo[Any] | None = None,
) -> View:
    """Return a view of `snapshot`. Plan objects that `before` contains keep their evaluation.

    `extra_diagnostics` are diagnostics that other modules add, such as those about prompts over their budget. `work` is
    the source of commits and of numbers of lines. Without `work`, the view uses the source of `before`, as for `leases`.
    """
    evaluations = _evaluations(snapshot, before, ignore_claims=ignore_claims)
    renderer, broken_diagnostics = renderer_of(Path(snapshot.root), snapshot.settings)
    checked_workspace = before.last_checked if before else None
    formats = FormatPlans(snapshot, text, before.formats if before else None, work)
    return View(
        snapshot,
        evaluations,
        text,
        read_count,
        exists,
        renderer,
        changed_ns,
        branch,
        (*broken_diagnostics, *extra_diagnostics),
        checked_workspace,
        formats=formats,
        leases=leases or (before.leases if before else NO_LEASES),
        cases=cases or (before.cases if before else CaseSource()),
        searched_texts=searched_texts or (before.searched_texts if before else TextMemo()),
    )


def _evaluations(snapshot: Snapshot, before: View | None, *, ignore_claims: bool) -> PlanEvaluations:
    """Return the evaluations and standings of the plan objects that both snapshots contain, and those to reuse in part."""
    if before is None:
        return PlanEvaluations(snapshot, {}, {}, {}, ignore_claims=ignore_claims)
    evaluated, standings = dict(before.evaluations.evaluated), dict(before.evaluations.standings)
    earlier = dict(before.evaluations.earlier)
    for path in changed_plan_paths(before.snapshot, snapshot):
        standings.pop(path, None)
        evaluation, old_plan = evaluated.pop(path, None), before.snapshot.plan_at(path)
        if snapshot.plan_at(path) is None:
            earlier.pop(path, None)
        elif evaluation and old_plan:
            earlier[path] = (old_plan, evaluation)
    return PlanEvaluations(snapshot, evaluated, standings, earlier, ignore_claims=ignore_claims)


def changed_plans(before: View, after: View) -> list[str]:
    """Return the sorted paths of the plans whose documents, or whose dependencies in other plans, differ."""
    linked_paths = before.evaluations.links.plans.keys() | after.evaluations.links.plans.keys()
    changed_paths = {
        path for path in linked_paths if before.evaluations.outside(path) != after.evaluations.outside(path)
    }
    return sorted({*changed_paths, *changed_plan_paths(before.snapshot, after.snapshot)})


def changed_sites(before: View, after: View) -> list[str]:
    """Return the sorted paths of those plans that have different inputs in the two views.

    Only plans of formats other than the methodology are compared.
    """
    old_paths, new_paths = ({site.path for site in view.snapshot.sites} for view in (before, after))
    return sorted(
        (old_paths ^ new_paths)
        | {path for path in old_paths & new_paths if before.formats[path] is not after.formats[path]}
    )
