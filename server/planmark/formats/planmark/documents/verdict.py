"""The facts of verdicts: APPROVED, FIX and RESOLUTION files, and the changes that they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from planmark.formats.planmark.documents.dates import names_several_days, parse_date
from planmark.formats.planmark.documents.document_references import (
    AT_FEATURE,
    features_named_in,
    plain_value,
    plan_feature_named_in,
)
from planmark.formats.planmark.documents.ids import id_named_in
from planmark.formats.planmark.documents.named_sections import header_field, sections_with_name
from planmark.formats.planmark.documents.out_of_sight import lines_without_markup, may_hide_text, strip_markup
from planmark.formats.planmark.documents.statuses import SectionRest, header_status, statuses
from planmark.formats.planmark.documents.vocabulary import heading_key, is_field, without_comments
from planmark.markdown.parsed_source import (
    MAX_SEARCHED_CHARACTERS,
    LineRange,
    Quote,
    SectionPosition,
    Source,
    blocks_of,
    fields_in,
    header_sections,
    prose,
    quote_at,
    section_range,
    title_of,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import ISSUE_SEVERITIES, IssueSeverity, Vocabulary
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import fold_characters

DENYING_WORDS = lazy_pattern(
    r"(?:(?:needs?|requires?) (?:an? |some )?(?:fix|changes?\b|work\b|rework)|fix(?:es)? (?:is |are )?(?:required|needed)"
    r"|changes? (?:requested|required|needed)|requests? changes|reject|not (?:yet |fully )?approved|disapproved|unapproved"
    r"|declined|revoked|withdrawn|draft\b|pending\b|in review\b|under review\b)"
)
"""Pattern for the beginning of a Status that denies an approval.

The pattern is for text in the form that `_normal_form` returns.
"""
DECISION_FIELDS = ("verdict", "decision", "result", "outcome", "review status", "review result", "review decision")
"""Header fields other than Status that may deny an approval."""
PLAIN_DATE_FIELDS = ("date", "dated", "timestamp", "date and time", "date/time")
"""Names of date fields that may be about an event other than the decision. Fields that name the review take precedence
over these fields.
"""
ADOPTION_SENTENCE = "Adopted from what the PLAN itself says"
"""Sentence that `adopt` writes into the APPROVED of a claim."""

_NUMBERED_TITLE = lazy_pattern(r"\W*[0-9]{1,3}[.)]\s*\**\s*(?P<title>\S.*)")
"""Pattern for a numbered heading."""
_BOLD_PARAGRAPH = lazy_pattern(r"\*\*\s*[0-9]{1,3}[.)]\s*(?P<title>\S.*?|\s)\*\*")
"""Pattern for a numbered paragraph in bold: `**1. Title**`."""


class Issue(msgspec.Struct, frozen=True):
    """One issue of a FIX file. `title` is a heading, a paragraph or a list item.

    `passage` contains the lines of the issue.
    """

    severity: IssueSeverity
    title: str
    passage: LineRange


class Verdict(msgspec.Struct, frozen=True):
    """Facts of a verdict. `date` is ISO text (see `parse_date`), or "" if the document states no readable date.

    `date_quote` is the line of the date field. `denies` tells whether the document denies an approval. `status` is the
    line that denies an approval. If no line does so, `status` is the line of the Status in the header.

    `plan` is the value of the Plan field. `plan_at` is the line of this field. `features` are the features of the PLANs
    that the title names. `reopens` are the file names of the verdicts that the document reopens. `adopted` tells
    whether `adopt` has written the document for claims of the PLAN.
    """

    title: str
    plan: str
    plan_at: Quote | None
    features: tuple[str, ...]
    achievement: str | None
    status: Quote | None
    denies: bool
    reviewer: Quote | None
    date: str
    date_quote: Quote | None
    reopens: tuple[str, ...]
    adopted: bool
    issues: tuple[Issue, ...]

    @property
    def has_unreadable_date(self) -> bool:
        """Whether the document has a date field without a readable date."""
        return self.date_quote is not None and not self.date

    @property
    def plan_feature(self) -> str | None:
        """The feature that the Plan field names, else None."""
        return plan_feature_named_in(self.plan) if self.plan else None


def parse_verdict(source: Source, vocabulary: Vocabulary) -> Verdict:
    """Return the facts of the verdict whose sections are `source`.

    The file name decides the kind of verdict; the package `workflow` decides which of these facts affect a state.
    """
    title = title_of(source)
    denial_position = _denial_position(source, vocabulary)
    status = header_status(source, vocabulary)
    stated_position = denial_position or (status.position if status else None)
    reviewer_field = header_field(source, "reviewer", vocabulary)
    date_field = _date_field(source, vocabulary)
    dated_at = date_field[0] if date_field else _hidden_date_position(source, vocabulary)
    achievement_field = header_field(source, "achievement", vocabulary)
    plan_field = _header_value(source, "plan", vocabulary)
    reopens_field = _header_value(source, "reopens", vocabulary)
    return Verdict(
        title=title,
        plan=plan_field[1] if plan_field else "",
        plan_at=quote_at(source, plan_field[0]) if plan_field else None,
        features=_features_in_title(title),
        achievement=id_named_in(title.split(":", 1)[-1])
        or (id_named_in(achievement_field[1]) if achievement_field else None),
        status=quote_at(source, stated_position) if stated_position else None,
        denies=denial_position is not None,
        reviewer=quote_at(source, reviewer_field[0]) if reviewer_field else None,
        date=_single_date(without_comments(date_field[1])) if date_field else "",
        date_quote=quote_at(source, dated_at) if dated_at else None,
        reopens=tuple(f"{name}.md" for name in _VERDICT_NAME.findall(plain_value(reopens_field[1])))
        if reopens_field
        else (),
        adopted=any(ADOPTION_SENTENCE in section.section.text for section in source),
        issues=tuple(issue for severity in ISSUE_SEVERITIES for issue in _issues(source, severity)),
    )


_BETWEEN_WORDS = lazy_pattern(r"[\s_-]+")
_VERDICT_NAME = lazy_pattern(r"APPROVED_\w+")
_DATE_LOOKALIKE = lazy_pattern(r"\d+\D{1,2}\d+\D{1,2}\d")
"""Pattern for three numbers that look like a date."""
_FIELD_OF_ANY_FORM = lazy_pattern(
    r"[|\s*_]*(?P<name>[A-Za-z][A-Za-z /_-]*[A-Za-z])[\s*_]*(?:[:|=\uff1a]|\s[–—-](?=\s))(?P<value>.*)"
)
"""Pattern for a line in any form of a field.

