"""The grammar of a dependency field's value (docs/methodology.md, §2.8).

A value is cut into parts. A part that begins with an id is a dependency, and the rest of the part is a comment. Any
other part is unread, and a rule reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from planmark.formats.planmark.documents.document_references import plain_value
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.ids import ID_PATTERN, NUMBER_PATTERN, ids_between, ids_meant_by_number
from planmark.markdown.parsed_source import Quote
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import narrowed_text

_ID = rf"{ID_PATTERN}(?!\w|\.\d)"
_NO_UNIT_FOLLOWS = (
    r"(?!\s*(?:%|(?:[kKMGT]i?B|hours?|hrs?|days?|weeks?|x)\b|(?:or|and)\s+(?:newer|later|higher|above|up)\b))"
)
"""Lookahead for the place after an id: no unit may follow, because `2.5 hours` is an amount, not an id."""
_PLAN = rf"(?:[\w.~-]+/)*(?:@|PLAN_)(?P<plan>{FEATURE_PATTERN})(?<!-)(?:\.md)?(?!\w)"
"""Pattern for the name of a plan: `@X` or `PLAN_X`, with or without folders and `.md`."""
_OPTIONAL_ACHIEVEMENT_WORD = r"(?:(?i:achievements?)\b[^\w@]*)?"
_REST_OF_RANGE = (
    rf"\s*(?:[-–—]|\.{{2,3}}|(?i:to|through|thru|until|up\s+to|bis)\b)\s*{_OPTIONAL_ACHIEVEMENT_WORD}(?P<to>{_ID})"
)
"""Pattern for the rest of a range after its first id: `-1.4`, or `to Achievement 1.4`."""
_DEPENDENCY_PART = lazy_pattern(
    rf"[^\w@<>=^~$€£]*(?:{_PLAN}(?:'s)?[^\w@]*)?{_OPTIONAL_ACHIEVEMENT_WORD}"
    rf"(?:(?:[\w.~-]+/)*SUBPLAN_(?:(?P<of>{FEATURE_PATTERN})_)?(?P<number>{NUMBER_PATTERN})(?:\.md)?(?!\w)"
    rf"|(?P<id>{_ID})(?:{_REST_OF_RANGE})?){_NO_UNIT_FOLLOWS}"
)
"""Pattern for a part that is a dependency, up to the end of its id."""
_PART_SEPARATOR = lazy_pattern(
    rf"[,;&+、，；]|(?<!\w)(?i:and|und|plus)(?!\w)|/(?=\s*{_OPTIONAL_ACHIEVEMENT_WORD}{_ID})"
)
"""Pattern for a separator between the parts of a value. Separators inside brackets do not count."""
_PLAN_AFTER_ID = lazy_pattern(rf"\W{{0,3}}(?:(?i:of|in|from)\s+)?(?:(?i:the)\s+)?{_PLAN}")
"""Pattern for the plan that follows an id: `1.1 of PLAN_OTHER`."""
_OTHER_PLAN = lazy_pattern(rf"(?:@|PLAN_){FEATURE_PATTERN}|\b(?i:of|in|from)\b[^,;]{{0,60}}\b(?i:plan)\b")
"""Pattern for the name of a plan, or for words such as `of the billing plan`."""
_ONLY_PLAN = lazy_pattern(rf"[^\w@]*{_PLAN}\W*(?:\([^()]*\)\W*)?$")
"""Pattern for a part that names only a plan."""
_ID_WITH_PLAN = lazy_pattern(
    rf"(?:(?:@|PLAN\\?_)(?P<plan>{FEATURE_PATTERN})(?:\.md)?(?:'s)?[^\w@\n]{{1,8}}{_OPTIONAL_ACHIEVEMENT_WORD})?(?<![\w.])(?P<id>{_ID})"
)
"""Pattern for an id, with the plan before the id if the text names one."""
_ANY_ID = lazy_pattern(rf"(?<![\w.]){_ID}")
_ANY_REFERENCE = lazy_pattern(rf"(?<![\w.]){_ID}|SUBPLAN_\d|PLAN_[A-Z0-9]|@[A-Z0-9]")
"""Pattern for an id, or for the beginning of the name of a document or a feature."""
_NO_DEPENDENCY = lazy_pattern(
    r"(?i)(?:[^\w\[?]|\[(?=none\]))*(?:$|(?:none|nothing|nil|n/?a|no|keine?|not applicable|independent|standalone|self-contained"
    r"|can start (?:immediately|any ?time|now))(?![\w/]))"
)
"""Pattern for the beginning of a value that declares no dependency, such as `none`."""
_DENYING_WORDS = lazy_pattern(r"(?i)\b(?:not|no longer|optional(?:ly)?|parallel|isn't|aren't|doesn't|don't)\b")
_NOT_DENYING_PHRASE = lazy_pattern(
    r"(?i)\bnot(?:\s+yet)?(?:\s+been)?\s+(?:started|begun|done|complete\w*|finished|approved|ready|reviewed|merged|available)\b"
    r"|\b(?:not|non)[\s-]+optional\b"
)
"""Pattern for phrases that do not deny a dependency.

