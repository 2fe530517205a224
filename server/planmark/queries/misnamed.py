"""A misnamed file as a public result, and the reason why a file is not a PLAN."""

from __future__ import annotations

import msgspec

from planmark.workspace.snapshot import NotPlan


class MisnamedResult(msgspec.Struct, frozen=True):
    """A misnamed file, and its remedy.

    `plan` is null if the file belongs to no plan. `achievements` are the achievements that the file may be about.
    `wanted` is the correct path of the file, null if a person must decide.
    """

    path: str
    plan: str | None
    achievements: tuple[str, ...]
    wanted: str | None
    says: str


def rejection_text(rejected: NotPlan) -> str:
    """Return the reason why a file is not a PLAN, and a valid name for the file if Planmark knows one."""
    return f"{rejected.reason}: rename it to {rejected.name}" if rejected.name else rejected.reason
