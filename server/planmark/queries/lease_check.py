"""The diagnostics about leases that were not renewed, and about files that cannot be read as leases."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.coordination.lease import Lease, StoredLease
from planmark.coordination.lease_names import path_component
from planmark.coordination.lease_rules import UNREADABLE_HOLD_SECONDS, is_step_over, lease_key_of
from planmark.diagnostics.codes import LEASE_STALE, LEASE_UNREADABLE
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import PlanState
from planmark.queries.item_order import item_name
from planmark.queries.open_steps import LeasedNames, plan_standings
from planmark.queries.workspace_view import View
from planmark.storage.timestamps import utc_text


def lease_diagnostics(view: View) -> tuple[Diagnostic, ...]:
    """Return the diagnostics about the leases in `view.leases`."""
    return (*_stale_lease_diagnostics(view), *_unreadable_lease_diagnostics(view)) if not view.leases.is_empty else ()


def _stale_lease_diagnostics(view: View) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each lease that no longer holds, although its step is not over."""
    lease_look = view.leases
    for plan in view.plans:
        seen_leases = lease_look.by_plan.get(f"{lease_look.prefix}{plan.path}", ())
        if all(not seen_lease.free_reason for seen_lease in seen_leases):
            continue
        state = view.state(plan.path)
        names = LeasedNames(lease_look.prefix, [seen_lease.lease for seen_lease in seen_leases])
        standings = plan_standings(state, names)
        current_names = {leased_id: name for name, leased_id in names.leased_name_by_name(state).items()}
        for lease, free_reason in seen_leases:
            if free_reason and not is_step_over(lease, standings.get(lease_key_of(lease))):
                name = current_names.get(lease.achievement, lease.achievement)
                yield LEASE_STALE.at(*_document_and_line(state, name), _stale_message(lease, free_reason))


def _stale_message(lease: Lease, free_reason: str) -> str:
    """Return the message about a lease that no longer holds. `free_reason` is "dead" if its process has ended."""
    subject = lease.achievement or "the plan"
    if lease.state == "reserved":
        return f"{subject} was reserved for {lease.agent} until {lease.until}: any agent may take it"
    reason = "whose process has ended" if free_reason == "dead" else f"which was not renewed until {lease.until}"
    worktree_hint = f"; its work may be in {lease.worktree}" if lease.worktree else ""
    return f"{lease.agent} holds a lease of {subject}, {reason}: any agent may take it{worktree_hint}"


def _unreadable_lease_diagnostics(view: View) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each unreadable lease of a plan of the workspace."""
    lease_look = view.leases
    plan_by_component = (
        {path_component(f"{lease_look.prefix}{plan.path}"): plan for plan in view.plans}
        if lease_look.unreadable_leases
        else {}
    )
    for stored_lease in lease_look.unreadable_leases:
        plan = plan_by_component.get(stored_lease.key.plan)
        if plan is not None:
            state = view.state(plan.path)
            names = (item_name(item) for item in state.achievements)
            name = next((name for name in names if path_component(name) == stored_lease.key.item), "")
            yield LEASE_UNREADABLE.at(
                *_document_and_line(state, name), _unreadable_message(stored_lease, name, lease_look.now)
            )


def _unreadable_message(stored_lease: StoredLease, name: str, now: float) -> str:
    """Return the message about an unreadable lease of the item `name`. `now` is the time in seconds since the epoch."""
    end_seconds = stored_lease.write_time + UNREADABLE_HOLD_SECONDS
    consequence = (
        f"it counts as held until {utc_text(end_seconds)}" if now <= end_seconds else "the next agent replaces it"
    )
    return f"the lease of {name or stored_lease.key.item} cannot be read ({stored_lease.problem}): {consequence} (planmark lease list)"


def _document_and_line(state: PlanState, name: str) -> tuple[str, int]:
    """Return the path and the line of the item `name`. If no item has this name, return the first line of the plan."""
    item = next((item for item in state.achievements if item_name(item) == name), None)
    return (item.path, item.line) if item is not None else (state.path, 1)
