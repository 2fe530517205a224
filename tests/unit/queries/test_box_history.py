"""The times of boxes, from the lines that commits changed."""

from __future__ import annotations

import pytest

from planmark.queries.approval_times import CommitTimes, box_changes
from planmark.queries.box_history import BoxState, TickChange, box_in_line, tick_changes
from planmark.storage.git_history import FileCommit, LineHunk

TASKS = "specs/tasks.md"


def commit(
    day: int, removed: str, added: str, *, path: str = TASKS, before: str = "", kind: str = "changed"
) -> FileCommit:
    """Return a commit of January 2026 with one hunk."""
    hunk = LineHunk(tuple(removed.splitlines()), tuple(added.splitlines()))
    return FileCommit(f"2026-01-{day:02}T10:00:00+00:00", path, before or path, kind, (hunk,))  # type: ignore[arg-type]


def ticks(text: str, *newest_first: FileCommit, path: str = TASKS) -> list[tuple[int, bool]]:
    """Return (day, ticked) for each change of the box with a text."""
    changes = tick_changes(newest_first, {path: [text]}).get((path, text), ())
    return [(int(change.time[8:10]), change.is_ticked) for change in changes]


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("- [ ] 1.1  Begin", BoxState("1.1 Begin", False)),
        ("  * [x] Begin", BoxState("Begin", True)),
        ("3. [X] Begin", BoxState("Begin", True)),
        ("- [-] Begin", BoxState("Begin", False)),
        ("- [] Begin", BoxState("Begin", False)),
        ("- [link](x)", None),
        ("[x] Begin", None),
        ("Begin", None),
    ],
)
def test_a_line_with_a_box(line: str, box: BoxState | None) -> None:
    assert box_in_line(line) == box


def test_the_commit_that_ticks_a_box() -> None:
    assert ticks("1 A", commit(2, "- [ ] 1 A", "- [x] 1 A"), commit(1, "", "- [ ] 1 A", kind="added")) == [(2, True)]


def test_a_box_that_is_ticked_cleared_and_ticked_again() -> None:
    again, cleared = commit(4, "- [ ] 1 A", "- [x] 1 A"), commit(3, "- [x] 1 A", "- [ ] 1 A")
    first = commit(2, "", "- [x] 1 A")
    assert ticks("1 A", again, cleared, first) == [(2, True), (3, False), (4, True)]


def test_a_box_that_is_new_and_ticked() -> None:
    assert ticks("1 A", commit(1, "", "- [x] 1 A", kind="added")) == [(1, True)]


def test_a_new_text_of_a_ticked_box_is_no_new_tick() -> None:
    renamed = commit(5, "- [x] 1.1 Old words", "- [x] 1.1 New words")
    assert ticks("1.1 New words", renamed, commit(2, "- [ ] 1.1 Old words", "- [x] 1.1 Old words")) == [(2, True)]


def test_an_id_decides_which_box_a_hunk_replaced() -> None:
    hunk = commit(5, "- [ ] 1 First\n- [x] 2 Second", "- [ ] 1 First one\n- [x] 2 Second one")
    assert ticks("2 Second one", hunk, commit(2, "", "- [x] 2 Second")) == [(2, True)]


def test_a_different_id_is_a_different_box() -> None:
    assert ticks("3 B", commit(5, "- [x] 2 A", "- [x] 3 B"), commit(2, "", "- [x] 2 A")) == [(5, True)]


def test_a_box_that_moves_inside_its_file_is_no_new_tick() -> None:
    moved = FileCommit(
        "2026-01-05T10:00:00+00:00",
        TASKS,
        TASKS,
        "changed",
        (LineHunk(("- [x] 1 A",), ()), LineHunk((), ("- [x] 1 A",))),
    )
    assert ticks("1 A", moved, commit(2, "", "- [x] 1 A")) == [(2, True)]


def test_a_file_that_moves_keeps_its_history() -> None:
    moved = FileCommit("2026-01-05T10:00:00+00:00", "archive/tasks.md", TASKS, "renamed")
    first = commit(2, "", "- [x] 1 A", kind="added")
    assert ticks("1 A", moved, first, path="archive/tasks.md") == [(2, True)]


def test_a_file_of_an_earlier_life_does_not_count() -> None:
    new, old = commit(5, "", "- [x] 1 A", kind="added"), commit(1, "", "- [x] 1 A", kind="added")
    assert ticks("1 A", new, old) == [(5, True)]


def test_two_lines_that_cannot_be_told_apart_have_no_times() -> None:
    assert ticks("Begin", commit(2, "", "- [x] Begin\n- [ ] Begin")) == []


def test_many_boxes_of_one_commit_cost_what_they_are() -> None:
    old, new = ("\n".join(f"- [{mark}] {n} {word}" for n in range(2_000)) for mark, word in ((" ", "a"), ("x", "b")))
    texts = [f"{n} b" for n in range(2_000)]
    assert len(tick_changes([commit(2, old, new)], {TASKS: texts})) == 2_000


@pytest.mark.parametrize(
    ("ticks", "kept"),
    [
        ([("2026-01-02", True), ("", False), ("2026-01-04", True)], ["2026-01-04"]),
        ([("2026-01-02", True), ("", True)], []),
        ([("2026-01-02", True), ("2027-01-01", False)], []),
        ([("2026-01-02", False), ("2026-01-03", True)], ["2026-01-03"]),
        ([("2026-01-05", True), ("2026-01-04", False), ("2026-01-03", True)], ["2026-01-03"]),
        ([("2026-01-05", True), ("2026-01-04", False)], []),
    ],
)
def test_only_what_follows_an_unknown_time_is_certain(ticks: list[tuple[str, bool]], kept: list[str]) -> None:
    key = (TASKS, "1 A")
    times = CommitTimes({}, {}, {key: [TickChange(*tick) for tick in ticks]})
    assert [change.time for change in box_changes(times, key, None, "2026-01-20")] == kept


def test_other_files_do_not_count() -> None:
    assert tick_changes([commit(2, "", "- [x] 1 A", path="b.md")], {TASKS: ["1 A"]}) == {}
