"""Characters that look like other characters, and the text that a reader sees in place of them.

The parser reads full-width digits and colons as their narrow forms. The parser never reads letters of other alphabets
that look Latin as Latin letters, and never ignores invisible characters. Diagnostics report both.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

_NARROW_FORMS = {**{chr(0xFF10 + digit): str(digit) for digit in range(10)}, "：": ":", "．": "."}
INVISIBLE_CHARACTERS = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""The invisible characters, in the form of a character class of a pattern."""
INVISIBLE_MARK = "\u02cd"
"""The stand-in for an invisible character inside a word.

Patterns treat INVISIBLE_MARK as a letter, so no keyword ends at INVISIBLE_MARK or contains it.
"""
_CHARACTERS_TO_NARROW = lazy_pattern(rf"[０-９：．{INVISIBLE_CHARACTERS}]")
_NARROWED_CHARACTERS = lazy_pattern(
    rf"[０-９：]|(?<=[0-9０-９])．(?=[0-9０-９])|(?<=[A-Za-z0-9０-９.])[{INVISIBLE_CHARACTERS}]+(?=[A-Za-z0-9０-９.])"
)
"""The characters that `narrowed_text` replaces: a wide full stop only between digits, invisible characters only inside
a word. In other places, emoji and other scripts need invisible characters.
"""
_LATIN_LOOKALIKES = dict(
    zip(
        "АВЕКМНОРСТХУЅІЈаеорсухѕіјкмтһԁԛԝЗΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναικρυϲ",
        "ABEKMHOPCTXYSIJaeopcyxsijkmthdqw3ABEZHIKMNOPTYXovaikpuc",
        strict=True,
    )
)
"""Mapping from Cyrillic and Greek letters to the Latin letters and digits that look alike."""
_LOOKALIKES = {
    **{ord(character): latin for character, latin in _LATIN_LOOKALIKES.items()},
    **{0xFF21 + offset: chr(0x41 + offset) for offset in (*range(26), *range(32, 58))},
}
"""Mapping from the code point of a look-alike to the Latin letter or digit that it looks like."""
_FOLDED_LOOKALIKES = dict(
    zip("ɑᴀᴄᏟⲥհʜᏂıɪɩӏᎥҽᴇѵᴠᴍոռɴпнτᴛː꞉։׃․·•⸱∙⋅｡۔٫", "aaccchhhiiiiieevvmnnnnhtt::::.........", strict=True)
)
"""Characters that only `fold_characters` reads as a letter or a mark, because they look less alike."""
MAX_CACHED_CHARACTERS = 20_000
"""Maximum number of characters in a cache of this module."""
_NOT_ASCII = lazy_pattern(r"[^\x00-\x7f]")
_INVISIBLE = lazy_pattern(rf"[{INVISIBLE_CHARACTERS}{INVISIBLE_MARK}]+")
_INVISIBLE_AT_WORD = lazy_pattern(
    rf"(?<=[A-Za-z0-9])[*_]*[{INVISIBLE_CHARACTERS}{INVISIBLE_MARK}]+|(?<![{INVISIBLE_CHARACTERS}{INVISIBLE_MARK}])[{INVISIBLE_CHARACTERS}{INVISIBLE_MARK}]+[*_]*(?=[A-Za-z0-9])"
)
"""Invisible characters inside a word or at its edge. In other places, emoji need these characters."""


def narrowed_text(text: str) -> str:
    """Return `text` with narrow forms in place of full-width digits, colons and decimal points.

    INVISIBLE_MARK replaces each invisible character inside a word. Every character keeps its offset. If nothing
    changes, the result is the same object.
    """
    if text.isascii() or not _CHARACTERS_TO_NARROW.search(text):
        return text
    return _NARROWED_CHARACTERS.sub(lambda match: _NARROW_FORMS.get(match[0]) or INVISIBLE_MARK * len(match[0]), text)


class VisibleText(NamedTuple):
    """A text as a reader sees it: without invisible characters, and with Latin letters and digits in place of
    look-alikes.

    For each character of `text`, `offsets` has the offset of the original character.
    """

    text: str
    offsets: tuple[int, ...]

    def original_part(self, text: str, start: int, end: int) -> str:
        """Return the part of `text`, the original text, that a reader sees as the part of this visible text from
        `start` to `end`.

        The result includes the invisible characters at the end of the part.
        """
        stop = self.offsets[end - 1] + 1
        invisible_match = _INVISIBLE_AT_WORD.match(text, stop)
        return text[self.offsets[start] : invisible_match.end() if invisible_match else stop]


