"""The mentions of achievements, documents and features in a document, and their targets."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from planmark.formats.planmark.documents.declarations import field_line_pattern
from planmark.formats.planmark.documents.dependencies import (
    NeededAchievement,
    id_occurrences_in,
    parse_dependency_value,
)
from planmark.formats.planmark.documents.document_references import AT_FEATURE, document_name_matches, features_named_in
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN, parse_name
from planmark.formats.planmark.documents.ids import ID, ID_PATTERN, id_named_in
from planmark.formats.planmark.documents.mentioned_words import file_name_of_match
from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget
from planmark.markdown.parsed_source import MAX_SEARCHED_CHARACTERS
from planmark.queries.workspace_view import View
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lines import LineIndex, TextPosition
from planmark.text.lookalikes import narrowed_text
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import PlanDocuments

MAX_SEARCHED_TEXT_CHARACTERS = 2_000_000
"""Maximum number of characters of a text that Planmark searches for names; a longer text has no mentions."""

_BLANK = r"[^\S\r\n]"
_GAP = rf"{_BLANK}*(?:(?:\r\n?|\n){_BLANK}*)?"
"""Pattern for blanks within a line, or from one line to the next; never across a blank line."""
_ID_LIST = lazy_pattern(
    rf"\bAchievements?(?=\s){_GAP}(?P<ids>{ID_PATTERN}"
    rf"(?:{_GAP}(?:,|&|and|-|–|—|to|/){_GAP}(?:achievements?(?=\s){_GAP})?{ID_PATTERN})*)(?!\w|\.\d)",
    re.IGNORECASE,
)
"""Pattern for the word Achievement with one or more ids: `Achievements 1.1, 1.2 and 2.1`."""
_CLAUSE_END = lazy_pattern(r"[;.!?]\s+")
_JSON_ID = lazy_pattern(rf'"(?:@(?P<plan>{FEATURE_PATTERN}) )?(?P<id>{ID_PATTERN})"')
"""Pattern for an id in a JSON string, with the plan before the id if the string names one."""
_ID_OF_OTHER_PLAN = lazy_pattern(
    rf"(?:(?<![\w/@.`-])@|(?<![\w-])PLAN\\?_)(?P<plan>{FEATURE_PATTERN})(?:\.md)?{_BLANK}+"
    rf"(?:achievement{_BLANK}+)?(?P<id>{ID_PATTERN})(?!\w|\.\d)",
    re.IGNORECASE,
)
"""Pattern for an achievement of a different plan: `@OTHER 1.1`."""

MentionKind = Literal["achievement", "document", "feature"]
MENTION_KINDS: tuple[MentionKind, ...] = ("document", "feature", "achievement")


class AnyValue:
    """A container that contains every value, for an unlimited search."""

    def __contains__(self, value: object) -> bool:
        """Return True for every value."""
        return True


ANY_VALUE = AnyValue()


@dataclass(frozen=True)
class Mention:
    """A name in a text. `value` is an id, a file name with `.md`, or a feature.

    `span` covers the whole mention. `name` covers only the text that a rename replaces: the id, the file name without
    folder and `.md`, or the feature without `@`. `folder` is the folder before a file name. `plan` is the feature of
    the plan that has the id: "" for the document's own plan, None if the context decides.
    """

    kind: MentionKind
    value: str
    span: LineSpan
    name: LineSpan
    folder: str = ""
    plan: str | None = None


class DocumentTarget(NamedTuple):
    """The existing document that a mention names, by its path."""

    path: str


Target = AchievementTarget | DocumentTarget


class OffsetRange(NamedTuple):
    """A half-open range of character offsets in a text. The range covers whole lines."""

    start: int
    end: int


def mentions(
    document: EditorDocument,
    kinds: Container[MentionKind] = MENTION_KINDS,
    values: frozenset[str] | AnyValue = ANY_VALUE,
) -> list[Mention]:
    """Return the mentions in a document, in the order of the text.

    Only mentions whose kind is in `kinds` and whose value is in `values` are returned.
    """
    if isinstance(values, AnyValue) or "document" in kinds:
        passages = [OffsetRange(0, len(document.text))]
    else:
        passages = list(_passages_with(document, values))
    return _mentions_in_passages(document, passages, kinds, values)


def mention_at(document: EditorDocument, line: int, column: int) -> Mention | None:
    """Return the mention under the cursor; None if there is no mention.

    If several mentions touch the cursor, return the shortest.
    """
    touching_mentions = [
        mention
        for mention in _mentions_in_passages(document, [_passage(document, line)])
        if mention.span.touches(line, column)
    ]
    return min(touching_mentions, key=lambda mention: mention.span.end - mention.span.start, default=None)


def _passages_with(document: EditorDocument, values: frozenset[str]) -> Iterator[OffsetRange]:
    """Yield the range of each passage that contains at least one of `values`, in the order of the text.

    A passage is the text between two blank lines.
    """
    end = 0
    for match in re.finditer("|".join(map(re.escape, sorted(values))), document.searchable_text):
        if match.start() >= end:
            passage = _passage(document, document.lines.position(match.start()).line)
            end = passage.end
            yield passage


def _passage(document: EditorDocument, line: int) -> OffsetRange:
    """Return the range of the passage around a 0-based line: all lines up to the nearest blank lines.

    A mention never extends beyond this range.
    """
    first, end = line, line + 1
    while first > 0 and document.line(first - 1).strip():
        first -= 1
    while end < len(document.lines) and document.line(end).strip():
        end += 1
    return OffsetRange(
        document.lines.line_start_offset(first),
        document.lines.line_start_offset(end) if end < len(document.lines) else len(document.text),
    )


def _mentions_in_passages(
    document: EditorDocument,
    passages: Sequence[OffsetRange],
    kinds: Container[MentionKind] = MENTION_KINDS,
    values: Container[str] = ANY_VALUE,
) -> list[Mention]:
    """Return the mentions in `passages` whose kind is in `kinds` and whose value is in `values`.

    The mentions are in the order of the text.
    """
    if len(document.text) > MAX_SEARCHED_TEXT_CHARACTERS:
        return []
    selected_mentions: list[Mention] = []
    is_json = document.name is not None and document.name.kind == "parallel"
    if "achievement" in kinds:
        achievement_mentions = (
            _mentions_in_json(document, passages) if is_json else _achievement_mentions(document, passages, values)
        )
        selected_mentions += {
            mention.name: mention for mention in achievement_mentions if mention.value in values
        }.values()
    for passage in passages:
        if "document" in kinds and not is_json:
            selected_mentions += _document_mentions(document, passage, values)
        if "feature" in kinds:
            selected_mentions += _feature_mentions(document, passage, values)
    return sorted(selected_mentions, key=_position_order)


def _mentions_in_json(document: EditorDocument, passages: Sequence[OffsetRange]) -> Iterator[Mention]:
    """Yield a mention for each id in the passages `passages` of a parallel.json."""
    for passage in passages:
        for match in _JSON_ID.finditer(document.text, *passage):
            yield _mention(document.lines, "achievement", match["id"], match.span("id"), match["plan"])


def _achievement_mentions(
    document: EditorDocument, passages: Sequence[OffsetRange], values: Container[str]
) -> Iterator[Mention]:
    """Yield the mentions of achievements in passages of a Markdown text. A mention may be yielded twice.

    Mentions whose value is not in `values` may be left out.
    """
    if not passages:
        return
    # The facts of a plan are not sorted by line, so they are searched once, not once for each passage.
    offsets = OffsetRange(passages[0].start, passages[-1].end)
    for passage in passages:
        yield from _listed_mentions(document, passage, values)
    for passage in passages:
        yield from _mentions_in_fields(document, passage)
    yield from _mentions_in_definitions(document, offsets)
    for passage in passages:
        yield from _mentions_with_plan(document, passage)
    yield from _mentions_in_dependencies(document, offsets)


def target_defined_on(document: EditorDocument, line: int) -> AchievementTarget | None:
    """Return the achievement that a PLAN defines or lists on a 0-based line; else None."""
    if document.plan is None or document.evaluation is None or document.path != document.plan.path:
        return None
    achievement_id = document.achievement_ids_by_line.get(line)
    return achievement_target(document.view, document.plan, achievement_id) if achievement_id else None


def target_of(document: EditorDocument, mention: Mention) -> Target | None:
    """Return the achievement or the document that `mention` names; None if it does not exist."""
    if mention.kind == "achievement":
        plan = _plan_of_mention(document, mention)
        return achievement_target(document.view, plan, mention.value) if plan else None
    if mention.kind == "feature":
        plans = document.view.snapshot.plans_of_feature(mention.value)
        return DocumentTarget(plans[0].path) if plans else None
    key = (mention.value, mention.folder)
    if key not in document.paths_by_name:
        document.paths_by_name[key] = path_of_named_document(document, *key)
    path = document.paths_by_name[key]
    return DocumentTarget(path) if path else None


def achievement_target(view: View, plan: PlanDocuments, achievement_id: str) -> AchievementTarget | None:
    """Return the achievement of `plan` with the id `achievement_id`; None if the plan has no such id."""
    state = view.evaluations[plan.path].by_id.get(achievement_id)
    return AchievementTarget(plan, state) if state else None


def path_of_named_document(document: EditorDocument, name: str, folder: str = "") -> str | None:
    """Return the path of the document that a file name in the text of `document` means; None if there is no document.

    `name` is the file name. `folder` is the folder before the name, and the path must end with both. Among several
    such paths, a path in the plan of `document` is preferred, then the path nearest to `document`.
    """
    candidates = [
        path
        for path in document.view.snapshot.names.get(name, ())
        if path.endswith(f"{_without_leading_parts(folder)}{name}")
    ]
    owners = document.view.snapshot.owners
    plan_path = owners.get(document.path)
    paths_in_same_plan = (
        [path for path in candidates if owners.get(path) == plan_path] if len(candidates) > 1 else candidates
    )
    return min(paths_in_same_plan or candidates, key=lambda path: _distance_order(document.path, path), default=None)


def _without_leading_parts(folder: str) -> str:
    """Return a folder without its leading parts `../`, `./` or `/`: `../x/` becomes `x/`."""
    return re.sub(r"^(?:\.{0,2}/)+", "", folder)


def _distance_order(path: str, other_path: str) -> tuple[int, str]:
    """Return the sort key of `other_path`: the number of folders between `path` and `other_path`, then `other_path`."""
    folders, other_folders = path.split("/")[:-1], other_path.split("/")[:-1]
    common_count = next(
        (i for i, (a, b) in enumerate(zip(folders, other_folders, strict=False)) if a != b),
        min(len(folders), len(other_folders)),
    )
    return len(folders) + len(other_folders) - 2 * common_count, other_path


def _clause(document: EditorDocument, span: LineSpan) -> str:
    """Return the clause of the text that contains the mention at `span`.

    A clause ends at `;`, `.`, `!` or `?` before a blank, or `MAX_SEARCHED_CHARACTERS` characters away from the mention.
    """
    first = document.lines.offset(TextPosition(span.line, span.start - MAX_SEARCHED_CHARACTERS))
    surrounding_text = document.text[
        first : document.lines.offset(TextPosition(span.line, span.start + MAX_SEARCHED_CHARACTERS))
    ]
    column = document.lines.offset(TextPosition(span.line, span.start)) - first
    clause_ends = [match.end() for match in _CLAUSE_END.finditer(surrounding_text)]
    start = max((end for end in clause_ends if end <= column), default=0)
    return surrounding_text[start : min((end for end in clause_ends if end > column), default=len(surrounding_text))]


def _plan_of_mention(document: EditorDocument, mention: Mention) -> PlanDocuments | None:
    """Return the plan of the achievement that `mention` names; None if no plan, or more than one plan, is meant."""
    if mention.plan is None:
        return _plan_of_clause(document, _clause(document, mention.span))
    if document.plan is not None and mention.plan in ("", document.plan.feature):
        return document.plan
    named_plans = document.view.snapshot.plans_of_feature(mention.plan)
    return named_plans[0] if len(named_plans) == 1 else None


def _plan_of_clause(document: EditorDocument, clause: str) -> PlanDocuments | None:
    """Return the plan of the achievements that `clause` mentions.

    If the clause names exactly one plan, return this plan. If it names the plan of `document`, no plan or several plans,
    return the plan of `document`.
    """
    own_plan, named_features = document.plan, features_named_in(clause)
    if not named_features or (own_plan is not None and own_plan.feature in named_features):
        return own_plan
    named_plans = [
        plan for feature in dict.fromkeys(named_features) for plan in document.view.snapshot.plans_of_feature(feature)
    ]
    return named_plans[0] if len(named_plans) == 1 else own_plan


def _position_order(mention: Mention) -> tuple[int, int]:
    """Return the sort key of a mention: its line, then its column."""
    return mention.span.line, mention.span.start


def _mention(
    lines: LineIndex, kind: MentionKind, value: str, offsets: tuple[int, int], plan: str | None = None
) -> Mention:
    """Return the mention of a name without a folder or `@` before it.

    `offsets` are the character offsets of the beginning and the end of the name in the text.
    """
    span = _span(lines, offsets)
    return Mention(kind, value, span, span, plan=plan)


def _span(lines: LineIndex, offsets: tuple[int, int]) -> LineSpan:
    """Return the span between two character offsets that are on one line."""
    line, column = lines.position(offsets[0])
    return LineSpan(line, column, column + offsets[1] - offsets[0])


def _document_mentions(document: EditorDocument, offsets: OffsetRange, values: Container[str]) -> Iterator[Mention]:
    """Yield the mentions of documents between `offsets` whose file names are in `values`."""
    for match in document_name_matches(document.searchable_text, *offsets):
        value = file_name_of_match(match)
        if value in values and parse_name(value):
            span = _span(document.lines, match.span())
            yield Mention("document", value, span, _span(document.lines, match.span("name")), match["folder"])


def _feature_mentions(document: EditorDocument, offsets: OffsetRange, values: Container[str]) -> Iterator[Mention]:
    """Yield each mention `@X` of a feature that the workspace has and `values` contains."""
    features = document.view.snapshot.table.features
    for match in AT_FEATURE.finditer(document.searchable_text, *offsets):
        if match["feature"] in features and match["feature"] in values:
            name_span = _span(document.lines, match.span("feature"))
            yield Mention("feature", match["feature"], _span(document.lines, match.span()), name_span)


def _listed_mentions(document: EditorDocument, offsets: OffsetRange, values: Container[str]) -> Iterator[Mention]:
    """Yield mentions of the ids that are in `values`, in texts such as `Achievement 1.1` or `Achievements 1.1, 1.2 and
    2.1`.

    The mention of the first id in a list includes the word `Achievement` before the id.
    """
    for match in _ID_LIST.finditer(document.searchable_text, *offsets):
        for position, id_match in enumerate(ID.finditer(document.searchable_text, *match.span("ids"))):
            if id_match[0] not in values:
                continue
            line, column = document.lines.position(id_match.start())
            name = LineSpan(line, column, column + len(id_match[0]))
            mention_column = column - (id_match.start() - match.start()) if position == 0 else column
            if mention_column >= 0:
                yield Mention("achievement", id_match[0], LineSpan(line, mention_column, name.end), name)


def _mentions_in_fields(document: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield a mention for each id in the fields whose values name achievements.

    Examples of such fields are `Depends on: 1.1, 1.2` and `Achievement Addressed: 1.1 (Refunds)`.
    """
    vocabulary = vocabulary_of(document.view.snapshot.settings)
    for match in _achievement_field_pattern(tuple(vocabulary.fields["achievement"])).finditer(
        document.searchable_text, *offsets
    ):
        named_id = id_named_in(match["value"])
        for id_match in ID.finditer(match["value"]):
            if id_match[0] == named_id:
                index = match.start("value") + id_match.start()
                yield _mention(document.lines, "achievement", id_match[0], (index, index + len(id_match[0])))
    own_feature = document.plan.feature if document.plan else ""
    titles = as_plan_documents(document.plan).facts.titles if document.plan else {}
    for match in field_line_pattern(vocabulary).finditer(document.searchable_text, *offsets):
        yield from _mentions_in_value(
            document,
            match.start("value"),
            match["value"],
            parse_dependency_value(match["value"], own_feature, titles).needed_achievements,
        )


