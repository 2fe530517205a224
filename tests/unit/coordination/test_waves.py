"""Waves of work that is written out."""

from __future__ import annotations

import pytest

from planmark.coordination.waves import MAX_EXCLUDED_PAIRS, Schedule, WaitingCycleError, WorkItem, schedule


def shown(made: Schedule) -> list[dict[str, str]]:
    return [{member.item.id: member.why for member in wave} for wave in made.waves]


def test_a_generation_is_split_where_files_meet_the_longest_first() -> None:
    items = [WorkItem("1.1", 1.0, ("a/x",)), WorkItem("1.2", 3.0, ("a/x", "a/y")), WorkItem("1.3", 2.0, ("a/z",))]
    made = schedule(items, None, 2.0)
    assert shown(made) == [
        {"1.2": "waits for nothing", "1.3": "waits for nothing"},
        {"1.1": "changes a/x, as 1.2 does"},
    ]
    assert (made.total_hours, made.makespan, made.critical_hours, made.critical_path) == (6.0, 4.0, 3.0, ("1.2",))
    assert [(pair.a, pair.b, pair.files) for pair in made.excluded_pairs] == [("1.1", "1.2", ("a/x",))]


def test_agents_limit_a_wave() -> None:
    made = schedule([WorkItem(f"1.{n}", float(n)) for n in (1, 2, 3)], 2, 1.0)
    assert shown(made) == [
        {"1.2": "waits for nothing", "1.3": "waits for nothing"},
        {"1.1": "at most 2 at a time"},
    ]


def test_a_missing_effort_is_the_median_and_without_any_there_are_no_hours() -> None:
    items = [WorkItem("1.1", None), WorkItem("1.2", 1.0, needs=("1.1",))]
    assert schedule(items, None, 4.0).total_hours == 5.0
    made = schedule([WorkItem("1.1"), WorkItem("1.2", needs=("1.1",)), WorkItem("1.3")])
    assert (made.total_hours, made.makespan, made.critical_hours, made.critical_path) == (
        None,
        None,
        None,
        ("1.1", "1.2"),
    )


def test_a_rank_waits_for_the_whole_rank_below() -> None:
    items = [WorkItem("1.1", rank=1), WorkItem("1.2", rank=1), WorkItem("2.1", rank=2, rank_reason="after priority 1")]
    assert shown(schedule(items))[1] == {"2.1": "after priority 1"}


def test_a_rank_against_a_dependency_is_a_cycle() -> None:
    with pytest.raises(WaitingCycleError) as caught:
        schedule([WorkItem("a", needs=("b",), rank=1), WorkItem("b", rank=2)])
    assert caught.value.cycle == ("a", "b", "a")


def test_an_item_that_waits_for_itself_is_a_cycle() -> None:
    with pytest.raises(WaitingCycleError) as caught:
        schedule([WorkItem("a", needs=("a",))])
    assert caught.value.cycle == ("a", "a")


def test_a_reason_names_few_items() -> None:
    items = [*(WorkItem(f"1.{n}") for n in range(5)), WorkItem("2.1", needs=tuple(f"1.{n}" for n in range(5)))]
    assert shown(schedule(items))[1] == {"2.1": "after 1.0, 1.1, 1.2 and 2 more"}


def test_pairs_are_listed_up_to_a_limit() -> None:
    made = schedule([WorkItem(str(n), files=("x",)) for n in range(60)])
    assert (len(made.excluded_pairs), made.has_all_pairs, len(made.waves)) == (MAX_EXCLUDED_PAIRS, False, 60)


def test_nothing_has_no_waves() -> None:
    assert schedule([]) == Schedule((), (), (), None, None, None, None)
