"""The mentions of achievements, documents and features in a document, and their targets."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from planmark.formats.planmark.documents.declarations import field_line_pattern
from planmark.formats.planmark.documents.dependencies import NeededAchievement, occurrences_in, read_value
from planmark.formats.planmark.documents.document_references import AT_FEATURE, document_names, features_named
from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN, parse_name
from planmark.formats.planmark.documents.ids import ID, ID_PATTERN, id_named_in
from planmark.formats.planmark.documents.mentioned_words import file_name_of_match
from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import AchievementTarget
from planmark.markdown.parsed_source import MAX_SEARCHED_CHARACTERS
from planmark.queries.workspace_view import View
from planmark.text.lines import LineIndex, TextPosition
from planmark.text.lookalikes import narrowed_text
from planmark.workspace.settings import vocabulary_of
from planmark.workspace.snapshot import PlanDocuments

MAX_TEXT_WITH_MENTIONS = 2_000_000
"""Maximum number of characters of a text in which Planmark searches names; a longer text has no mentions."""

_BLANK = r"[^\S\r\n]"
_GAP = rf"{_BLANK}*(?:(?:\r\n?|\n){_BLANK}*)?"
"""Pattern for blanks within a line, or from one line to the next; never across a blank line."""
_ID_LIST = re.compile(
    rf"\bAchievements?(?=\s){_GAP}(?P<ids>{ID_PATTERN}"
    rf"(?:{_GAP}(?:,|&|and|-|–|—|to|/){_GAP}(?:achievements?(?=\s){_GAP})?{ID_PATTERN})*)(?!\w|\.\d)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;.!?]\s+")
_JSON_ID = re.compile(rf'"(?:@(?P<plan>{FEATURE_PATTERN}) )?(?P<id>{ID_PATTERN})"')
_ID_OF_OTHER_PLAN = re.compile(
    rf"(?:(?<![\w/@.`-])@|(?<![\w-])PLAN\\?_)(?P<plan>{FEATURE_PATTERN})(?:\.md)?{_BLANK}+"
    rf"(?:achievement{_BLANK}+)?(?P<id>{ID_PATTERN})(?!\w|\.\d)",
    re.IGNORECASE,
)
"""Pattern for an achievement of a different plan: `@OTHER 1.1`."""

MentionKind = Literal["achievement", "document", "feature"]
KINDS: tuple[MentionKind, ...] = ("document", "feature", "achievement")


class Unlimited:
    """A container that contains every value, for an unlimited search."""

    def __contains__(self, value: object) -> bool:
        return True


UNLIMITED = Unlimited()


@dataclass(frozen=True)
class Mention:
    """A name in a text. `value` is an id, a file name with `.md`, or a feature.

    `span` covers the whole mention. `name` covers only the text that a rename replaces: the id, the file name without
    folder and `.md`, or the feature without `@`. `folder` is the folder before a file name. `plan` is the feature of
    the plan that has the id (None if the context decides).
    """

    kind: MentionKind
    value: str
    span: LineSpan
    name: LineSpan
    folder: str = ""
    plan: str | None = None


class DocumentTarget(NamedTuple):
    """The target of a mention: an existing document."""

    path: str


Target = AchievementTarget | DocumentTarget


class OffsetRange(NamedTuple):
    """A half-open range of character offsets in a text; it covers whole lines."""

    start: int
    end: int


def mentions(
    page: EditorDocument, kinds: Container[MentionKind] = KINDS, values: Container[str] = UNLIMITED
) -> list[Mention]:
    """Return the mentions in a document, in the order of the text.

    Only mentions of these `kinds` and `values` are returned.
    """
    return _mentions(page, OffsetRange(0, len(page.text)), kinds, values)


def mention_at(page: EditorDocument, line: int, column: int) -> Mention | None:
    """Return the mention under the cursor; if there are several, the shortest."""
    touching_mentions = [
        mention for mention in _mentions(page, _passage(page, line)) if mention.span.holds(line, column)
    ]
    return min(touching_mentions, key=lambda mention: mention.span.end - mention.span.start, default=None)


def _passage(page: EditorDocument, line: int) -> OffsetRange:
    """Return the range around a 0-based line, up to the next blank lines. A mention never extends beyond this range."""
    first, end = line, line + 1
    while first > 0 and page.line(first - 1).strip():
        first -= 1
    while end < len(page.lines) and page.line(end).strip():
        end += 1
    return OffsetRange(
        page.lines.offset_of(first), page.lines.offset_of(end) if end < len(page.lines) else len(page.text)
    )


def _mentions(
    page: EditorDocument,
    offsets: OffsetRange,
    kinds: Container[MentionKind] = KINDS,
    values: Container[str] = UNLIMITED,
) -> list[Mention]:
    if len(page.text) > MAX_TEXT_WITH_MENTIONS:
        return []
    selected_mentions: list[Mention] = []
    is_json = page.name is not None and page.name.kind == "parallel"
    if "achievement" in kinds:
        ids = _in_json(page, offsets) if is_json else _ids(page, offsets)
        selected_mentions += {mention.name: mention for mention in ids if mention.value in values}.values()
    if "document" in kinds and not is_json:
        selected_mentions += _documents(page, offsets, values)
    if "feature" in kinds:
        selected_mentions += _features(page, offsets, values)
    return sorted(selected_mentions, key=_order)


def _in_json(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    for match in _JSON_ID.finditer(page.text, *offsets):
        yield _mention(page.lines, "achievement", match["id"], match.span("id"), match["plan"])


def _ids(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    yield from _listed_mentions(page, offsets)
    yield from _in_fields(page, offsets)
    yield from _mentions_in_definitions(page, offsets)
    yield from _mentions_of_plans(page, offsets)
    yield from _mentions_in_dependencies(page, offsets)


def defined_on(page: EditorDocument, line: int) -> AchievementTarget | None:
    """Return the achievement that a PLAN defines or lists on a 0-based line; else None."""
    if page.plan is None or page.evaluation is None or page.path != page.plan.path:
        return None
    achievement_id = page.defined_lines.get(line)
    return achievement_target(page.view, page.plan, achievement_id) if achievement_id else None


def target_of(page: EditorDocument, mention: Mention) -> Target | None:
    """Return the target of a mention; None if the target does not exist."""
    if mention.kind == "achievement":
        files = _plan_of(page, mention)
        return achievement_target(page.view, files, mention.value) if files else None
    if mention.kind == "feature":
        plans = page.view.snapshot.plans_of_feature(mention.value)
        return DocumentTarget(plans[0].path) if plans else None
    key = (mention.value, mention.folder)
    if key not in page.paths_by_name:
        page.paths_by_name[key] = document_named(page, *key)
    path = page.paths_by_name[key]
    return DocumentTarget(path) if path else None


def achievement_target(view: View, plan: PlanDocuments, achievement_id: str) -> AchievementTarget | None:
    """Return the achievement of a plan with the id `achievement_id`, or None if the plan does not have it."""
    state = view.evaluations[plan.path].by_id.get(achievement_id)
    return AchievementTarget(plan, state) if state else None


def document_named(page: EditorDocument, name: str, folder: str = "") -> str | None:
    """Return the path of the document that a file name on a page means, else None.

    The folder in the mention decides, then the plan of the page, then the distance from the page.
    """
    candidates = [
        path
        for path in page.view.snapshot.names.get(name, ())
        if path.endswith(f"{_without_leading_parts(folder)}{name}")
    ]
    owners = page.view.snapshot.owners
    own = owners.get(page.path)
    inside = [path for path in candidates if owners.get(path) == own] if len(candidates) > 1 else candidates
    return min(inside or candidates, key=lambda path: _distance(page.path, path), default=None)


def _without_leading_parts(folder: str) -> str:
    """Return a folder without its leading parts `../`, `./` or `/`: `../x/` becomes `x/`."""
    return re.sub(r"^(?:\.{0,2}/)+", "", folder)


def _distance(path: str, other: str) -> tuple[int, str]:
    ours, theirs = path.split("/")[:-1], other.split("/")[:-1]
    common = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    return len(ours) + len(theirs) - 2 * common, other


def _clause(page: EditorDocument, span: LineSpan) -> str:
    """Return the clause around a mention.

    A clause ends with a sentence or a part of a sentence, at most `MAX_SEARCHED_CHARACTERS` characters away from the
    mention.
    """
    first = page.lines.offset(TextPosition(span.line, span.start - MAX_SEARCHED_CHARACTERS))
    near = page.text[first : page.lines.offset(TextPosition(span.line, span.start + MAX_SEARCHED_CHARACTERS))]
    column = page.lines.offset(TextPosition(span.line, span.start)) - first
    ends = [match.end() for match in _CLAUSE_END.finditer(near)]
    start = max((end for end in ends if end <= column), default=0)
    return near[start : min((end for end in ends if end > column), default=len(near))]


def _plan_of(page: EditorDocument, mention: Mention) -> PlanDocuments | None:
    """Return the plan that has the id in a mention, else None."""
    if mention.plan is None:
        return _plan_of_clause(page, _clause(page, mention.span))
    if page.plan is not None and mention.plan in ("", page.plan.feature):
        return page.plan
    others = page.view.snapshot.plans_of_feature(mention.plan)
    return others[0] if len(others) == 1 else None


def _plan_of_clause(page: EditorDocument, clause: str) -> PlanDocuments | None:
    """Return the plan of an achievement that a clause mentions.

    This is the only other plan that the clause names, else the page's own plan.
    """
    own, features_of_clause = page.plan, features_named(clause)
    if not features_of_clause or (own is not None and own.feature in features_of_clause):
        return own
    others = [
        files for feature in dict.fromkeys(features_of_clause) for files in page.view.snapshot.plans_of_feature(feature)
    ]
    return others[0] if len(others) == 1 else own


def _order(mention: Mention) -> tuple[int, int]:
    return mention.span.line, mention.span.start


def _mention(
    lines: LineIndex, kind: MentionKind, value: str, offsets: tuple[int, int], plan: str | None = None
) -> Mention:
    span = _span(lines, offsets)
    return Mention(kind, value, span, span, plan=plan)


def _span(lines: LineIndex, offsets: tuple[int, int]) -> LineSpan:
    line, column = lines.position(offsets[0])
    return LineSpan(line, column, column + offsets[1] - offsets[0])


def _documents(page: EditorDocument, offsets: OffsetRange, values: Container[str]) -> Iterator[Mention]:
    for match in document_names(page.read, *offsets):
        value = file_name_of_match(match)
        if value in values and parse_name(value):
            span = _span(page.lines, match.span())
            yield Mention("document", value, span, _span(page.lines, match.span("name")), match["folder"])


def _features(page: EditorDocument, offsets: OffsetRange, values: Container[str]) -> Iterator[Mention]:
    features = page.view.snapshot.table.features
    for match in AT_FEATURE.finditer(page.read, *offsets):
        if match["feature"] in features and match["feature"] in values:
            name = _span(page.lines, match.span("feature"))
            yield Mention("feature", match["feature"], _span(page.lines, match.span()), name)


def _listed_mentions(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield mentions of the ids in `Achievement 1.1` or `Achievements 1.1, 1.2 and 2.1`.

    The mention of the first id includes the word before it.
    """
    for match in _ID_LIST.finditer(page.read, *offsets):
        for position, id_match in enumerate(ID.finditer(page.read, *match.span("ids"))):
            begin = match.start() if position == 0 else id_match.start()
            if page.lines.position(begin).line == page.lines.position(id_match.start()).line:
                span = _span(page.lines, (begin, id_match.end()))
                yield Mention("achievement", id_match[0], span, _span(page.lines, id_match.span()))


