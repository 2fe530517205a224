"""Rules that compare texts of a PLAN with the files: ticks of the index, handoffs, and numbers of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.fixes import replace_line
from planmark.diagnostics.rule_inputs import Fix, FixContext
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.document import parsed_name
from planmark.formats.planmark.documents.ids import ID_PATTERN
from planmark.formats.planmark.documents.plan import TICK_PATTERN
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.plans.diagnostic import CheckInfo, Diagnostic, FixKind, RelatedPlace, replace_with
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import item_in_state
from planmark.text.pluralize import counted
from planmark.workspace.snapshot import Snapshot

INDEX_TICK_WITHOUT_VERDICT = CheckInfo(
    "index-tick-without-verdict", "warning", "a tick in the index without an APPROVED file"
)
INDEX_TICK_MISSING = CheckInfo(
    "index-tick-missing", "hint", "an APPROVED file without a tick, in an index that uses ticks"
)
HANDOFF_STALE = CheckInfo("handoff-stale", "warning", "a handoff that names an approved or unknown achievement as next")
STATISTICS_WRONG = CheckInfo("statistics-wrong", "hint", "a PLAN whose document counts differ from the files")

_SUBJECT = re.compile(rf"\**(?:Achievement\s+)?(?<![\w.]){ID_PATTERN}")
"""The achievement at the start of a line of the index."""


class RemoveTick(FixKind, frozen=True):
    """Fix that removes the tick of a line of the index."""


class AddTick(FixKind, frozen=True):
    """Fix that adds a tick to a line of the index."""


def index_ticks(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each tick without a verdict.

    If the index uses ticks, also yield a diagnostic for each achievement with a verdict but no tick.
    """
    states = {achievement.id: achievement for achievement in evaluation.state.achievements}
    uses_ticks = not plan.facts.is_unticked and any(achievement.ticked for achievement in plan.facts.achievements)
    for listed in plan.facts.achievements:
        if listed.index_at is None:
            continue
        line, achievement = plan.document.line(listed.index_at), states[listed.id]
        if listed.ticked and achievement.state not in SETTLED_STATES:
            message = (
                f"the index says that {achievement.id} is done, but there is no APPROVED file (state by the files: "
                f"{achievement.state.replace('_', ' ')}): remove the tick, or let a reviewer record the verdict"
            )
            yield INDEX_TICK_WITHOUT_VERDICT.at(plan.path, line, message, fix=RemoveTick())
        elif uses_ticks and not listed.ticked and achievement.state == "approved" and achievement.verdict:
            related = (RelatedPlace(achievement.verdict, 1, "the verdict"),)
            yield INDEX_TICK_MISSING.at(
                plan.path, line, f"{achievement.id} is approved: add the tick", related, fix=AddTick()
            )


def stale_handoffs(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement that a handoff names as next although it is settled or unknown."""
    states = {achievement.id: achievement for achievement in evaluation.state.achievements}
    chosen = states.get(evaluation.state.next.achievement or "")
    for handoff in plan.facts.handoffs:
        for named, line in handoff.next_ids:
            achievement = states.get(named)
            if achievement is not None and achievement.state not in SETTLED_STATES:
                continue
            why = item_in_state(named, achievement) if achievement else f"the PLAN has no achievement {named}"
            leads = f"next is {chosen.id}" if chosen else f"next is to {evaluation.state.next.step.replace('_', ' ')}"
            related = (
                (RelatedPlace(achievement.verdict, 1, "the verdict"),) if achievement and achievement.verdict else ()
            )
            words, wanted, certain = _replacement_in_line(line.text, named, achievement, chosen)
            yield HANDOFF_STALE.at(
                plan.path,
                plan.document.line(line.at),
                f"{why}: {leads}; update the handoff",
                related,
                target_text=words,
                fix=replace_with(wanted, is_safe=certain),
            )


def _replacement_in_line(
    line: str, named: str, achievement: AchievementState | None, chosen: AchievementState | None
) -> tuple[str, str | None, bool]:
    """Return the words of `line` to replace, their replacement, and whether the replacement is certain.

    The words name the achievement `named`, with its title if the title follows. The replacement names `chosen`. It is
    certain if `chosen` is known and the line contains no other words.
    """
    match = re.search(rf"Achievement\s+{re.escape(named)}(?!\w|\.\d)", line, re.IGNORECASE)
    if match is None:
        return "", None, False
    title = re.escape(achievement.title) if achievement and achievement.title else ""
    titled = re.match(rf"\**\s*(?:[:–—-]\**\s*{title}|\(\s*{title}\s*\))", line[match.end() :]) if title else None
    end = match.end() + (titled.end() if titled else 0)
    rest = line[end:].strip(" *_.`")
    words = line[match.start() : end]
    wanted = words.replace(named, chosen.id, 1) if chosen else None
    if wanted and titled and achievement and chosen:
        wanted = wanted.replace(achievement.title, chosen.title, 1)
    return words, wanted, not rest and chosen is not None


def wrong_statistics(_: Snapshot, plan: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each number of created documents in a PLAN that differs from the files.

    A number that counts re-runs is correct, and so is a number that omits them.
    """
    counts = {
        "SUBPLANs": {len(plan.subplans), len({d.name.number for d in plan.subplans})},
        "EXECUTION_TASKs": {
            len(plan.executions),
            len({(d.name.number, parsed_name(d).execution) for d in plan.executions}),
        },
    }
    for stated in plan.facts.statistics:
        real = counts[stated.counts]
        if stated.number not in real:
            there = counted(max(real), stated.counts.removesuffix("s"))
            message = f"the files have {there}, not {stated.number}: correct the number, or say where the others are"
            line = plan.document.line(stated.at.at)
            # There is no fix if the line has a second number, as in `3 created (1 complete)`: it may be wrong as well.
            numbers = re.findall(r"[0-9]+", stated.at.text)
            alone = len(numbers) == 1
            yield STATISTICS_WRONG.at(
                plan.path,
                line,
                message,
                target_text=numbers[0] if numbers else "",
                fix=replace_with(str(max(real)) if alone else None, is_safe=stated.number < min(real)),
            )


def with_tick(line: str) -> str | None:
    """Return a line of an index with a tick in its usual place.

    Return None if the line has a tick already, or no place for a tick.
    """
    box, word = line.find("[ ]"), _SUBJECT.search(line)
    if TICK_PATTERN.search(line) or (box < 0 and word is None):
        return None
    if box >= 0:
        return f"{line[:box]}[x]{line[box + 3 :]}"
    assert word
    return f"{line[: word.start()]}✅ {line[word.start() :]}"


def without_tick(line: str) -> str | None:
    """Return a line of an index without its tick; None if the line has no tick."""
    match = TICK_PATTERN.search(line)
    if match is None:
        return None
    return line[: match.start()] + ("[ ]" if match[0].startswith("[") else "") + line[match.end() :]


def remove_tick(context: FixContext, _: RemoveTick) -> Iterator[Fix]:
    """Yield a fix that removes the tick of the line."""
    return replace_line(context, without_tick(context.line), "Remove the tick", preferred=False)


def add_tick(context: FixContext, _: AddTick) -> Iterator[Fix]:
    """Yield a fix that adds a tick to the line."""
    return replace_line(context, with_tick(context.line), "Add the tick", preferred=True)


TOPIC = Topic(
    codes=(INDEX_TICK_WITHOUT_VERDICT, INDEX_TICK_MISSING, HANDOFF_STALE, STATISTICS_WRONG),
    plan=(index_ticks, stale_handoffs, wrong_statistics),
    fixes=((RemoveTick, remove_tick), (AddTick, add_tick)),
)