Examples: `Review Date: …`, `| Review Date | … |`, `**Review Date** - …`.
"""


_DECISION_NAME = (
    rf"(?:(?:final|overall|review|approval|current) )?(?:status|recommendation|conclusion|{'|'.join(DECISION_FIELDS)})"
)
"""Pattern for the name of a decision, such as `Final Verdict`."""
_DECISION_NAME_AT_START = lazy_pattern(rf"[\W_]*{_DECISION_NAME}(?![\w])", re.IGNORECASE)
_DENIED_DECISION = lazy_pattern(rf"{_DECISION_NAME}\b[\W_]{{1,9}}(?:is )?[\W_]{{0,9}}{DENYING_WORDS.pattern}")
_DENYING_TITLE = lazy_pattern(rf"{DENYING_WORDS.pattern}\w*\s*(?:$|[^\w\s])")


def _denial_position(source: Source, vocabulary: Vocabulary) -> SectionPosition | None:
    """Return the position of the line that denies an approval, else None.

    In the header, such a line is a Status, a decision or the title. Below the header, it follows a heading that names a
    decision.
    """
    header_indexes = header_sections(source)
    for status_field in statuses(source, [SectionRest(index, 0) for index in header_indexes], vocabulary):
        if DENYING_WORDS.match(_normal_form(status_field.value)):
            return status_field.position
    for position, name, value in (
        *_bold_fields(source, header_indexes),
        *_fields_of_any_form(source, header_indexes, _POSSIBLE_DECISION_LINE),
    ):
        if heading_key(name) in DECISION_FIELDS and DENYING_WORDS.match(_normal_form(without_comments(value))):
            return position
    if header_indexes and _DENYING_TITLE.match(_normal_form(title_of(source))):
        return SectionPosition(header_indexes[0], 0)
    for index, section in enumerate(source):
        line = _denial_line_in(section.section, index in header_indexes)
        if line is not None:
            return SectionPosition(index, line)
    return None


@memoize_per_section
def _denial_line_in(section: Section, is_header: bool) -> int | None:
    """Return the 0-based number of the first line of a section that denies an approval, else None.

    A line counts even if Markdown hides the line. Sections below the header are searched only if their heading names a
    decision.
    """
    if not is_header and not _DECISION_NAME_AT_START.match(strip_markup(section.title)):
        return None
    if not DENYING_WORDS.search(_BETWEEN_WORDS.sub(" ", strip_markup(section.text).replace("*", "").casefold())):
        return None
    follows_decision_name = False
    for line, text in lines_without_markup(section):
        if not text.strip():
            continue
        normal_form = _normal_form(text[:MAX_SEARCHED_CHARACTERS])
        if (follows_decision_name and DENYING_WORDS.match(normal_form)) or _DENIED_DECISION.match(normal_form):
            return line
        follows_decision_name = _DECISION_NAME_AT_START.fullmatch(text.rstrip(" :=|*_")) is not None
    return None


def _header_value(source: Source, field: str, vocabulary: Vocabulary) -> tuple[SectionPosition, str] | None:
    """Return (position, value) of the first field in the header with the canonical name `field`, else None.

    The name in the document may be bold or plain. A bold name takes precedence.
    """
    if result := header_field(source, field, vocabulary):
        return result
    field_pattern = re.compile("|".join(re.escape(name) for name in vocabulary.fields[field]), re.IGNORECASE)
    for position, name, value in _fields_of_any_form(source, header_sections(source), field_pattern):
        if value and is_field(name, field, vocabulary):
            return position, value
    return None


def _normal_form(status: str) -> str:
    """Return the form of `status` for comparisons: the result of `heading_key`, with one blank between the words."""
    return _BETWEEN_WORDS.sub(" ", heading_key(status))


def _features_in_title(title: str) -> tuple[str, ...]:
    """Return the features of the PLANs that a title names. No feature is repeated."""
    features = [match["feature"].rstrip("-") for match in AT_FEATURE.finditer(title)]
    return tuple(dict.fromkeys((*features_named_in(title), *features)))


def _date_field(source: Source, vocabulary: Vocabulary) -> tuple[SectionPosition, str] | None:
    """Return (position, value) of the field with the date of the decision, else None.

    The function searches, in this order, the fields of the header, the fields below the header, and lines that have any
    form of a field.

    A plain `Date` may be about a different event. So a field that names the review takes precedence over a plain `Date`
    in the same search. Below the header, a plain `Date` is searched last.
    """
    header_indexes = header_sections(source)
    indexes_below_header = [index for index in range(len(source)) if index not in header_indexes]
    searches: tuple[tuple[Iterator[tuple[SectionPosition, str, str]], bool], ...] = (
        (_bold_fields(source, header_indexes), False),
        (_bold_fields(source, header_indexes), True),
        (_bold_fields(source, indexes_below_header), False),
        (_fields_of_any_form(source, range(len(source)), _DATE_DIGITS), False),
        (_fields_of_any_form(source, range(len(source)), _DATE_DIGITS), True),
    )
    for date_fields, is_plain_date in searches:
        for position, name, value in date_fields:
            key = heading_key(name)
            if (
                (key in PLAIN_DATE_FIELDS) is is_plain_date
                and is_field(name, "review_date", vocabulary)
                and _may_be_date(key, value)
            ):
                return position, value
    return None


def _single_date(value: str) -> str:
    """Return the date in `value` (see `parse_date`), or "" if `value` names no day or several days."""
    return "" if names_several_days(value) else parse_date(value)


def _hidden_date_position(source: Source, vocabulary: Vocabulary) -> SectionPosition | None:
    """Return the position of a date field in hidden text, else None.

    Hidden text is HTML, code, text after an unclosed comment, or text in look-alike letters. Dates in hidden text are not read.
    """
    for index, placed_section in enumerate(source):
        section = placed_section.section
        if not (may_hide_text(section) and _DATE_DIGITS.search(fold_characters(section.text))):
            continue
        for line, text in lines_without_markup(section):
            match = _FIELD_OF_ANY_FORM.match(text[:MAX_SEARCHED_CHARACTERS].lstrip(_MARKS_BEFORE_FIELD))
            if match and is_field(match["name"], "review_date", vocabulary) and _DATE_DIGITS.search(match["value"]):
                return SectionPosition(index, line)
    return None


def _may_be_date(name: str, value: str) -> bool:
    """Tell whether the field `name` (a result of `heading_key`) may contain a date.

    A field named with one word, such as `Reviewed`, may name a person, so its value must look like a date.
    """
    if name in ("reviewed", "approved", "resolved"):
        return bool(parse_date(value) or _DATE_LOOKALIKE.search(value))
    return any(character.isalnum() for character in value)


def _bold_fields(source: Source, section_indexes: range | list[int]) -> Iterator[tuple[SectionPosition, str, str]]:
    """Yield (position, name, value) for each bold field in the sections with the indexes `section_indexes`."""
    for position, field in fields_in(source, section_indexes):
        yield position, field.name, field.value


def _fields_of_any_form(
    source: Source, section_indexes: range | list[int], line_pattern: re.Pattern[str]
) -> Iterator[tuple[SectionPosition, str, str]]:
    """Yield (position, name, value) for each line that has the form of a field. The name may be bold or plain.

    The function reads all lines of the front matter. In the sections `section_indexes`, it reads the lines of prose in
    which `line_pattern` matches.
    """
    if source and source[0].section.text.startswith("---"):
        for line, text in enumerate(source[0].section.text.split("\n")):
            if match := _FIELD_OF_ANY_FORM.match(text):
                yield SectionPosition(0, line), match["name"].replace("_", " "), match["value"].strip(" |*\"'")
    for position, text in prose(source, section_indexes, line_pattern.search):
        if match := _FIELD_OF_ANY_FORM.match(text):
            yield position, match["name"], match["value"].strip(" |*")


_MARKS_BEFORE_FIELD = " \t>#-+.)0123456789"
"""Characters that may precede a field: marks of a list item, a quotation or a heading."""
_DATE_DIGITS = lazy_pattern(r"\d\d?\D{1,3}\d")
"""Pattern for two numbers side by side, as in a date."""
_POSSIBLE_DECISION_LINE = lazy_pattern("verdict|decision|result|outcome|status", re.IGNORECASE)
"""Pattern for a quick test: a line without a match has no decision field."""


def issues_in_words(severities: Sequence[IssueSeverity]) -> str:
    """Return the number of issues of each severity, in words: `2 critical and 1 minor issue`.

    The severity major is omitted if it has no issues.
    """
    counts = [(severity, severities.count(severity)) for severity in ISSUE_SEVERITIES]
    parts = [f"{count} {severity}" for severity, count in counts if count or severity != "major"]
    return f"{', '.join(parts[:-1])} and {parts[-1]} {'issue' if counts[-1][1] == 1 else 'issues'}"


def _issues(source: Source, severity: IssueSeverity) -> list[Issue]:
    """Return the issues in every section whose heading begins with `severity`, such as Critical Issues.

    Each section is read by the first function of ISSUE_READERS that finds issues in it.
    """
    issues: list[Issue] = []
    covered_end = 0
    for heading_index in sections_with_name(source, severity):
        if heading_index < covered_end:
            continue
        covered_end = section_range(source, heading_index).stop
        titles = next((titles for reader in ISSUE_READERS if (titles := reader(source, heading_index))), [])
        ends = [*(position for position, _ in titles[1:]), SectionPosition(covered_end, 0)]
        issues += [
            Issue(severity, title, LineRange(position, end))
            for (position, title), end in zip(titles, ends, strict=False)
        ]
    return issues


IssueTitles = list[tuple[SectionPosition, str]]
"""The position and the title of each issue."""


def _numbered_headings(source: Source, heading_index: int) -> IssueTitles:
    """Return the issues with numbered headings, such as `#### 1. Title`, in the section of a heading.

    If numbered headings have several levels, only the headings of the highest level count.
    """
    inner_sections = [source[index].section for index in section_range(source, heading_index)[1:]]
    levels = [
        section.level
        for section in inner_sections
        if section.kind == "heading" and _NUMBERED_TITLE.match(section.title)
    ]
    return [
        (SectionPosition(index, 0), match["title"].rstrip().rstrip("*"))
        for index in section_range(source, heading_index)[1:]
        if levels
        and source[index].section.level == min(levels)
        and (match := _NUMBERED_TITLE.match(source[index].section.title))
    ]


def _numbered_paragraphs(source: Source, heading_index: int) -> IssueTitles:
    """Return the issues with paragraphs of the form `**1. Title**` in the section of a heading."""
    return [
        (position, match["title"].rstrip(":"))
        for position, line in prose(source, section_range(source, heading_index))
        if (match := _BOLD_PARAGRAPH.match(line))
    ]


def _bold_items(source: Source, heading_index: int) -> IssueTitles:
    """Return the issues with list items of the form `1. **Title**`. Items of nested lists do not count."""
    return [
        (position, text)
        for position, marker, text in _top_level_items(source, heading_index)
        if marker[0].isdigit() and text[:2] == "**"
    ]


def _numbered_items(source: Source, heading_index: int) -> IssueTitles:
    """Return the issues with list items of the form `1. Title`. Items of nested lists do not count."""
    return [
        (position, text) for position, marker, text in _top_level_items(source, heading_index) if marker[0].isdigit()
    ]


def _bullets(source: Source, heading_index: int) -> IssueTitles:
    """Return the issues with list items of any form, such as `- Title`. Items of nested lists do not count."""
    return [(position, text) for position, _, text in _top_level_items(source, heading_index)]


ISSUE_READERS: tuple[Callable[[Source, int], IssueTitles], ...] = (
    _numbered_headings,
    _numbered_paragraphs,
    _bold_items,
    _numbered_items,
    _bullets,
)
"""Functions for the forms in which issues are written (the methodology, §2.7). A section uses one of these forms."""


def _top_level_items(source: Source, heading_index: int) -> list[tuple[SectionPosition, str, str]]:
    """Return (position, list marker, text) for each list item in the section of a heading, except nested items."""
    return [
        (SectionPosition(index, item.line), item.marker, item.text)
        for index in section_range(source, heading_index)
        for item in blocks_of(source, index).items
        if item.depth == 0 and item.text
    ]
