"""A phase and a plan of a GSD tree, with their facts from files and from ROADMAP."""

from __future__ import annotations

from functools import cached_property

import planmark.formats.gsd.layout as layout
from planmark.formats.gsd.documents import CheckFacts, PlanFileFacts, worst_result
from planmark.formats.gsd.roadmap import PlanBox, ProgressRow, RoadmapPhase
from planmark.plans.model import State


class PhasePlan:
    """A plan of a phase: its PLAN, its SUMMARY, and its line in ROADMAP. At least one of them exists."""

    def __init__(self, plan_id: str, phase: PhaseTree, folder: str) -> None:
        self.id = plan_id
        self.phase = phase
        self.folder = folder
        self.path = ""
        """Path of the PLAN; "" if only ROADMAP or a SUMMARY names the plan."""
        self.summary = ""
        """Path of the SUMMARY; "" without one."""
        self.facts: PlanFileFacts | None = None
        self.box: PlanBox | None = None
        self.is_duplicate = False
        """True if the plan lies in a second folder of its phase, which GSD does not read."""
        self.is_parallel = False
        """True if another plan of the phase states the same wave."""
        self.state: State = "open"
        self.ref = plan_id
        self.depends_on: tuple[str, ...] = ()
        """Ids of the plans on which this plan depends, including ids of plans that do not exist."""
        self.blockers: list[PhasePlan] = []
        """Open plans for which this plan waits."""
        self.blocking_phase_ids: tuple[str, ...] = ()
        """Ids of the phases for which this plan waits."""
        self.missing_ids: tuple[str, ...] = ()
        """Ids of the plans on which this plan depends, but that do not exist."""

    @property
    def is_only_listed(self) -> bool:
        """True if only ROADMAP names the plan."""
        return not self.path and not self.summary

    @property
    def wave(self) -> int:
        """The wave that the PLAN states; 0 if it is unknown."""
        return self.facts.wave if self.facts else 0

    @property
    def is_settled(self) -> bool:
        """True if no other plan has to wait for this plan."""
        if self.is_only_listed:
            return self.phase.is_claimed_done or bool(self.box and self.box.is_ticked)
        return self.state in ("done", "deferred")

    @property
    def sort_key(self) -> tuple[int, str]:
        """The sort key of the plan in its phase: its wave, then its id. Plans without a wave are last."""
        return self.wave or 1_000_000, self.id

    @property
    def title(self) -> str:
        """The title in ROADMAP, else the first line of the objective, else the id."""
        roadmap_title = self.box.title if self.box else ""
        return roadmap_title or (self.facts.objective if self.facts else "") or self.id


class PhaseTree:
    """A phase: its folders, its plans, its verification, and its facts in ROADMAP."""

    def __init__(self, phase_id: str) -> None:
        self.id = phase_id
        self.roadmap_phase: RoadmapPhase | None = None
        self.progress_row: ProgressRow | None = None
        self.folders: list[str] = []
        self.plans: list[PhasePlan] = []
        self.summaries: list[str] = []
        """Paths of the SUMMARYs for the whole phase."""
        self.verifications: dict[str, CheckFacts] = {}
        """Path of a VERIFICATION → its facts."""
        self.uats: dict[str, CheckFacts] = {}
        """Path of a UAT → its facts."""
        self.notes: list[str] = []
        """Paths of all other documents of the phase, such as its CONTEXT."""
        self.is_shipped = False
        self.is_unlisted = False
        """True if ROADMAP does not list the phase, and no shipped milestone contains the phase."""
        self.state: State = "open"
        self.depends_on: tuple[str, ...] = ()
        """Ids of the phases on which this phase depends, including ids of phases that do not exist."""
        self.blocked_by: tuple[str, ...] = ()
        """Ids of the phases in `depends_on` for which this phase still waits."""
        self.missing_ids: tuple[str, ...] = ()
        """Ids of the phases on which this phase depends, but that do not exist."""

    @property
    def title(self) -> str:
        """The title in the phase's heading or box, else the name of its folder."""
        if self.roadmap_phase and self.roadmap_phase.title:
            return self.roadmap_phase.title
        return layout.title_of_folder(self.folders[0]) if self.folders else f"Phase {self.id}"

    @property
    def is_claimed_done(self) -> bool:
        """True if ROADMAP says that the phase is complete."""
        roadmap_phase = self.roadmap_phase
        return bool(
            (roadmap_phase and (roadmap_phase.is_ticked or roadmap_phase.claims))
            or (self.progress_row and self.progress_row.complete)
        )

    @property
    def is_settled(self) -> bool:
        """True if no other phase has to wait for this phase: it is done, deferred, shipped, or called complete in
        ROADMAP.
        """
        return self.state in ("done", "deferred") or self.is_shipped or self.is_claimed_done

    @property
    def is_postponed(self) -> bool:
        """True if ROADMAP strikes the phase through, or if its row says that it is deferred."""
        return bool(
            (self.roadmap_phase and self.roadmap_phase.struck)
            or (self.progress_row and self.progress_row.status == "deferred")
        )

    @property
    def counted_plans(self) -> list[PhasePlan]:
        """The plans that have a file, without plans in a second folder of the phase."""
        return [plan for plan in self.plans if not plan.is_only_listed and not plan.is_duplicate]

    @cached_property
    def first_unsettled_plan(self) -> PhasePlan | None:
        """The first plan that is not settled; valid after the states are known."""
        return min((plan for plan in self.plans if not plan.is_settled), key=lambda plan: plan.sort_key, default=None)

    @property
    def done_count(self) -> int:
        """The number of counted plans that are done."""
        return sum(plan.state == "done" for plan in self.counted_plans)

    @property
    def verification(self) -> str:
        """The result of the verification; "" without a verification."""
        return worst_result(tuple(self.verifications.values()))

    @property
    def open_uat_status(self) -> str:
        """The status of the first UAT that is not complete; "" if all are complete."""
        return next(
            (
                check_facts.status
                for check_facts in self.uats.values()
                if check_facts.status not in ("", "complete", "passed")
            ),
            "",
        )
