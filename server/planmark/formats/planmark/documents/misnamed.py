"""Files that are meant as documents of the methodology, but whose names do not follow its grammar.

Such a file is not a document, and its content decides no state. The name and the header of the file show which document
was meant, so Planmark can suggest the right name.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import msgspec

from planmark.formats.planmark.documents.achievements import definitions
from planmark.formats.planmark.documents.document_references import (
    plain_value,
    plan_feature_named_in,
    subplan_reference,
)
from planmark.formats.planmark.documents.file_names import (
    FEATURE_PATTERN,
    NOTE_KIND_PATTERN,
    FileKind,
    Name,
    VerdictKind,
    parse_name,
)
from planmark.formats.planmark.documents.ids import ID_PATTERN, id_named_in
from planmark.formats.planmark.documents.named_sections import header_field
from planmark.formats.planmark.documents.vocabulary import is_field
from planmark.markdown.parsed_source import Source, fields_in, header_sections, title_of
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.plans.vocabulary import Vocabulary
from planmark.text.lazy_pattern import lazy_pattern

_SEPARATOR = r"[-_. ]"
_FEATURE_AND_NUMBER = (
    rf"{_SEPARATOR}+(?!{NOTE_KIND_PATTERN}{_SEPARATOR})[a-z0-9]+(?:-[a-z0-9]+)*{_SEPARATOR}\d{{1,4}}{_SEPARATOR}"
)
_FIRST_WORD_PATTERNS: tuple[tuple[str, FileKind, VerdictKind | None], ...] = (
    (rf"sub{_SEPARATOR}?plans?", "subplan", None),
    (rf"execution{_SEPARATOR}*tasks?", "execution_task", None),
    (
        rf"execution(?={_SEPARATOR}*\d|{_SEPARATOR}.*\d{_SEPARATOR}+\d+\.\w+$|{_FEATURE_AND_NUMBER})",
        "execution_task",
        None,
    ),
    (rf"approved|(?:accepted|passed)(?={_SEPARATOR}*\d)", "verdict", "approved"),
    (rf"rejected|denied|declined|not{_SEPARATOR}+approved", "verdict", "fix"),
    (rf"(?:needs?{_SEPARATOR}*)?fix(?:es)?|changes{_SEPARATOR}+(?:needed|requested|required)", "verdict", "fix"),
    (rf"(?:resolution|resolved)(?={_SEPARATOR}*\d)", "verdict", "resolution"),
    (rf"(?:reviews?|verdict|feedback)(?={_SEPARATOR}*\d{{1,3}}(?!\d))", "verdict", None),
    ("plan", "plan", None),
)
"""Triples: the pattern of the first word of a file name, the kind of document that is meant, and the kind of verdict.

