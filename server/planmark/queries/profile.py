"""The profile of a cycle: the time of each of its stages. A cycle makes the next prompt of a plan: it reads the files,
decides the states, and collects the content of the prompt. Then it renders and saves the prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.markdown import blocks
from planmark.metrics.recorder import Recorder
from planmark.metrics.trace import Timer, tracing
from planmark.plans.model import Step
from planmark.prompts.cache import PromptCache
from planmark.prompts.prompt import Prompt
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index, ReportProgress, no_progress
from planmark.workspace.snapshot import PlanDocuments

Stage = Literal["parse", "detect", "context", "prompt", "persist", "other"]
Priority = Literal["critical", "high", "medium", "low"]
"""The urgency of making a stage faster, by its seconds (see PRIORITY_SECONDS)."""
ReachedTarget = Literal["goal", "gate", "neither"]
"""The stricter limit that a cycle does not exceed: GOAL_SECONDS, GATE_SECONDS, or neither."""

STAGE_ADVICE: dict[Stage, str] = {
    "parse": "fewer files: `files.exclude`; a server does not read unchanged files again",
    "detect": "smaller plans: a PLAN with fewer achievements is evaluated faster",
    "context": "shorter documents: the sources of a prompt are read in full",
    "prompt": "the built-in templates: those of a workspace are rendered in a separate process",
    "persist": "a cache folder on a faster disk: the environment variable PLANMARK_CACHE",
    "other": "no advice: this time is not measured in parts",
}
"""Mapping from a stage to advice how to make the stage shorter. The stages have the order of a cycle."""

STAGE_OF_PART: dict[str, Stage] = {
    "index": "parse",
    "check": "detect",
    "generate": "context",
    "render": "prompt",
    "persist": "persist",
}
"""Mapping from a part of the trace to its stage. A part without an entry belongs to the stage of the enclosing part."""

PRIORITY_SECONDS: tuple[tuple[float, Priority], ...] = ((2.0, "critical"), (1.0, "high"), (0.3, "medium"), (0.0, "low"))
"""Pairs: the minimum seconds of a stage, and its priority. The first pair that fits decides."""

GATE_SECONDS = 3.0
"""Maximum seconds that a cycle may take."""
GOAL_SECONDS = 0.3
"""Maximum seconds of a cycle that a user does not notice: the goal."""


class StageReport(msgspec.Struct, frozen=True, rename="camel"):
    """A stage in milliseconds and as a share of its cycle (0 to 1), with its parts, the largest first."""

    stage: Stage
    cold_ms: float
    cold_share: float
    warm_ms: float
    warm_share: float
    priority: Priority
    parts: dict[str, float]


class CycleReport(msgspec.Struct, frozen=True, rename="camel"):
    """One cycle: its milliseconds, and the numbers of documents read, sections parsed and prompts made."""

    ms: float
    documents_read: int
    sections_parsed: int
    prompts_made: int


class ProfileRun(msgspec.Struct, frozen=True, rename="camel"):
    """The values that differ from run to run: the stages, the longest first, and the cold and the warm cycle."""

    stages: list[StageReport]
    bottleneck: Stage
    within: ReachedTarget
    cold: CycleReport
    warm: CycleReport
    startup_cpu_seconds: float


class ProfileResult(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = "planmark.profile/1"
    workspace: str
    plan: str
    feature: str
    achievement: str | None
    step: Step
    gate_ms: float = msgspec.field(default=GATE_SECONDS * 1000, name="gateMs")
    goal_ms: float = msgspec.field(default=GOAL_SECONDS * 1000, name="goalMs")
    run: ProfileRun


class ProfiledCycle(NamedTuple):
    """The measurements of one cycle: its view, its prompt, its seconds, and the numbers of what it read and made.

    `parts` has the seconds of each part. The key of a part is the names of its enclosing parts, the outermost first,
    and then its own name.
    """

    view: View
    prompt: Prompt
    seconds: float
    parts: Mapping[tuple[str, ...], float]
    documents_read: int
    sections_parsed: int
    prompts_made: int


class ProfileTarget(NamedTuple):
    """The prompt that a cycle makes.

    `plan` returns the plan of the prompt in a view. `achievement` is the id of its achievement; None for the next step
    of the plan. `persist` saves the prompt.
    """

    plan: Callable[[View], PlanDocuments]
    achievement: str | None
    persist: Callable[[Prompt], object]


def profile(
    index: Index,
    target: ProfileTarget,
    recorder: Recorder,
    startup_seconds: float,
    progress: ReportProgress = no_progress,
) -> ProfileResult:
    """Run two cycles on the same files, and return their times. Only the first (cold) cycle reads and parses the files.

    `startup_seconds` is the processor time of the process before the first cycle. Raises NoAnswerError as `prompt_of`
    does.
    """
    prompts = PromptCache()
    cold_cycle = _profiled_cycle(index, prompts, None, target, recorder, progress)
    warm_cycle = _profiled_cycle(index, prompts, cold_cycle.view, target, recorder, no_progress)
    stages = _stages(cold_cycle, warm_cycle)
    return ProfileResult(
        workspace=cold_cycle.view.snapshot.root,
        plan=cold_cycle.prompt.plan,
        feature=cold_cycle.prompt.feature,
        achievement=cold_cycle.prompt.achievement,
        step=cold_cycle.prompt.step,
        run=ProfileRun(
            stages=stages,
            bottleneck=stages[0].stage,
            within="goal"
            if cold_cycle.seconds <= GOAL_SECONDS
            else "gate"
            if cold_cycle.seconds <= GATE_SECONDS
            else "neither",
            cold=_cycle_report(cold_cycle),
            warm=_cycle_report(warm_cycle),
            startup_cpu_seconds=round(startup_seconds, 3),
        ),
    )


def _profiled_cycle(
    index: Index,
    prompts: PromptCache,
    before: View | None,
    target: ProfileTarget,
    recorder: Recorder,
    progress: ReportProgress,
) -> ProfiledCycle:
    """Run one cycle, and return its measurements. Values of the view `before` are reused for unchanged files."""
    parsed_before, made_before = blocks.counts.misses, prompts.counts.misses
    with tracing(recorder) as trace:
        started = recorder.clock()
        with Timer("index"):
            snapshot = index.refresh(progress)
        with Timer("check"):
            view = build_view(snapshot, index.text_reader(), index.parsed_count, before, index.exists)
        prompt = prompt_of(view, target.plan(view), target.achievement, cache=prompts)
        with Timer("persist"):
            target.persist(prompt)
        seconds = recorder.clock() - started
    return ProfiledCycle(
        view,
        prompt,
        seconds,
        trace.parts,
        index.parsed_count,
        blocks.counts.misses - parsed_before,
        prompts.counts.misses - made_before,
    )


def _stages(cold_cycle: ProfiledCycle, warm_cycle: ProfiledCycle) -> list[StageReport]:
    """Return the stages of both cycles, the longest stage of the cold cycle first."""
    cold_seconds, warm_seconds = _seconds_by_stage(cold_cycle), _seconds_by_stage(warm_cycle)
    reports = [
        StageReport(
            stage=stage,
            cold_ms=_ms(cold_seconds[stage]),
            cold_share=_share(cold_seconds[stage], cold_cycle.seconds),
            warm_ms=_ms(warm_seconds[stage]),
            warm_share=_share(warm_seconds[stage], warm_cycle.seconds),
            priority=next(name for seconds, name in PRIORITY_SECONDS if cold_seconds[stage] >= seconds),
            parts=_part_times(cold_cycle, stage),
        )
        for stage in STAGE_ADVICE
    ]
    return sorted(reports, key=lambda stage: -stage.cold_ms)


def _seconds_by_stage(cycle: ProfiledCycle) -> dict[Stage, float]:
    """Return a mapping from every stage to its seconds. Time outside all parts counts for the stage `other`."""
    seconds_by_stage: dict[Stage, float] = dict.fromkeys(STAGE_ADVICE, 0.0)
    for part_names, part_seconds in cycle.parts.items():
        seconds_by_stage[stage_of(part_names)] += part_seconds
    seconds_by_stage["other"] += max(0.0, cycle.seconds - sum(cycle.parts.values()))
    return seconds_by_stage


def stage_of(part_names: Sequence[str]) -> Stage:
    """Return the stage of the innermost part in `STAGE_OF_PART`, else `other`.

    `part_names` are the names of enclosing parts and of a part, the outermost first.
    """
    return next((STAGE_OF_PART[name] for name in reversed(part_names) if name in STAGE_OF_PART), "other")


def _part_times(cycle: ProfiledCycle, stage: Stage) -> dict[str, float]:
    """Return a mapping from the name of each part of a stage to its milliseconds, the longest part first.

    Parts with the same name in different enclosing parts are added.
    """
    seconds_by_name: dict[str, float] = {}
    for part_names, part_seconds in cycle.parts.items():
        if stage_of(part_names) == stage:
            seconds_by_name[part_names[-1]] = seconds_by_name.get(part_names[-1], 0.0) + part_seconds
    longest_first = sorted(seconds_by_name.items(), key=lambda name_and_seconds: -name_and_seconds[1])
    return {name: _ms(seconds) for name, seconds in longest_first}


def _cycle_report(cycle: ProfiledCycle) -> CycleReport:
    return CycleReport(_ms(cycle.seconds), cycle.documents_read, cycle.sections_parsed, cycle.prompts_made)


def _share(seconds: float, total_seconds: float) -> float:
    """Return a time as a share of the total time, from 0 to 1."""
    return round(seconds / total_seconds, 4) if total_seconds else 0.0


def _ms(seconds: float) -> float:
    """Return a time in milliseconds."""
    return round(seconds * 1000, 3)
