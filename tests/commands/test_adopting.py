"""`adopt` shows the claims in a PLAN's text, and writes a verdict only after the user confirms it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fixture import write_files
from planmark.cli.main import main

PLAN = "plans/PAY/PLAN_PAY.md"
FEEDBACKS = "plans/PAY/execution/feedbacks"
TEXT = """# PLAN: PAY

**Achievement 1.1**: Refunds ✅

**Achievement 1.2**: Receipts

**Achievement 1.3**: Vouchers

## Subplan Tracking

- [x] **Achievement 1.2**: Receipts - Complete
"""


def adopt(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, says: str = ""
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(says))
    code = main(["--workspace", str(root), "adopt", "@PAY", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def verdicts(root: Path) -> list[str]:
    return sorted(path.name for path in (root / FEEDBACKS).glob("*")) if (root / FEEDBACKS).is_dir() else []


WRITE = ("--write", "--reviewer", "Ada")


def test_a_preview_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    code, shown, said = adopt(tmp_path, capsys, monkeypatch, says="y\ny\n")
    assert code == 0 and verdicts(tmp_path) == []
    assert f"{PLAN}:3  **Achievement 1.1**: Refunds ✅" in shown
    assert f"{PLAN}:11" in shown and f"would create {FEEDBACKS}/APPROVED_12.md" in shown
    assert "1.3" not in shown.replace("APPROVED", "")
    assert "planmark adopt @PAY --write --reviewer NAME" in said


@pytest.mark.parametrize(
    ("says", "written"),
    [
        ("y\nyes\n", ["APPROVED_11.md", "APPROVED_12.md"]),
        ("n\nY\n", ["APPROVED_12.md"]),
        ("\nsure\n", []),
        ("y\n", ["APPROVED_11.md"]),
        ("", []),
    ],
)
def test_only_a_yes_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, says: str, written: list[str]
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    code, shown, _ = adopt(tmp_path, capsys, monkeypatch, *WRITE, says=says)
    assert (code, verdicts(tmp_path)) == (0, written)
    assert shown.split() == [f"{FEEDBACKS}/{name}" for name in written]
    assert (tmp_path / PLAN).read_text(encoding="utf-8") == TEXT


def test_what_is_adopted_counts_and_is_a_whole_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    adopt(tmp_path, capsys, monkeypatch, *WRITE, says="y\ny\n")
    assert "- line 3: **Achievement 1.1**: Refunds ✅" in (tmp_path / FEEDBACKS / "APPROVED_11.md").read_text("utf-8")
    main(["--workspace", str(tmp_path), "check", "--select", "verdict-empty,claimed-without-evidence"])
    assert capsys.readouterr().out == ""
    assert adopt(tmp_path, capsys, monkeypatch)[0] == 3


def test_only_one_achievement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    adopt(tmp_path, capsys, monkeypatch, *WRITE, "--achievement", "1.2", says="y\ny\n")
    assert verdicts(tmp_path) == ["APPROVED_12.md"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--write",), 2, "needs its reviewer"),
        (("--write", "--reviewer", " "), 2, "needs its reviewer"),
        (("--achievement", "9.9"), 2, "It has: 1.1, 1.2, 1.3"),
        (("--achievement", "1.3"), 3, "has no claim beyond"),
    ],
)
def test_what_cannot_be_adopted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    write_files(tmp_path, {PLAN: TEXT})
    found, _, said = adopt(tmp_path, capsys, monkeypatch, *arguments, says="y\n")
    assert found == code and says in said
    assert verdicts(tmp_path) == []


def test_what_a_reviewer_has_decided_is_not_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {PLAN: TEXT, f"{FEEDBACKS}/FIX_11.md": "x", f"{FEEDBACKS}/APPROVED_12.md": "x"})
    assert adopt(tmp_path, capsys, monkeypatch)[0] == 3