`1.1 (not started)` reports progress, and `not optional` confirms the dependency.
"""
_REQUIRED_STATE_TEXT = lazy_pattern(
    r"(?i)[\W_]*(?:(?:must|be|is|are|has|have|been|both|all|fully|approved|completed?|done|finished|reviewed|merged|ready"
    r"|tested|verified|deployed|available|first|before|this|it|starts?|starting|in|place)\b[\W_]*)*$"
)
"""Pattern for text about the required state of the preceding dependency: `1.2 must be done and approved`."""
_TITLE_SEPARATOR = lazy_pattern(r"\s*[:–—-]")
_TEXT_BEFORE_TITLE = lazy_pattern(r"[\s:–—.|\"'“”„«()-]*")
"""Pattern for the blanks and punctuation marks between an id and the title of the achievement."""
_BRACKETS = lazy_pattern(r"\([^()]*\)|\[[^\[\]]*\]")
_HTML_COMMENT = lazy_pattern(r"<!--.*?-->")
_STRUCK_TEXT = lazy_pattern(r"~~.*?~~")
_LINK = lazy_pattern(r"\[(?P<text>[^\[\]]{0,300})\]\((?P<target>[^()]{0,500})\)")
_LINKED_PLAN = lazy_pattern(rf"(?<![A-Z])PLAN_(?P<plan>{FEATURE_PATTERN})\.md")
"""Pattern for the file name of a PLAN in the target of a link."""
_EMPHASIS = lazy_pattern(r"\*|(?<!\w)_+|_+(?!\w)")
MAX_VALUE_CHARACTERS = 1000
"""Maximum number of characters of a value that are read. Further characters are ignored."""


class NeededAchievement(msgspec.Struct, frozen=True, cache_hash=True):
    """An achievement, or a range of achievements, that the value of a field names as needed.

    `plan` is the feature of a different plan. If the achievement belongs to the plan that contains the value, `plan` is
    "". `first_id` is an id, or the number of a SUBPLAN. `last_id` is the last id of a range, or "" without a range.
    """

    plan: str
    first_id: str
    last_id: str = ""


class UnreadPart(msgspec.Struct, frozen=True, cache_hash=True):
    """A part of a field's value that is not read as a dependency.

    `words` is the text of the part. `denying_word` is the word of this text that denies the dependency, else "".
    """

    words: str
    denying_word: str = ""


class Declaration(msgspec.Struct, frozen=True, cache_hash=True):
    """One value of a field that declares dependencies.

    `quote` is the line of the value, and `name` is the name of the field. `reverse` tells whether the named
    achievements wait for the achievement whose body contains the field.
    """

    quote: Quote
    name: str
    reverse: bool
    needed_achievements: tuple[NeededAchievement, ...]
    unread_parts: tuple[UnreadPart, ...]


class DependencyValue(NamedTuple):
    """The achievements that a value names, and the unread parts of the value."""

    needed_achievements: tuple[NeededAchievement, ...]
    unread_parts: tuple[UnreadPart, ...]


NO_DEPENDENCIES = DependencyValue((), ())


def parse_dependency_value(value: str, own_feature: str, titles: Mapping[str, str]) -> DependencyValue:
    """Return the achievements that `value` names as needed, and the unread parts of `value`. Never raises.

    `own_feature` is the feature of the plan that contains the value. `titles` maps the achievement ids of this plan to
    their titles.
    """
    text = _normalize_value(value[:MAX_VALUE_CHARACTERS], own_feature)
    if (none_match := _NO_DEPENDENCY.match(text)) and not _ANY_REFERENCE.search(text, none_match.end()):
        return NO_DEPENDENCIES
    full_text, needed_achievements = text, dict[NeededAchievement, None]()
    unread_parts: list[UnreadPart] = []
    is_about_other_plan = False
    while text.strip():
        match = _DEPENDENCY_PART.match(text)
        achievements = _achievements_of_match(match, own_feature) if match else ()
        text_after_match = _text_after_title(text[match.end() :], achievements, titles) if match else text
        comment, remaining_text = _split_at_separator(text_after_match)
        part_text = (text[: len(text) - len(remaining_text)] if remaining_text else text).strip(" \t,;&+、")
        if (
            match
            and not match["plan"]
            and not match["of"]
            and (is_about_other_plan or _names_other_plan(comment, own_feature))
        ):
            plan_match = _PLAN_AFTER_ID.match(comment) if not is_about_other_plan else None
            achievements = (
                tuple(
                    _with_plan(needed_achievement, plan_match["plan"], own_feature)
                    for needed_achievement in achievements
                )
                if plan_match
                else ()
            )
        if not match:
            is_about_other_plan = is_about_other_plan or bool(
                (only_plan_match := _ONLY_PLAN.match(comment)) and only_plan_match["plan"] != own_feature
            )
            if comment.strip() and not (
                needed_achievements and _REQUIRED_STATE_TEXT.match(_NOT_DENYING_PHRASE.sub("", comment))
            ):
                unread_parts.append(UnreadPart(part_text))
        elif not achievements:
            unread_parts.append(UnreadPart(part_text))
        elif denying_word := _denying_word(comment, achievements[0], titles):
            unread_parts.append(UnreadPart(part_text, denying_word))
        else:
            needed_achievements.update(dict.fromkeys(achievements))
            more_achievements = [*_following_achievements(comment, achievements, titles)]
            needed_achievements.update(dict.fromkeys(more_achievements))
            unread_parts += _unread_parts_of_comment(
                comment, {needed_achievement.first_id for needed_achievement in needed_achievements}, titles
            )
        text = remaining_text
    if not needed_achievements and len(unread_parts) > 1 and not any(part.denying_word for part in unread_parts):
        unread_parts = [UnreadPart(full_text)]
    return DependencyValue(tuple(needed_achievements), tuple(dict.fromkeys(unread_parts)))


def id_occurrences_in(
    value: str, needed_achievements: Sequence[NeededAchievement]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield (plan, id, start, end) for each place in `value` that names an id of `needed_achievements`.

    `plan` is the feature of a different plan, or "" if the id belongs to the plan that contains the value. `start` and
    `end` are character offsets in `value`.
    """
    plan_by_id = {
        stated_id: needed_achievement.plan
        for needed_achievement in needed_achievements
        for stated_id in (needed_achievement.first_id, needed_achievement.last_id)
        if stated_id
    }
    plans_and_ids = {
        (needed_achievement.plan, stated_id)
        for needed_achievement in needed_achievements
        for stated_id in (needed_achievement.first_id, needed_achievement.last_id)
    }
    for match in _ID_WITH_PLAN.finditer(value):
        stated_id = match["id"]
        if stated_id in plan_by_id:
            plan = match["plan"] or ""
            yield plan if (plan, stated_id) in plans_and_ids else plan_by_id[stated_id], stated_id, *match.span("id")


