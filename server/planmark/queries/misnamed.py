"""A misnamed file as JSON, and why a file is not a plan."""

from __future__ import annotations

import msgspec

from planmark.workspace.snapshot import NotPlan


class MisnamedResult(msgspec.Struct, frozen=True):
    """A misnamed file, with what to do about it.

    `plan` is null if the file belongs to no plan. `achievements` are those that it may be about. `wanted` is the path
    that it should have, null if a person must decide.
    """

    path: str
    plan: str | None
    achievements: tuple[str, ...]
    wanted: str | None
    says: str


def why_no_plan(rejected: NotPlan) -> str:
    """Return why a file is not a plan, and the name that would make it one."""
    return f"{rejected.reason}: rename it to {rejected.name}" if rejected.name else rejected.reason
