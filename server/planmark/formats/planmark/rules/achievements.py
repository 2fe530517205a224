"""Rules for achievements in a PLAN: their definitions, and the index that lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.fixes import replace_line
from planmark.diagnostics.rule_inputs import Fix, FixContext
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.achievements import comparable_title, definitions, parse_defining_line
from planmark.formats.planmark.documents.named_sections import sections_with_name
from planmark.formats.planmark.documents.plan import Achievement, UnreadReason
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments, as_plan_documents
from planmark.markdown.parsed_source import SectionPosition, parse_sections
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind, RelatedPlace, Severity
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.model import SETTLED_STATES
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import line_index
from planmark.text.masking import without_secrets
from planmark.text.pluralize import counted_noun
from planmark.workspace.snapshot import Snapshot
from planmark.workspace.workspace_edits import insert_whole_lines

NO_ACHIEVEMENTS = DiagnosticCode("no-achievements", "error", "a PLAN without a readable achievement")
DUPLICATE_ACHIEVEMENT = DiagnosticCode("duplicate-achievement", "warning", "an id that two achievements share")
INDEX_MISMATCH = DiagnosticCode("index-mismatch", "warning", "an achievement that only the index or only the text has")
INDEX_MISSING = DiagnosticCode("index-missing", "hint", "a PLAN without an Achievement Index")
ACHIEVEMENT_FORMAT = DiagnosticCode(
    "achievement-format", "hint", "an achievement that is not written as `**Achievement 1.1**: Title`"
)
ACHIEVEMENT_HIDDEN = DiagnosticCode(
    "achievement-hidden", "warning", "an achievement that is only in code, a comment or HTML"
)

_PLAIN_DEFINITION = lazy_pattern(
    r"(?P<lead>[^\w#*]*)Achievement\s+[0-9.]{1,12}[0-9](?P<aside>[^:–—*]{0,200}?)\s{0,9}[:–—]\s*(?P<rest>.*)$"
)
"""Pattern for a definition that is not bold. The `#` marks of a heading must be removed before the match."""
_BOLD_DEFINITION = lazy_pattern(
    r"(?P<lead>[^\w#*]*)\*\*[^\w*]*Achievement\s+[0-9.]{1,12}[0-9](?P<aside>[^:–—*]{0,200}?)\s{0,9}[:–—-]\s*(?P<title>(?:\S.*?)??)\*\*(?P<rest>.*)$"
)
"""Pattern for a definition with the id and the title inside one bold part."""
UNREAD_MESSAGES: dict[UnreadReason, str] = {
    "not in the index": "",
    "hidden": "",
    "repeated": "it is defined twice, and the longer text counts; keep one of them",
    "reported": "its section only reports what was done, and its title differs from that of the definition that counts",
    "form": "it does not have the form of a definition; write `**Achievement 1.1**: Title` at the start of a line",
}
"""Reason why a line that looks like an achievement does not count → the message.

"" stands for a reason that has its own diagnostic code.
"""


class DefineAchievement(FixKind, frozen=True):
    """Fix that rewrites a near miss as a definition of an achievement."""


class RewriteDefinition(FixKind, frozen=True):
    """Fix that rewrites a definition in the canonical form.

    `is_safe` tells whether `check --fix` may apply the fix.
    """

    is_safe: bool


class AddIndex(FixKind, frozen=True):
    """Fix that adds an index of all achievements."""


class ListAchievement(FixKind, frozen=True):
    """Fix that adds the achievement `id` to the index. The line of the diagnostic defines this achievement."""

    id: str


def missing_achievements(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for a PLAN in which no achievement can be read.

    The diagnostic is at the first line that looks like an achievement; if there is no such line, it is at line 1.
    """
    if evaluation.state.state != "no_achievements":
        return
    near_misses = plan.facts.near_misses
    look_text = f"{counted_noun(len(near_misses), 'line')} look{'s' if len(near_misses) == 1 else ''} like"
    hint = f"; {look_text} achievements but {'is' if len(near_misses) == 1 else 'are'} not" if near_misses else ""
    message = f"no achievement can be read: write `**Achievement 1.1**: Title` at the start of a line{hint}"
    related_places = tuple(RelatedPlace(plan.path, plan.document.line(q.position), q.text) for q in near_misses)
    yield NO_ACHIEVEMENTS.at(
        plan.path, related_places[0].line if related_places else 1, message, related_places, fix=DefineAchievement()
    )


