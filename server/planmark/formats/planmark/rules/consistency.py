"""Rules that compare texts of a PLAN with the files: ticks of the index, handoffs, and counts of documents."""

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
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, RelatedPlace, replacement_fix
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES, AchievementState
from planmark.plans.phrases import item_state_sentence
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import Snapshot

INDEX_TICK_WITHOUT_VERDICT = DiagnosticCode(
    "index-tick-without-verdict", "warning", "a tick in the index without an APPROVED file"
)
INDEX_TICK_MISSING = DiagnosticCode(
    "index-tick-missing", "hint", "an APPROVED file without a tick, in an index that uses ticks"
)
HANDOFF_STALE = DiagnosticCode(
    "handoff-stale", "warning", "a handoff that names an approved or unknown achievement as next"
)
STATISTICS_WRONG = DiagnosticCode("statistics-wrong", "hint", "a PLAN whose document counts differ from the files")

_ID_OF_INDEX_LINE = lazy_pattern(rf"\**(?:Achievement\s+)?(?<![\w.]){ID_PATTERN}")
"""Pattern for the id at the start of a line of the index, with the word `Achievement` before it if there is one."""


class RemoveTick(FixKind, frozen=True):
    """Fix that removes the tick of a line of the index."""


class AddTick(FixKind, frozen=True):
    """Fix that adds a tick to a line of the index."""


