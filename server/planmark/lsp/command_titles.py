"""The replacement of command lines by titles of editor commands in messages.

A user of an editor does not type command lines. Therefore a client may send the titles of its equivalent commands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = r"@[\w.\-]*\w|--[a-z][a-z\-]*|[A-Z][A-Z0-9_.\-]*\b|\d+(?:\.\d+)+"
"""The pattern of an argument in messages: `@FEATURE`, an option, a name in capitals such as `TEXT` or `N.N`, an id."""
_COMMAND_LINE = re.compile(
    rf"(?P<tick>`?)planmark[ .](?P<verb>[a-z]+)\b(?: (?P<more>[a-z]+)\b)?(?P<words>(?: (?:{_WORD}))*)(?P=tick)"
)


def with_titles(message: str, titles: Mapping[str, str]) -> str:
    """Return a message with the titles of commands in place of command lines.

    The keys of `titles` are command lines without arguments, such as `next` or `create subplan`. A command line without
    a key stays.
    """
    return _COMMAND_LINE.sub(lambda match: _title(match, titles), message) if titles else message


def _title(match: re.Match[str], titles: Mapping[str, str]) -> str:
    verb, more = match["verb"], match["more"]
    if more and f"{verb} {more}" in titles:
        return titles[f"{verb} {more}"]
    if verb not in titles:
        return match[0]
    # The word after the verb belongs to the sentence.
    return f"{titles[verb]} {more}{match['words']}" if more else titles[verb]
