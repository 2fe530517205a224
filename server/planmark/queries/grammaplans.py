"""A GRAMMAPLAN, which lists several plans, as a public result."""

from __future__ import annotations

import msgspec

from planmark.plans.model import Lifecycle, PlanCondition


class ChildResult(msgspec.Struct, frozen=True):
    """A row of a GRAMMAPLAN: what the row says about a plan, and the state of this plan by the files.

    `path` is null if the plan does not exist.
    """

    feature: str
    line: int
    status: str
    progress: str
    path: str | None
    lifecycle: Lifecycle | None
    state: PlanCondition | None
    closed: bool
    approved: int
    achievements: int


class GrammaplanResult(msgspec.Struct, frozen=True):
    """A GRAMMAPLAN and its rows."""

    path: str
    feature: str
    title: str
    children: list[ChildResult]
