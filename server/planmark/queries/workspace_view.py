"""The view of a workspace for the CLI and the server: a snapshot with the states and diagnostics of its plans."""

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
from planmark.plans.outside import NO_OTHER_PLANS, OtherAchievement, OtherPlansInput
from planmark.plans.registry import format_named
from planmark.prompts.render import BUILT_IN_RENDERER, Renderer
from planmark.queries.format_plans import FormatPlans, WorkSource
from planmark.queries.template_loader import renderer_of
from planmark.storage.paths import parent
from planmark.workspace.case_index import CaseIndex
from planmark.workspace.plan_work import PlanDependencies, plan_work
from planmark.workspace.reader import WorkspaceReader
from planmark.workspace.snapshot import Exists, FormatPlan, PlanDocuments, ReadText, Snapshot, changed_plan_paths
from planmark.workspace.text_memo import TextMemo

if TYPE_CHECKING:
    from planmark.diagnostics.engine import CheckedWorkspace


ChangedNs = Callable[[str], int]
"""A function that returns the time of the last change of a document, in nanoseconds; 0 if the time is unknown."""


def no_change_time(_path: str) -> int:
    """Return 0, the unknown time of the last change. It is for a view without access to the disk."""
    return 0


def no_branch() -> str:
    """Return "", which means no branch. It is for a view without access to the disk."""
    return ""


AnyPlan = PlanDocuments | PlanSite
"""A plan of the methodology, or of another format."""


def never_exists(_path: str) -> bool:
    """Return False for every path. It is for a view without access to the disk."""
    return False


