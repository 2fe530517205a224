"""The question of `planmark init`: lines for agents in the file that they read, only if a person says yes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from command_line import runner
from planmark.cli.agent_pointer import AGENT_FILES, POINTER_TEXT


class Terminal(io.StringIO):
    """An input or output that is a terminal."""

    def isatty(self) -> bool:
        return True


def init(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, *options: str
) -> tuple[list[str], str]:
    """Return the paths that `planmark init` printed at a terminal, and the question."""
    shown = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stderr", shown)
    done = runner(capsys, "--workspace", str(root), *options)("init")
    assert done.code == 0
    return done.out.splitlines(), shown.getvalue()


@pytest.mark.parametrize("answer", ["y\n", "YES\n", " y \n"])
def test_yes_creates_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    written, asked = init(tmp_path, capsys, monkeypatch, answer)
    assert written == ["planmark.toml", "work-space/plans/", "AGENTS.md"]
    assert "Add four lines about the plans to AGENTS.md, for agents? [y/N]" in asked
    assert (tmp_path / "AGENTS.md").read_text("utf-8") == POINTER_TEXT
    assert len(POINTER_TEXT.split()) < 50
    # It is not asked again.
    assert "[y/N]" not in init(tmp_path, capsys, monkeypatch, "y\n")[1]
    assert (tmp_path / "AGENTS.md").read_text("utf-8") == POINTER_TEXT


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "yellow\n", "yes please\n"])
def test_every_other_answer_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    written, asked = init(tmp_path, capsys, monkeypatch, answer)
    assert written == ["planmark.toml", "work-space/plans/"]
    assert "[y/N]" in asked
    assert not any((tmp_path / name).exists() for name in AGENT_FILES)


def test_without_a_terminal_or_with_quiet_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert init(tmp_path, capsys, monkeypatch, "y\n", "--quiet") == (["planmark.toml", "work-space/plans/"], "")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert "[y/N]" not in runner(capsys, "--workspace", str(tmp_path))("init").err
    assert not (tmp_path / "AGENTS.md").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", POINTER_TEXT),
        (b"# Shop\n", f"# Shop\n\n{POINTER_TEXT}"),
        (b"# Shop", f"# Shop\n\n{POINTER_TEXT}"),
        (b"# Shop\r\n", f"# Shop\n\n{POINTER_TEXT}".replace("\n", "\r\n")),
        (b"\xef\xbb\xbf# Shop\n", f"\ufeff# Shop\n\n{POINTER_TEXT}"),
    ],
)
def test_the_file_that_exists_keeps_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, before: bytes, after: str
) -> None:
    (tmp_path / "CLAUDE.md").write_bytes(before)
    assert init(tmp_path, capsys, monkeypatch, "y\n")[0][-1] == "CLAUDE.md"
    assert (tmp_path / "CLAUDE.md").read_bytes() == after.encode()
    assert not (tmp_path / "AGENTS.md").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"Run `planmark next`.\n", b"x" * 1_000_001])
def test_a_file_that_is_no_text_or_tells_of_the_plans_already_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "AGENTS.md").write_bytes(content)
    written, asked = init(tmp_path, capsys, monkeypatch, "y\n")
    assert written == ["planmark.toml", "work-space/plans/"]
    assert "[y/N]" not in asked
    assert (tmp_path / "AGENTS.md").read_bytes() == content


def test_a_link_that_leads_outside_is_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = tmp_path / "shop", tmp_path / "outside.md"
    root.mkdir()
    outside.write_text("theirs\n")
    (root / "AGENTS.md").symlink_to(outside)
    assert "[y/N]" not in init(root, capsys, monkeypatch, "y\n")[1]
    assert outside.read_text() == "theirs\n"
