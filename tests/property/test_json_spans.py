"""Every JSON value: its span contains its text."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from planmark.text.json_spans import json_spans_by_path

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for key, child in inner for found in paths(child, (*path, key)))]


@given(values, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_every_value_is_found_where_it_stands(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    places = json_spans_by_path(text)
    expected = paths(value)
    assert places.keys() == {path for path, _ in expected}
    for path, found in expected:
        place = places[path]
        assert json.loads(text[place.start : place.end]) == found
        if path and isinstance(path[-1], str):
            assert text[place.key_start :].startswith(f'"{path[-1]}"')