def visible_text_of(text: str) -> VisibleText:
    """Return `text` as a reader sees it, with the offset in `text` of each character that the reader sees."""
    latin_characters = [(offset, _visible_character(character)) for offset, character in enumerate(text)]
    kept_characters = [(offset, character) for offset, character in latin_characters if character]
    return VisibleText(
        "".join(character for _, character in kept_characters), tuple(offset for offset, _ in kept_characters)
    )


class MeantText(NamedTuple):
    """A text as its author probably meant it.

    `differing_characters` are the characters of the original text that are different or missing in `text`.
    """

    text: str
    differing_characters: str


def meant_text_of(text: str) -> MeantText:
    """Return `text` with Latin letters and digits in place of look-alikes.

    Invisible characters inside a word or at its edge are removed. Emoji stay as they are.
    """
    invisible_offsets = {offset for match in _INVISIBLE_AT_WORD.finditer(text) for offset in range(*match.span())}
    latin_characters = [
        (
            character,
            _visible_character(character)
            if offset in invisible_offsets or not _INVISIBLE.match(character)
            else character,
        )
        for offset, character in enumerate(text)
    ]
    differing_characters = "".join(
        character for character, latin_character in latin_characters if character != latin_character
    )
    return MeantText("".join(latin_character for _, latin_character in latin_characters), differing_characters)


def has_invisible_at_word(text: str) -> bool:
    """Tell whether a word of `text` contains, begins with or ends with an invisible character."""
    return not text.isascii() and _INVISIBLE_AT_WORD.search(text) is not None


def _visible_character(character: str) -> str:
    if character.isascii():
        return character
    if _INVISIBLE.match(character):
        return ""
    latin_character = _LOOKALIKES.get(ord(character))
    if latin_character is None:
        digit = unicodedata.decimal(character, -1)
        latin_character = str(digit) if digit >= 0 else unicodedata.normalize("NFKC", character)
    return latin_character if len(latin_character) == 1 else character


@functools.lru_cache(MAX_CACHED_CHARACTERS)
def _is_lookalike(character: str) -> bool:
    return _visible_character(character) != character


class _FoldTable(dict[int, str]):
    """A mapping from a code point to the plainest text that looks like the character.

    The mapping caches at most MAX_CACHED_CHARACTERS code points.
    """

    def __missing__(self, code: int) -> str:
        plain_text = _plainest_lookalike(chr(code))
        if len(self) < MAX_CACHED_CHARACTERS:
            self[code] = plain_text
        return plain_text


_CHARACTER_FOLDS = _FoldTable({code: chr(code) for code in range(128)})


def fold_characters(text: str) -> str:
    """Return `text` with the plainest character that looks alike in place of each character.

    Compatibility forms and look-alikes become Latin characters. Accents and invisible characters are removed. Line ends
    stay, and so do characters that other programs read as a line end.
    """
    return text if text.isascii() else text.translate(_CHARACTER_FOLDS)


def _plainest_lookalike(character: str) -> str:
    if character in "\x85\u2028\u2029":
        return character
    if character in _BLANK_LETTERS:
        return ""
    if "\U0001f150" <= character <= "\U0001f189":
        return chr(ord("A") + (ord(character) - 0x1F150) % 0x20)
    return "".join(filter(None, map(_plain_form, unicodedata.normalize("NFKD", character))))


_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Blank letters of Hangul and Braille."""


def _plain_form(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf") or character == INVISIBLE_MARK:
        return ""
    if category in ("Zs", "Pd"):
        return " " if category == "Zs" else "-"
    digit = unicodedata.decimal(character, -1)
    return str(digit) if digit >= 0 else _LOOKALIKES.get(ord(character), _FOLDED_LOOKALIKES.get(character, character))


def has_lookalike(text: str) -> bool:
    """Tell whether `text` has a look-alike or an invisible character.

    Dashes, arrows, ticks and accents are not look-alikes, so most texts that are not ASCII have none.
    """
    return not text.isascii() and any(_is_lookalike(character) for character in {*_NOT_ASCII.findall(text)})


def may_look_like(text: str, word_pattern: re.Pattern[str]) -> bool:
    """Tell quickly whether `word_pattern` may match `text` if its look-alikes are read as Latin letters.

    Invisible characters are ignored. The result is False for a text without look-alikes.
    """
    return has_lookalike(text) and word_pattern.search(_INVISIBLE.sub("", text.translate(_LOOKALIKES))) is not None


def code_points(text: str) -> str:
    """Return the code points of the characters of `text` that are not ASCII, for a message, such as `U+0410, U+200B`.

    INVISIBLE_MARK stands for any invisible character, so it becomes "an unseen character".
    """
    code_names = (
        "an unseen character" if character == INVISIBLE_MARK else f"U+{ord(character):04X}"
        for character in text
        if not character.isascii()
    )
    return ", ".join(dict.fromkeys(code_names))
