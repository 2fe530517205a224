"""The scope of the work on an item: its effort, files, wave, track and executors, by the documents of its plan."""

from __future__ import annotations

import msgspec

from planmark.plans.effort import Effort


class WorkScope(msgspec.Struct, frozen=True):
    """The scope of an item. Values that no document states are None, (), 0 or "".

    `files` are the paths of the files that the work changes, relative to the workspace. A folder stands for all files
    below the folder, and "." stands for the whole workspace. `wave` is the number of the wave that a document declares.
    `track` names a sequence of items that does not wait for other tracks, such as a user story. An item without a track
    follows all items that are written before it.
    """

    effort: Effort | None = None
    files: tuple[str, ...] = ()
    wave: int = 0
    track: str = ""
    executors: tuple[str, ...] = ()
    """The names of the agents and persons who executed the item, as its documents state them."""
