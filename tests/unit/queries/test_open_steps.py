"""The steps that are ready, in the example of each format: in the order of waves, and each given to one agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import REPOSITORY
from lease_helpers import asker, at
from planmark.coordination.file_overlap import FileClaims
from planmark.coordination.lease import Lease, StoredLease
from planmark.coordination.lease_acts import take_first_allowed
from planmark.coordination.lease_names import LeaseKey, path_component
from planmark.coordination.lease_rules import DEFAULT_LEASE_TERMS, lease_key_of
from planmark.queries.holders import current_leases_of_plan
from planmark.queries.item_order import item_name
from planmark.queries.open_steps import LeasedNames, open_steps, standings
from planmark.queries.waves import waves_result
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

EXAMPLES = sorted(path.name for path in (REPOSITORY / "examples").iterdir() if path.is_dir())
LATER = ("after ", "written after", "declared after")
"""The beginnings of the reasons why an item is not in the first wave of the order."""


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_ready_waits_for_nothing_in_the_waves(name: str) -> None:
    view = view_of(REPOSITORY / "examples" / name)
    steps = open_steps(view, LeasedNames("", []))
    assert any(not step.wait_reason for step in steps)
    for plan in view.plans:
        why = {m.achievement: m.why for wave in waves_result(view, plan, None).waves for m in wave.members}
        own = [step for step in steps if step.plan.path == plan.path and step.item is not None]
        upcoming = view.state(plan.path).next
        for step in own:
            assert step.item is not None
            is_next = item_name(step.item) in (upcoming.ref, upcoming.achievement)
            if not step.wait_reason and not is_next and step.work.item in why:
                assert not why[step.work.item].startswith(LATER), (plan.path, step.work.item)


@pytest.mark.parametrize("name", EXAMPLES)
def test_twenty_agents_get_different_steps_whose_files_do_not_meet(name: str) -> None:
    view = view_of(REPOSITORY / "examples" / name)
    names = LeasedNames("", [])
    steps = [step for step in open_steps(view, names) if not step.wait_reason]
    places = standings(view, names)
    leases: dict[LeaseKey, StoredLease] = {}
    given: list[Lease] = []
    for number in range(20):
        works = [step.work for step in steps]
        taken = take_first_allowed(
            works, leases, places, asker(f"a{number}"), at(), DEFAULT_LEASE_TERMS, f"lse_{number:016x}"
        )
        assert not taken.ended_leases
        if taken.lease is not None:
            key = lease_key_of(taken.lease)
            leases[key] = StoredLease(key, taken.lease, at().now, 1)
            given.append(taken.lease)
    assert given
    assert len({(lease.plan, lease.achievement) for lease in given}) == len(given) == len(leases)
    for number, lease in enumerate(given):
        claims = FileClaims()
        claims.add(0, lease.files)
        assert not any(claims.conflicts_with(other.files) for other in given[:number])
    # Twenty agents leave nothing that one more could get.
    more = take_first_allowed(
        [s.work for s in steps], leases, places, asker("more"), at(), DEFAULT_LEASE_TERMS, "lse_00000000000000ff"
    )
    assert len(given) == 20 or more.lease is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_items_of_a_plan_have_different_components(name: str) -> None:
    view = view_of(REPOSITORY / "examples" / name)
    for plan in view.plans:
        refs = {item_name(item) for item in view.state(plan.path).achievements}
        assert len({path_component(ref).casefold() for ref in refs}) == len({ref.casefold() for ref in refs})
        assert current_leases_of_plan(view.leases, view.state(plan.path)) == {}
