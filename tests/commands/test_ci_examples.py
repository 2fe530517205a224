"""The examples for CI run in a workspace, and name only hooks that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import yaml

from conftest import REPOSITORY
from planmark.cli.main import main


def test_the_examples_for_ci_name_what_there_is(tmp_path: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8"), re.DOTALL)
    read = [yaml.safe_load(block) for block in blocks]
    assert len(read) == 4
    assert {hook["id"] for hook in read[-1]["repos"][0]["hooks"]} <= hooks.keys()
    commands = [step["run"] for workflow in read[:-1] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    commands += [hook["entry"] for hook in hooks.values()]
    tried = [command.split(" > ")[0].split() for command in commands if command.startswith("planmark ")]
    assert len(tried) == 6
    # One of the hooks changes the workspace, so the test runs in a copy.
    shutil.copytree(REPOSITORY / "examples" / "workspace", tmp_path / "workspace")
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], *[["commit", "-q", "--allow-empty", "-m", "x"]] * 2):
        subprocess.run(["git", *identity, *command], cwd=tmp_path / "workspace", check=True)
    for _, *arguments in tried:
        assert main(["--workspace", str(tmp_path / "workspace"), "--quiet", *arguments]) in (0, 1)
