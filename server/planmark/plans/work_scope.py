"""What the work on an item takes, as the documents of its plan say it."""

from __future__ import annotations

import msgspec

from planmark.plans.effort import Effort


class WorkScope(msgspec.Struct, frozen=True):
    """The effort of an item, the files that its work changes, and its wave; None, () and 0 if no document says so.

    `files` are relative to the workspace; a folder stands for everything below it, and "." is the whole workspace.
    `wave` is a number that grows in the order in which the documents want the waves.
    """

    effort: Effort | None = None
    files: tuple[str, ...] = ()
    wave: int = 0
