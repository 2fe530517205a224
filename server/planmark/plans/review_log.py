"""The verdicts of an achievement in any format, with their dates, for the history of a plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

VerdictKind = Literal["approved", "fix", "resolution"]


class DatedVerdict(NamedTuple):
    """A verdict or a RESOLUTION, with its date.

    `reviewer` is the name of the reviewer, "" if the document names none. `date` is ISO text as written, "" if there is
    no readable date. `has_unreadable_date` tells whether the document has a date that cannot be read. `is_effective` is
    False for an APPROVED file that does not approve the achievement.
    """

    path: str
    kind: VerdictKind
    round: int
    reviewer: str
    date: str
    has_unreadable_date: bool
    is_effective: bool


class ReviewLog(NamedTuple):
    """The verdicts of an achievement.

    `is_approved_by` takes the paths of some verdicts. It tells whether the achievement would be approved if only these
    verdicts existed.
    """

    verdicts: Sequence[DatedVerdict]
    is_approved_by: Callable[[Collection[str]], bool]
