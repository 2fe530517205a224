"""Closing, archiving, pausing and resuming on random workspaces: other plans keep their states, no file is lost."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.formats.planmark.editor.lifecycle import changes_of_act
from planmark.ide.features import LifecycleAct, RenameRefusedError
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.imagined import texts_after_changes
from planmark.workspace.index import Index
from planmark.workspace.together import TextPair, carry_out
from planmark.workspace.workspace_edits import RenamePath, TextChange


def opened(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def states(view: View, path: str) -> tuple[object, ...]:
    state = view.evaluations[path].state
    return state.feature, state.state, state.next, [(known.id, known.state, known.step) for known in state.achievements]


def contents(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def finished(files: dict[str, str]) -> dict[str, str]:
    """Return a workspace with more approvals: every FIX becomes an APPROVED."""
    return {path.replace("FIX_", "APPROVED_"): text for path, text in files.items() if "RESOLUTION" not in path}


@given(st.integers(0, 2**32), st.lists(st.sampled_from(get_args(LifecycleAct)), min_size=1, max_size=4), st.booleans())
def test_no_act_changes_another_plan_or_loses_a_file(
    tmp_path_factory: object, seed: int, acts: list[LifecycleAct], approve: bool
) -> None:
    root: Path = tmp_path_factory.mktemp("acts").resolve()  # type: ignore[attr-defined]
    planted = workspace(seed)
    write_files(root, finished(planted.files) if approve else planted.files)
    for number, what in enumerate(acts):
        view = opened(root)
        files = view.snapshot.plans[(seed + number // 2) % len(view.snapshot.plans)]
        before = contents(root)
        others = {path: states(view, path) for path in view.evaluations if path != files.path}
        try:
            done = changes_of_act(view, files, what)
        except RenameRefusedError:
            assert contents(root) == before
            continue
        texts = {
            path: TextPair(view.text(path), text) for path, text in texts_after_changes(view.text, done.changes).items()
        }
        moves = [change for change in done.changes if isinstance(change, RenamePath)]
        carry_out(root, texts, moves)
        after, now = contents(root), opened(root)
        assert {path: states(now, path) for path in now.evaluations if path != done.path} == others
        own = [(known.id, known.state) for known in now.evaluations[done.path].state.achievements]
        assert own == [(known.id, known.state) for known in view.evaluations[files.path].state.achievements]
        moved = {path: _moved(path, moves) for path in before}
        assert set(moved.values()) == set(after)
        touched = {change.path for change in done.changes if isinstance(change, TextChange)}
        assert {path for path, new in moved.items() if before[path] != after[new]} <= touched


def _moved(path: str, moves: list[RenamePath]) -> str:
    for move in moves:
        if path.startswith(f"{move.old}/"):
            path = move.new + path[len(move.old) :]
    return path


def test_some_acts_are_done(tmp_path: Path) -> None:
    """Check that some of the first workspaces have plans that can be closed and then archived."""
    done = set()
    for seed in range(40):
        root = (tmp_path / str(seed)).resolve()
        write_files(root, finished(workspace(seed).files))
        view = opened(root)
        for files in view.snapshot.plans:
            for what in get_args(LifecycleAct):
                try:
                    changes_of_act(view, files, what)
                except RenameRefusedError:
                    continue
                done.add(what)
    assert "close" in done
