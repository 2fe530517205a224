"""Names of documents in texts and header values: features, file names and paths. Formatters may have escaped them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.ids import NUMBER_PATTERN
from planmark.text.lazy_pattern import lazy_pattern

_KIND_PREFIXES = (
    *("SUBPLAN", "EXECUTION_TASK", "PLAN", "APPROVED", "FIX", "GRAMMAPLAN", "NORTH_STAR", "EXECUTION"),
    *(r"EXECUTION\\_TASK", r"NORTH\\_STAR"),
)
"""The first part of each document name. The two names with an underscore are also listed in the escaped form."""
_REST_OF_NAME = r"(?:\\?_[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+)(?P<extension>\.md)?(?!\w)"
"""Pattern for the rest of a document name after its first part."""
_ANY_KIND_PREFIX = "(?P<name>(?:" + "|".join(_KIND_PREFIXES) + ")"
_KIND_PREFIX_AT_WORD_START = "(?P<name>(?:" + "|".join(rf"{kind}(?<![\w.\\-]{kind})" for kind in _KIND_PREFIXES) + ")"
DOCUMENT_NAME = lazy_pattern(rf"(?<![\w/.@\\-])@?(?P<folder>/?(?:[\w.~-]{{1,255}}/)*){_ANY_KIND_PREFIX}{_REST_OF_NAME}")
"""Pattern for the name of a document in a text.

A `@` and folders may precede the name. The underscores of the name may be escaped. The ending `.md` is optional.
"""
BARE_NAME = lazy_pattern(_KIND_PREFIX_AT_WORD_START + _REST_OF_NAME)
"""Pattern for the name of a document without the text before the name.

The pattern finds all names that DOCUMENT_NAME finds, and also a few parts of longer words. It is faster, because each
match begins with a fixed word.
"""
AT_FEATURE = lazy_pattern(rf"@(?<![\w/@.`-]@)(?P<feature>{FEATURE_PATTERN})(?![\w/])")
"""Pattern for a feature in the form `@X`, unless it begins a path or is part of an address."""
_PLAN = lazy_pattern(rf"(?<![A-Z])PLAN_(?P<feature>{FEATURE_PATTERN})")
_SUBPLAN = lazy_pattern(rf"SUBPLAN_(?:(?P<feature>{FEATURE_PATTERN})_)?(?P<number>{NUMBER_PATTERN})(?!\d)")
_BARE_FEATURE = lazy_pattern(rf"(?P<feature>{FEATURE_PATTERN})(?![\w.])")
_FEATURE_NAMED = lazy_pattern(
    rf"(?:SUB)?PLAN_(?P<feature>{FEATURE_PATTERN})|EXECUTION_TASK_(?P<task_feature>{FEATURE_PATTERN})"
)
"""Pattern for the beginning of the name of a PLAN, a SUBPLAN or an EXECUTION_TASK, up to the end of its feature."""
_RUN_OF_CAPITALS = lazy_pattern(r"(?<![A-Z0-9-])[A-Z0-9][A-Z0-9-]*")
_TWO_DASHES = lazy_pattern(r"--+")
_STAR_IN_NAME = lazy_pattern(r"\*(?<=[A-Z0-9]\*)(?=[A-Z0-9])")
"""Pattern for an asterisk in a name, where a formatter has replaced an underscore."""

MAX_NAME_CHARACTERS = 255
"""Maximum number of characters of a file name, and so of a feature, which is a part of a file name."""


def document_name_matches(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield each match of `DOCUMENT_NAME` between the character offsets `start` and `end` of `text`.

    The offsets are at the borders of lines. A match is never longer than a line, so only lines with a name are
    searched.
    """
    searched_end = start
    for name in BARE_NAME.finditer(text, start, end):
        if name.start() >= searched_end:
            line_start = max(start, text.rfind("\n", start, name.start()) + 1)
            line_end = text.find("\n", name.end(), end)
            searched_end = end if line_end < 0 else line_end
            yield from DOCUMENT_NAME.finditer(text, line_start, searched_end)


def plain_value(value: str) -> str:
    r"""Return a header value without back-ticks and bold marks, and with `_` for each underscore that a formatter
    changed.

    Formatters write `PLAN\_X` for `PLAN_X`, and `SUBPLAN*X*21` for `SUBPLAN_X_21`.
    """
    return _STAR_IN_NAME.sub("_", value.replace("\\_", "_").replace("`", "").replace("**", ""))


def plan_feature_named_in(value: str) -> str | None:
    """Return the feature X of the PLAN that `value` names, or None if `value` names no PLAN.

    The value may be `X`, `PLAN_X`, `PLAN_X.md`, or a path to this file.
    """
    text = plain_value(value)
    match = _PLAN.search(text) or _BARE_FEATURE.match(text.strip().lstrip("@"))
    return match["feature"].rstrip("-") if match else None


def subplan_reference(value: str) -> tuple[str, str] | None:
    """Return (feature, number) of the SUBPLAN that `value` names, or None if `value` names no SUBPLAN.

    The value may be `SUBPLAN_X_21.md`, `SUBPLAN_21`, or a path to the file. If the name has no feature, the feature is
    "".
    """
    match = _SUBPLAN.search(plain_value(value))
    return (match["feature"] or "", match["number"]) if match else None


def features_named_in(value: str) -> tuple[str, ...]:
    """Return the features of all PLANs, SUBPLANs and EXECUTION_TASKs that `value` names, in order.

    No feature is repeated.
    """
    if "_" not in value and "*" not in value:
        return ()
    features = (match["feature"] or match["task_feature"] for match in _FEATURE_NAMED.finditer(plain_value(value)))
    return tuple(dict.fromkeys(feature.rstrip("-") for feature in features))


def uppercase_words(text: str) -> frozenset[str]:
    """Return every word of a text that may be a feature: capital letters, digits and dashes."""
    result: set[str] = set()
    for capitals in set(_RUN_OF_CAPITALS.findall(plain_value(text))):
        result.add(capitals.rstrip("-"))
        # Two dashes may also separate two sentences, so the text before them may be a feature too.
        result.update(capitals[: match.start()] for match in _TWO_DASHES.finditer(capitals, 0, MAX_NAME_CHARACTERS))
    return frozenset(result)
