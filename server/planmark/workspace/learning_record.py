"""The record of references in the cache folder: which were offered, which were used, and whether progress followed.

Only counts and names are kept, never a text. Without a writable cache folder nothing is counted.
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
MIN_TRIALS = 5
"""Minimum number of uses before the success of a reference changes its place in an answer."""
Z = 1.96
"""Quantile of the normal distribution for an interval of 95 %."""
MAX_OFFERS = 5_000
"""Maximum number of offers that are kept; the oldest are removed."""
STATES_IN_ORDER: tuple[State, ...] = (
    *("blocked", "no_subplan", "design_placeholder", "no_execution", "execution_blocked", "next_execution"),
    *("active_execution", "needs_fix", "awaiting_review", "fix_resolved", "approved"),
)
"""The states on the way to an approval. A later state is an advance."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS offers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL, plan TEXT NOT NULL, item TEXT NOT NULL,
    state TEXT NOT NULL, occasion TEXT NOT NULL, named INTEGER NOT NULL, used INTEGER, advanced INTEGER,
    UNIQUE (entry, plan, item, occasion)
)
"""


class Offer(NamedTuple):
    """A reference that was offered for an item: the id of a known failure, or the path of a document.

    `occasion` is the state with the document that decided it, so that the same prompt counts once. `is_named` tells
    whether the item's documents named the reference before.
    """

    entry: str
    plan: str
    item: str
    state: State
    occasion: str
    is_named: bool


class Trials(NamedTuple):
    """The number of offers of a reference, of its used offers, and of its used offers that progress followed."""

    offered: int
    used: int
    advanced: int

    @property
    def lower_bound(self) -> float:
        """The lower bound of Wilson's interval of the share of uses with progress; 0 for fewer than MIN_TRIALS uses."""
        return wilson_lower_bound(self.advanced, self.used) if self.used >= MIN_TRIALS else 0.0


class CurrentItem(NamedTuple):
    """The present state of an item, its occasion (see `Offer`), and whether its documents name a reference."""

    state: State
    occasion: str
    names_reference: Callable[[str], bool]


def _is_advance(old_state: State, new_state: State) -> bool:
    order = STATES_IN_ORDER
    return old_state in order and new_state in order and order.index(new_state) > order.index(old_state)


ItemsOf = Callable[[str], Mapping[str, CurrentItem]]
"""A function from the path of a plan to its items by id; {} for a plan that is gone."""
ResultT = TypeVar("ResultT")


def wilson_lower_bound(successes: int, trials: int) -> float:
    """Return the lower bound of Wilson's interval of 95 % for a share; 0 without a trial."""
    if not trials:
        return 0.0
    share = successes / trials
    centre = share + Z * Z / (2 * trials)
    spread = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    return max(0.0, (centre - spread) / (1 + Z * Z / trials))


class LearningRecord(Database):
    """The open record of one workspace. Its methods raise sqlite3.Error."""

    SCHEMA = (_SCHEMA,)
    PROBES = ("SELECT entry, plan, item, state, occasion, named, used, advanced FROM offers",)

    def add(self, offers: Iterable[Offer]) -> None:
        """Add offers. An offer on the same occasion counts once."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO offers (entry, plan, item, state, occasion, named) VALUES (?, ?, ?, ?, ?, ?)",
                list(offers),
            )
            connection.execute("DELETE FROM offers WHERE number <= (SELECT max(number) FROM offers) - ?", (MAX_OFFERS,))

    def open_plans(self) -> list[str]:
        """Return the plans with open offers."""
        return [plan for (plan,) in self._connect().execute("SELECT DISTINCT plan FROM offers WHERE used IS NULL")]

    def settle(self, plan: str, items: Mapping[str, CurrentItem]) -> None:
        """Record for the open offers of a plan whether the reference was used, and whether the state advanced.

        Offers whose item is still on the occasion of the offer stay open.
        """
        rows = self._connect().execute(
            "SELECT number, entry, item, state, occasion, named FROM offers WHERE plan = ? AND used IS NULL", (plan,)
        )
        decided = []
        for number, entry, item, state, occasion, named in rows.fetchall():
            current_item = items.get(item)
            if current_item is not None and current_item.occasion != occasion:
                used = not named and current_item.names_reference(entry)
                decided.append((used, _is_advance(state, current_item.state), number))
        if decided:
            with self._writing() as connection:
                connection.executemany("UPDATE offers SET used = ?, advanced = ? WHERE number = ?", decided)

    def trials(self) -> dict[str, Trials]:
        """Return reference → its trials."""
        rows = self._connect().execute(
            "SELECT entry, count(*), total(used), total(used AND advanced) FROM offers GROUP BY entry"
        )
        return {entry: Trials(offered, int(used), int(advanced)) for entry, offered, used, advanced in rows}

    def forget(self) -> int:
        """Remove all offers, and return their number."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM offers").rowcount


def open_record(root: Path) -> LearningRecord | None:
    """Open the record of a workspace. Return None if it cannot be written, which is logged."""
    record = open_database(LearningRecord, root, f"learning {TABLES_VERSION}".encode())
    if record is not None and not record.writable:
        record.close()
        return None
    return record


def count_offers(root: Path, offers: Sequence[Offer]) -> None:
    """Add offers to the record of a workspace. A failure is logged, and nothing is counted."""
    _with_record(root, lambda record: record.add(offers), None)


def settled_trials(root: Path, items_of: ItemsOf) -> dict[str, Trials]:
    """Settle the open offers of a workspace, and return the trials of every reference; {} if that is not possible."""

    def settle_and_sum(record: LearningRecord) -> dict[str, Trials]:
        for plan in record.open_plans():
            record.settle(plan, items_of(plan))
        return record.trials()

    return _with_record(root, settle_and_sum, {})


def _with_record(root: Path, ask: Callable[[LearningRecord], ResultT], default: ResultT) -> ResultT:
    record = open_record(root)
    if record is None:
        return default
    try:
        return ask(record)
    except sqlite3.Error as error:
        logger().info("references are not counted: %s", error)
        return default
    finally:
        record.close()
