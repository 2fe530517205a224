"""Tables in the available width: which columns are dropped, and what stays at 80 and 60 cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from long_names import FEATURE, OTHER, write_long_names
from planmark.cli.main import main
from planmark.cli.table import Column, draw_table, fit_columns, output_width
from planmark.text.display_width import cell_width


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_long_names(tmp_path)
    return tmp_path


def plain(text: str, _style: str) -> str:
    return text


def test_columns_go_by_rank_and_the_others_become_narrower() -> None:
    columns = (
        Column("NAME", form="name", min_width=8),
        Column("AGE", 2),
        Column("SIZE", 1),
        Column("TEXT", form="text"),
    )
    rows = [["A-VERY-LONG-NAME", "12 days", "30 MB", "what it is about"]]
    assert fit_columns(columns, rows, None) == [(0, 16), (1, 7), (2, 5), (3, 16)]
    assert [at for at, _ in fit_columns(columns, rows, 50)] == [0, 1, 2, 3]
    assert [at for at, _ in fit_columns(columns, rows, 26)] == [0, 2, 3]
    assert [at for at, _ in fit_columns(columns, rows, 15)] == [0, 3]


def test_a_row_takes_the_lines_of_its_longest_cell() -> None:
    columns = (Column("ID"), Column("NEXT", form="prose", min_width=8))
    rows = [[("1.1", ""), ("create the task and begin", "")], [("1.2", ""), ("wait", "")]]
    assert draw_table(columns, rows, 16, plain, "-") == [
        "ID   NEXT",
        "----------------",
        "1.1  create the",
        "     task and",
        "     begin",
        "1.2  wait",
    ]


def test_nothing_of_a_cell_rewrites_the_screen() -> None:
    assert "\x1b" not in "".join(draw_table((Column("A"),), [[("\x1b[2Jgone", "")]], None, plain))


@pytest.mark.parametrize(
    ("said", "width"), [("80", 80), ("5", 20), ("0", None), ("-4", None), ("wide", None), ("", None)]
)
def test_columns_says_the_width_of_a_pipe(monkeypatch: pytest.MonkeyPatch, said: str, width: int | None) -> None:
    monkeypatch.setenv("COLUMNS", said)
    assert output_width() == width


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize("command", ["status", f"status @{FEATURE}", "budget", "doctor", f"budget @{FEATURE}"])
def test_every_line_fits(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    main([*command.split(), "--workspace", str(workspace)])
    lines = capsys.readouterr().out.splitlines()
    assert lines
    # Paths and commands are not shortened, so that users can copy them.
    whole = ("plans/", "Prompt: planmark next @")
    assert [line for line in lines if cell_width(line) > width and not line.startswith(whole)] == []


@pytest.mark.parametrize("width", [80, 60])
def test_plan_progress_and_next_step_stay(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    main(["status", "--workspace", str(workspace)])
    out = capsys.readouterr().out
    assert {"PLAN", "PROGRESS", "NEXT", "STEP"} <= set(out.splitlines()[0].split())
    assert "0/2" in out
    names = {line.split()[0] for line in out.splitlines() if line.startswith("CHECKOUT")}
    assert len(names) == 2, "two plans that look the same"
    assert "create the EXECUTION_TASK and begin (executor)" in " ".join(
        line.split("0/2")[-1].removeprefix("  planned").removeprefix("  in progress").strip()
        for line in out.splitlines()
    )


def test_a_pipe_has_every_name_whole(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    main(["status", "--workspace", str(workspace)])
    out = capsys.readouterr().out
    assert FEATURE in out and OTHER in out and "PROBLEMS" in out
