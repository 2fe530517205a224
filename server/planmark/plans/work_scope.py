"""The scope of the work on an item: its effort, files, wave, track and executors, by the documents of its plan."""

from __future__ import annotations

import msgspec

from planmark.plans.effort import Effort


class WorkScope(msgspec.Struct, frozen=True):
    """The effort of an item, the files that its work changes, and its wave; None, () and 0 if no document says so.

    `files` are relative to the workspace; a folder stands for all files below, and "." for the whole workspace. `wave`
    is a number that increases in the order of the waves. `track` names a sequence of items that does not wait for other
    tracks, such as a user story; "" if the item follows everything that is written before it.
    """

    effort: Effort | None = None
    files: tuple[str, ...] = ()
    wave: int = 0
    track: str = ""
    executors: tuple[str, ...] = ()
    """The names of those who executed the item, as its documents state them."""
