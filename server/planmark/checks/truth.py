"""Checks of texts against files: what a PLAN says of its achievements, and what the files show."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.checks.catalogue import finding
from planmark.checks.diagnostic import Diagnostic, Related
from planmark.workflow.plan import Judged
from planmark.workspace.snapshot import PlanFiles


def index_ticks(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """Ticks without a verdict; where the index uses ticks, verdicts without one."""
    states = {known.id: known for known in judged.state.achievements}
    uses_ticks = any(known.ticked for known in files.facts.achievements)
    for listed in files.facts.achievements:
        if listed.index_at is None:
            continue
        line, known = files.document.line(listed.index_at), states[listed.id]
        if listed.ticked and known.state != "approved":
            message = (
                f"the index says that {known.id} is done, and there is no APPROVED file (by the files it is "
                f"{known.state.replace('_', ' ')}): remove the tick, or let a reviewer record the verdict"
            )
            yield finding("index-tick-without-verdict", files.path, line, message)
        elif uses_ticks and not listed.ticked and known.state == "approved" and known.verdict:
            related = (Related(known.verdict, 1, "the verdict"),)
            yield finding("index-tick-missing", files.path, line, f"{known.id} is approved: add the tick", related)


def stale_handoffs(files: PlanFiles, judged: Judged) -> Iterator[Diagnostic]:
    """What a handoff names as next, and is approved or unknown."""
    states = {known.id: known for known in judged.state.achievements}
    chosen = judged.state.next.achievement
    for handoff in files.facts.handoffs:
        for named, quote in handoff.next_ids:
            known = states.get(named)
            if known is not None and known.state != "approved":
                continue
            why = f"{named} is approved" if known else f"the PLAN has no achievement {named}"
            leads = f"next is {chosen}" if chosen else f"next is to {judged.state.next.step.replace('_', ' ')}"
            related = (Related(known.verdict, 1, "the verdict"),) if known and known.verdict else ()
            line = files.document.line(quote.at)
            yield finding("handoff-stale", files.path, line, f"{why}: {leads}; say so in the handoff", related)