def _mentions_in_value(
    document: EditorDocument, offset: int, value: str, needed_achievements: Sequence[NeededAchievement]
) -> Iterator[Mention]:
    """Yield a mention for each place in a field value that names one of `needed_achievements`.

    `offset` is the character offset in the text at which the value begins.
    """
    for plan, achievement_id, start, end in id_occurrences_in(value, needed_achievements):
        yield _mention(document.lines, "achievement", achievement_id, (offset + start, offset + end), plan)


def _mentions_in_dependencies(document: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield a mention for each id that the body of an achievement declares as a dependency.

    The id can be in a field, or in a list below an empty field.
    """
    if document.plan is None or document.path != document.plan.path:
        return
    for achievement in as_plan_documents(document.plan).facts.achievements:
        for declaration in achievement.declarations:
            line = document.plan.document.line(declaration.quote.position) - 1
            if (
                line < len(document.lines)
                and offsets.start <= (offset := document.lines.line_start_offset(line)) < offsets.end
            ):
                yield from _mentions_in_value(
                    document, offset, narrowed_text(document.line(line)), declaration.needed_achievements
                )


def _mentions_with_plan(document: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield a mention for each id that follows the name of its plan, as in `@OTHER 1.1`."""
    for match in _ID_OF_OTHER_PLAN.finditer(document.searchable_text, *offsets):
        yield _mention(document.lines, "achievement", match["id"], match.span("id"), match["plan"])


@functools.lru_cache(maxsize=8)
def _achievement_field_pattern(field_names: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for the field in which a document names its achievement.

    `field_names` are the names that the field may have.
    """
    alternatives = "|".join(re.escape(word) for word in sorted(field_names, key=len, reverse=True))
    return re.compile(rf"^[^\w\r\n]*(?:{alternatives})\**\s*:\**[ \t]*(?P<value>[^\r\n]{{1,1000}})", re.I | re.M)


def _mentions_in_definitions(document: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield a mention for each id on a line of the PLAN that defines or lists an achievement.

    The line need not contain the word `Achievement`: an example is `| 1.1 | Refunds |`.
    """
    if document.plan is None or document.path != document.plan.path:
        return
    for achievement in document.plan.facts.achievements:
        for place in (achievement.position, achievement.index_at):
            if place is None:
                continue
            line = document.plan.document.line(place) - 1
            if line >= len(document.lines) or not offsets.start <= document.lines.line_start_offset(line) < offsets.end:
                continue
            match = next((m for m in ID.finditer(narrowed_text(document.line(line))) if m[0] == achievement.id), None)
            if match:
                name = LineSpan(line, match.start(), match.end())
                word_before_id = re.search(r"Achievement\s+$", document.line(line)[: match.start()], re.IGNORECASE)
                yield Mention(
                    "achievement",
                    achievement.id,
                    LineSpan(line, word_before_id.start() if word_before_id else name.start, name.end),
                    name,
                )
