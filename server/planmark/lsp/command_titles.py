"""The replacement of command lines by titles of editor commands in messages.

A user of an editor does not type command lines. Therefore a client may send the titles of its equivalent commands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from planmark.text.lazy_pattern import lazy_pattern

_ARGUMENT = r"@[\w.\-]*\w|--[a-z][a-z\-]*|[A-Z][A-Z0-9_.\-]*\b|\d+(?:\.\d+)+"
"""The pattern of an argument in messages: `@FEATURE`, an option, a name in capitals such as `TEXT` or `N.N`, an id."""
_COMMAND_LINE = lazy_pattern(
    rf"(?P<quote>`?)planmark[ .](?P<verb>[a-z]+)\b(?: (?P<second_word>[a-z]+)\b)?(?P<arguments>(?: (?:{_ARGUMENT}))*)(?P=quote)"
)
"""A command line in a message: `planmark`, a verb, possibly a second word, and arguments."""


def with_command_titles(message: str, titles: Mapping[str, str]) -> str:
    """Replace the command lines in a message by titles of commands, and return the result.

    `titles` maps a command line without arguments, such as `next` or `create subplan`, to the title of a command. A
    command line without a title stays unchanged.
    """
    return _COMMAND_LINE.sub(lambda match: _replacement_text(match, titles), message) if titles else message


def _replacement_text(match: re.Match[str], titles: Mapping[str, str]) -> str:
    """Return the text that replaces the command line in `match`: the title of the command, or the unchanged command
    line if there is no title.
    """
    verb, second_word = match["verb"], match["second_word"]
    if second_word and f"{verb} {second_word}" in titles:
        return titles[f"{verb} {second_word}"]
    if verb not in titles:
        return match[0]
    # The second word is part of the sentence, not of the command.
    return f"{titles[verb]} {second_word}{match['arguments']}" if second_word else titles[verb]
