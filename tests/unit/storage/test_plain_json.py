"""JSON of plain values: the same values and the same layout as with `json`."""

from __future__ import annotations

import json

import pytest

from planmark.storage.plain_json import PlainValue, append_member, encode_plain

VALUES: list[PlainValue] = [
    None,
    True,
    0,
    -1.5,
    1e-7,
    "",
    'a "quoted" \\ path',
    "".join(map(chr, range(0x20))),
    "ä\u2028\U0001f600",
    {},
    {"a": {"b": 1, "c": {}}, 'd"': "x"},
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_encoded_as_json_reads_it(value: PlainValue) -> None:
    assert json.loads(encode_plain(value)) == value
    assert "\n" not in encode_plain(value)


def test_members_have_lines_of_their_own() -> None:
    value: dict[str, PlainValue] = {"a": 1, "b": {"c": "x", "d": False}}
    assert encode_plain(value, indent=0) == json.dumps(value, indent=2)


def test_a_last_member_is_added() -> None:
    whole = {"a": 1, "run": {"ms": 2.5, "cached": True}}
    assert append_member('{\n  "a": 1', "run", whole["run"]) == json.dumps(whole, indent=2) + "\n"
