"""The commands of an editor in messages for its user, in place of command lines.

A user of an editor does not type command lines. A client may therefore tell which of its commands does the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = r"@[\w.\-]*\w|--[a-z][a-z\-]*|[A-Z][A-Z0-9_.\-]*\b|\d+(?:\.\d+)+"
"""An argument as messages have it: `@FEATURE`, an option, a name in capitals such as `TEXT` or `N.N`, an id."""
_COMMAND_LINE = re.compile(
    rf"(?P<tick>`?)planmark[ .](?P<verb>[a-z]+)\b(?: (?P<more>[a-z]+)\b)?(?P<words>(?: (?:{_WORD}))*)(?P=tick)"
)


def with_titles(message: str, titles: Mapping[str, str]) -> str:
    """Return a message with the titles of commands in place of command lines.

    `titles` has command lines without their arguments, such as `next` or `create subplan`, as keys. A command line that
    it does not have stays.
    """
    return _COMMAND_LINE.sub(lambda found: _title(found, titles), message) if titles else message


def _title(found: re.Match[str], titles: Mapping[str, str]) -> str:
    verb, more = found["verb"], found["more"]
    if more and f"{verb} {more}" in titles:
        return titles[f"{verb} {more}"]
    if verb not in titles:
        return found[0]
    # The word after the verb belongs to the sentence.
    return f"{titles[verb]} {more}{found['words']}" if more else titles[verb]
