"""`check --fix --diff` prints its changes in a form that git and patch can apply, and writes nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from fixture import write_files
from planmark.cli.main import main
from planmark.text.unified import diff_of_file, diff_of_new_file

PLAN = "plans/PAY/PLAN_PAY.md"
TEXT = "# PLAN: PAY 🎯\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n- [X] done\n"
TASK = "plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md"
VERDICT = "plans/PAY/execution/feedbacks/approved_1.1.md"
NAMING = f"# TASK\n\n**Status**: In Progress\n\nSee `{VERDICT}` and approved_1.1.md.\n"
TEXTS = {
    "plain": TEXT,
    "no final newline": TEXT.rstrip("\n"),
    "crlf": TEXT.replace("\n", "\r\n"),
    "cr": TEXT.replace("\n", "\r"),
    "bom": "\ufeff" + TEXT,
    "odd characters": TEXT + "\f\u2028\x1b[31m\n- [x ] \x85\n",
}
PATCHES = {
    "git": ("git", "apply", "--whitespace=nowarn", "-"),
    "patch": ("patch", "-p1", "--binary", "--silent"),
}


def run(root: Path, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, bytes, str]:
    code = main(["--workspace", str(root), "check", "--fix", *arguments])
    capture = capfd.readouterr()
    return code, capture.out.encode("utf-8"), capture.err


def contents(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def apply(tool: str, root: Path, diff: bytes) -> None:
    if shutil.which(PATCHES[tool][0]) is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run(PATCHES[tool], cwd=root, input=diff, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("tool", PATCHES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_diff_does_what_fix_does(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], text: str, tool: str
) -> None:
    for name in ("shown", "fixed"):
        write_files(tmp_path / name, {PLAN: text, "a b/PLAN_TILL.md": text})
    before = contents(tmp_path / "shown")
    main(["--workspace", str(tmp_path / "shown"), "check", "--fix", "--diff"])
    diff = capfdbinary.readouterr().out
    assert contents(tmp_path / "shown") == before
    main(["--workspace", str(tmp_path / "fixed"), "check", "--fix"])
    apply(tool, tmp_path / "shown", diff)
    assert contents(tmp_path / "shown") == contents(tmp_path / "fixed")
    assert contents(tmp_path / "fixed") != before


@pytest.mark.parametrize("tool", PATCHES)
def test_renames_and_mentions(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], tool: str) -> None:
    for name in ("shown", "fixed"):
        write_files(tmp_path / name, {PLAN: TEXT, TASK: NAMING, VERDICT: "# APPROVED: Achievement 1.1\n"})
    select = ("--select", "document-name", "--unsafe")
    main(["--workspace", str(tmp_path / "shown"), "check", "--fix", "--diff", *select])
    shown = capfdbinary.readouterr()
    assert b"rename from plans/PAY/execution/feedbacks/approved_1.1.md\n" in shown.out
    assert b"document-name: Rename to APPROVED_11.md" in shown.err
    main(["--workspace", str(tmp_path / "fixed"), "check", "--fix", *select])
    apply(tool, tmp_path / "shown", shown.out)
    assert contents(tmp_path / "shown") == contents(tmp_path / "fixed")
    assert "plans/PAY/execution/feedbacks/APPROVED_11.md" in contents(tmp_path / "fixed")


def test_exit_code_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Expect the exit code of the unchanged workspace, because the command writes nothing."""
    write_files(tmp_path, {PLAN: TEXT})
    code = main(["--workspace", str(tmp_path), "check", "--fix", "--diff", "--fail-on", "hint", "--format", "json"])
    assert code == 1
    assert '"diff": "diff --git a/plans/PAY/PLAN_PAY.md' in capsys.readouterr().out


def test_nothing_to_do_is_an_empty_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT.replace("[X]", "[x]")})
    assert main(["--workspace", str(tmp_path), "check", "--fix", "--diff"]) == 0
    assert capsys.readouterr().out == ""


def test_what_cannot_be_written_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    (tmp_path / PLAN).write_bytes(TEXT.encode() + b"\xff\n")
    main(["--workspace", str(tmp_path), "check", "--fix", "--diff"])
    shown = capsys.readouterr()
    assert shown.out == "" and "left out: Write `[x]`" in shown.err


lines = st.lists(st.sampled_from(["a\n", "b\n", "a\r\n", "- c\n", "\\ x\n", "\r", "\f\n", "\u2028\n", "d"]), max_size=8)
names = st.sampled_from(["a.md", "a b.md", 'q"t.md', "tab\t.md", "back\\slash.md", "ü.md", "dir/x y.md"])


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@given(names, lines.map("".join), lines.map("".join), st.booleans())
def test_git_applies_every_diff(
    tmp_path_factory: pytest.TempPathFactory, name: str, before: str, after: str, renamed: bool
) -> None:
    root = tmp_path_factory.mktemp("diff")
    target = f"new {name}" if renamed and "/" not in name else None
    if before == after and not target:
        return
    write_files(root, {name: before})
    apply("git", root, diff_of_file(name, before, after, target).encode())
    assert contents(root) == {target or name: after.encode()}
    apply("git", root, diff_of_new_file("made.md", after or "x").encode())
    assert contents(root)["made.md"] == (after or "x").encode()
