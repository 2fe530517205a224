"""Random commits and line ranges: no evidence of work changes a state."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.plans.history import Commit
from superpowers_plan import FEATURE, workspace


@given(
    st.lists(st.builds(Commit, st.just("abc1234"), st.just("2026-03-02"), st.text(max_size=40)), max_size=8),
    st.dictionaries(st.sampled_from(["gauge/main.py", "gauge/curve.py"]), st.integers(0, 50)),
)
def test_no_commit_and_no_range_changes_a_state(commits: list[Commit], lengths: dict[str, int]) -> None:
    bare, made = workspace(), workspace(tuple(commits), lengths)
    known, seen = bare.state(FEATURE), made.state(FEATURE)
    assert [one.state for one in seen.achievements] == [one.state for one in known.achievements]
    assert (seen.counts, seen.next, seen.progress) == (known.counts, known.next, known.progress)
