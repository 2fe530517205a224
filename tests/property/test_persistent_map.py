"""Every sequence of changes: a persistent map equals a dictionary, and its earlier states stay."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.workspace.persistent_map import PathMap

paths = st.sampled_from([f"plans/{name}.md" for name in "abcdefgh"] + ["\ud800.md", "", "ä/ö.md"])


steps = st.lists(st.dictionaries(paths, st.none() | st.sampled_from("xyz"), max_size=4), max_size=12)


@given(steps)
def test_it_is_a_dictionary_whose_earlier_states_stay(changes: list[dict[str, str | None]]) -> None:
    known: dict[str, str] = {}
    states: list[tuple[dict[str, str], PathMap[str]]] = [({}, PathMap())]
    for change in changes:
        known = {path: value for path, value in (known | change).items() if value is not None}
        states.append((known, states[-1][1].changed(change)))
    for plain, made in states:
        assert dict(made) == plain and len(made) == len(plain)
        assert list(made) == sorted(plain)
        assert all(path in made for path in plain)
        assert dict(PathMap(plain)) == plain
        for other_plain, other in states:
            different = {p for p in plain.keys() | other_plain.keys() if plain.get(p) != other_plain.get(p)}
            assert made.differences(other) == different