If the kind of document is `verdict` and the kind of verdict is None, any kind of verdict may be meant.
"""
_MISNAMED_FILE_PATTERNS = tuple(
    (lazy_pattern(rf"(?P<word>{word})(?![a-z])(?P<rest>.*)\.(?:md|markdown)", re.IGNORECASE), kind, verdict)
    for word, kind, verdict in _FIRST_WORD_PATTERNS
)
"""The triples of `_FIRST_WORD_PATTERNS`, each with the pattern of the whole file name in place of the first word."""
_TEMPLATE = lazy_pattern(rf"{_SEPARATOR}template\.\w+$", re.IGNORECASE)
_RESOLUTION = lazy_pattern(r"resolution|resolved", re.IGNORECASE)
_PLAN_NAME_REST = lazy_pattern(rf"{_SEPARATOR}+.*\w", re.DOTALL)
"""Pattern for the rest of a file name after the word plan: a separator and text."""
_PLAN_NAMED = lazy_pattern(r"(?<![a-z])plan(?:\\?_|-)(?P<name>[a-z0-9](?:[\w.\\-]*\w)?)", re.IGNORECASE)
"""Pattern for the name of a PLAN in a text, in any case."""
_PLAN_FILE = lazy_pattern(r"(?<![a-z])plan[-_. ](?P<name>[^/\\\n]{1,120}?)\.(?:md|markdown)(?!\w)", re.IGNORECASE)
"""Pattern for the file name of a PLAN in a text, in any case and with any separators."""
_BARE_PLAN = lazy_pattern(r"@?(?P<name>\w[\w -]{0,60})")
"""Pattern for the value of a Plan field that is only a name."""
_TITLE_ID = lazy_pattern(
    rf"(?:^|[:(]|\b(?:achievements?|subplan|task|approved|rejected|fix(?:es)?(?: required)?))\W{{0,4}}"
    rf"(?P<id>{ID_PATTERN})(?!\w|\.\d)",
    re.IGNORECASE,
)
"""Pattern for the id of an achievement in the title of a file."""
_ACHIEVEMENT_LINE = lazy_pattern(
    rf"(?:^|(?<=[\r\n]))[^\w\r\n`]{{0,6}}achievement(?: addressed| number)?[^\w\r\n]{{0,6}}[:：|][^\w\r\n]{{0,6}}"
    rf"(?:achievement )?(?P<id>{ID_PATTERN})(?!\w|\.\d)",
    re.IGNORECASE,
)
"""Pattern for a line of a header that names an achievement: plain, in a table, or in front matter."""
_OTHER_PLAN_FIELDS = ("parent", "master", "master plan")
"""Names of header fields, other than Plan, that name a PLAN."""
_PLAN_FIELD_LINE = lazy_pattern(
    r"(?:^|(?<=[\r\n]))[ \t]{0,3}(?:[-*+][ \t]+)?(?:\*\*|__)?(?P<field>status|created|priority|goal|estimated effort)\b"
    r"[^:：\r\n]{0,20}[:：]",
    re.IGNORECASE,
)
PLAN_FIELDS = ("Status", "Created", "Priority", "Goal", "Estimated Effort")
"""Header fields that identify a PLAN without achievements."""
MIN_PLAN_FIELDS = 2
"""Minimum number of PLAN_FIELDS in the header of a PLAN without achievements."""


class Misnamed(msgspec.Struct, frozen=True):
    """Facts of a misnamed file.

    `plans` are the features of the PLANs that the header or the title of the file names. `achievement` is the id that
    the header or the title names.

    For a file that is meant as a PLAN, `ids` are the ids of the achievements that the file defines. `fields` is the
    number of PLAN_FIELDS in the header. For any other file, `ids` is empty and `fields` is 0.
    """

    title: str
    achievement: str | None
    plans: tuple[str, ...]
    ids: tuple[str, ...]
    fields: int

    @property
    def is_plan(self) -> bool:
        """Whether the file has achievements, or enough header fields of a PLAN."""
        return bool(self.ids) or self.fields >= MIN_PLAN_FIELDS


@functools.lru_cache(maxsize=65_536)
def parse_misnamed_name(file_name: str) -> Name | None:
    """Return the name of a misnamed file, with the kind of document that is meant.

    Return None if `file_name` follows the grammar of names, or if no document is meant. The first word decides the
    kind. The `topic` of the result is the text after the first word.
    """
    if parse_name(file_name) is not None or _TEMPLATE.search(file_name):
        return None
    for pattern, kind, verdict in _MISNAMED_FILE_PATTERNS:
        if match := pattern.fullmatch(file_name):
            text_after_word = match["rest"]
            if kind == "plan" and not _PLAN_NAME_REST.fullmatch(text_after_word):
                return None
            is_answer = verdict == "fix" and _RESOLUTION.search(text_after_word) is not None
            return Name(
                kind="misnamed", meant_kind=kind, verdict="resolution" if is_answer else verdict, topic=text_after_word
            )
    return None


def looks_like_plan(file_name: str) -> bool:
    """Tell whether a file with this name is a PLAN, or is meant as a PLAN."""
    name = name_of(file_name)
    return name is not None and "plan" in (name.kind, name.meant_kind)


def name_of(file_name: str) -> Name | None:
    """Return the parsed file name of a document or of a misnamed file. Return None for any other file."""
    return parse_name(file_name) or parse_misnamed_name(file_name)


def words_of_topic(topic: str) -> tuple[str, ...]:
    """Return the words of `topic`, which is a part of a file name. A word consists of letters and digits."""
    return tuple(re.findall(r"[A-Za-z0-9]+", _with_ascii_digits(topic)))


def _with_ascii_digits(topic: str) -> str:
    """Return `topic` with the digits of every script replaced by ASCII digits.

    A file name with other digits is misnamed, but its number has a clear meaning.
    """
    return topic if topic.isascii() else "".join(str(unicodedata.decimal(letter, letter)) for letter in topic)


def name_as_feature(name: str) -> str | None:
    """Return a name in the form of a feature: `new_checkout` → `NEW-CHECKOUT`.

    Return None if the name has no letters and digits that can form a feature.
    """
    feature = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")
    return feature if re.fullmatch(FEATURE_PATTERN, feature) else None


def parse_misnamed(source: Source, name: Name, vocabulary: Vocabulary) -> Misnamed:
    """Return the facts of the misnamed file with the sections `source`. Most facts are in the header of the file.

    If the file is meant as a PLAN, the facts also contain the ids of the achievements that the file defines.
    """
    title = title_of(source)
    achievement_field = header_field(source, "achievement", vocabulary)
    title_match = _TITLE_ID.search(title)
    achievement_id = (
        (id_named_in(achievement_field[1]) if achievement_field else None)
        or _achievement_in_header(source)
        or (title_match["id"] if title_match else None)
    )
    is_plan = name.meant_kind == "plan"
    return Misnamed(
        title=title,
        achievement=achievement_id,
        plans=tuple(dict.fromkeys(_plan_features(source, title, vocabulary))),
        ids=tuple(dict.fromkeys(definition.id for definition in definitions(source) if definition.counts))
        if is_plan
        else (),
        fields=plan_field_count(source) if is_plan else 0,
    )


def _achievement_in_header(source: Source) -> str | None:
    """Return the id in a header line such as `Achievement: 1.1`, else None."""
    matches = (_ACHIEVEMENT_LINE.search(source[index].section.text) for index in header_sections(source))
    return next((match["id"] for match in matches if match), None)


def plan_field_count(source: Source) -> int:
    """Return the number of PLAN_FIELDS in the header of a file. The names of the fields may be bold or plain."""
    return len(frozenset[str]().union(*(_plan_fields_in(source[index].section) for index in header_sections(source))))


@memoize_per_section
def _plan_fields_in(section: Section) -> frozenset[str]:
    """Return the case-folded names of those PLAN_FIELDS that a section contains."""
    return frozenset(match["field"].casefold() for match in _PLAN_FIELD_LINE.finditer(section.text))


def _plan_features(source: Source, title: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the features of the PLANs that the header or the title names."""
    for _, field in fields_in(source, header_sections(source)):
        if is_field(field.name, "plan", vocabulary) or field.name.strip(" *:").casefold() in _OTHER_PLAN_FIELDS:
            yield from _features_in_text(field.value)
            bare_match = _BARE_PLAN.fullmatch(plain_value(field.value).strip())
            if feature := plan_feature_named_in(field.value) or (
                name_as_feature(bare_match["name"]) if bare_match else None
            ):
                yield feature
        elif "plan" in field.value.casefold():
            yield from _features_in_text(field.value)
    yield from _features_in_text(title)
    subplan_field = header_field(source, "subplan", vocabulary)
    if subplan_field and (reference := subplan_reference(subplan_field[1])) and reference[0]:
        yield reference[0]


def _features_in_text(text: str) -> Iterator[str]:
    """Yield the features of the PLANs that a text names. The names may be in any case, and have any separators."""
    for match in _PLAN_FILE.finditer(plain_value(text)):
        if feature := name_as_feature(match["name"]):
            yield feature
    for match in _PLAN_NAMED.finditer(plain_value(text)):
        name = re.sub(r"\.(?:md|markdown)$", "", match["name"], flags=re.IGNORECASE)
        if feature := name_as_feature(name):
            yield feature
