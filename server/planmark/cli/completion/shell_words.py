"""The quoting of words in shells: reads the words of a typed line, and quotes a word for a shell."""

from __future__ import annotations

from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern

_BLANKS = " \t\n"
_QUOTES = "'\""
_SAFE_IN_BASH = lazy_pattern(r"[A-Za-z0-9_@%+=:,./-]|[^\x00-\x7f]")
_REPLACED_SEPARATORS = "$@"
"""The separators that belong to the part of a word that bash replaces: `rl_special_prefixes` of readline."""
_ESCAPED_IN_DOUBLE_QUOTES = '\\"$`'
_PLAIN_IN_POWERSHELL = lazy_pattern(r"[A-Za-z0-9_./:=-]+")
_SINGLE_QUOTES_OF_POWERSHELL = lazy_pattern("['\u2018\u2019\u201a\u201b]")
"""The characters that PowerShell reads as a single quote."""


class TypedLine(NamedTuple):
    """A typed line of bash up to the cursor. The words have no quotes, and nothing in them is expanded.

    `current_word` is the word at the cursor, and `words` are the words before it. The first `kept_length` characters of
    `current_word` stay in the line, because bash replaces only the part after the last separator. `quote` is the
    quotation mark that is open at the cursor; "" if no quotation mark is open.
    """

    words: list[str]
    current_word: str
    kept_length: int
    quote: str


def read_bash_line(line: str, separators: str) -> TypedLine:
    """Return the words of a line of bash. `separators` are the characters of COMP_WORDBREAKS."""
    words: list[str] = []
    word: list[str] | None = None
    quote, kept_length = "", 0
    characters = iter(line)
    for character in characters:
        if quote:
            word = word or []
            if character == quote:
                quote, kept_length = "", len(word)
            elif character == "\\" and quote == '"':
                following = next(characters, "")
                word += following if following in _ESCAPED_IN_DOUBLE_QUOTES else f"\\{following}"
            else:
                word.append(character)
        elif character in _BLANKS:
            words += [] if word is None else ["".join(word)]
            word, kept_length = None, 0
        elif character in _QUOTES:
            word = word or []
            quote, kept_length = character, len(word)
        else:
            is_escaped = character == "\\"
            word = word or []
            if character in separators and not is_escaped:
                kept_length = len(word) + (character not in _REPLACED_SEPARATORS)
            word += next(characters, "") if is_escaped else character
    return TypedLine(words, "".join(word or ()), kept_length, quote)


def quote_for_bash(text: str, quote: str) -> str:
    """Return `text`, which has no control characters, in the form that bash reads literally.

    `quote` is the quotation mark that is open before the text; "" if no quotation mark is open. Inside double quotes,
    `!` would begin an expansion of the history. So the result closes the double quotes before `!`, and opens them
    again after it.
    """
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote:
        return "".join(
            "\"'!'\"" if letter == "!" else f"\\{letter}" if letter in _ESCAPED_IN_DOUBLE_QUOTES else letter
            for letter in text
        )
    return "".join(letter if _SAFE_IN_BASH.fullmatch(letter) else f"\\{letter}" for letter in text)


def quote_for_powershell(text: str) -> str:
    """Return `text`, which has no control characters, in the form that PowerShell reads literally."""
    if _PLAIN_IN_POWERSHELL.fullmatch(text):
        return text
    return f"'{_SINGLE_QUOTES_OF_POWERSHELL.sub(lambda match: match[0] * 2, text)}'"


def without_open_quote(word: str) -> str:
    """Return a typed word without the quotation mark at its beginning."""
    return word[1:] if word[:1] in ("'", '"') else word
