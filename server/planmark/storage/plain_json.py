"""The conversion of plain values to JSON, for the output of cached results.

This module avoids the slower import of `json`.
"""

from __future__ import annotations

from collections.abc import Mapping

PlainValue = Mapping[str, "PlainValue"] | str | float | bool | None
"""A value for JSON that contains no lists. Its numbers are finite."""
_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", **{code: f"\\u{code:04x}" for code in range(0x20)}}


def encode_plain(value: PlainValue, indent: int | None = None) -> str:
    """Return a value as JSON. If `indent` is None, the JSON is on one line.

    Otherwise each member is on its own line. `indent` is the number of spaces before the end of the object. Its members
    have two more spaces before them.
    """
    if isinstance(value, Mapping):
        if indent is None:
            return f"{{{','.join(f'{_quote_json(name)}:{encode_plain(member)}' for name, member in value.items())}}}"
        start, end = "\n" + " " * (indent + 2), "\n" + " " * indent
        members = (f"{start}{_quote_json(name)}: {encode_plain(member, indent + 2)}" for name, member in value.items())
        return f"{{{','.join(members)}{end}}}"
    if isinstance(value, str):
        return _quote_json(value)
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def append_member(before: str, name: str, value: PlainValue) -> str:
    """Return an object as indented JSON, with a newline at the end.

    `before` is the JSON of the object, without its last member and without its end. `name` and `value` are the last
    member.
    """
    return f"{before},\n  {_quote_json(name)}: {encode_plain(value, indent=2)}\n}}\n"


def _quote_json(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
