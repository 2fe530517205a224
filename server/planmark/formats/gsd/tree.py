"""A GSD tree: the facts of each phase and each plan, from files and ROADMAP. If they differ, the files decide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import planmark.formats.gsd.layout as layout
from planmark.formats.checkbox.tasks import digest_of
from planmark.formats.gsd.documents import StateFacts, plan_id_of_reference
from planmark.formats.gsd.graph import ids_in_cycle, waves
from planmark.formats.gsd.layout import PHASE_PATTERN, phase_sort_key
from planmark.formats.gsd.phases import PhasePlan, PhaseTree
from planmark.formats.gsd.roadmap import RoadmapFacts
from planmark.plans.format import PlanInput
from planmark.plans.model import Lifecycle, State
from planmark.text.lazy_pattern import lazy_pattern

NO_ROADMAP = RoadmapFacts()
_REMARK_AT_END = lazy_pattern(r"\([^()]*\)|（[^（）]*）|(?:;|[.,]?\s[–—-]\s+(?=[^\W\d])).*$")
"""Pattern of a remark in the text of `Depends on`: in parentheses, or behind a semicolon or a dash."""
_NO_DEPENDENCY_WORDS = lazy_pattern(
    r"\W*(?:nothing|none|n/a|independent|nichts|keine|nada|nenhuma?|ninguna?|無|无)\b", re.IGNORECASE
)
_ALL_PHASES = lazy_pattern(r"\W*all\s+(?:(?:previous|prior|preceding|earlier|other)\s+)?phases\b", re.IGNORECASE)
_PLAN_ID = lazy_pattern(rf"(?P<phase>{layout.PHASE_PATTERN})-\d{{2,4}}[a-z]?$")
_PHASE_LIST_WORDS = lazy_pattern(r"[\W_]*(?:(?:phases?|fases?|and|und|y|e)\b[\W_]*)*", re.IGNORECASE)
"""Pattern for the text around the numbers in a list of phases: only words such as `Phases` and `and`."""
_PHASE_WORD_AT_END = lazy_pattern(r"\b(?:phases?|fases?)[\s*`#]*$", re.IGNORECASE)
MAX_PHASE_WORD_LENGTH = 12
"""Maximum number of characters from the beginning of the word `phases` to the number behind it."""
_PHASE_RANGE = lazy_pattern(
    rf"(?<![\w.-])(?P<first>{PHASE_PATTERN})(?:\s*(?:[-–—]|to\b|through\b)\s*(?:[Pp]hase\s+)?(?P<last>{PHASE_PATTERN}))?(?![\w-])"
)


class Tree:
    """The phases and plans of a site, with their states."""

    def __init__(self, plan_input: PlanInput) -> None:
        self.plan_input = plan_input
        self.site = plan_input.site
        self.roadmap_path = ""
        self.roadmap = NO_ROADMAP
        self.state_path = ""
        self.state_facts: StateFacts | None = None
        self.misnamed_paths: list[str] = []
        """Paths of PLANs whose file names have no number of a plan."""
        self.is_archive = "/milestones/" in plan_input.site.folder
        """True if the tree contains the phases of an archived milestone."""
        self._phases: dict[str, PhaseTree] = {}
        self._read()
        self._assign_boxes()
        self._assign_roadmap_facts()
        self.phases: Sequence[PhaseTree] = sorted(
            (phase for phase in self._phases.values() if phase.folders or not phase.is_shipped),
            key=lambda phase: phase_sort_key(phase.id),
        )
        for phase in self.phases:
            phase.plans.sort(key=lambda plan: (plan.is_duplicate, plan.folder if plan.is_duplicate else "", plan.id))
            plan_count_by_wave = Counter(plan.wave for plan in phase.plans)
            for plan in phase.plans:
                plan.is_parallel = plan.wave > 0 and plan_count_by_wave[plan.wave] > 1
        self.plans: Sequence[PhasePlan] = [plan for phase in self.phases for plan in phase.plans]
        self.plan_by_id: Mapping[str, PhasePlan] = {
            plan.id: plan for plan in reversed(self.plans) if not plan.is_duplicate
        }
        self._set_refs_and_dependencies()
        self._set_states()

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """The lifecycle of the tree: archived if its milestone is archived, or if all its phases are shipped.

        A tree without a ROADMAP is archived too, unless one of its plans is open, because no document says that this
        plan was dropped.
        """
        roadmap_phases = self.roadmap.phases
        if self.has_lost_roadmap:
            return "active"
        if self.site.lifecycle == "archived" or not roadmap_phases:
            return self.site.lifecycle
        return (
            "active"
            if any(not phase.is_shipped for phase in self.phases) or not all(phase.shipped for phase in roadmap_phases)
            else "archived"
        )

    @cached_property
    def has_lost_roadmap(self) -> bool:
        """True if a plan is not done, but the tree has no ROADMAP. A tree of an archived milestone needs no ROADMAP."""
        has_no_roadmap = not self.roadmap_path and not self.is_archive
        return has_no_roadmap and any(plan.state not in ("done", "deferred") for plan in self.plans)

    @cached_property
    def conflicts(self) -> Sequence[tuple[str, int]]:
        """The path and the line of each unresolved merge conflict, those in ROADMAP first.

        In an archived milestone, only conflicts in ROADMAP count.
        """
        roadmap_conflicts = [(self.roadmap_path, line) for line in self.roadmap.conflicts]
        facts_by_path = ((path, document.facts) for path, document in self.plan_input.documents.items())
        other_conflicts = (
            (path, document_facts.conflict)
            for path, document_facts in facts_by_path
            if not isinstance(document_facts, RoadmapFacts)
        )
        return (
            roadmap_conflicts
            if self.is_archive
            else [*roadmap_conflicts, *((path, line) for path, line in other_conflicts if line)]
        )

    @cached_property
    def phases_in_cycle(self) -> Sequence[PhaseTree]:
        """The phases in a cycle of dependencies. A settled phase blocks no other phase, so it is in no cycle."""
        ids = ids_in_cycle({phase.id: phase.depends_on for phase in self.phases if not phase.is_settled})
        return [self._phases[phase_id] for phase_id in ids]

    @cached_property
    def has_missing_dependency(self) -> bool:
        """True if an unsettled plan needs a plan that does not exist, or an unsettled phase needs a missing phase."""
        is_plan_waiting = any(plan.missing_ids and not plan.is_settled for plan in self.plans)
        return is_plan_waiting or any(phase.missing_ids and not phase.is_settled for phase in self.phases)

    @cached_property
    def phase_ids(self) -> frozenset[str]:
        """The ids of the phases in `phases`."""
        return frozenset(phase.id for phase in self.phases)

    @cached_property
    def plan_ids_in_cycle(self) -> Sequence[str]:
        """The ids of the plans in a cycle of dependencies.

        A settled plan blocks no other plan, so it is in no cycle.
        """
        unsettled_plans = [plan for plan in self.plans if self.plan_by_id.get(plan.id) is plan and not plan.is_settled]
        return ids_in_cycle({plan.id: plan.depends_on for plan in unsettled_plans})

    def phase(self, phase_id: str) -> PhaseTree | None:
        """Return the phase with an id, or None."""
        return self._phases.get(phase_id)

    def _read(self) -> None:
        """Read the documents in the order of their paths, so that the first folder of a phase comes first."""
        paths_by_folder: dict[str, list[str]] = {}
        for path, document in self.plan_input.documents.items():
            place = layout.place_of(path)
            if place and place.folder:
                paths_by_folder.setdefault(place.folder, []).append(path)
            elif document.role == layout.ROADMAP or (document.role == layout.SHIPPED and self.is_archive):
                self.roadmap_path, self.roadmap = path, document.facts
            elif document.role == layout.STATE:
                self.state_path, self.state_facts = path, document.facts
        for folder in sorted(paths_by_folder):
            place = layout.place_of(paths_by_folder[folder][0])
            assert place is not None
            phase = self._phases.setdefault(place.phase, PhaseTree(place.phase))
            phase.folders.append(folder)
            self._read_folder(phase, folder, sorted(paths_by_folder[folder]))

    def _read_folder(self, phase: PhaseTree, folder: str, paths: Iterable[str]) -> None:
        """Add the files in a folder of a phase to the phase. `paths` are sorted."""
        plan_by_id: dict[str, PhasePlan] = {}
        phase_summaries = []
        for path in paths:
            name, facts = layout.parse_file_name(path), self.plan_input.documents[path].facts
            if name.role == layout.PLAN:
                plan_number = name.plan or (facts.number if name.phase else "")
                if not name.plan:
                    self.misnamed_paths.append(path)
                if plan_number:
                    plan = self._get_or_add_plan(plan_by_id, phase, folder, f"{name.phase}-{plan_number}")
                    if not plan.path or name.plan:
                        plan.path, plan.facts = path, facts
            elif name.role == layout.SUMMARY and name.plan:
                self._get_or_add_plan(plan_by_id, phase, folder, f"{name.phase}-{name.plan}").summary = path
            elif name.role == layout.SUMMARY and name.phase:
                phase_summaries.append(path)
            elif name.role == layout.VERIFICATION:
                phase.verifications[path] = facts
            elif name.role == layout.UAT:
                phase.uats[path] = facts
            else:
                phase.notes.append(path)
        for plan in plan_by_id.values():
            plan.is_duplicate = len(phase.folders) > 1
            plan.state = "done" if plan.summary or phase_summaries else "open"
        phase.summaries.extend(phase_summaries)
        phase.plans.extend(plan_by_id.values())

    @staticmethod
    def _get_or_add_plan(plan_by_id: dict[str, PhasePlan], phase: PhaseTree, folder: str, plan_id: str) -> PhasePlan:
        """Return the plan with an id from `plan_by_id`. If there is no such plan, add a new plan."""
        return plan_by_id.setdefault(plan_id, PhasePlan(plan_id, phase, folder))

    def _assign_boxes(self) -> None:
        """Assign to each plan the line of ROADMAP that lists the plan.

        If no file belongs to a listed plan, the phase gets a plan that is only listed.
        """
        phases_by_id = {phase.id: phase for phase in self.roadmap.phases}
        plans_by_ids: dict[tuple[str, str], list[PhasePlan]] = {}
        for phase in self._phases.values():
            for plan in phase.plans:
                plans_by_ids.setdefault((phase.id, plan.id), []).append(plan)
        for box in self.roadmap.plans:
            mentioned_phase = phases_by_id.get(box.phase)
            if mentioned_phase is None and box.phase not in self._phases:
                continue
            if (
                mentioned_phase is not None
                and box.shipped
                and (not mentioned_phase.shipped or box.phase not in self._phases)
            ):
                continue
            phase = self._phases.setdefault(box.phase, PhaseTree(box.phase))
            plan_files = plans_by_ids.get((box.phase, box.id), [])
            if not plan_files:
                plan_files = [PhasePlan(box.id, phase, "")]
                phase.plans.extend(plan_files)
            for plan in plan_files:
                plan.box = box

    def _assign_roadmap_facts(self) -> None:
        """Assign to each phase its facts in ROADMAP, and decide whether it is shipped, unlisted or deferred."""
        for roadmap_phase in self.roadmap.phases:
            phase = self._phases.setdefault(roadmap_phase.id, PhaseTree(roadmap_phase.id))
            phase.roadmap_phase, phase.is_shipped = roadmap_phase, roadmap_phase.shipped
        for row in self.roadmap.rows:
            if row.phase in self._phases:
                self._phases[row.phase].progress_row = row
        for phase in self._phases.values():
            was_shipped = self._was_shipped(phase.id)
            if phase.roadmap_phase is None:
                phase.is_shipped = was_shipped or bool(phase.progress_row and phase.progress_row.complete)
                phase.is_unlisted = not phase.is_shipped and phase.progress_row is None
            elif was_shipped and not phase.folders and phase.is_claimed_done and not self.is_archive:
                phase.is_shipped = True
            if phase.is_postponed and not phase.is_shipped:
                for plan in phase.plans:
                    plan.state = "deferred" if plan.state == "open" else plan.state

    def _was_shipped(self, phase_id: str) -> bool:
        """Tell whether a phase belongs to a milestone that was shipped."""
        number = phase_sort_key(phase_id)[0]
        return phase_id in self.archived_phase_ids or any(
            first_number <= number <= last_number for first_number, last_number in self.roadmap.shipped
        )

    def _may_be_of_earlier_milestone(self, phase_id: str) -> bool:
        """Tell whether a phase may belong to an earlier milestone.

        Such a phase was shipped, or its number is lower than that of the first phase of this tree.
        """
        first_key = phase_sort_key(self.phases[0].id) if self.phases else phase_sort_key("1")
        return self._was_shipped(phase_id) or (first_key[0] > 1 and phase_sort_key(phase_id) < first_key)

    def _is_id_of_missing_plan(self, plan_id: str) -> bool:
        """Tell whether an id has the form of a plan's id, but belongs to no plan of this or an earlier milestone."""
        match = _PLAN_ID.match(plan_id)
        if not match or plan_id in self._plan_ids:
            return False
        phase = self.phase(match["phase"])
        if phase is None:
            return not self._may_be_of_earlier_milestone(match["phase"])
        return bool(phase.folders) or not phase.is_settled

    @cached_property
    def _plan_ids(self) -> frozenset[str]:
        return frozenset(plan.id for plan in self.plans)

    @cached_property
    def archived_phase_ids(self) -> frozenset[str]:
        """The ids of the phases that the ROADMAPs of shipped milestones list."""
        facts = [document.facts for document in self.plan_input.documents.values() if document.role == layout.SHIPPED]
        return frozenset(phase.id for roadmap in facts for phase in roadmap.phases)

    def _set_refs_and_dependencies(self) -> None:
        """Set the ref of each plan, and the ids of the plans on which it depends.

        If the id is unique, it is also the ref. Otherwise, the ref consists of the line number 1 and a digest of the
        path.
        """
        use_count_by_id: dict[str, int] = {}
        for plan in self.plans:
            use_count_by_id[plan.id] = use_count_by_id.get(plan.id, 0) + 1
        for plan in self.plans:
            if use_count_by_id[plan.id] > 1:
                plan.ref = f":1-{digest_of(plan.path or plan.summary, (0, 0))}"
            references = plan.facts.depends_on if plan.facts else ()
            plan.depends_on = tuple(
                dict.fromkeys(plan_id_of_reference(reference, plan.phase.id) for reference in references)
            )

    def _set_states(self) -> None:
        """Set the state and the dependencies of each phase, and the state and the blockers of each plan."""
        for phase in self.phases:
            for plan in phase.plans:
                if plan.is_duplicate:
                    plan.state = "deferred"
            phase.state = _state_of_phase(phase)
        earlier_ids: list[str] = []
        for phase in self.phases:
            phase.depends_on = self._dependencies_of_phase(phase, earlier_ids)
            phase.missing_ids = tuple(phase_id for phase_id in phase.depends_on if phase_id not in self._phases)
            phase.blocked_by = tuple(
                phase_id
                for phase_id in phase.depends_on
                if phase_id in phase.missing_ids or not self._phases[phase_id].is_settled
            )
            earlier_ids.append(phase.id)
            for plan in phase.plans:
                plan.blocking_phase_ids = phase.blocked_by[:MAX_BLOCKERS]
        for phase in self.phases:
            self._set_blockers(phase)

    def _dependencies_of_phase(self, phase: PhaseTree, earlier_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of the phases on which a phase depends, including ids of phases that do not exist.

        If ROADMAP states no dependencies, the phase depends on the previous phase. `earlier_ids` contains the ids of
        the phases before this phase, in their order.
        """
        depends_text = phase.roadmap_phase.depends if phase.roadmap_phase else None
        if depends_text is None:
            previous_ids = earlier_ids[-1:]
            # A previous phase that depends on this phase does not come before it.
            return () if previous_ids and phase.id in self._phases[previous_ids[0]].depends_on else tuple(previous_ids)
        text = _REMARK_AT_END.sub(" ", depends_text)
        if _NO_DEPENDENCY_WORDS.match(text):
            return ()
        if _ALL_PHASES.match(text):
            return tuple(earlier_ids)
        phase_ids: list[str] = []
        is_list = bool(_PHASE_LIST_WORDS.fullmatch(_PHASE_RANGE.sub(" ", text)))
        for match in _PHASE_RANGE.finditer(text):
            first_id = layout.padded_number(match["first"])
            last_id = layout.padded_number(match["last"]) if match["last"] else first_id
            range_keys = phase_sort_key(first_id), phase_sort_key(last_id)
            if first_id == last_id:
                names_phase = is_list or _PHASE_WORD_AT_END.search(
                    text, max(0, match.start() - MAX_PHASE_WORD_LENGTH), match.start()
                )
                is_missing = (
                    names_phase and first_id not in self._phases and not self._may_be_of_earlier_milestone(first_id)
                )
                phase_ids += [first_id] if first_id in self.phase_ids or (is_missing and not self.is_archive) else []
            else:
                # `Phases 1-3` in phase 3 means the phases before it.
                ids = (other.id for other in self.phases if range_keys[0] <= phase_sort_key(other.id) <= range_keys[1])
                phase_ids += [phase_id for phase_id in ids if phase_id != phase.id]
        return tuple(dict.fromkeys(phase_ids))

    def _set_blockers(self, phase: PhaseTree) -> None:
        """Set the blockers of each open plan of a phase, and the state of a plan that waits.

        The blockers are first the dependencies of the plan, then the open plans of earlier waves. A plan is never in an
        earlier wave than its dependencies, even if the PLAN states an earlier wave.
        """
        least_wave_by_id = {plan.id: plan.wave for plan in phase.counted_plans if plan.wave}
        wave_by_id = waves({plan.id: plan.depends_on for plan in phase.counted_plans}, least_wave_by_id)
        open_waves_and_ids = sorted(
            (wave_by_id[plan_id], plan_id)
            for plan_id in least_wave_by_id
            if plan_id in wave_by_id and not self.plan_by_id[plan_id].is_settled
        )
        for plan in phase.counted_plans:
            plan.missing_ids = tuple(plan_id for plan_id in plan.depends_on if self._is_id_of_missing_plan(plan_id))
            if plan.state != "open":
                continue
            needed_plans = (self.plan_by_id.get(plan_id) for plan_id in plan.depends_on)
            plan.blockers = [other for other in needed_plans if other and not other.is_settled]
            wave = wave_by_id.get(plan.id, 0) if plan.wave else 0
            earlier_plans = (
                self.plan_by_id[plan_id]
                for other_wave, plan_id in open_waves_and_ids[:MAX_BLOCKERS]
                if other_wave < wave
            )
            plan.blockers += [other for other in earlier_plans if other not in plan.blockers]
        for plan in phase.plans:
            if (
                plan.state == "open"
                and not plan.is_only_listed
                and (plan.blockers or plan.missing_ids or plan.blocking_phase_ids)
            ):
                plan.state = "blocked"


MAX_BLOCKERS = 10
"""Maximum number of phases that block a plan, and of plans of earlier waves that block it; more are omitted."""


def _state_of_phase(phase: PhaseTree) -> State:
    """Return the state of a phase. A plan that only ROADMAP lists counts as not done."""
    if phase.is_postponed and not phase.is_shipped:
        return "deferred"
    plans_of_phase = [plan for plan in phase.plans if not plan.is_duplicate]
    if phase.summaries or (plans_of_phase and all(plan.state in ("done", "deferred") for plan in plans_of_phase)):
        return "done"
    return "in_progress" if any(plan.state == "done" for plan in plans_of_phase) else "open"
