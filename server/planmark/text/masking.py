"""Values of any shape without the credentials in their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from planmark.text.secrets import masked


def masked_within(value: Any) -> Any:
    """`value` with every text in it masked: structs, tuples, lists, sets and the values and keys of mappings keep their types.

    Texts beside each other in a sequence are masked as the lines of one text: a private key stands on many.
    """
    if isinstance(value, str):
        return masked(value).text
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        return msgspec.structs.replace(value, **{name: masked_within(getattr(value, name)) for name in names})
    if isinstance(value, Mapping):
        return {masked_within(key): masked_within(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(masked_within, value))
    if isinstance(value, (tuple, list)):
        return type(value)(_lines(value) if _are_lines(value) else map(masked_within, value))
    if isinstance(value, (set, frozenset)):
        return type(value)(map(masked_within, value))
    return value


def _are_lines(value: Sequence[Any]) -> bool:
    return len(value) > 1 and all(isinstance(item, str) and "\n" not in item for item in value)


def _lines(value: Sequence[str]) -> list[str]:
    return masked("\n".join(value)).text.split("\n")
