"""`planmark cache`: what the cache folder holds, and what the command removes from it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import jsonschema
import pytest

from command_line import Run, runner
from fixture import write_files
from planmark.queries.persistent_index import open_index, save
from planmark.queries.schemas import json_schema
from planmark.queries.workspace_view import build_view
from planmark.storage.sqlite_file import store_paths
from planmark.workspace.event_log import append_lines

PLAN = "# PLAN\n\n**Achievement 1.1**: Vouchers\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A runner of commands in one of two workspaces, both with a store."""
    for name in ("one", "other"):
        write_files(tmp_path / name, {"planmark.toml": "", f"plans/{name.upper()}/PLAN_{name.upper()}.md": PLAN})
        index = open_index(tmp_path / name)
        save(index, build_view(index.refresh(), index.text_reader()))
        assert index.entries.store
        index.entries.store.close()
    append_lines(b"{}\n", 1000)
    monkeypatch.chdir(tmp_path / "one")
    return runner(capsys)


def test_info_lists_every_store_and_marks_those_of_this_workspace(run: Run, cache: Path) -> None:
    data = run("cache", "info", "--json").data
    jsonschema.Draft202012Validator(json.loads(json_schema("cache"))).validate(data)
    assert data["folder"] == str(cache)
    assert [(s["workspace"], s["here"], s["documents"]) for s in data["stores"]] == [
        ("one", True, 1),
        ("other", False, 1),
    ]
    assert all(s["bytes"] > 1000 and s["age_seconds"] < 600 and not s["problem"] for s in data["stores"])
    assert data["records_bytes"] == 3
    shown = run("cache", "info").out
    assert f"{cache}: 2 stores" in shown
    assert [line.split()[0] for line in shown.splitlines()[3:]] == ["→", "other"]


def test_info_of_one_workspace(run: Run, tmp_path: Path) -> None:
    assert [s["workspace"] for s in run("cache", "info", "here", "--json").data["stores"]] == ["one"]
    other = ("--workspace", str(tmp_path / "other"))
    assert [s["workspace"] for s in run(*other, "cache", "info", "--json").data["stores"]] == ["other"]


def test_a_damaged_store_is_shown_as_one(run: Run) -> None:
    store_paths()[0].write_bytes(b"no database" * 500)
    data = run("cache", "info", "--json").data
    assert ["not a database" in store["problem"] for store in data["stores"]] == [True, False]
    assert run("cache", "clear").code == 0
    assert store_paths() == []


def test_clear_removes_what_is_ours_alone(run: Run, cache: Path) -> None:
    beside = ["notes.sqlite", "other-0123456789abcdef-0123456789abcdef.sqlite", "one.txt"]
    for name in beside:
        (cache / "store" / name).write_text("x", encoding="utf-8")
    assert run("cache", "clear", "here").err == "1 store removed\n"
    assert [path.name.partition("-")[0] for path in store_paths()] == ["other"]
    result = run("cache", "clear")
    assert (result.code, result.err) == (0, "1 store removed\n") and result.out.startswith("removed: ")
    assert sorted(path.name for path in (cache / "store").iterdir()) == sorted(beside)
    assert run("cache", "clear").err == "0 stores removed\n"
    assert (cache / "metrics").is_dir()


def test_a_store_that_another_process_has_open_stays(run: Run) -> None:
    other = sqlite3.connect(store_paths()[0])
    other.execute("SELECT count(*) FROM documents").fetchall()
    result = run("cache", "clear")
    assert result.code == 5 and "not removed: " in result.out and "another process has it open" in result.out
    assert len(store_paths()) == 1
    other.close()
    assert run("cache", "clear").code == 0


def test_outside_of_a_workspace_all_can_go_but_not_what_is_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert run("cache", "clear", "here").code == 5
    assert [s["here"] for s in run("cache", "info", "--json").data["stores"]] == [False, False]
    assert run("cache", "clear").err == "2 stores removed\n"
