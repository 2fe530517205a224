"""The places of the values of a JSON text."""

from __future__ import annotations

from planmark.text.json_spans import json_spans_by_path


def test_of_a_key_that_is_written_twice_the_last_counts() -> None:
    text = '{"a": 1, "a": [2]}'
    assert text[slice(*json_spans_by_path(text)["a",][:2])] == "[2]"
