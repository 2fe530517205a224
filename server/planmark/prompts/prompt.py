"""The prompt of a step: what to read, what to write, and the text. The same files give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from planmark.documents.claims import Claim
from planmark.prompts import sources
from planmark.prompts.render import render
from planmark.prompts.sources import Material, Read
from planmark.prompts.tokens import COUNTER, estimate
from planmark.workflow.model import AchievementState, NextStep, Role, Step
from planmark.workflow.plan import Judged, step_of
from planmark.workflow.roles import DUTIES
from planmark.workspace.snapshot import PlanFiles, ReadText, Snapshot

READING: dict[Step, tuple[Callable[[Material], Iterator[Read]], ...]] = {
    "address_fix": (sources.fix, sources.body, sources.design),
    "re_review": (sources.fix, sources.resolution, sources.body),
    "fill_subplan": (sources.body, sources.subplan),
    "fill_execution": (sources.design, sources.open_tasks),
    "unblock": (sources.blocked_tasks, sources.design),
    "continue_execution": (sources.open_tasks, sources.design),
    "next_execution": (sources.design, sources.learnings),
    "synthesize": (sources.subplan, sources.learnings),
    "request_review": (sources.body, sources.design, sources.done_tasks),
    "create_execution": (sources.design,),
    "create_subplan": (sources.body, sources.handoff),
    "confirm_state": (),
    "complete_plan": (sources.handoff,),
    "define_achievements": (sources.plan,),
    "wait": (sources.body,),
}
"""Step → what to read for it, in order."""

CREATES: dict[Step, tuple[Callable[[Material], str], ...]] = {
    "address_fix": (lambda m: sources.verdict_path(m, "FIX_{}_RESOLUTION"),),
    "re_review": (lambda m: sources.verdict_path(m, "APPROVED_{}"), lambda m: sources.verdict_path(m, "FIX_{}")),
    "request_review": (lambda m: sources.verdict_path(m, "APPROVED_{}"), lambda m: sources.verdict_path(m, "FIX_{}")),
    "next_execution": (sources.execution_path,),
    "create_execution": (sources.execution_path,),
    "create_subplan": (sources.subplan_path,),
}
"""Step → the files that it ends with; for a review one of the two."""


class ReadLines(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines to read, 1-based and inclusive, why, and about how many tokens they are."""

    path: str
    start: int
    end: int
    why: str
    tokens: int


class Tokens(msgspec.Struct, frozen=True):
    """Tokens of the prompt, of what it tells to read, and of both; and how they were counted."""

    prompt: int
    to_read: int
    total: int
    counter: str


class Dropped(msgspec.Struct, frozen=True):
    """What was left out to fit the budget, and where to read it."""

    what: str
    where: str
    tokens: int


class Prompt(msgspec.Struct, frozen=True):
    """A prompt as `next --json` shows it, without the run."""

    plan: str
    feature: str
    achievement: str | None
    step: Step
    role: Role
    tier: int
    reason: str
    prompt: str
    tokens: Tokens
    budget: int
    read: tuple[ReadLines, ...]
    do_not_read: tuple[str, ...]
    writes: tuple[str, ...]
    dropped: tuple[Dropped, ...]


class NothingToDoError(Exception):
    """The achievement that was asked for is approved; the message says by which file."""


def step_for(judged: Judged, known: AchievementState) -> NextStep:
    """The step of one achievement. Raises NothingToDoError where it is approved."""
    if known.state == "approved":
        raise NothingToDoError(f"{known.id} is approved ({known.verdict}): there is nothing to do")
    return step_of(judged.state, known, judged.decisions[known.id])


def next_prompt(snapshot: Snapshot, files: PlanFiles, judged: Judged, step: NextStep, text: ReadText) -> Prompt:
    """The prompt of `step`; `text` gives the text of a document by its path."""
    material = material_of(snapshot, files, judged, step.achievement, text)
    quoted = sources.quoted_body(material)
    wanted = [source for source in READING[step.step] if not (quoted and source is sources.body)]
    reading = [read for source in wanted for read in source(material)]
    targets = [create(material) for create in CREATES.get(step.step, ())]
    writes = tuple(path for path in targets if path not in snapshot.paths)
    updates = [path for path in targets if path in snapshot.paths]
    do_not_read = sources.siblings(material, reading)
    rendered = render(step.step, _variables(material, step, quoted, reading, writes, updates, do_not_read))
    read = tuple(ReadLines(*r, _tokens(material, r)) for r in reading)
    to_read = sum(known.tokens for known in read)
    own = estimate(rendered)
    return Prompt(
        plan=files.path,
        feature=files.feature,
        achievement=step.achievement,
        step=step.step,
        role=step.role,
        tier=step.tier,
        reason=step.reason,
        prompt=rendered,
        tokens=Tokens(own, to_read, own + to_read, COUNTER),
        budget=snapshot.settings["prompts.tokenBudget"],
        read=read,
        do_not_read=tuple(do_not_read),
        writes=writes,
        dropped=(),
    )


def material_of(
    snapshot: Snapshot, files: PlanFiles, judged: Judged, achievement: str | None, text: ReadText
) -> Material:
    """What a prompt about an achievement, or about the plan, may draw on."""
    known = next((known for known in files.facts.achievements if known.id == achievement), None)
    return Material(snapshot, files, judged, known, judged.situations[achievement] if achievement else None, text)


def _tokens(material: Material, read: Read) -> int:
    return estimate("\n".join(sources.lines_of(material, read.path)[read.start - 1 : read.end]))


def _variables(
    material: Material,
    step: NextStep,
    quoted: list[str],
    reading: list[Read],
    writes: tuple[str, ...],
    updates: list[str],
    avoid: list[str],
) -> dict[str, Any]:
    state, known = material.judged.state, material.achievement
    current = next((a for a in state.achievements if a.id == step.achievement), None)
    claimed: list[Claim] = [claim for claim in material.files.facts.claims if known and known.id in claim.achievements]
    situation = material.situation
    return {
        "feature": state.feature,
        "plan_path": state.path,
        "plan_title": state.title,
        "counts": state.counts,
        "total": len(state.achievements),
        "achievement": known.id if known else "",
        "title": known.title if known else "",
        "state": current.state if current else state.state,
        "evidence": current.evidence if current else (),
        "role": step.role,
        "tier": step.tier,
        "asks": DUTIES[step.step].asks,
        "reason": step.reason,
        "read": reading,
        "writes": writes,
        "updates": updates,
        "do_not_read": avoid,
        "body": quoted,
        "issues": sources.issues(material),
        "deliverables": sources.deliverables(material),
        "claims": [(material.files.document.line(claim.at), claim.text) for claim in claimed],
        "claimed_ids": list(dict.fromkeys(claim.achievement for claim in state.claims)),
        "verdict": sources.verdict_path(material, "APPROVED_{}") if known else "",
        "blockers": [dependency.reason for dependency in (situation.open_dependencies if situation else ())],
        "done": [
            execution.path for execution in (situation.executions if situation else ()) if execution.outcome == "done"
        ],
        "near_misses": [
            (material.files.document.line(quote.at), quote.text) for quote in material.files.facts.near_misses
        ],
        "subplan": situation.subplan.path if situation and situation.subplan else "",
        "step_file": step.file or "",
    }