def index_ticks(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each ticked achievement in the index that no APPROVED file approves.

    If the index uses ticks, also yield a diagnostic for each approved achievement without a tick.
    """
    achievements_by_id = {achievement.id: achievement for achievement in evaluation.state.achievements}
    uses_ticks = not plan.facts.is_unticked and any(achievement.is_ticked for achievement in plan.facts.achievements)
    for listed_achievement in plan.facts.achievements:
        if listed_achievement.index_at is None:
            continue
        line_number, achievement = (
            plan.document.line(listed_achievement.index_at),
            achievements_by_id[listed_achievement.id],
        )
        if listed_achievement.is_ticked and achievement.state not in SETTLED_STATES:
            message = (
                f"the index says that {achievement.id} is done, but there is no APPROVED file (state by the files: "
                f"{achievement.state.replace('_', ' ')}): remove the tick, or let a reviewer record the verdict"
            )
            yield INDEX_TICK_WITHOUT_VERDICT.at(plan.path, line_number, message, fix=RemoveTick())
        elif (
            uses_ticks and not listed_achievement.is_ticked and achievement.state == "approved" and achievement.verdict
        ):
            related_places = (RelatedPlace(achievement.verdict, 1, "the verdict"),)
            yield INDEX_TICK_MISSING.at(
                plan.path, line_number, f"{achievement.id} is approved: add the tick", related_places, fix=AddTick()
            )


def stale_handoffs(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement that a handoff names as next and that is approved, dropped or unknown."""
    achievements_by_id = {achievement.id: achievement for achievement in evaluation.state.achievements}
    chosen_achievement = achievements_by_id.get(evaluation.state.next.achievement or "")
    for handoff in plan.facts.handoffs:
        for next_id, line in handoff.next_ids:
            achievement = achievements_by_id.get(next_id)
            if achievement is not None and achievement.state not in SETTLED_STATES:
                continue
            why = item_state_sentence(next_id, achievement) if achievement else f"the PLAN has no achievement {next_id}"
            next_text = (
                f"next is {chosen_achievement.id}"
                if chosen_achievement
                else f"next is to {evaluation.state.next.step.replace('_', ' ')}"
            )
            related_places = (
                (RelatedPlace(achievement.verdict, 1, "the verdict"),) if achievement and achievement.verdict else ()
            )
            words, new_words, is_certain = _replacement_in_line(line.text, next_id, achievement, chosen_achievement)
            yield HANDOFF_STALE.at(
                plan.path,
                plan.document.line(line.position),
                f"{why}: {next_text}; update the handoff",
                related_places,
                target_text=words,
                fix=replacement_fix(new_words, is_safe=is_certain),
            )


def _replacement_in_line(
    line: str, id_text: str, achievement: AchievementState | None, chosen_achievement: AchievementState | None
) -> tuple[str, str | None, bool]:
    """Return (words to replace, new words, whether the new words are certain) for a line of a handoff.

    The words to replace are the part of `line` that names the achievement with the id `id_text`, and its title if the
    title follows. The new words name `chosen_achievement`; they are None if no achievement is chosen. They are certain
    if no other words follow in the line.
    """
    match = re.search(rf"Achievement\s+{re.escape(id_text)}(?!\w|\.\d)", line, re.IGNORECASE)
    if match is None:
        return "", None, False
    title = re.escape(achievement.title) if achievement and achievement.title else ""
    titled_match = re.match(rf"\**\s*(?:[:–—-]\**\s*{title}|\(\s*{title}\s*\))", line[match.end() :]) if title else None
    end = match.end() + (titled_match.end() if titled_match else 0)
    rest = line[end:].strip(" *_.`")
    words = line[match.start() : end]
    new_words = words.replace(id_text, chosen_achievement.id, 1) if chosen_achievement else None
    if new_words and titled_match and achievement and chosen_achievement:
        new_words = new_words.replace(achievement.title, chosen_achievement.title, 1)
    return words, new_words, not rest and chosen_achievement is not None


def wrong_statistics(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic if a PLAN states a wrong number of created SUBPLANs or EXECUTION_TASKs.

    A stated number is right if it counts all documents, or counts re-runs only once.
    """
    counts = {
        "SUBPLANs": {len(plan.subplans), len({d.name.number for d in plan.subplans})},
        "EXECUTION_TASKs": {
            len(plan.executions),
            len({(d.name.number, parsed_name(d).execution) for d in plan.executions}),
        },
    }
    for statistic in plan.facts.statistics:
        file_counts = counts[statistic.counts]
        if statistic.number not in file_counts:
            count_text = counted_noun(max(file_counts), statistic.counts.removesuffix("s"))
            message = (
                f"the files have {count_text}, not {statistic.number}: correct the number, or say where the others are"
            )
            line_number = plan.document.line(statistic.quote.position)
            # If the line has a second number, as in `3 created (1 complete)`, there is no fix: both may be wrong.
            numbers = re.findall(r"[0-9]+", statistic.quote.text)
            is_only_number = len(numbers) == 1
            yield STATISTICS_WRONG.at(
                plan.path,
                line_number,
                message,
                target_text=numbers[0] if numbers else "",
                fix=replacement_fix(
                    str(max(file_counts)) if is_only_number else None, is_safe=statistic.number < min(file_counts)
                ),
            )


def with_tick(line: str) -> str | None:
    """Return a line of the index with an added tick: in the box, or before the id if there is no box.

    Return None if the line has a tick already, or no place for a tick.
    """
    box_column, subject_match = line.find("[ ]"), _ID_OF_INDEX_LINE.search(line)
    if TICK_PATTERN.search(line) or (box_column < 0 and subject_match is None):
        return None
    if box_column >= 0:
        return f"{line[:box_column]}[x]{line[box_column + 3 :]}"
    assert subject_match
    return f"{line[: subject_match.start()]}✅ {line[subject_match.start() :]}"


def without_tick(line: str) -> str | None:
    """Return a line of the index without the tick; None if the line has no tick."""
    match = TICK_PATTERN.search(line)
    if match is None:
        return None
    return line[: match.start()] + ("[ ]" if match[0].startswith("[") else "") + line[match.end() :]


def remove_tick(context: FixContext, _: RemoveTick) -> Iterator[Fix]:
    """Yield a fix that removes the tick from the line of the diagnostic."""
    return replace_line(context, without_tick(context.line), "Remove the tick", is_preferred=False)


def add_tick(context: FixContext, _: AddTick) -> Iterator[Fix]:
    """Yield a fix that adds a tick to the line of the diagnostic."""
    return replace_line(context, with_tick(context.line), "Add the tick", is_preferred=True)


TOPIC = Topic(
    codes=(INDEX_TICK_WITHOUT_VERDICT, INDEX_TICK_MISSING, HANDOFF_STALE, STATISTICS_WRONG),
    plan=(index_ticks, stale_handoffs, wrong_statistics),
    fixes=((RemoveTick, remove_tick), (AddTick, add_tick)),
)
