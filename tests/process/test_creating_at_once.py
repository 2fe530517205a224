"""Several processes that write at once: each EXECUTION_TASK gets its own number, and no approval hides a fix."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files
from planmark.cli import workspace_access
from planmark.cli.main import main
from planmark.workspace.atomic_write import create_file
from planmark.workspace.workspace_edits import CreateFile
from sample_plan import PLAN, TEXT

AT_ONCE = 30
ROUNDS = 4
EXECUTION = "work-space/plans/PAY/execution"
SUBPLAN = "work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path, {PLAN: TEXT, SUBPLAN: "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n"})
    return tmp_path


def test_each_of_several_processes_gets_the_next_free_number(root: Path) -> None:
    command = ["create", "execution", "@PAY", "1.1"]
    ended = _at_once(root, *[command] * AT_ONCE)
    # On a busy machine, one of them may hold the workspace for longer than the others wait. They write nothing.
    while busy := sum("another process is writing" in said for _, _, said in ended):
        ended = [one for one in ended if "another process is writing" not in one[2]]
        ended += _at_once(root, *[command] * busy)
    assert [code for code, _, _ in ended] == [0] * AT_ONCE, [said for _, _, said in ended]
    paths = sorted(out.strip() for _, out, _ in ended)
    assert paths == [f"{EXECUTION}/EXECUTION_TASK_PAY_11_{number:02}.md" for number in range(1, AT_ONCE + 1)]
    for path in paths:
        number = re.search(r"_(\d\d)\.md", path)
        assert number
        assert f"**Execution Number**: {number[1]}\n" in (root / path).read_text(encoding="utf-8")


def _at_once(root: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """Start the commands at once, each in a process that is ready. Return code, output and errors of each."""
    ready = "import sys; from planmark.cli.main import main; from planmark.cli.commands import create, verdict; sys.stdin.readline()"
    begin = [sys.executable, "-c", f"{ready}; sys.exit(main(sys.argv[1:]))", "--workspace", str(root)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen([*begin, *command], stdin=pipe, stdout=pipe, stderr=pipe, text=True) for command in commands
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    said = [process.communicate() for process in processes]
    return [(process.returncode, *texts) for process, texts in zip(processes, said, strict=True)]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_approval_and_a_fix_at_once_end_in_a_fix(
    root: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """Check both orders: a fix reopens an approved achievement, and an approval is refused while a fix is open."""
    write_files(root, {f"{EXECUTION}/EXECUTION_TASK_PAY_11_01.md": "# T\n\n**Status**: ✅ Complete\n"})
    approve = ["verdict", "approve", "@PAY", "1.1", "--reviewer", "Ada"]
    fix = ["verdict", "fix", "@PAY", "1.1", "--reviewer", "Bob", "--note", "It loses refunds"]
    commands = [approve, fix] if number % 2 else [fix, approve]
    codes = {command[1]: ended[0] for command, ended in zip(commands, _at_once(root, *commands), strict=True)}
    assert codes["fix"] == 0 and codes["approve"] in (0, 4)
    status = runner(capsys, "--workspace", str(root))("status", "@PAY", "--json").data
    (plan,) = status["workspaces"][0]["plans"]
    assert [known["state"] for known in plan["achievements"] if known["id"] == "1.1"] == ["needs_fix"]


@pytest.fixture
def quicker(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Texts that a different process writes, each just before the command writes its file."""
    texts: list[str] = []

    def create(root: Path, file: CreateFile) -> Path:
        if texts:
            create_file(root, CreateFile(file.path, texts.pop()))
        return create_file(root, file)

    monkeypatch.setattr(workspace_access, "create_file", create)
    yield texts
    assert not texts


def test_the_next_number_is_taken_when_one_is_gone(
    root: Path, quicker: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    quicker += ["theirs\n", "theirs\n"]
    created = runner(capsys, "--workspace", str(root))("create", "execution", "@PAY", "1.1")
    assert (created.code, created.out) == (0, f"{EXECUTION}/EXECUTION_TASK_PAY_11_03.md\n")
    assert (root / EXECUTION / "EXECUTION_TASK_PAY_11_01.md").read_text(encoding="utf-8") == "theirs\n"


def test_a_subplan_that_is_there_meanwhile_stays(
    root: Path, quicker: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    quicker.append("theirs\n")
    assert main(["--workspace", str(root), "create", "subplan", "@PAY", "1.2"]) == 2
    assert "exists already, and is not overwritten" in capsys.readouterr().err
    assert (root / SUBPLAN.replace("_11", "_12")).read_text(encoding="utf-8") == "theirs\n"
