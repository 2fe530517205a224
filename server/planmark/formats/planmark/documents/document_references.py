"""Names of documents in header values: bare features, file names, paths, escaped by formatters or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planmark.formats.planmark.documents.file_names import FEATURE_PATTERN
from planmark.formats.planmark.documents.ids import NUMBER_PATTERN

_KINDS = (
    *("SUBPLAN", "EXECUTION_TASK", "PLAN", "APPROVED", "FIX", "GRAMMAPLAN", "NORTH_STAR", "EXECUTION"),
    *(r"EXECUTION\\_TASK", r"NORTH\\_STAR"),
)
_PARTS = r"(?:\\?_[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+)(?P<extension>\.md)?(?!\w)"
_DOCUMENT_OF_ANY_KIND = "(?P<name>(?:" + "|".join(_KINDS) + ")"
_KIND_ALONE = "(?P<name>(?:" + "|".join(rf"{kind}(?<![\w.\\-]{kind})" for kind in _KINDS) + ")"
DOCUMENT_NAME = re.compile(rf"(?<![\w/.@\\-])@?(?P<folder>/?(?:[\w.~-]{{1,255}}/)*){_DOCUMENT_OF_ANY_KIND}{_PARTS}")
"""Pattern for the name of a document in a text: `@`, folders, the name (its underscores may be escaped), `.md`."""
BARE_NAME = re.compile(_KIND_ALONE + _PARTS)
"""Pattern for the name alone, for a faster search.

It finds the same names as DOCUMENT_NAME, and a few names that are parts of longer words. The text before a name is
checked only after the first letters of the name are found.
"""
AT_FEATURE = re.compile(rf"@(?<![\w/@.`-]@)(?P<feature>{FEATURE_PATTERN})(?![\w/])")
"""Pattern for a feature in the form `@X`, unless it begins a path or is part of an address."""
_PLAN = re.compile(rf"(?<![A-Z])PLAN_(?P<feature>{FEATURE_PATTERN})")
_SUBPLAN = re.compile(rf"SUBPLAN_(?:(?P<feature>{FEATURE_PATTERN})_)?(?P<number>{NUMBER_PATTERN})(?!\d)")
_BARE_FEATURE = re.compile(rf"(?P<feature>{FEATURE_PATTERN})(?![\w.])")
_FEATURE_NAMED = re.compile(
    rf"(?:SUB)?PLAN_(?P<feature>{FEATURE_PATTERN})|EXECUTION_TASK_(?P<task_feature>{FEATURE_PATTERN})"
)
_RUN_OF_CAPITALS = re.compile(r"(?<![A-Z0-9-])[A-Z0-9][A-Z0-9-]*")
_TWO_DASHES = re.compile(r"--+")
_STAR_INSIDE = re.compile(r"\*(?<=[A-Z0-9]\*)(?=[A-Z0-9])")

MAX_NAME_CHARACTERS = 255
"""Maximum number of characters of a file name, and so of a feature, which is a part of a file name."""


def document_names(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield every match of `DOCUMENT_NAME` in whole lines of a text, between two offsets.

    A match is never longer than a line, so only lines with a name are searched.
    """
    searched_end = start
    for name in BARE_NAME.finditer(text, start, end):
        if name.start() >= searched_end:
            line_start = max(start, text.rfind("\n", start, name.start()) + 1)
            line_end = text.find("\n", name.end(), end)
            searched_end = end if line_end < 0 else line_end
            yield from DOCUMENT_NAME.finditer(text, line_start, searched_end)


def plain_value(value: str) -> str:
    r"""Return a header value without back-ticks and bold marks, with plain underscores.

    Formatters write `PLAN\_X` for `PLAN_X`, and `SUBPLAN*X*21` for `SUBPLAN_X_21`.
    """
    return _STAR_INSIDE.sub("_", value.replace("\\_", "_").replace("`", "").replace("**", ""))


def plan_reference(value: str) -> str | None:
    """Return the feature X of the PLAN that a value names: as `X`, `PLAN_X`, `PLAN_X.md` or a path to this file.

    Return None if the value names no PLAN.
    """
    text = plain_value(value)
    match = _PLAN.search(text) or _BARE_FEATURE.match(text.strip().lstrip("@"))
    return match["feature"].rstrip("-") if match else None


def subplan_reference(value: str) -> tuple[str, str] | None:
    """Return (feature or "", number) of the SUBPLAN that a value names; else None.

    The forms are `SUBPLAN_X_21.md`, `SUBPLAN_21`, or a path to the file.
    """
    match = _SUBPLAN.search(plain_value(value))
    return (match["feature"] or "", match["number"]) if match else None


def features_named(value: str) -> tuple[str, ...]:
    """Return the features of every PLAN, SUBPLAN and EXECUTION_TASK in `value`, in order, without duplicates."""
    if "_" not in value and "*" not in value:
        return ()
    features = (match["feature"] or match["task_feature"] for match in _FEATURE_NAMED.finditer(plain_value(value)))
    return tuple(dict.fromkeys(feature.rstrip("-") for feature in features))


def uppercase_words(text: str) -> frozenset[str]:
    """Return every word of a text that may be a feature. Parts of longer names are not such words."""
    result: set[str] = set()
    for capitals in set(_RUN_OF_CAPITALS.findall(plain_value(text))):
        result.add(capitals.rstrip("-"))
        # Two dashes may also separate two sentences, so the text before them may be a feature too.
        result.update(capitals[: match.start()] for match in _TWO_DASHES.finditer(capitals, 0, MAX_NAME_CHARACTERS))
    return frozenset(result)
