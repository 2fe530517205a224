"""Files change, are announced and are queried in any order while a scan lists and reads the disk: no change is lost."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from planmark.formats.planmark.documents import deliverable_paths
from planmark.workspace import existence, scan
from planmark.workspace.index import Index
from planmark.workspace.snapshot import Snapshot

PLAN = "work-space/plans/PAY/PLAN_PAY.md"
FEEDBACKS = "work-space/plans/PAY/execution/feedbacks"
PATHS = (
    PLAN,
    "work-space/plans/TILL/PLAN_TILL.md",
    "work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md",
    "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md",
    *(f"{FEEDBACKS}/{name}_11.md" for name in ("APPROVED", "FIX")),
)
DELIVERED = ("shop/pay.py", "shop/till.py")
EVERY = (*PATHS, *DELIVERED)
UNREAD = -1
TOLD, NOT_YET, AND_ASKED = "told", "not yet", "told, and a snapshot asked for"
tellings = st.sampled_from((AND_ASKED, NOT_YET, TOLD))


def text_of(path: str, version: int) -> str:
    """Return a text that differs for each version but has the same size."""
    if path.rpartition("/")[2].startswith("PLAN_"):
        return f"**Achievement 1.1**: V{version:05}\n\n- **Deliverables**: `shop/pay.py`, `shop/till.py`\n"
    return f"# V{version:05}\n\n**Status**: V{version:05}\n"


class Scanned(RuleBasedStateMachine):
    """One index. `history` holds all versions of each file, in order; None means that the file did not exist."""

    def __init__(self) -> None:
        super().__init__()
        self.step, scan.FILES_PER_STEP = scan.FILES_PER_STEP, 1
        self.at_once, existence.MAX_BATCH_PATHS = existence.MAX_BATCH_PATHS, 1
        self.root = Path(tempfile.mkdtemp(prefix="planmark-")).resolve()
        self.look: Iterator[tuple[int, int]] | None = None
        self.is_look_wanted = False
        self.version = 0
        self.history: dict[str, list[int | None]] = {path: [None] for path in EVERY}
        self.floor: dict[str, int] = dict.fromkeys(EVERY, 0)
        """Position in `history` of the version shown or announced last. No snapshot may show an earlier one."""
        self.unannounced: set[str] = set()
        self.held: dict[str, int] = {}

    @initialize()
    def begin(self) -> None:
        for path in PATHS[:5]:
            self._write(path)
        self.index = Index(self.root)
        self.index.refresh()
        self._announce(self.unannounced)
        self._ask()

    @rule()
    def a_look_begins(self) -> None:
        self.look = self.index.scan()

    @rule(steps=st.integers(1, 12))
    def the_look_goes_on(self, steps: int) -> None:
        for _ in range(steps):
            if self.look is not None and next(self.look, None) is None:
                self.look = self.index.scan() if self.is_look_wanted else None
                self.is_look_wanted = False

    @rule(path=st.sampled_from(EVERY), told=tellings)
    def a_file_is_written(self, path: str, told: str) -> None:
        self._write(path)
        self._tell(told, {path})

    @rule(path=st.sampled_from(EVERY), told=tellings)
    def a_file_is_deleted(self, path: str, told: str) -> None:
        if (self.root / path).exists():
            (self.root / path).unlink()
            self._is_now(path, None)
            self._tell(told, {path})

    @rule(names=st.permutations(PATHS[4:]), told=tellings)
    def a_verdict_is_renamed(self, names: list[str], told: str) -> None:
        old, new = names
        if (self.root / old).exists():
            (self.root / old).rename(self.root / new)
            self._is_now(new, self.history[old][-1])
            self._is_now(old, None)
            self._tell(told, {old, new})

    @rule(folder=st.sampled_from((FEEDBACKS, "work-space/plans/TILL", "shop")))
    def a_folder_goes(self, folder: str) -> None:
        """Delete a folder. An editor announces only the folder; if that needs a scan, it follows the current scan."""
        if not (self.root / folder).exists():
            return
        shutil.rmtree(self.root / folder)
        for path in EVERY:
            if path.startswith(f"{folder}/") and self.history[path][-1] is not None:
                self._is_now(path, None)
                self.unannounced.discard(path)
        if not self.index.mark_stale([folder]):
            self.is_look_wanted = True
            self.look = self.look or self.index.scan()

    @rule()
    def everything_is_announced(self) -> None:
        self._announce(self.unannounced)

    @rule(path=st.sampled_from(PATHS))
    def an_editor_holds(self, path: str) -> None:
        self.version += 1
        self.held[path] = self.version
        self.index.set_overlay(path, text_of(path, self.version))

    @rule(path=st.sampled_from(PATHS))
    def an_editor_lets_go(self, path: str) -> None:
        if self.held.pop(path, None) is not None:
            self.index.set_overlay(path, None)

    @rule()
    def it_is_asked(self) -> None:
        self._ask()

    @rule()
    def it_is_quiet(self) -> None:
        """Announce all changes and finish the scan. The state must then equal that of a new process."""
        self._announce(self.unannounced)
        while self.look is not None:
            self.the_look_goes_on(20)
        now, fresh = self._ask(), Index(self.root)
        for path, version in self.held.items():
            fresh.set_overlay(path, text_of(path, version))
        read_again = fresh.refresh()
        assert now.paths == read_again.paths
        assert dict(now.documents) == dict(read_again.documents)
        assert (now.plans, now.problems) == (read_again.plans, read_again.problems)
        # The next scan forgets places that no document names any more.
        named = {place for document in now.documents.values() for place in deliverable_paths.possible_paths(document)}
        assert now.present_paths & named == read_again.present_paths

    def teardown(self) -> None:
        scan.FILES_PER_STEP, existence.MAX_BATCH_PATHS = self.step, self.at_once
        shutil.rmtree(self.root, ignore_errors=True)

    def _write(self, path: str) -> None:
        self.version += 1
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text_of(path, self.version), encoding="utf-8")
        self._is_now(path, self.version)

    def _is_now(self, path: str, version: int | None) -> None:
        self.history[path].append(version)
        self.unannounced.add(path)

    def _tell(self, told: str, changed: set[str]) -> None:
        if told != NOT_YET:
            self._announce(changed)
        if told == AND_ASKED:
            self._ask()

    def _announce(self, changed: set[str]) -> None:
        if changed and not self.index.mark_stale(sorted(changed)):
            raise AssertionError("a file alone needs no look")
        self.floor |= {path: len(self.history[path]) - 1 for path in changed}
        self.unannounced = self.unannounced - changed

    def _ask(self) -> Snapshot:
        """Ask for a snapshot, and compare it with earlier snapshots."""
        snapshot = self.index.snapshot()
        for path in PATHS:
            shown = version_in(snapshot, path)
            if path in self.held:
                assert shown == self.held[path]
                continue
            history, floor = self.history[path], self.floor[path]
            if shown == UNREAD:
                assert history[floor] is None
                continue
            later = [at for at in range(floor, len(history)) if history[at] == shown]
            assert later, f"{path} went back to {shown}: {history}, {floor}"
            self.floor[path] = later[0]
        return snapshot


def version_in(snapshot: Snapshot, path: str) -> int | None:
    """Return the version of a file in a snapshot, UNREAD if only its path is known, or None if it is missing."""
    if (document := snapshot.documents.get(path)) is None:
        return UNREAD if path in snapshot.paths else None
    found = re.search(r"V(\d{5})", repr(document.facts))
    assert found
    return int(found[1])


CHANGES: dict[str, Callable[[Scanned], None]] = {
    "a verdict comes": lambda scanned: scanned.a_file_is_written(PATHS[5], AND_ASKED),
    "a verdict goes": lambda scanned: scanned.a_file_is_deleted(PATHS[4], AND_ASKED),
    "a verdict is another": lambda scanned: scanned.a_file_is_written(PATHS[4], AND_ASKED),
    "a verdict is renamed": lambda scanned: scanned.a_verdict_is_renamed(list(PATHS[4:]), AND_ASKED),
    "a PLAN is another": lambda scanned: scanned.a_file_is_written(PLAN, AND_ASKED),
    "what is delivered comes": lambda scanned: scanned.a_file_is_written(DELIVERED[0], AND_ASKED),
    "a folder goes": lambda scanned: scanned.a_folder_goes(FEEDBACKS),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_every_step_of_a_look(change: str) -> None:
    """Try every step from the listing of one folder to the end, which the state machine seldom reaches."""
    number, is_over = 0, False
    while not is_over:
        scanned = Scanned()
        try:
            scanned.begin()
            scanned.a_look_begins()
            scanned.the_look_goes_on(number)
            is_over = scanned.look is None
            CHANGES[change](scanned)
            scanned.it_is_quiet()
        finally:
            scanned.teardown()
        number += 1
    assert number > len(PATHS)


EXAMPLES = max(40, int(os.environ.get("PLANMARK_EXAMPLES", "0")))
Scanned.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=40)
TestScanned = Scanned.TestCase
