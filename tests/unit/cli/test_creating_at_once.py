"""Several processes that create the next EXECUTION_TASK at once: each gets a number of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files
from pay import PLAN, TEXT
from planmark.cli import workspace
from planmark.cli.main import main
from planmark.workspace.changes import CreateFile
from planmark.workspace.writing import create_file

AT_ONCE = 8
EXECUTION = "work-space/plans/PAY/execution"
SUBPLAN = "work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path, {PLAN: TEXT, SUBPLAN: "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n"})
    return tmp_path


def test_each_of_several_processes_gets_the_next_free_number(root: Path) -> None:
    begin = "import sys; from planmark.cli.main import main; import planmark.cli.create; sys.stdin.readline()"
    code = f"{begin}; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--workspace", str(root), "create", "execution", "@PAY", "1.1"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(AT_ONCE)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    ended = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * AT_ONCE, [said for _, said in ended]
    paths = sorted(out.strip() for out, _ in ended)
    assert paths == [f"{EXECUTION}/EXECUTION_TASK_PAY_11_{number:02}.md" for number in range(1, AT_ONCE + 1)]
    for path in paths:
        number = re.search(r"_(\d\d)\.md", path)
        assert number
        assert f"**Execution Number**: {number[1]}\n" in (root / path).read_text(encoding="utf-8")


@pytest.fixture
def quicker(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Another process that writes each file a moment before, as long as its list has texts."""
    texts: list[str] = []

    def create(root: Path, file: CreateFile) -> Path:
        if texts:
            create_file(root, CreateFile(file.path, texts.pop()))
        return create_file(root, file)

    monkeypatch.setattr(workspace, "create_file", create)
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
    assert "exists already: it is not written over" in capsys.readouterr().err
    assert (root / SUBPLAN.replace("_11", "_12")).read_text(encoding="utf-8") == "theirs\n"
