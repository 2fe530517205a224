"""Rules for characters that look like other characters.

Planmark reads full-width digits as digits. Any other lookalike is not read as the character that it resembles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import DocumentInput, SectionDiagnostic
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.ids import ID
from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY, FIELDS
from planmark.formats.planmark.rules.achievements import ACHIEVEMENT_FORMAT
from planmark.markdown.blocks import prose_lines, split_lines
from planmark.markdown.sections import Section
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, replacement_fix
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import code_points, has_lookalike, may_look_like, meant_text_of, visible_text_of

LOOKALIKE_CHARACTER = DiagnosticCode(
    "lookalike-character", "warning", "an id or a status with a character that only looks like the right one"
)

_FULL_WIDTH_CHARACTERS = "０１２３４５６７８９．"
_LINE_ABOUT_IDS = lazy_pattern(
    rf"achievement|^\W*(?:{'|'.join(re.escape(word) for word in FIELDS['dependencies'])})\W", re.IGNORECASE
)
"""Pattern for lines in which a number such as `1.2` is the id of an achievement."""
_STATUS_WORDS = "|".join(re.escape(phrase) for phrase, _ in DEFAULT_VOCABULARY.statuses)
_DECIDING_TEXT = lazy_pattern(
    r"\bachievements?\W{1,9}[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}(?!\w)"
    rf"|^\W*(?:\w+ ){{0,2}}status\W{{0,9}}[:|][^\w\n]{{0,20}}(?:{_STATUS_WORDS})(?!\w)"
    r"|^#\W*(?:approved|fix|resolution)\b|^#{2}\W*(?:\w+ ){0,2}achievement complete\b",
    re.IGNORECASE,
)
"""Pattern for text that may decide a state: `Achievement 1.1`, a Status, the title of a verdict, a completion heading."""
_DECIDING_WORDS = lazy_pattern("achievement|status|approved|fix|resolution", re.IGNORECASE)
"""Pattern for the words of which every match of `_DECIDING_TEXT` contains at least one."""


def full_width_ids(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each id in full-width digits, which Planmark reads but other tools may not."""
    if not any(character in document_input.text for character in _FULL_WIDTH_CHARACTERS):
        return
    raw_lines = split_lines(document_input.text)
    for section in document_input.source:
        for number, line in prose_lines(section.section, _LINE_ABOUT_IDS.search):
            raw_line = raw_lines[section.start + number]
            if len(raw_line) != len(line) or raw_line == line:
                continue
            for match in ID.finditer(line):
                shown_text = raw_line[match.start() : match.end()]
                if shown_text != match[0]:
                    message = f"{match[0]} is written with full-width characters; other tools may not read it: write `{match[0]}`"
                    line_number = section.start + number + 1
                    path = document_input.document.path
                    yield ACHIEVEMENT_FORMAT.at(
                        path, line_number, message, target_text=shown_text, fix=replacement_fix(match[0], is_safe=True)
                    )


def deceptive_characters(section: Section) -> Iterator[SectionDiagnostic]:
    """Yield a diagnostic for each text with deceptive characters that may decide a state, such as an id or a Status.

    Deceptive characters are invisible characters, and letters of other alphabets that look like Latin letters.
    """
    if not has_lookalike(section.text):
        return
    for number, line in prose_lines(section, lambda line: may_look_like(line, _DECIDING_WORDS)):
        visible_text = visible_text_of(line)
        for match in _DECIDING_TEXT.finditer(visible_text.text):
            shown_text = visible_text.original_part(line, *match.span())
            meant_text = meant_text_of(shown_text)
            if meant_text.differing_characters:
                characters = code_points(meant_text.differing_characters)
                message = (
                    f"this looks like `{meant_text.text}` but is not read as such, because of {characters}: retype it"
                )
                yield SectionDiagnostic(
                    LOOKALIKE_CHARACTER, number, message, shown_text, replacement_fix(meant_text.text)
                )


TOPIC = Topic(codes=(LOOKALIKE_CHARACTER,), section=(deceptive_characters,), document=(full_width_ids,))
