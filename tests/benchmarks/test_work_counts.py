"""The counts of reads, parses and renderings match the baseline, and the comparison can fail."""

from __future__ import annotations

from benchmarks.work_counts import baseline, counted, differences


def test_the_counts_are_those_of_the_baseline() -> None:
    """Record an intended change by `python -m benchmarks.work_counts --write`, and give the reason in the commit."""
    assert differences(counted(), baseline()) == []


def test_nothing_is_done_twice() -> None:
    for counts in baseline().values():
        assert [counts[name] for name in counts if name.startswith("second")] == [0, 0, 0]
        assert counts["keystroke: sections parsed"] == 1
        assert counts["keystroke: plans evaluated again"] == 1
        assert counts["prompts: from the cache"] >= 0.8 * 10 * counts["prompts: rendered"]


def test_a_difference_is_named_with_both_counts() -> None:
    found = {"example": {"cold: files read": 5}, "other": {"a": 1}}
    assert differences(found, {"example": {"cold: files read": 4, "gone": 1}}) == [
        "example, cold: files read: 5, in the baseline 4",
        "example, gone: not counted, in the baseline 1",
        "other, a: 1, in the baseline not counted",
    ]
