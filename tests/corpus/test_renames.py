"""Renames on the real workspace: every plan keeps its states, under the new name.

The usual run takes every sixth plan. With `PLANMARK_EXAMPLES` it takes all of them, for five minutes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from planmark.cli.workspace_access import fresh_view
from planmark.formats.planmark.editor.rename import rename_achievement, rename_feature
from planmark.formats.planmark.workflow.plan_state import evaluate
from planmark.ide.features import AchievementTarget, RenameRefusedError
from planmark.queries.workspace_view import View
from planmark.workspace.imagined import preview_changes
from planmark.workspace.index import Index
from planmark.workspace.snapshot import PlanDocuments, Snapshot
from planmark.workspace.workspace_edits import Change

NEW, NEW_ID = "RENAMED-PLAN", "97.1"
EVERY = 1 if os.environ.get("PLANMARK_EXAMPLES") else 6


@pytest.fixture(scope="module")
def workspace(shared: Path) -> View:
    return fresh_view(Index(shared / "context-manager"))


def states(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Return the state of every achievement, by feature and id."""
    judged = [evaluate(files) for files in snapshot.plans]
    return {(state.feature, known.id): known.state for state in judged for known in state.achievements}


def chosen(view: View) -> Sequence[PlanDocuments]:
    return view.snapshot.plans[::EVERY]


def after(view: View, changes: list[Change]) -> dict[tuple[str, str], str]:
    return states(preview_changes(view.snapshot, view.text, changes).snapshot)


def test_a_renamed_feature_keeps_every_state(workspace: View) -> None:
    before = states(workspace.snapshot)
    renamed = 0
    for files in chosen(workspace):
        try:
            changes = rename_feature(workspace, files, NEW)
        except RenameRefusedError:
            continue
        names: Mapping[str, str] = {files.feature: NEW}
        assert after(workspace, changes) == {(names.get(f, f), known): state for (f, known), state in before.items()}
        renamed += 1
    assert renamed >= len(chosen(workspace)) // 2


def test_a_renamed_achievement_keeps_every_state(workspace: View) -> None:
    before = states(workspace.snapshot)
    renamed = 0
    for files in chosen(workspace):
        for known in evaluate(files).achievements[:1]:
            try:
                changes = rename_achievement(workspace, AchievementTarget(files, known), NEW_ID)
            except RenameRefusedError:
                continue
            expected = {(f, NEW_ID if (f, i) == (files.feature, known.id) else i): s for (f, i), s in before.items()}
            assert after(workspace, changes) == expected, (files.feature, known.id)
            renamed += 1
    assert renamed >= len(chosen(workspace)) // 2