def resolve_ids(needed_achievement: NeededAchievement, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that `needed_achievement` means in the plan whose ids are `ids`.

    A single id is returned even if it is not in `ids`. If the number of a SUBPLAN does not mean exactly one id, return
    the name of the SUBPLAN, such as `SUBPLAN_11`.
    """
    if "." not in needed_achievement.first_id:
        decoded_ids = ids_meant_by_number(needed_achievement.first_id, ids)
        return decoded_ids if len(decoded_ids) == 1 else (f"SUBPLAN_{needed_achievement.first_id}",)
    return (
        tuple(ids_between(needed_achievement.first_id, needed_achievement.last_id, ids))
        if needed_achievement.last_id
        else (needed_achievement.first_id,)
    )


def _normalize_value(value: str, own_feature: str) -> str:
    """Return `value` without text that names no dependency: HTML comments, struck-out text, emphasis marks, and targets
    of links that name nothing.
    """
    text = _STRUCK_TEXT.sub("", _HTML_COMMENT.sub("", narrowed_text(value)))
    text = _LINK.sub(lambda match: _meaning_of_link(match["text"], match["target"], own_feature), text)
    return _EMPHASIS.sub("", plain_value(text)).strip().rstrip("|").strip()


def _meaning_of_link(text: str, target: str, own_feature: str) -> str:
    """Return the words that replace a link in a value. `text` and `target` are the two parts of the link.

    If `text` names an achievement, a document or a feature, return `text`. If such a text names no plan, but `target`
    names a different plan, return the name of this plan before `text`.

    If only `target` names a document, return the name of this document. If neither part names anything, return `text`.
    """
    if not _ANY_REFERENCE.search(text):
        name = target.partition("#")[0].rpartition("/")[2]
        return name if _ANY_REFERENCE.search(name) else text
    plan = _LINKED_PLAN.search(target)
    is_other_plan = plan and plan["plan"] != own_feature and not _OTHER_PLAN.search(text)
    return f"PLAN_{plan['plan']} {text}" if plan and is_other_plan else text


def _achievements_of_match(match: re.Match[str], own_feature: str) -> tuple[NeededAchievement, ...]:
    """Return a tuple with the one achievement, or the one range of achievements, that `match` names.

    `match` is a match of `_DEPENDENCY_PART`. `own_feature` is the feature of the plan that contains the value.
    """
    plan = match["plan"] or match["of"] or ""
    id_text = match["number"] or match["id"]
    return (NeededAchievement("" if plan == own_feature else plan, id_text, match["to"] or ""),)


def _with_plan(needed_achievement: NeededAchievement, plan: str, own_feature: str) -> NeededAchievement:
    """Return a copy of `needed_achievement` whose plan is the plan with the feature `plan`.

    `own_feature` is the feature of the plan that contains the value. If `plan` equals `own_feature`, the copy has the
    plan "".
    """
    return NeededAchievement(
        "" if plan == own_feature else plan, needed_achievement.first_id, needed_achievement.last_id
    )


def _names_other_plan(comment: str, own_feature: str) -> bool:
    """Tell whether `comment` names a plan other than `own_feature`.

    `comment` is the text after an id. If it names a different plan, the id may belong to that plan.
    """
    match = _OTHER_PLAN.search(
        comment.replace(f"PLAN_{own_feature}", "").replace(f"@{own_feature}", "") if own_feature else comment
    )
    return match is not None


def _text_after_title(
    text_after_id: str, named_achievements: Sequence[NeededAchievement], titles: Mapping[str, str]
) -> str:
    """Return the part of `text_after_id` that follows the title of the named achievement.

    If `text_after_id` does not begin with this title, return it unchanged. The title is skipped because it may contain
    any word, even a denying word. `titles` maps the ids of the plan to their titles.
    """
    title = (
        titles.get(named_achievements[0].first_id, "")
        if named_achievements and not named_achievements[0].plan and not named_achievements[0].last_id
        else ""
    )
    start = _TEXT_BEFORE_TITLE.match(text_after_id).end()  # type: ignore[union-attr]  # the pattern matches everywhere
    title_text = _EMPHASIS.sub("", plain_value(title)).strip()
    if title_text and text_after_id[start : start + len(title_text)].lower() == title_text.lower():
        return text_after_id[start + len(title_text) :]
    return text_after_id


def _split_at_separator(text: str) -> tuple[str, str]:
    """Return two texts: the part of `text` before the first separator outside brackets, and the part after it.

    If `text` has no separator outside brackets, return `text` and "".
    """
    masked_text = text
    for _ in range(3):
        masked_text = _BRACKETS.sub(lambda match: "\0" * len(match[0]), masked_text)
    match = _PART_SEPARATOR.search(masked_text)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


def _denying_word(comment: str, needed_achievement: NeededAchievement, titles: Mapping[str, str]) -> str:
    """Return the word in `comment` that denies the dependency, else "". `comment` is the text after the id.

    A word that the title of the achievement contains denies nothing. `titles` maps the ids of the plan to their titles.
    """
    statement = _NOT_DENYING_PHRASE.sub("", comment)
    if needed_achievement.plan and _TITLE_SEPARATOR.match(statement):
        statement = " ".join(_BRACKETS.findall(statement))
    title = titles.get(needed_achievement.first_id, "").lower()
    return next(
        (m[0] for m in _DENYING_WORDS.finditer(statement) if needed_achievement.plan or m[0].lower() not in title), ""
    )


def _following_achievements(
    comment: str, named_achievements: Sequence[NeededAchievement], titles: Mapping[str, str]
) -> Iterator[NeededAchievement]:
    """Yield the achievements whose ids follow a first id without a separator, as in `1.1 1.2`.

    `comment` is the text after the first id. Only ids in `titles` count; they belong to the plan that contains the
    value.
    """
    if named_achievements[0].plan:
        return
    position = 0
    while (match := re.compile(rf"\s+({_ID})").match(comment, position)) and match[1] in titles:
        yield NeededAchievement("", match[1])
        position = match.end()


def _unread_parts_of_comment(comment: str, read_ids: set[str], titles: Mapping[str, str]) -> Iterator[UnreadPart]:
    """Yield `comment` as an unread part if it names an id of the plan that is not in `read_ids`. Text in brackets is
    left out.

    Ids in brackets do not count. In `1.1 or 1.2`, for example, the comment `or 1.2` is unread, because it is unclear
    whether both achievements are needed.
    """
    bare_text = _BRACKETS.sub("", comment)
    if any(match[0] in titles and match[0] not in read_ids for match in _ANY_ID.finditer(bare_text)):
        yield UnreadPart(bare_text.strip())
