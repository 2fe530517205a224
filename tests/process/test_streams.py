"""Unusable streams, folders or workspaces: the command prints one line and returns an exit code."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files
from planmark.storage import paths
from planmark.workspace.settings import load_settings
from sample_plan import PLAN, TEXT

REPOSITORY = Path(__file__).resolve().parents[2]
FULL = "/dev/full"
NO_SPACE = "planmark: cannot write the output: No space left on device\n"
COMMANDS = [
    ["status"],
    ["status", "--json"],
    ["next", "@PAY"],
    ["check", "--format", "sarif"],
    ["graph", "@PAY"],
    ["create", "subplan", "@PAY", "1.1"],
    ["no-command", "--json"],
    ["--help"],
    ["--version"],
]
needs_full = pytest.mark.skipif(not os.path.exists(FULL), reason="no full device")  # noqa: PTH110


def _planmark(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "planmark", *arguments]


def _ended(arguments: list[str], root: Path, to: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a workspace, with its streams redirected as a shell does."""
    command = f"{shlex.join(_planmark('--workspace', str(root), *arguments))} {to}"
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Windows closes no streams")
@pytest.mark.parametrize(
    ("closed", "says"),
    [("", True), ("<&-", True), ("2>&-", True), ("<&- 2>&-", True), (">&-", False), (">&- 2>&-", False)],
)
def test_a_closed_stream_costs_only_what_it_would_say(tmp_path: Path, closed: str, says: bool) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    command = shlex.join([sys.executable, "-m", "planmark", "--workspace", str(tmp_path), "status", "--json"])
    done = subprocess.run(f"{command} {closed}", shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ('"schema": "planmark.status/1"' in done.stdout) is says


@needs_full
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_an_output_on_a_full_disk_is_one_line_and_a_code(tmp_path: Path, arguments: list[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    done = _ended(arguments, tmp_path, f">{FULL}")
    assert done.returncode == 5
    assert done.stderr.endswith(NO_SPACE) and "Traceback" not in done.stderr


@needs_full
def test_what_cannot_be_said_on_standard_error_changes_no_answer(tmp_path: Path) -> None:
    write_files(tmp_path, {PLAN: "# PLAN\n\n**Achievement 1.1**: A\n"})
    wanted, failing = ["check", "--json"], ["status", "@NOTHING"]
    normal = _ended(wanted, tmp_path, "")
    done = _ended(wanted, tmp_path, f"2>{FULL}")
    assert done.returncode == normal.returncode
    assert json.loads(done.stdout)["diagnostics"] == json.loads(normal.stdout)["diagnostics"]
    assert _ended(failing, tmp_path, f"2>{FULL}").returncode == 2


@pytest.mark.parametrize("arguments", [*COMMANDS[:5], ["--help"]], ids=" ".join)
def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path, arguments: list[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    reading, writing = os.pipe()
    os.close(reading)
    command = _planmark("--workspace", str(tmp_path), *arguments)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the current folder of a process")
@pytest.mark.parametrize(
    "arguments",
    [["status"], ["status", "--json"], ["next"], ["check"], ["graph", "@PAY"], ["init"], ["new", "X"]],
    ids=" ".join,
)
def test_a_current_folder_that_is_gone_is_one_line_and_a_code(tmp_path: Path, arguments: list[str]) -> None:
    script = 'mkdir "$0"; cd "$0"; rmdir "$0"; exec "$@"'
    gone = str(tmp_path / "gone")
    done = subprocess.run(
        ["sh", "-c", script, gone, *_planmark(*arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert done.stderr.startswith("planmark: the current folder cannot be read (") and done.stderr.count("\n") == 1
    if "--json" in arguments:
        assert json.loads(done.stdout)["error"]["exit_code"] == 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the current folder of a process")
def test_a_workspace_that_is_named_needs_no_current_folder(tmp_path: Path) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    script = 'mkdir "$0"; cd "$0"; rmdir "$0"; exec "$@"'
    named = _planmark("--quiet", "--workspace", str(tmp_path), "next", PLAN)
    done = subprocess.run(
        ["sh", "-c", script, str(tmp_path / "gone"), *named], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "") and done.stdout


@pytest.mark.parametrize("command", ["status", "next", "check", "init"])
def test_a_workspace_that_cannot_be_read_is_one_line_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Plant the result of the permission check, because the user of the tests may have all permissions."""
    write_files(tmp_path, {PLAN: TEXT})
    monkeypatch.setattr(paths, "_is_readable", lambda folder: folder != tmp_path)
    named = runner(capsys, "--workspace", str(tmp_path))(command)
    assert named.code == 5 and "cannot be read: permission denied" in named.err
    monkeypatch.chdir(tmp_path)
    around = runner(capsys)(command)
    assert around.code == 5 and "the current folder cannot be read (permission denied)" in around.err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text there")
@pytest.mark.parametrize(
    "arguments", [["status", "--json"], ["next", "--json"], ["check", "--json"], ["graph", "@PAY"]], ids=" ".join
)
def test_a_workspace_whose_name_is_no_text_is_answered(tmp_path: Path, arguments: list[str]) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff"))
    write_files(root, {PLAN: TEXT})
    done = subprocess.run(_planmark("--workspace", str(root), *arguments), capture_output=True, check=False)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout.decode("utf-8"))


def test_a_file_is_no_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {"work.zip": "PK"})
    result = runner(capsys, "--workspace", str(tmp_path / "work.zip"))("status", "--json")
    assert result.code == 5 and result.data["error"]["exit_code"] == 5
    assert "is not a folder" in result.err


def test_an_archive_of_planmark_says_that_it_must_be_installed(tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "planmark"), "zip", REPOSITORY / "server", "planmark")
    script = f"import sys; sys.path.insert(0, {archive!r}); from planmark.cli.main import entry; entry()"
    done = subprocess.run([sys.executable, "-c", script, "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (5, "")
    assert "install the package" in done.stderr and done.stderr.count("\n") == 1


def test_settings_that_are_no_file_are_named(tmp_path: Path) -> None:
    kinds = {"folder": Path.mkdir, "pipe": os.mkfifo, "link": lambda path: path.symlink_to("nowhere")}
    if sys.platform == "win32":
        kinds = {"folder": Path.mkdir}
    for kind, make in kinds.items():
        (tmp_path / kind).mkdir()
        make(tmp_path / kind / "planmark.toml")
        settings = load_settings(tmp_path / kind)
        assert settings.source == "planmark.toml", kind
        assert "cannot be read, the defaults hold" in settings.warnings[0].message, kind


def test_a_defect_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    planted = "import sys; from planmark.cli import main; main._replay_or_run = lambda *_, **__: 1 / 0; sys.argv = ['planmark']; main.entry()"
    done = subprocess.run([sys.executable, "-c", planted], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    "setting", [{"LC_ALL": "C"}, {"TERM": "dumb"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_the_output_is_utf_8_whatever_the_surroundings_say(tmp_path: Path, setting: dict[str, str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    outputs = [
        subprocess.run(
            _planmark("--workspace", str(tmp_path), "status"),
            capture_output=True,
            env={**os.environ, **more},
            check=True,
        )
        for more in ({}, setting)
    ]
    assert outputs[0].stdout == outputs[1].stdout and "░".encode() in outputs[0].stdout
