"""The validation of setting values, entry by entry. Each wrong entry causes a warning and is ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.similarity import most_similar

UNUSABLE_VALUE = object()
"""The object that functions of this module return in place of a value that cannot be used."""
MESSAGE_REPLACEMENTS = (
    (lazy_pattern(r"`int`"), "a whole number"),
    (lazy_pattern(r"`str`"), "text"),
    (lazy_pattern(r"`bool`"), "true or false"),
    (lazy_pattern(r"`float`"), "a number"),
    (lazy_pattern(r"`array`"), "a list"),
    (lazy_pattern(r"`object`"), "a table"),
    (lazy_pattern(r"`null`"), "nothing"),
    (lazy_pattern(r" - at `\$\[(\d+)\]`"), ""),
)
"""Pairs of a pattern and a text: the pattern matches words in messages of msgspec, and the text replaces them."""


class SettingWarning(msgspec.Struct, frozen=True):
    """A warning about the settings of one source. The message continues a sentence that begins with the source.

    `key` is the dotted name of the entry, "" for the whole source. `near` is the key that the user may have meant.
    `words` is the text that the diagnostic marks in the line; if it is "", the last part of the key is marked. `wanted`
    is the text that the user may have meant in place of the marked text.
    """

    message: str
    key: str = ""
    near: str | None = None
    words: str = ""
    wanted: str | None = None


class ValueKind(NamedTuple):
    """The rules for reading the value of a setting.

    `entries` is a mapping from the allowed keys of a table to the types of their values. It is empty if every key is
    allowed. `patterns` is "keys" if the keys of a table are patterns, and "texts" if the texts in its lists are
    patterns. `refuse` raises ValueError for an invalid pattern.
    """

    type: Any
    entries: Mapping[str, Any]
    patterns: Literal["", "keys", "texts"]
    refuse: Callable[[str], None]


def read_value(key: str, kind: ValueKind, value: Any, default: Any) -> tuple[Any, list[SettingWarning]]:
    """Return two values: the usable part of the value of `key`, and warnings about its unusable parts.

    `default` is the default of the setting. It replaces a value of the wrong type. An unusable entry of a table gets
    the default of the entry; an entry without a default is left out.
    """
    warnings: list[SettingWarning] = []
    if get_origin(kind.type) is dict and isinstance(value, Mapping):
        return dict(_usable_entries(key, kind, value, default, warnings)), warnings
    return _usable_value(key, kind.type, kind, value, default, warnings), warnings


def unknown_key_warning(key: str, allowed_keys: Mapping[str, Any] | list[str], prefix: str = "") -> SettingWarning:
    """Return the warning about the unknown key `key`.

    `prefix` is the name of the table of the key, with a dot at its end.
    """
    similar_key = most_similar(key.removeprefix(prefix), allowed_keys)
    hint = (
        f"; did you mean `{prefix}{similar_key}`?"
        if similar_key
        else f"; there {'are' if len(allowed_keys) > 1 else 'is'} {_listed_words(allowed_keys)}"
    )
    return SettingWarning(
        f"has the unknown key `{key}`{hint if similar_key or prefix else ''}",
        key,
        f"{prefix}{similar_key}" if similar_key else None,
        key.removeprefix(prefix) if prefix else "",
        similar_key if prefix else None,
    )


def _usable_entries(
    key: str, kind: ValueKind, value: Mapping[str, Any], default: Any, warnings: list[SettingWarning]
) -> Iterator[tuple[str, Any]]:
    """Yield the usable entries of a table, and add warnings about the other entries to `warnings`."""
    type_of_values = get_args(kind.type)[1]
    for name, entry_value in value.items():
        entry_key = f"{key}.{name}"
        if kind.entries and name not in kind.entries:
            warnings.append(unknown_key_warning(entry_key, kind.entries, f"{key}."))
            continue
        if kind.patterns == "keys" and (reason := _invalid_pattern_reason(kind, name)):
            warnings.append(_setting_warning(entry_key, reason, "it is left out", name))
            continue
        entry_default = default.get(name, UNUSABLE_VALUE)
        usable_value = _usable_value(
            entry_key, kind.entries.get(name, type_of_values), kind, entry_value, entry_default, warnings
        )
        if usable_value is not UNUSABLE_VALUE:
            yield name, usable_value


def _usable_value(
    key: str, value_type: Any, kind: ValueKind, value: Any, default: Any, warnings: list[SettingWarning]
) -> Any:
    """Return the usable part of a value, else `default`. Add warnings about unusable parts to `warnings`."""
    if get_origin(value_type) is list and isinstance(value, list):
        (type_of_items,) = get_args(value_type)
        items = [_usable_item(key, type_of_items, kind, item, warnings) for item in value]
        return [item for item in items if item is not UNUSABLE_VALUE]
    try:
        return msgspec.convert(value, value_type, strict=True)
    except ValueError as error:
        consequence = "it is left out" if default is UNUSABLE_VALUE else f"the default holds: {_value_text(default)}"
        warnings.append(
            _word_warning(key, value_type, value, consequence)
            or _setting_warning(key, plain_message(str(error)), consequence)
        )
        return default


def _usable_item(key: str, type_of_items: Any, kind: ValueKind, item: Any, warnings: list[SettingWarning]) -> Any:
    """Convert an item of a list to `type_of_items`, and return the result.

    If the item is unusable, return UNUSABLE_VALUE, and add a warning to `warnings`.
    """
    try:
        converted = msgspec.convert(item, type_of_items, strict=True)
    except ValueError as error:
        warnings.append(_setting_warning(key, f"{plain_message(str(error))} in the list", "it is left out"))
        return UNUSABLE_VALUE
    if kind.patterns == "texts" and (reason := _invalid_pattern_reason(kind, converted)):
        warnings.append(_setting_warning(key, reason, "it is left out", converted))
        return UNUSABLE_VALUE
    return converted


def _invalid_pattern_reason(kind: ValueKind, pattern: str) -> str:
    """Return the reason why a pattern is invalid; "" for a valid pattern."""
    try:
        kind.refuse(pattern)
    except ValueError as error:
        return str(error)
    return ""


def _word_warning(key: str, value_type: Any, value: Any, consequence: str) -> SettingWarning | None:
    """Return the warning about a text that is not an allowed word; None if the type has no list of allowed words.

    `consequence` says in words which value is used in place of the text.
    """
    bare_type = get_args(value_type)[0] if get_origin(value_type) is Annotated else value_type
    if get_origin(bare_type) is not Literal or not isinstance(value, str):
        return None
    words = [str(word) for word in get_args(bare_type)]
    similar_word = most_similar(value.casefold(), words)
    hint = f"did you mean `{similar_word}`?" if similar_word else f"there are {_listed_words(words)}"
    return SettingWarning(
        f"sets `{key}` wrongly: no value `{value[:60]}`, {hint}; {consequence}", key, None, value, similar_word
    )


def _setting_warning(key: str, reason: str, consequence: str, words: str = "") -> SettingWarning:
    """Return the warning that a setting has a wrong value.

    `reason` says in words why the value is wrong. `consequence` says which value is used instead. `words` is the text
    to mark in the line.
    """
    return SettingWarning(f"sets `{key}` wrongly: {reason}; {consequence}", key, None, words)


def _listed_words(allowed_words: Mapping[str, Any] | list[str]) -> str:
    """Return a text for a message that lists `allowed_words`: words in backticks, with commas between them."""
    return ", ".join(f"`{name}`" for name in allowed_words)


def _value_text(default: Any) -> str:
    """Return the text of a default value for a message, in the form in which a settings file contains the value."""
    return str(default).lower() if isinstance(default, bool) else repr(default) if default == "" else str(default)


def plain_message(error: str) -> str:
    """Return `error`, a message of msgspec, in the words of a settings file."""
    for pattern, word in MESSAGE_REPLACEMENTS:
        error = pattern.sub(word, error)
    return error[:1].lower() + error[1:]
