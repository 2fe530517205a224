"""The record of references in the cache folder: which references were offered, which were used, and whether progress
followed.

The record contains only names, states and outcomes, never a text. If the cache folder cannot be written, no reference
is recorded.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from planmark.plans.model import State
from planmark.storage.sqlite_file import Database, logger, open_database

TABLES_VERSION = 1
"""Version of the table and of its content."""
MIN_USES_TO_RANK = 5
"""Minimum number of uses of a reference. With fewer uses, the success of its uses does not change the rank of the
reference in an answer.
"""
INTERVAL_QUANTILE = 1.96
"""Quantile of the normal distribution for an interval of 95 %."""
MAX_OFFERS = 5_000
"""Maximum number of offers that are kept; the oldest are removed."""
STATES_IN_ORDER: tuple[State, ...] = (
    *("blocked", "no_subplan", "design_placeholder", "no_execution", "execution_blocked", "next_execution"),
    *("active_execution", "needs_fix", "awaiting_review", "fix_resolved", "approved"),
)
"""The states on the way to an approval, in this order. A change to a later state of this list is an advance."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS offers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL, plan TEXT NOT NULL, item TEXT NOT NULL,
    state TEXT NOT NULL, occasion TEXT NOT NULL, named INTEGER NOT NULL, used INTEGER, advanced INTEGER,
    UNIQUE (entry, plan, item, occasion)
)
"""


class Offer(NamedTuple):
    """A reference that was offered for an item.

    `entry` is the id of a known failure, or the path of a document. `plan` is the path of the plan, and `item` the id
    of the item. `occasion` names the state of the item, and the document that decided this state. Equal offers with the
    same occasion count once. `is_named` tells whether the documents of the item already named the reference when it was
    offered.
    """

    entry: str
    plan: str
    item: str
    state: State
    occasion: str
    is_named: bool


class ReferenceCounts(NamedTuple):
    """The counts of a reference: how often it was offered, used, and used with progress of the item afterwards."""

    offered: int
    used: int
    advanced: int

    @property
    def lower_bound(self) -> float:
        """The lower bound of Wilson's interval of the share of uses with progress; 0 if there are too few uses."""
        return wilson_lower_bound(self.advanced, self.used) if self.used >= MIN_USES_TO_RANK else 0.0


class CurrentItem(NamedTuple):
    """The present state of an item, and the present occasion of the item (see `Offer`).

    `names_reference` is a function that tells whether the documents of the item name a reference. Its argument is the
    `entry` of an `Offer`.
    """

    state: State
    occasion: str
    names_reference: Callable[[str], bool]


def _is_later_state(old_state: State, new_state: State) -> bool:
    """Tell whether `new_state` is later than `old_state` on the way to an approval."""
    order = STATES_IN_ORDER
    return old_state in order and new_state in order and order.index(new_state) > order.index(old_state)


ItemsOf = Callable[[str], Mapping[str, CurrentItem]]
"""A function from the path of a plan to its items by id. For a plan that no longer exists, it returns no items."""
ResultT = TypeVar("ResultT")


def wilson_lower_bound(success_count: int, trial_count: int) -> float:
    """Return the lower bound of Wilson's 95 % interval of the share of successes; 0 if there is no trial."""
    if not trial_count:
        return 0.0
    share = success_count / trial_count
    centre = share + INTERVAL_QUANTILE * INTERVAL_QUANTILE / (2 * trial_count)
    spread = INTERVAL_QUANTILE * math.sqrt(
        share * (1 - share) / trial_count + INTERVAL_QUANTILE * INTERVAL_QUANTILE / (4 * trial_count * trial_count)
    )
    return max(0.0, (centre - spread) / (1 + INTERVAL_QUANTILE * INTERVAL_QUANTILE / trial_count))


class LearningRecord(Database):
    """The record of references of one workspace. Each method may raise sqlite3.Error."""

    SCHEMA = (_SCHEMA,)
    PROBES = ("SELECT entry, plan, item, state, occasion, named, used, advanced FROM offers",)

    def add(self, offers: Iterable[Offer]) -> None:
        """Add offers. An offer of the same reference for the same item on the same occasion is added only once."""
        with self._write_transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO offers (entry, plan, item, state, occasion, named) VALUES (?, ?, ?, ?, ?, ?)",
                list(offers),
            )
            connection.execute("DELETE FROM offers WHERE number <= (SELECT max(number) FROM offers) - ?", (MAX_OFFERS,))

    def open_plans(self) -> list[str]:
        """Return the paths of the plans with open offers. An offer is open until `settle` records its use."""
        return [plan for (plan,) in self._connect().execute("SELECT DISTINCT plan FROM offers WHERE used IS NULL")]

    def settle(self, plan: str, items: Mapping[str, CurrentItem]) -> None:
        """Record, for each open offer of a plan, whether the reference was used, and whether the state of the item
        advanced.

        `plan` is the path of the plan. `items` are the present items of the plan by id. An offer stays open until the
        occasion of its item changes.
        """
        rows = self._connect().execute(
            "SELECT number, entry, item, state, occasion, named FROM offers WHERE plan = ? AND used IS NULL", (plan,)
        )
        outcomes = []
        for number, entry, item, state, occasion, named in rows.fetchall():
            current_item = items.get(item)
            if current_item is not None and current_item.occasion != occasion:
                used = not named and current_item.names_reference(entry)
                outcomes.append((used, _is_later_state(state, current_item.state), number))
        if outcomes:
            with self._write_transaction() as connection:
                connection.executemany("UPDATE offers SET used = ?, advanced = ? WHERE number = ?", outcomes)

    def trials(self) -> dict[str, ReferenceCounts]:
        """Return a mapping from each reference to its counts."""
        rows = self._connect().execute(
            "SELECT entry, count(*), total(used), total(used AND advanced) FROM offers GROUP BY entry"
        )
        return {entry: ReferenceCounts(offered, int(used), int(advanced)) for entry, offered, used, advanced in rows}

    def forget(self) -> int:
        """Remove all offers, and return their number."""
        with self._write_transaction() as connection:
            return connection.execute("DELETE FROM offers").rowcount


def open_learning_record(root: Path) -> LearningRecord | None:
    """Open the record of a workspace; return None if the record cannot be written."""
    record = open_database(LearningRecord, root, f"learning {TABLES_VERSION}".encode())
    if record is not None and not record.writable:
        record.close()
        return None
    return record


def record_offers(root: Path, offers: Sequence[Offer]) -> None:
    """Add offers to the record of a workspace. A failure is logged, and nothing is counted."""
    _ask_record(root, lambda record: record.add(offers), None)


def settle_and_count(root: Path, items_of: ItemsOf) -> dict[str, ReferenceCounts]:
    """Settle the open offers of a workspace, and return a mapping from each reference to its counts.

    Return an empty mapping if the record cannot be read or written.
    """

    def settle_and_sum(record: LearningRecord) -> dict[str, ReferenceCounts]:
        for plan in record.open_plans():
            record.settle(plan, items_of(plan))
        return record.trials()

    return _ask_record(root, settle_and_sum, {})


def _ask_record(root: Path, question: Callable[[LearningRecord], ResultT], default: ResultT) -> ResultT:
    """Call `question` with the record of a workspace, and return its result.

    Return `default` if the record cannot be read or written.
    """
    record = open_learning_record(root)
    if record is None:
        return default
    try:
        return question(record)
    except sqlite3.Error as error:
        logger().info("the record of references cannot be used: %s", error)
        return default
    finally:
        record.close()
