"""The escaping of text, so that the text cannot control a terminal, an editor or a page that shows the text."""

from __future__ import annotations

import re

from planmark.text.lazy_pattern import lazy_pattern

_LINE_ENDS = "\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029"
"""Characters that end a line for other programs, but not in Markdown."""
_CONTROLS = r"\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
_DIRECTION_CONTROLS = r"\u202a-\u202e\u2066-\u2069"
"""Characters that change the direction of the text after them."""
_LONE_SURROGATES = r"\ud800-\udfff"
"""Lone surrogates, which no encoding can write."""
_DIRECTION_MARKS = r"\u061c\u200e\u200f"
"""Direction marks. These characters are correct in Arabic or Hebrew text, and invisible in a title."""

_BUILD_COMMAND_START = r"(?<=#)#(?=[A-Za-z]{0,20}\[)"
"""The beginning of a command to a build server, anywhere in a line of its log: `##[`, `##vso[`, `##teamcity[`."""

_ESCAPED_IN_TEXT = lazy_pattern(
    f"[{_LINE_ENDS}{_CONTROLS}{_DIRECTION_CONTROLS}{_LONE_SURROGATES}{_DIRECTION_MARKS}]|{_BUILD_COMMAND_START}"
)
_ESCAPED_IN_LINE = lazy_pattern(
    rf"[\n{_LINE_ENDS}{_CONTROLS}{_DIRECTION_CONTROLS}{_LONE_SURROGATES}{_DIRECTION_MARKS}]|{_BUILD_COMMAND_START}"
)
_ESCAPED_IN_PROSE = lazy_pattern(f"[{_CONTROLS}{_DIRECTION_CONTROLS}{_LONE_SURROGATES}]")
_ANY_LINE_END = lazy_pattern(f"[{_LINE_ENDS}]")
_MARKUP = lazy_pattern(
    r"[\\`*{}\[\]<>#!|~&$^]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.|(?<=[\w.+-])@|^[-+=]", re.IGNORECASE
)
"""Characters that Markdown and its extensions in editors may interpret: marks, HTML, entities, formulas, bare
addresses.
"""


def visible(text: str) -> str:
    """Return `text` escaped for a terminal or a log.

    Each control character, direction mark, direction control and lone surrogate becomes an escape, and so does each
    line end except LF. The beginning of a command to a build server also becomes an escape.

    Line feeds and tabs stay.
    """
    return text if _is_plain(text) else _ESCAPED_IN_TEXT.sub(_escape, text)


def visible_in_one_line(text: str) -> str:
    """Return `text` escaped as by `visible`, but in one line. Line feeds are escaped, and spaces replace tabs."""
    return text if _is_plain(text) else _ESCAPED_IN_LINE.sub(_escape, text.replace("\t", " "))


def visible_in_prose(text: str) -> str:
    """Return `text` escaped for a document. Direction controls, lone surrogates, and control characters except tabs
    become escapes. Blanks replace all line ends except LF.

    Direction marks stay, because languages that are written from right to left need these marks.
    """
    return _ESCAPED_IN_PROSE.sub(_escape, _ANY_LINE_END.sub(" ", text))


def as_markdown(text: str) -> str:
    """Return `text` as one line of Markdown that shows the text literally, without emphasis, link, image or HTML."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}", visible_in_one_line(text))


def _is_plain(text: str) -> bool:
    return text.isprintable() and "##" not in text


def _escape(match: re.Match[str]) -> str:
    if match[0] == "#":
        return "\\x23"
    return match[0].encode("unicode_escape").decode("ascii")
