"""Waves of random work: no item of a wave waits for a different one, no two share a file, and the sums are in order."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.coordination.waves import Schedule, WaitingCycleError, WorkItem, schedule

FILES = ("src/a.py", "src/b.py", "src", "SRC/a.py", "docs/x/y.md", "docs/x", "a.py", "README.md", ".")
HOURS = st.one_of(st.none(), st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.0, 2.5, 3.5, 8.0]))


@st.composite
def work(draw: st.DrawFn) -> list[WorkItem]:
    """Return items that wait only for items before them, and ranks that do not contradict that."""
    items: list[WorkItem] = []
    rank = 0
    for number in range(draw(st.integers(0, 9))):
        rank += draw(st.sampled_from([0, 0, 1]))
        names = [item.id for item in items]
        needs = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        files = draw(st.lists(st.sampled_from(FILES), max_size=3, unique=True))
        items.append(WorkItem(f"1.{number}", draw(HOURS), tuple(files), tuple(needs), rank))
    return items


def meet(a: str, b: str) -> bool:
    """Tell whether two paths meet, by the slow and obvious way."""
    first, second = ([] if path == "." else path.lower().split("/") for path in (a, b))
    shorter = min(len(first), len(second))
    is_bare = len(first) == 1 or len(second) == 1
    return first[:shorter] == second[:shorter] or bool(is_bare and first and second and first[-1] == second[-1])


def waves_of(made: Schedule) -> dict[str, int]:
    return {member.item.id: number for number, wave in enumerate(made.waves) for member in wave}


@given(work(), st.one_of(st.none(), st.integers(1, 4)), st.one_of(st.none(), st.just(2.0)))
def test_waves_keep_order_files_and_number(items: list[WorkItem], agents: int | None, median: float | None) -> None:
    made = schedule(items, agents, median)
    assert made == schedule(items, agents, median)
    place = waves_of(made)
    assert sorted(place) == sorted(item.id for item in items)
    assert sum(map(len, made.waves)) == len(items)
    assert all(wave and len(wave) <= (agents or len(items)) for wave in made.waves)
    for item in items:
        assert all(place[need] < place[item.id] for need in item.needs)
        assert all(place[other.id] < place[item.id] for other in items if other.rank < item.rank)
    for one, other in combinations(items, 2):
        shares = any(meet(a, b) for a in one.files for b in other.files)
        assert ((one.id, other.id) in {(pair.a, pair.b) for pair in made.excluded_pairs}) == shares
        assert not (shares and place[one.id] == place[other.id])


@given(work(), st.one_of(st.none(), st.integers(1, 4)))
def test_the_critical_path_is_the_longest_and_no_longer_than_the_waves(
    items: list[WorkItem], agents: int | None
) -> None:
    made = schedule(items, agents, 2.0)
    assert made.critical_hours is not None and made.makespan is not None and made.total_hours is not None
    assert made.critical_hours <= made.makespan <= made.total_hours
    hours = {item.id: 2.0 if item.hours is None else item.hours for item in items}
    longest: dict[str, float] = {}
    for item in items:
        before = [*item.needs, *(other.id for other in items if other.rank < item.rank)]
        longest[item.id] = hours[item.id] + max((longest[one] for one in before), default=0.0)
    assert made.critical_hours == pytest.approx(max(longest.values(), default=0.0))
    assert sum(hours[one] for one in made.critical_path) == pytest.approx(made.critical_hours)


@given(work(), st.data())
def test_a_cycle_is_named_and_every_step_of_it_is_real(items: list[WorkItem], data: st.DataObject) -> None:
    needing = [item for item in items if item.needs]
    if not needing:
        return
    last = data.draw(st.sampled_from(needing))
    first = data.draw(st.sampled_from(last.needs))
    closed = [item._replace(needs=(*item.needs, last.id)) if item.id == first else item for item in items]
    with pytest.raises(WaitingCycleError) as caught:
        schedule(closed)
    cycle = caught.value.cycle
    by_id = {item.id: item for item in closed}
    assert cycle[0] == cycle[-1] and len(cycle) > 2
    for waits, needs in pairwise(cycle):
        assert needs in by_id[waits].needs or by_id[needs].rank < by_id[waits].rank