def unread_definitions(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each line that looks like the definition of an achievement but does not count."""
    titles = plan.facts.titles
    listed_positions = {achievement.index_at for achievement in plan.facts.achievements}
    for unread_line in plan.facts.unread:
        is_repeated_title = unread_line.reason == "reported" and _title_contains_other(
            unread_line.title, titles.get(unread_line.id, "")
        )
        if unread_line.line.position in listed_positions or unread_line.reason == "look-alike" or is_repeated_title:
            continue
        related_places = (
            (RelatedPlace(plan.path, plan.document.line(unread_line.counts), "this one counts"),)
            if unread_line.counts
            else ()
        )
        line_number = plan.document.line(unread_line.line.position)
        if unread_line.reason == "repeated" and _titles_differ(unread_line.title, titles.get(unread_line.id, "")):
            message = f"{unread_line.id} is defined twice, as `{titles[unread_line.id]}` and as `{unread_line.title}`: give one of them a different id, or remove the bold from the one that is not a definition"
            severity: Severity | None = "error" if unread_line.prevents_completion else None
            yield DUPLICATE_ACHIEVEMENT.at(
                plan.path, line_number, message, related_places, target_text=unread_line.line.text, severity=severity
            )
        elif unread_line.reason == "not in the index":
            message = f"the Achievement Index does not list {unread_line.id}, so it does not count: add it there, or remove it here"
            yield INDEX_MISMATCH.at(
                plan.path, line_number, message, target_text=unread_line.line.text, fix=ListAchievement(unread_line.id)
            )
        elif unread_line.reason == "hidden":
            message = f"{unread_line.id} is not read here, because it is inside code, a comment or HTML: close that above this line and write it at the start of a line, or remove it; until then the PLAN is not complete"
            yield ACHIEVEMENT_HIDDEN.at(plan.path, line_number, message, target_text=unread_line.line.text)
        else:
            message = f"this line is not read as an achievement: {UNREAD_MESSAGES[unread_line.reason]}"
            severity = "warning" if unread_line.prevents_completion else None
            yield ACHIEVEMENT_FORMAT.at(
                plan.path, line_number, message, related_places, target_text=unread_line.line.text, severity=severity
            )


def _title_contains_other(title: str, other_title: str) -> bool:
    """Tell whether all words of one title occur in the other title.

    For example, a report may repeat the title of an achievement and append the result of the work.
    """
    words, other_words = set(comparable_title(title).split()), set(comparable_title(other_title).split())
    return words <= other_words or other_words <= words


def _titles_differ(title: str, other_title: str) -> bool:
    """Tell whether two titles have different words. If one of the titles is empty, return False."""
    words, other_words = comparable_title(title), comparable_title(other_title)
    return bool(words and other_words) and words != other_words


def uncanonical_definitions(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each definition of an achievement that is not in the form `**Achievement 1.1**: Title`."""
    for achievement in plan.facts.achievements:
        if achievement.shape in ("P2", "P3", "P4"):
            message = f"{achievement.id} is read, but other tools may not read it: write `**Achievement {achievement.id}**: {achievement.title}`"
            yield ACHIEVEMENT_FORMAT.at(
                plan.path,
                plan.document.line(achievement.position),
                message,
                fix=RewriteDefinition(achievement.shape == "P2"),
            )


def index_problems(_: Snapshot, plan: PlanDocuments, _evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield the diagnostics about the Achievement Index of a PLAN.

    Yield one if the index is missing, and one for each id that the index lists twice. If some achievements have a
    description, also yield one for each listed achievement without a description.
    """
    facts, line_number_of = plan.facts, plan.document.line
    if facts.achievements and facts.index is None:
        count_text = counted_noun(len(facts.achievements), "achievement")
        message = f"no Achievement Index: list the {count_text} in one, in their order"
        yield INDEX_MISSING.at(plan.path, 1, message, fix=AddIndex())
    positions = {achievement.id: achievement.index_at for achievement in facts.achievements}
    for repeated_id, quote in facts.repeated_lines:
        first_position = positions[repeated_id]
        related_places = (
            (RelatedPlace(plan.path, line_number_of(first_position), "the first"),) if first_position else ()
        )
        message = f"the index lists {repeated_id} twice: give one of the lines a different id, or remove it"
        yield DUPLICATE_ACHIEVEMENT.at(
            plan.path, line_number_of(quote.position), message, related_places, target_text=quote.text, severity="error"
        )
    if any(achievement.body for achievement in facts.achievements):
        for achievement in facts.achievements:
            if achievement.body is None and achievement.index_at:
                message = f"the index lists {achievement.id}, but no text describes it: write `**Achievement {achievement.id}**: {achievement.title}` and its description"
                yield INDEX_MISMATCH.at(plan.path, line_number_of(achievement.index_at), message)


def achievements_struck_in_index(_: Snapshot, plan: PlanDocuments, evaluation: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each achievement that the index strikes through while its definition does not."""
    states = {achievement.id: achievement.state for achievement in evaluation.state.achievements}
    for achievement in plan.facts.achievements:
        if achievement.struck_quote is None or states[achievement.id] in SETTLED_STATES:
            continue
        message = (
            f"the index strikes {achievement.id} through, but its definition does not: drop it "
            f"(planmark drop @{plan.feature} {achievement.id} --note TEXT), or remove the strikethrough"
        )
        related_places = (RelatedPlace(plan.path, plan.document.line(achievement.position), "the definition"),)
        line = plan.document.line(achievement.struck_quote.position)
        yield INDEX_MISMATCH.at(plan.path, line, message, related_places, target_text=achievement.struck_quote.text)


def index_section(achievements: tuple[Achievement, ...]) -> str:
    """Return an Achievement Index that lists `achievements`, with a blank line after it."""
    list_text = "\n".join(f"- Achievement {achievement.id}: {achievement.title}" for achievement in achievements)
    return f"## 📋 Achievement Index\n\n{list_text}\n\n"


def near_miss_as_definition(line: str) -> str | None:
    """Return the definition that a line with a single number seems to mean; None if the line has a different form.

    For example, `### Achievement 2: T` becomes `**Achievement 1.2**: T`.
    """
    match = re.match(
        r"[^\w\n]*Achievement\s+(?P<number>[0-9]{1,2})\**\s*[:–—-]\**\s*(?P<title>[^\n]*)", line, re.IGNORECASE
    )
    definition_text = f"**Achievement 1.{int(match['number'])}**: {match['title'].strip('* ')}" if match else ""
    return definition_text if definition_text and parse_defining_line(definition_text) else None


def canonical_form_of(line: str) -> str | None:
    """Return `line` with its definition in the form `**Achievement 1.1**: Title`. No text of the line is lost.

    Return None if the line is not a definition, or has this form already. Also return None if the title would change,
    for example because text after the bold part would become part of the title.
    """
    definition = parse_defining_line(line)
    if definition is None or definition[0] == "P1":
        return None
    shape, achievement_id, title = definition
    canonical_line = line if shape == "P2" else line.lstrip("#").lstrip()
    if match := _BOLD_DEFINITION.match(canonical_line) or _PLAIN_DEFINITION.match(canonical_line):
        lead, remark, rest = match["lead"], match["aside"], match["rest"]
        title_text = match.groupdict().get("title") or ""
        if title_text and re.fullmatch(r"\s*\([^()]*\)\s*", rest):
            remark, rest = f"{remark} {rest.strip()}", ""
        canonical_line = f"{lead}**Achievement {achievement_id}**{remark}: {title_text}{rest}"
    new_definition = parse_defining_line(canonical_line)
    return canonical_line if new_definition == ("P1", achievement_id, title) else None


def add_index(context: FixContext, _: AddIndex) -> Iterator[Fix]:
    """Yield a fix that inserts an index of all achievements.

    The index is inserted before the level-2 heading above the first achievement. If there is no such heading, it is
    inserted before the first achievement.
    """
    plan = context.snapshot.plan_at(context.path)
    if plan is None or sections_with_name(parse_sections(context.text), "achievement_index"):
        return
    achievements = as_plan_documents(plan).facts.achievements
    source = parse_sections(context.text)
    first_section = min(achievement.position.section for achievement in achievements)
    heading_indexes = [
        index
        for index in range(first_section + 1)
        if source[index].section.kind == "heading" and source[index].section.level <= 2
    ]
    position = (
        source[heading_indexes[-1]].start
        if heading_indexes and source[heading_indexes[-1]].section.level == 2
        else source[first_section].start
    )
    yield Fix(
        "Add an Achievement Index",
        False,
        (insert_whole_lines(context.path, context.text, position, index_section(achievements)),),
    )


def list_achievement(context: FixContext, fix: ListAchievement) -> Iterator[Fix]:
    """Yield a fix that adds a line to the index for an achievement that has a body."""
    plan_at_path = context.snapshot.plan_at(context.path)
    plan = as_plan_documents(plan_at_path) if plan_at_path else None
    if plan is None or plan.facts.index is None:
        return
    definition = parse_defining_line(context.line)
    title = definition[2] if definition else ""
    index = line_after_index(plan, plan.facts.index)
    lines = line_index(context.text)
    item_match = re.match(r"\s*(?:[-*+]\s+|[0-9]+[.)]\s+)?", lines.line(index - 1)) if index <= len(lines) else None
    bullet = item_match[0] if item_match and re.search(r"[-*+]", item_match[0]) else "- "
    yield Fix(
        f"List {fix.id} in the index",
        False,
        (insert_whole_lines(context.path, context.text, index, f"{bullet}Achievement {fix.id}: {title}\n"),),
    )


def line_after_index(plan: PlanDocuments, heading: SectionPosition) -> int:
    """Return the 0-based number of the line after the last line of the index that lists an achievement.

    If the index lists no achievement, return the number of the line after `heading`, the heading of the index.
    """
    reversed_achievements = reversed(plan.facts.achievements)
    return plan.document.line(
        next((achievement.index_at for achievement in reversed_achievements if achievement.index_at), heading)
    )


def write_definition(context: FixContext, _: DefineAchievement) -> Iterator[Fix]:
    """Yield a fix that rewrites a near miss, a line that only looks like a definition, as a definition.

    Yield no fix if the PLAN already defines an achievement with the new id.
    """
    definition_text = near_miss_as_definition(context.line)
    defined_ids = {definition.id for definition in definitions(parse_sections(context.text))}
    if definition_text and definition_text.split("**")[1].removeprefix("Achievement ") not in defined_ids:
        yield from replace_line(
            context, definition_text, f"Write `{without_secrets(definition_text)[:57]}`", is_preferred=False
        )


def rewrite_definition(context: FixContext, fix: RewriteDefinition) -> Iterator[Fix]:
    """Yield a fix that gives a definition the form `**Achievement 1.1**: Title`, if the title stays the same."""
    return replace_line(
        context, canonical_form_of(context.line), "Write it in the canonical form", is_preferred=fix.is_safe
    )


TOPIC = Topic(
    codes=(
        NO_ACHIEVEMENTS,
        DUPLICATE_ACHIEVEMENT,
        INDEX_MISMATCH,
        INDEX_MISSING,
        ACHIEVEMENT_FORMAT,
        ACHIEVEMENT_HIDDEN,
    ),
    plan=(
        missing_achievements,
        unread_definitions,
        uncanonical_definitions,
        index_problems,
        achievements_struck_in_index,
    ),
    fixes=(
        (DefineAchievement, write_definition),
        (RewriteDefinition, rewrite_definition),
        (AddIndex, add_index),
        (ListAchievement, list_achievement),
    ),
)
