"""Files with names of the methodology and of another format: each is a plan of exactly one of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from planmark.cli.main import main
from planmark.ide import items
from planmark.ide.document import EditorDocument
from planmark.queries.persistent_index import open_index
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index
from planmark.workspace.snapshot import Snapshot

FEATURE = "# Implementation Plan: Shop\n\n**Status**: ⏳ Pending\n\n### Phase 1: Store\n\n- [ ] **Task 1.1**: a\n"
OWN = "# PLAN: Shop\n\n**Status**: Planning\n**Goal**: Sell\n\n## Achievements\n\n**Achievement 1.1**: Sell\n\n- **Goal**: Sell\n"
BOTH = f"{FEATURE}\n**Achievement 1.1**: Sell\n\n- **Goal**: Sell\n"
PLAN = "docs/plans/PLAN_SHOP.md"
LOWER = "docs/plans/PLAN_shop-page.md"
WORK = "docs/plans/SUBPLAN_SHOP_11.md"


def put(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def shown(snapshot: Snapshot) -> dict[str, str]:
    """Return path → format of each plan, and check that no path is shown twice or rejected."""
    own = [plan.path for plan in snapshot.plans]
    others = [site.path for site in snapshot.sites]
    rejected = [known.path for known in snapshot.table.not_plans]
    assert len({*own, *others, *rejected}) == len(own) + len(others) + len(rejected)
    assert not snapshot.records.keys() & snapshot.documents.keys()
    return {**dict.fromkeys(own, "planmark"), **{site.path: site.format for site in snapshot.sites}}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (PLAN, FEATURE, "featureplanner"),
        (LOWER, FEATURE, "featureplanner"),
        (PLAN, OWN, "planmark"),
        (PLAN, BOTH, "planmark"),
        ("docs/PLAN_SHOP.md", BOTH, "planmark"),
        ("work/plans/SHOP/PLAN_SHOP.md", OWN, "planmark"),
    ],
)
def test_the_content_decides(tmp_path: Path, path: str, text: str, expected: str) -> None:
    put(tmp_path, path, text)
    assert shown(Index(tmp_path).refresh()) == {path: expected}


@pytest.mark.parametrize(
    "work", [WORK, "docs/plans/SHOP/subplans/SUBPLAN_SHOP_11.md", "docs/plans/EXECUTION_TASK_SHOP_11_01.md"]
)
def test_the_files_beside_it_decide_too(tmp_path: Path, work: str) -> None:
    put(tmp_path, PLAN, FEATURE)
    index = Index(tmp_path)
    assert shown(index.refresh()) == {PLAN: "featureplanner"}
    put(tmp_path, work, "# SUBPLAN: Shop 1.1\n")
    index.mark_stale([work])
    assert shown(index.snapshot()) == {PLAN: "planmark"} == shown(Index(tmp_path).refresh())
    (tmp_path / work).unlink()
    index.mark_stale([work])
    assert shown(index.snapshot()) == {PLAN: "featureplanner"}


def test_an_edit_gives_the_file_to_the_other_format(tmp_path: Path) -> None:
    put(tmp_path, PLAN, FEATURE)
    put(tmp_path, "docs/plans/PLAN_OTHER.md", OWN)
    other = {"docs/plans/PLAN_OTHER.md": "planmark"}
    index = Index(tmp_path)
    index.refresh()
    for text, expected in (
        (BOTH, "planmark"),
        (FEATURE, "featureplanner"),
        (OWN, "planmark"),
        (FEATURE, "featureplanner"),
    ):
        index.set_overlay(PLAN, text)
        assert shown(index.snapshot()) == {**other, PLAN: expected}
    index.set_overlay(PLAN, None)
    assert shown(index.snapshot()) == {**other, PLAN: "featureplanner"}
    table = index.snapshot().table
    index.set_overlay(PLAN, FEATURE.replace("[ ]", "[x]"))
    assert index.snapshot().table is table
    (tmp_path / PLAN).unlink()
    index.set_overlay(PLAN, None)
    assert shown(index.refresh()) == other


@pytest.mark.parametrize("seed", range(2))
def test_edits_give_what_a_new_index_gives(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    paths = (PLAN, LOWER, WORK, "docs/plans/PLAN_OTHER.md", "docs/plans/OTHER/subplans/SUBPLAN_OTHER_11.md")
    texts = (FEATURE, OWN, BOTH, "# X\n", FEATURE.replace("[ ]", "[x]"))
    index = Index(tmp_path)
    index.refresh()
    opened: dict[str, str] = {}
    for _ in range(40):
        path, text = chance.choice(paths), chance.choice(texts)
        action = chance.choice(("write", "write", "edit", "close", "delete"))
        if action == "write":
            put(tmp_path, path, text)
        elif action == "delete":
            (tmp_path / path).unlink(missing_ok=True)
        else:
            opened = {one: known for one, known in opened.items() if one != path}
            opened |= {path: text} if action == "edit" else {}
            index.set_overlay(path, text if action == "edit" else None)
        index.mark_stale([path])
        new = Index(tmp_path)
        new.refresh()
        for one, known in opened.items():
            new.set_overlay(one, known)
        assert shown(index.snapshot()) == shown(new.snapshot())
        assert index.snapshot().table.not_plans == new.snapshot().table.not_plans


def test_the_store_keeps_what_both_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "root"
    put(root, PLAN, FEATURE)
    put(root, LOWER, FEATURE)
    first = shown(open_index(root).refresh())
    assert shown(open_index(root).refresh()) == first == dict.fromkeys((PLAN, LOWER), "featureplanner")


def test_an_editor_shows_the_plan_of_the_format(tmp_path: Path) -> None:
    put(tmp_path, PLAN, OWN)
    index = Index(tmp_path)
    index.refresh()
    index.set_overlay(PLAN, FEATURE)
    page = EditorDocument(build_view(index.snapshot(), index.text_reader(), exists=index.exists), PLAN)
    assert page.site is not None
    assert page.site.format == "featureplanner"
    assert [symbol.name for symbol in items.outline(page, page.site)] == ["○ P1 Store", "○ Task 1.1 a"]


def test_commands_choose_the_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, PLAN, FEATURE.replace("- [ ] ", "- [ ]"))
    put(tmp_path, "docs/plans/PLAN_OTHER.md", OWN)
    main(["--workspace", str(tmp_path), "check", "--plan-format", "featureplanner"])
    output = capsys.readouterr().out
    assert "no-space-after-box" in output
    assert "PLAN_OTHER" not in output
    main(["--workspace", str(tmp_path), "check", "--plan-format", "planmark"])
    assert "PLAN_SHOP" not in capsys.readouterr().out
    assert main(["--workspace", str(tmp_path), "tick", "@SHOP", "Task 1.1"]) == 0
    assert "- [x]**Task 1.1**" in (tmp_path / PLAN).read_text(encoding="utf-8")
