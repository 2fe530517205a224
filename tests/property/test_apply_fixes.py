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
from mutations import changed
from planmark.cli.apply_fixes import FixOptions, FixRun, apply_all_fixes
from planmark.cli.workspace_access import fresh_view
from planmark.queries.unchanged import PlanAnswers, answer
from planmark.workspace.index import Index

PUT = {
    "plan": (
        "**Achievement {id}: {word}** (4-6 hours)",
        "### Achievement {id} - {word}",
        "- [X] Achievement {id}: {word}",
        "- ✅ Achievement {id}: {word}",
        "- [] {word}",
        "**Status**: ✅ Complete",
        "**Status**: Planning",
        "**Status**: Paused",
        "- **SUBPLANs**: 9 created (1 complete)",
        "- **EXECUTION_TASKs**: 1 created",
        "## Current Status & Handoff\n\n**Next**: Achievement {id}",
        "- **Dependencies**: {id}",
    ),
    "execution_task": (
        "- [X] all",
        "- [x ] {word}",
        "**Status**: ‚úÖ Complete",
        "**Final Status**: ✅ Complete",
        "- [~] {word}",
    ),
    "subplan": ("**Status**: Planning", "**Status**: ✅ Complete", "| a | b |\n|---|---|\n| 1 |", "- [X ] {word}"),
    "approved": ("**Status**: Aproved", "- [X] {word}", "**Review Date**: 2026-01-02"),
}
"""Kind of document → lines that are inserted into it and may decide its state."""
WORDS = ("Refunds", "‚úÖ Done", "Complete", "Next", "üéØ Goal")


def spoiled(files: dict[str, str], rng: Random) -> dict[str, str]:
    """Return the workspace with mistakes that fixes correct, and with damage of any kind."""
    result = dict(files)
    for path, text in sorted(files.items()):
        if path.endswith(".json"):
            result[path] = _spoiled_json(text, rng)
            continue
        name = path.rpartition("/")[2].casefold()
        choices = next((lines for kind, lines in PUT.items() if name.startswith(kind)), PUT["approved"])
        lines = text.split("\n")
        for _ in range(rng.choice((0, 0, 1, 2, 4))):
            put = rng.choice(choices).format(id=f"{rng.randint(0, 3)}.{rng.randint(1, 4)}", word=rng.choice(WORDS))
            lines.insert(rng.randrange(len(lines) + 1), put)
        text = "\n".join(lines)
        if rng.random() < 0.3:
            text = changed(text, [tuple(rng.randrange(4000) for _ in range(3)) for _ in range(3)])  # type: ignore[misc]  # three numbers each
        if rng.random() < 0.2:
            text = text.replace("\n", "\r\n", rng.choice((-1, 3)))
        result[path] = text
    return result


def _spoiled_json(text: str, rng: Random) -> str:
    data = json.loads(text)
    for entry in data.get("achievements", []):
        if rng.random() < 0.5:
            entry["blocks"] = []
        if rng.random() < 0.3:
            entry["status"] = rng.choice(("complete", "not_started", "failed"))
        if rng.random() < 0.2:
            entry["dependencies"] = [rng.choice(data["achievements"])["achievement_id"]]
    if rng.random() < 0.2:
        data["achievements"] += data["achievements"][:1]
    written = json.dumps(data, indent=rng.choice((None, 2)))
    return written if rng.random() < 0.9 else written[: rng.randrange(len(written))]


class Seen(NamedTuple):
    """The answers of a new process about a workspace, and the bytes of its files."""

    answers: dict[str, PlanAnswers | None]
    files: dict[str, bytes]


def seen(root: Path) -> Seen:
    view = fresh_view(Index(root))
    files = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    return Seen({plan.path: answer(view, plan.path) for plan in view.snapshot.plans}, files)


def checked(root: Path) -> FixRun:
    """Apply all fixes to the workspace at `root`, and assert every guarantee of a fix."""
    before = seen(root)
    fix_run = apply_all_fixes(Index(root), FixOptions(lambda _: True), quiet=True)
    after = seen(root)
    assert after.answers == before.answers
    assert after.files.keys() == before.files.keys()
    listed: dict[str, set[int]] = {}
    for fix in fix_run.made:
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
    again = apply_all_fixes(Index(root), FixOptions(lambda _: True), quiet=True)
    assert again.made == []
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
        made |= {fix.code for fix in fix_run.made}
        left_out |= {fix.code for fix in fix_run.left_out.values()}
    assert {"checkbox-form", "dependency-asymmetric", "status-contradicts-files", "encoding"} <= made
    assert left_out


def test_the_real_workspace(shared: Path, tmp_path: Path) -> None:
    root = tmp_path.resolve() / "copy"
    shutil.copytree(shared / "context-manager", root)
    assert len(checked(root).made) > 20