class PlanEvaluations(Mapping[str, PlanEvaluation]):
    """Mapping from the path of a PLAN to its evaluation. Evaluations are computed on demand.

    `evaluated` has the evaluations so far. `standings` maps the path of a plan to the states of its achievements, for
    the plans that depend on them. A plan is evaluated again if the states that it depends on have changed.

    `earlier` maps the path of a changed plan to a pair: the plan before the change, and its evaluation then. The next
    evaluation of the plan reuses parts of this evaluation. If `ignore_claims`, the claims of PLANs do not count.
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
        self._outside: dict[str, OtherPlansInput] = {}

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
    def links(self) -> PlanDependencies:
        """The dependencies between the plans of the snapshot."""
        return plan_work().links(self._snapshot.plans)

    def outside(self, path: str) -> OtherPlansInput:
        """Return the dependencies of the plan at `path` on other plans, with the states of those achievements."""
        if path not in self.links.plans:
            return NO_OTHER_PLANS
        if path not in self._outside:
            self._outside[path] = plan_work().outside(path, self.links, self._standings_of)
        return self._outside[path]

    def _standings_of(self, plan: PlanDocuments) -> dict[str, OtherAchievement]:
        """Return a mapping from the id of an achievement of `plan` to its state, for plans that depend on `plan`."""
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
    """A snapshot with the states and the diagnostics of its plans. Both are computed on demand.

    `evaluations` are the plans of the methodology, and `formats` are the plans in other formats. `text` returns the
    text of the document at a path, "" if it is unreadable. `read_count` is the number of files that were read for the
    snapshot. `exists` tells whether the file at a path exists. `changed_at` returns the time of the last change of a
    file. `branch` returns the checked-out git branch, "" if there is none. `renderer` renders the prompts.

    `extra_diagnostics` are diagnostics that other modules add. `previous_check` is the check of an earlier snapshot.
    Unchanged diagnostics are taken from it. `whole_view` is the view of the whole workspace if this view contains only
    some plans, else None. `leases` are the leases at the time of the view. `cases` is the index of cases for the search
    for similar work. `searched_texts` keeps the texts in the form for `planmark find`.
    """

    snapshot: Snapshot
    evaluations: PlanEvaluations
    text: ReadText
    read_count: int = 0
    exists: Exists = never_exists
    renderer: Renderer = BUILT_IN_RENDERER
    formats: FormatPlans = field(kw_only=True)
    changed_at: ChangedNs = no_change_time
    branch: Callable[[], str] = no_branch
    extra_diagnostics: tuple[Diagnostic, ...] = ()
    previous_check: CheckedWorkspace | None = None
    whole_view: View | None = None
    leases: LeaseLook = NO_LEASES
    cases: CaseIndex = field(default_factory=CaseIndex, compare=False)
    searched_texts: TextMemo[Any] = field(default_factory=TextMemo, compare=False)

    @property
    def reader(self) -> WorkspaceReader:
        """The snapshot, with the functions that return the text of a document and tell whether a file exists."""
        return WorkspaceReader(self.snapshot, self.text, self.exists)

    @cached_property
    def checked(self) -> CheckedWorkspace:
        """The check of the workspace, which contains all diagnostics.

        It is computed on demand, because prompts and states need no diagnostics.
        """
        if self.whole_view is not None:
            return self.whole_view.checked
        from planmark.diagnostics.engine import check

        return check(self.snapshot, self.evaluations, self.text, self._all_extra_diagnostics, self.previous_check)

    def check_stepwise(self) -> Iterator[None]:
        """Compute all diagnostics. Each step of the iterator checks one document or one plan.

        After the last step, `checked` has its value.
        """
        from planmark.diagnostics.engine import check_in_steps

        if not self.is_checked:
            steps = check_in_steps(
                self.snapshot, self.evaluations, self.text, self._all_extra_diagnostics, self.previous_check
            )
            self.__dict__["checked"] = yield from steps

    @property
    def _all_extra_diagnostics(self) -> tuple[Diagnostic, ...]:
        """`extra_diagnostics`, and the diagnostics of plans in formats other than the methodology."""
        return (*self.extra_diagnostics, *self.formats.diagnostics())

    @cached_property
    def search_values(self) -> dict[str, Any]:
        """Mapping from a name to a value that searches compute once for this view."""
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
    def current_site_paths(self) -> frozenset[str]:
        """The paths of the current plans in formats other than the methodology.

        Documents of a format can say which plan is current. If they do not, it is the plan with the name of the git
        branch.
        """
        records_by_format: dict[str, dict[str, FormatDocument]] = {}
        for path, record in self.snapshot.records.items():
            records_by_format.setdefault(record.format, {})[path] = record
        folders = {
            folder for name, records in records_by_format.items() for folder in format_named(name).chosen(records)
        }
        sites = self.snapshot.sites
        site_paths = frozenset(site.path for site in sites if site.folder in folders)
        branch = self.branch().rpartition("/")[2]
        return site_paths or frozenset(site.path for site in sites if branch and site.feature == branch)

    def changed_ns(self, plan: AnyPlan) -> int:
        """Return the time of the last change of the list of items of a plan, in nanoseconds; 0 for a PLAN.

        The time orders plans in formats without priorities.
        """
        return self.changed_at(plan.path) if isinstance(plan, PlanSite) else 0

    def state(self, path: str) -> PlanState:
        """Return the state of the plan at `path`, in any format. Raises KeyError if there is no such plan."""
        return self.evaluations[path].state if path in self.evaluations else self.formats[path].state

    @property
    def is_checked(self) -> bool:
        """Whether `checked` was computed."""
        return "checked" in self.__dict__

    @property
    def latest_check(self) -> CheckedWorkspace | None:
        """The check of this snapshot if it was computed, else the check of an earlier snapshot, if any."""
        return self.checked if self.is_checked else self.previous_check

    def diagnostics_at(self, path: str) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of the file at `path`, sorted by line, without suppressed diagnostics."""
        diagnostics = self.checked.by_path.get(path)
        return diagnostics.visible if diagnostics else ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, sorted by path, then by line, severity and code."""
        return self.checked.diagnostics

    def diagnostics_of(self, plan: AnyPlan) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of the documents of a plan.

        For a PLAN, add the diagnostics of files in its folder that belong to no other plan.
        """
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
        """Yield the paths of the files below `folder` that have diagnostics, including files that cannot be read."""
        paths, diagnostics_by_path = self.snapshot.paths, self.checked.by_path
        start_position, end_position = (
            (bisect_left(paths, f"{folder}/"), bisect_left(paths, f"{folder}0")) if folder else (0, len(paths))
        )
        yield from (path for path in paths[start_position:end_position] if path in diagnostics_by_path)
        for problem in self.snapshot.problems:
            if problem.path in diagnostics_by_path and (not folder or problem.path.startswith(f"{folder}/")):
                yield problem.path

    @cached_property
    def _files_in_shared_folders(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """Mapping from a pair to paths of files with diagnostics that may belong to a plan.

        The pair has a folder that is the work folder of several plans, and the path of one of these plans.
        """
        plans_by_folder, result = self.snapshot.table.by_folder, defaultdict[tuple[str, str], list[str]](list)
        for folder, plans in plans_by_folder.items():
            for path in self._files_with_diagnostics_below(folder) if len(plans) > 1 else ():
                owner = self.snapshot.owners.get(path)
                for plan_path in [owner] if owner else self._plan_paths_around(path):
                    result[folder, plan_path].append(path)
        return result

    def _belongs_to_plan(self, path: str, plan: PlanDocuments) -> bool:
        """Tell whether the file at `path` belongs to `plan`, or is in the folder of `plan` and belongs to no plan."""
        owner = self.snapshot.owners.get(path)
        if owner:
            return owner == plan.path
        return path != self.snapshot.settings.source and plan.path in self._plan_paths_around(path)

    def _plan_paths_around(self, path: str) -> list[str]:
        """Return the paths of the plans whose work folder is the nearest folder above `path`."""
        folder = path
        while folder:
            folder = parent(folder)
            if plan_places := self.snapshot.table.by_folder.get(folder):
                return [plan.path for plan in plan_places]
        return []

    def any_plan_of(self, path: str) -> AnyPlan | None:
        """Return the plan of the document at `path`, in any format; see `plan_of`."""
        return self.plan_of(path) or self.formats.site_of_document(path)

    def plans_around(self, path: str) -> list[AnyPlan]:
        """Return the plans around `path`.

        They are the PLANs whose work folder is the nearest above `path`, and the other plans whose folder is above it.
        """
        plans: list[AnyPlan] = [
            plan for plan_path in self._plan_paths_around(path) if (plan := self.snapshot.plan_at(plan_path))
        ]
        return [*plans, *(site for site in self.snapshot.sites if path.startswith(f"{site.folder}/"))]

    def plan_of(self, path: str) -> PlanDocuments | None:
        """Return the plan of the methodology that the document at `path` belongs to; None if there is no such plan.

        Besides work and verdicts, `parallel.json` belongs to a plan. So do ignored copies, and documents whose name has
        the feature of the plan.
        """
        owner = self.snapshot.owners.get(path)
        return self.snapshot.plan_at(owner) if owner else None

    def achievement_of(self, path: str) -> AchievementState | None:
        """Return the achievement that the document at `path` is about; None if there is none.

        The document is a SUBPLAN, an EXECUTION_TASK or a verdict. It may be misnamed.
        """
        owner = self.snapshot.owners.get(path)
        return self._items_by_document(owner).get(path) if owner else None

    def _items_by_document(self, plan_path: str) -> dict[str, AchievementState]:
        """Return a mapping from the path of a document to its achievement, for the plan at `plan_path`."""
        if plan_path not in self._item_maps_by_plan:
            listed_plan = self.snapshot.plan_at(plan_path)
            evaluation = self.evaluations[plan_path]
            self._item_maps_by_plan[plan_path] = (
                plan_work().items_of_documents(listed_plan, evaluation) if listed_plan else {}
            )
        return self._item_maps_by_plan[plan_path]

    @cached_property
    def _item_maps_by_plan(self) -> dict[str, dict[str, AchievementState]]:
        """Mapping from the path of a plan to the result of `_items_by_document`, filled on demand."""
        return {}


def build_view(
    snapshot: Snapshot,
    text: ReadText,
    read_count: int = 0,
    before: View | None = None,
    exists: Exists = never_exists,
    extra_diagnostics: Sequence[Diagnostic] = (),
    *,
    changed_ns: ChangedNs = no_change_time,
    branch: Callable[[], str] = no_branch,
    work: WorkSource | None = None,
    ignore_claims: bool = False,
    leases: LeaseLook | None = None,
    cases: CaseIndex | None = None,
    searched_texts: TextMemo[Any] | None = None,
) -> View:
    """Return a view of `snapshot`. Evaluations of unchanged plans are taken from the earlier view `before`.

    `extra_diagnostics` are additional diagnostics, such as diagnostics about prompts over their budget. `work` is the
    source of commits and of numbers of lines. If `work`, `leases`, `cases` or `searched_texts` is None, its value is
    taken from `before`. If `ignore_claims`, the claims of PLANs do not count. The other parameters are fields of
    `View`.
    """
    evaluations = _evaluations(snapshot, before, ignore_claims=ignore_claims)
    renderer, broken_diagnostics = renderer_of(Path(snapshot.root), snapshot.settings)
    checked_workspace = before.latest_check if before else None
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
        cases=cases or (before.cases if before else CaseIndex()),
        searched_texts=searched_texts or (before.searched_texts if before else TextMemo()),
    )


