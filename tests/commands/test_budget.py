"""`planmark budget --feature` and `--roles`: for PLANs, and a reason where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files

SPEC = {
    "openspec/changes/add-search/proposal.md": "# Change: Add search\n\n## Why\n\nx\n",
    "openspec/changes/add-search/tasks.md": "## 1. Search\n\n- [ ] 1.1 Write it\n",
}


@pytest.mark.parametrize("option", ["--feature", "--roles"])
def test_a_workspace_without_a_plan_of_the_methodology_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    write_files(tmp_path, SPEC)
    refused = runner(capsys, "--workspace", str(tmp_path))("budget", option)
    assert (refused.code, refused.out) == (2, "")
    assert f"`planmark budget {option}` is for PLANs, and @add-search is a plan of OpenSpec" in refused.err


@pytest.mark.parametrize("option", ["--feature", "--roles"])
def test_a_workspace_without_any_plan_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    write_files(tmp_path, {"planmark.toml": ""})
    refused = runner(capsys, "--workspace", str(tmp_path))("budget", option)
    assert (refused.code, refused.out) == (5, "")
    assert "no plan in" in refused.err
