"""`planmark next` with `--since`, `--batch` and `--through`, as a shell calls it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from fixture import write_files
from planmark.cli.main import main

FILES = {
    "plans/SHOP/PLAN_SHOP.md": "# PLAN: Shop\n\n**Status**: In Progress\n\n## Goal\n\nSell.\n\n"
    + "".join(
        f"**Achievement 1.{n}**: Part {n}\n\n- Success: it does {n}\n- **Deliverables**: `src/{n}.py`\n\n"
        for n in range(1, 6)
    ),
    "planmark.toml": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path / "w", FILES)
    return tmp_path / "w"


def said(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["--workspace", str(root), "next", "@SHOP", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_id_of_a_prompt_gives_what_is_new(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, whole, err = said(root, capsys, "1.1")
    found = re.search(r"prompt (p_[0-9a-f]{12}): ([\d,]+) tokens", err)
    assert found
    code, new, err = said(root, capsys, "1.1", "--since", found[1])
    assert (code, "## You have this already" in new, len(new) < len(whole)) == (0, True, True)
    assert f"--since {found[1]}: " in err
    _, out, _ = said(root, capsys, "1.1", "--since", found[1], "--json")
    answer = json.loads(out)
    assert answer["id"] == found[1]
    assert answer["since"]["problem"] == ""
    assert answer["tokens"]["total"] < answer["since"]["whole"]


def test_an_unknown_id_gives_the_whole_prompt_and_says_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, whole, _ = said(root, capsys, "1.1")
    code, out, err = said(root, capsys, "1.1", "--since", "p_none")
    assert (code, out) == (0, whole)
    assert "no prompt of the last day in this workspace has this id; the prompt is whole" in err


def test_the_id_of_the_same_prompt_in_another_workspace_is_unknown(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, whole, err = said(root, capsys, "1.1")
    name = err.split()[1].rstrip(":")
    shutil.copytree(root, tmp_path / "other")
    assert said(tmp_path / "other", capsys, "1.1", "--since", name)[1] == whole


def test_without_a_cache_a_prompt_has_no_id(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "planmark.toml").write_text("[cache]\nenable = false\n")
    _, out, err = said(root, capsys, "1.1", "--json")
    assert json.loads(out)["id"] == ""
    assert "prompt p_" not in err


def test_a_batch_is_one_prompt_with_its_members(root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, text, err = said(root, capsys, "--batch", "3")
    assert code == 0
    assert [f"# Part {n} of 3: 1.{n}: Part {n}" in text for n in (1, 2, 3)] == [True] * 3
    assert "3 steps: " in err
    _, out, _ = said(root, capsys, "--batch", "3", "--json")
    answer = json.loads(out)
    assert (answer["schema"], answer["prompt"]) == ("planmark.batch/1", text)
    assert [member["achievement"] for member in answer["members"]] == ["1.1", "1.2", "1.3"]
    assert answer["tokens"]["total"] < answer["alone"]
    said(root, capsys, "--batch", "3", "--out", str(tmp_path / "batch.md"))
    assert (tmp_path / "batch.md").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--batch", "0"), "from 1 to 6"),
        (("--batch", "7"), "from 1 to 6"),
        (("1.1", "--batch", "2"), "name only the plan"),
        (("--batch", "2", "--since", "p_1"), "neither --since nor --copy"),
        (("--batch", "2", "--step", "pause"), "exclude each other"),
        (("--batch", "2", "--through", "request_review"), "exclude each other"),
        (("--through", "request_review", "--lease", "--agent", "ada"), "exclude each other"),
        (("--through", "complete_plan"), "--through takes request_review"),
        (("--step", "research", "--since", "p_1"), "--since takes one prompt"),
    ],
)
def test_wrong_options_say_what_goes(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    code, out, err = said(root, capsys, *arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_the_hand_offs_of_an_achievement_are_one_prompt(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(root, capsys, "1.1", "--through", "request_review", "--json")
    answer = json.loads(out)
    assert answer["through"] == ["create_subplan", "create_execution"]
    assert len(answer["writes"]) == 2