def _in_fields(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield mentions of the bare ids in fields that name achievements.

    Examples are `Depends on: 1.1, 1.2` and `Achievement Addressed: 1.1 (Refunds)`.
    """
    vocabulary = vocabulary_of(page.view.snapshot.settings)
    for match in _achievement_lines(tuple(vocabulary.fields["achievement"])).finditer(page.read, *offsets):
        ids_of_value = id_named_in(match["value"])
        for id_match in ID.finditer(match["value"]):
            if id_match[0] == ids_of_value:
                index = match.start("value") + id_match.start()
                yield _mention(page.lines, "achievement", id_match[0], (index, index + len(id_match[0])))
    own = page.plan.feature if page.plan else ""
    titles = as_plan_documents(page.plan).facts.titles if page.plan else {}
    for match in field_line_pattern(vocabulary).finditer(page.read, *offsets):
        yield from _mentions_in_value(
            page, match.start("value"), match["value"], read_value(match["value"], own, titles).needed_achievements
        )


def _mentions_in_value(
    page: EditorDocument, offset: int, value: str, needed_achievements: Sequence[NeededAchievement]
) -> Iterator[Mention]:
    """Yield mentions of the ids in a field value that begins at the offset `offset` of the text."""
    for plan, achievement_id, start, end in occurrences_in(value, needed_achievements):
        yield _mention(page.lines, "achievement", achievement_id, (offset + start, offset + end), plan)


def _mentions_in_dependencies(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield mentions of the ids that the bodies of a PLAN declare as dependencies.

    Lists below empty fields are included.
    """
    if page.plan is None or page.path != page.plan.path:
        return
    for achievement in as_plan_documents(page.plan).facts.achievements:
        for declaration in achievement.declarations:
            line = page.plan.document.line(declaration.quote.position) - 1
            if line < len(page.lines) and offsets.start <= (offset := page.lines.offset_of(line)) < offsets.end:
                yield from _mentions_in_value(
                    page, offset, narrowed_text(page.line(line)), declaration.needed_achievements
                )


def _mentions_of_plans(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    for match in _ID_OF_OTHER_PLAN.finditer(page.read, *offsets):
        yield _mention(page.lines, "achievement", match["id"], match.span("id"), match["plan"])


@functools.lru_cache(maxsize=8)
def _achievement_lines(words: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"^[^\w\r\n]*(?:{either})\**\s*:\**[ \t]*(?P<value>[^\r\n]{{1,1000}})", re.I | re.M)


def _mentions_in_definitions(page: EditorDocument, offsets: OffsetRange) -> Iterator[Mention]:
    """Yield mentions of the ids on lines that define or list achievements, even without the word.

    An example is `| 1.1 | Refunds |`.
    """
    if page.plan is None or page.path != page.plan.path:
        return
    for achievement in page.plan.facts.achievements:
        for place in (achievement.position, achievement.index_at):
            if place is None:
                continue
            line = page.plan.document.line(place) - 1
            if line >= len(page.lines) or not offsets.start <= page.lines.offset_of(line) < offsets.end:
                continue
            match = next((m for m in ID.finditer(narrowed_text(page.line(line))) if m[0] == achievement.id), None)
            if match:
                name = LineSpan(line, match.start(), match.end())
                before = re.search(r"Achievement\s+$", page.line(line)[: match.start()], re.IGNORECASE)
                yield Mention(
                    "achievement",
                    achievement.id,
                    LineSpan(line, before.start() if before else name.start, name.end),
                    name,
                )