def _evaluations(snapshot: Snapshot, before: View | None, *, ignore_claims: bool) -> PlanEvaluations:
    """Return the evaluations of `snapshot`. Evaluations of unchanged plans are taken from the earlier view `before`.

    For changed plans, the earlier evaluations are kept in `PlanEvaluations.earlier`.
    """
    if before is None:
        return PlanEvaluations(snapshot, {}, {}, {}, ignore_claims=ignore_claims)
    evaluated, standings = dict(before.evaluations.evaluated), dict(before.evaluations.standings)
    earlier_by_path = dict(before.evaluations.earlier)
    for path in changed_plan_paths(before.snapshot, snapshot):
        standings.pop(path, None)
        evaluation, old_plan = evaluated.pop(path, None), before.snapshot.plan_at(path)
        if snapshot.plan_at(path) is None:
            earlier_by_path.pop(path, None)
        elif evaluation and old_plan:
            earlier_by_path[path] = (old_plan, evaluation)
    return PlanEvaluations(snapshot, evaluated, standings, earlier_by_path, ignore_claims=ignore_claims)


def paths_of_changed_plans(before: View, after: View) -> list[str]:
    """Return the sorted paths of the PLANs that differ between two views.

    A PLAN differs if its documents differ, or if the states of its dependencies on other plans differ.
    """
    linked_paths = before.evaluations.links.plans.keys() | after.evaluations.links.plans.keys()
    changed_paths = {
        path for path in linked_paths if before.evaluations.outside(path) != after.evaluations.outside(path)
    }
    return sorted({*changed_paths, *changed_plan_paths(before.snapshot, after.snapshot)})


def paths_of_changed_sites(before: View, after: View) -> list[str]:
    """Return the sorted paths of plans in formats other than the methodology that differ between two views.

    A plan differs if only one view has the plan, or if the inputs of its evaluation differ.
    """
    old_paths, new_paths = ({site.path for site in view.snapshot.sites} for view in (before, after))
    return sorted(
        (old_paths ^ new_paths)
        | {path for path in old_paths & new_paths if before.formats[path] is not after.formats[path]}
    )
