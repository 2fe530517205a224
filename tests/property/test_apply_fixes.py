"""`check --fix` over random workspaces: no state, next step or lifecycle changes, and only the listed lines change."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from random import Random
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given

from benchmarks.workspaces.small import workspace
from fixture import write_files
from planmark.cli.apply_fixes import FixOptions, FixRun, apply_document_fixes
from planmark.cli.workspace_access import fresh_view
from planmark.queries.unchanged import PlanAnswers, answers_about_plan
from planmark.workspace.index import Index
from spoiled import spoiled


class Seen(NamedTuple):
    """The answers of a new process about a workspace, and the bytes of its files."""

    answers: dict[str, PlanAnswers | None]
    files: dict[str, bytes]


def seen(root: Path) -> Seen:
    view = fresh_view(Index(root))
    files = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    return Seen({plan.path: answers_about_plan(view, plan.path) for plan in view.snapshot.plans}, files)


def checked(root: Path) -> FixRun:
    """Apply all fixes to the workspace at `root`, and assert every guarantee of a fix."""
    before = seen(root)
    fix_run = apply_document_fixes(Index(root), FixOptions(lambda _: True), quiet=True)
    after = seen(root)
    assert after.answers == before.answers
    assert after.files.keys() == before.files.keys()
    listed: dict[str, set[int]] = {}
    for fix in fix_run.outcomes:
        listed.setdefault(fix.path, set()).update(fix.lines)
    for path, old in before.files.items():
        new = after.files[path]
        if old == new:
            continue
        kept = [line for number, line in enumerate(_lines(old), 1) if number not in listed[path]]
        there = iter(_lines(new))
        assert all(line in there for line in kept), path
        assert len(_lines(new)) <= len(_lines(old)), path
        if path.endswith(".json") and _is_json(old):
            json.loads(new)
    again = apply_document_fixes(Index(root), FixOptions(lambda _: True), quiet=True)
    assert again.outcomes == []
    assert seen(root).files == after.files
    return fix_run


def _lines(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", data)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


@given(st.integers(0, 2**32))
def test_a_fix_changes_no_state_and_only_its_lines(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    root = tmp_path_factory.mktemp("spoiled").resolve()
    write_files(root, spoiled(workspace(seed).files, Random(seed)))
    checked(root)
    shutil.rmtree(root)


def test_random_workspaces_have_what_is_mended_and_what_is_left_out(tmp_path: Path) -> None:
    made, left_out = set[str](), set[str]()
    for seed in range(40):
        root = (tmp_path / str(seed)).resolve()
        write_files(root, spoiled(workspace(seed).files, Random(seed)))
        fix_run = checked(root)
        made |= {fix.code for fix in fix_run.outcomes}
        left_out |= {fix.code for fix in fix_run.left_out.values()}
    assert {"checkbox-form", "dependency-asymmetric", "status-contradicts-files", "encoding"} <= made
    assert left_out


def test_the_real_workspace(shared: Path, tmp_path: Path) -> None:
    root = tmp_path.resolve() / "copy"
    shutil.copytree(shared / "context-manager", root)
    assert len(checked(root).outcomes) > 20
