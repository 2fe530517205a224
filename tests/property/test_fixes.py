"""Fixes of random workspaces and of every case: applying them twice changes nothing more, and no verdict appears."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from broken_lines import BROKEN, contents, fix_all
from check_cases import (
    CASES,
    PARALLEL,
    PLAN,
    SUBPLAN,
    TASK,
    TWO,
    P,
    parallel,
)
from fixture import write_files
from planmark.cli.apply_fixes import STEP_CHANGING_CODES
from planmark.diagnostics.fixes import fixes_for
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

JSONS = (
    parallel('{"achievement_id": "1.1", "status": "complete", "blocks": ["1.2"]}', '{"achievement_id": "1.2"}'),
    parallel(
        '{"status": "not_started", "achievement_id": "1.1"}',
        '{"achievement_id": "1.2",\n "dependencies": [ "1.1" ], "status": "failed"\n}',
    ),
    "{",
)


PATHS = (
    PLAN,
    SUBPLAN,
    TASK,
    SUBPLAN.replace("_11", "_12"),
    f"{P}/execution/feedbacks/APPROVED_11.md",
    f"{P}/execution/feedbacks/FIX_12.md",
)


documents = st.lists(st.sampled_from(BROKEN), max_size=14).map("".join)


workspaces = st.tuples(
    st.fixed_dictionaries({PLAN: documents}, optional=dict.fromkeys(PATHS[1:], documents)),
    st.one_of(st.none(), st.sampled_from(JSONS)),
)


@settings(deadline=None)
@given(workspaces)
def test_mending_twice_is_mending_once(workspace: tuple[dict[str, str], str | None]) -> None:
    texts, json_text = workspace
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_files(root, {**texts, **({PARALLEL: json_text} if json_text else {})})
        before = contents(root)
        fix_run = fix_all(root)
        view, once = fix_run.view, contents(root)
        fix_all(root)
        assert contents(root) == once
        assert once.keys() == before.keys(), "no file is created, renamed or removed by itself"
        fixes = [(d, fixes_for(view.snapshot, d, view.text)) for d in view.diagnostics]
        left = [d for d, own in fixes if any(fix.is_preferred or d.code in STEP_CHANGING_CODES for fix in own)]
        assert {(d.path, d.code) for d in left} == {(path, code) for path, _, code, _ in fix_run.left_out}
        rebuilt = Index(root)
        assert (
            view.diagnostics == build_view(rebuilt.refresh(), rebuilt.text_reader(), exists=rebuilt.exists).diagnostics
        )


def test_no_fix_makes_or_unmakes_a_verdict_by_itself(tmp_path: Path) -> None:
    for number, (_, files, _place) in enumerate(CASES):
        root = (tmp_path / str(number)).resolve()
        write_files(root, {PLAN: TWO, **files})
        before = {path for path in contents(root) if _is_verdict(path)}
        fix_all(root)
        assert {path for path in contents(root) if _is_verdict(path)} == before


def _is_verdict(path: str) -> bool:
    name = parse_name(path.rpartition("/")[2])
    return name is not None and name.kind == "verdict"
