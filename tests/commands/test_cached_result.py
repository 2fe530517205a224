"""The result cache: when an answer is used, what is loaded for it, and what it records."""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import time
from pathlib import Path

import msgspec
import pytest

from fixture import write_files
from planmark.cli import cached_result
from planmark.cli.arguments import Parser
from planmark.cli.cached_result import command_key
from planmark.cli.console import json_before_run, json_text
from planmark.cli.options import CACHED_COMMANDS
from planmark.metrics.events import records_in_lines
from planmark.queries.api_types import Run, StatusResult
from planmark.storage import result_cache
from planmark.storage.plain_json import append_member
from planmark.storage.result_cache import CachedResult, ResultInputs, open_result_cache
from planmark.storage.sqlite_file import store_paths
from planmark.workspace.event_log import read_records

PLAN = "# PLAN\n\n**Achievement 1.1**: Vouchers\n\n**Achievement 1.2**: Coupons\n"
WORKSPACE = {
    "planmark.toml": "",
    "plans/SALE/PLAN_SALE.md": PLAN,
    "plans/SALE/subplans/SUBPLAN_SALE_11.md": "# SUBPLAN\n\n## Objective\n\nx\n",
    "plans/TOUR/PLAN_TOUR.md": PLAN,
}
SETTLED_SECONDS = 0.03


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which no file has changed for a moment."""
    root = tmp_path / "ws"
    write_files(root, WORKSPACE)
    time.sleep(SETTLED_SECONDS)
    return root


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that the result cache has answered."""
    found: list[str] = []
    replay_cached = cached_result.replay_cached

    def noted(arguments: tuple[str, ...]) -> int | None:
        code = replay_cached(arguments)
        if code is not None:
            found.append(" ".join(arguments[2:]))
        return code

    monkeypatch.setattr(cached_result, "replay_cached", noted)
    return found


def run(root: Path, *arguments: str) -> int:
    from planmark.cli.main import main

    return main(("--workspace", str(root), *arguments), use_cache=True)


def test_what_is_kept_says_what_it_took(root: Path, capsys: pytest.CaptureFixture[str], hits: list[str]) -> None:
    for _ in range(2):
        run(root, "next", "@SALE", "--json")
    first, second = capsys.readouterr().out.split("}\n{")
    fresh, kept = json.loads(first + "}"), json.loads("{" + second)
    assert hits == ["next @SALE --json"]
    assert kept["run"]["cached"] is True and 0 < kept["run"]["ms"] < fresh["run"]["ms"]
    assert {**fresh, "run": None} == {**kept, "run": None}


def test_a_kept_answer_leaves_its_records(root: Path, hits: list[str]) -> None:
    for _ in range(2):
        run(root, "next", "@SALE")
    assert hits
    lines = records_in_lines(read_records())
    assert lines.broken_count == 0
    commands = [(r.name, r.feature, r.outcome) for r in lines.records if r.kind == "command"]
    assert commands == [("next", "SALE", "done")] * 2
    made, again = [r for r in lines.records if r.kind == "prompt"]
    assert (made.cache_hit, again.cache_hit, made.tokens) == (False, True, again.tokens)
    assert (made.name, made.feature) == (again.name, again.feature)
    caches = [(r.counts["hits"], r.counts["misses"]) for r in lines.records if (r.kind, r.name) == ("cache", "answers")]
    assert caches == [(0, 1), (1, 0)]
    assert again.end - again.start == pytest.approx(again.duration, abs=1e-5)


@pytest.mark.parametrize(
    "changed",
    [
        {"plans/SALE/PLAN_SALE.md": PLAN.replace("Vouchers", "Bouquets")},
        {"plans/SALE/execution/feedbacks/APPROVED_11.md": "x"},
        {"planmark.toml": "[metrics]\nfile = false\n"},
        {"pyproject.toml": ""},
        {"plans/SALE/.gitignore": "subplans\n"},
        {"plans/TOUR/.git": "gitdir: elsewhere\n"},
        {"new/NOTES.md": "x"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_change_is_seen(root: Path, changed: dict[str, str], hits: list[str]) -> None:
    run(root, "next", "@SALE")
    write_files(root, changed)
    time.sleep(SETTLED_SECONDS)
    run(root, "next", "@SALE")
    assert not hits
    run(root, "next", "@SALE")
    assert hits == ["next @SALE"]


def test_a_checkout_that_goes_is_seen(root: Path, hits: list[str]) -> None:
    """Check that the answer depends on the checkout, although the scan skips its folder."""
    write_files(root, {"plans/TOUR/.git": "gitdir: elsewhere\n"})
    time.sleep(SETTLED_SECONDS)
    run(root, "status", "--json")
    (root / "plans/TOUR/.git").unlink()
    time.sleep(SETTLED_SECONDS)
    run(root, "status", "--json")
    assert not hits


def test_another_plan_is_another_matter(root: Path, hits: list[str]) -> None:
    write_files(root, {"plans/TOUR/subplans/SUBPLAN_TOUR_11.md": "# SUBPLAN\n"})
    time.sleep(SETTLED_SECONDS)
    run(root, "next", "@SALE")
    write_files(root, {"plans/TOUR/subplans/SUBPLAN_TOUR_11.md": "# SUBPLAN\n\nMore.\n"})
    run(root, "next", "@SALE")
    assert hits == ["next @SALE"]


def test_what_was_changed_just_now_is_not_trusted(root: Path) -> None:
    answers = open_result_cache(root, make=True)
    assert answers
    inputs = ResultInputs((".",), ("plans/SALE/PLAN_SALE.md",), {}, {"shop": False})
    changed_ns = (root / inputs.files[0]).stat().st_mtime_ns
    answer = CachedResult(0, "x")
    assert not answers.put(root, "key", answer, inputs, changed_ns + 1_000_000)
    assert not answers.put(root, "key", answer, inputs._replace(read_times={".": 1}), time.time_ns())
    assert answers.get(root, "key") is None
    assert answers.put(root, "key", answer, inputs, time.time_ns())
    assert answers.get(root, "key") == answer
    (root / "shop").mkdir()
    assert answers.get(root, "key") is None
    answers.close()


@pytest.mark.parametrize(
    "damage", ["UPDATE answers SET out = 'other'", "UPDATE walk SET stamps = x'00'", "DROP TABLE walk"]
)
def test_a_damaged_answer_is_none(root: Path, damage: str, hits: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(root, "next", "@SALE")
    before = capsys.readouterr().out
    for path in store_paths():
        connection = sqlite3.connect(path)
        if connection.execute("SELECT name FROM sqlite_master WHERE name = 'answers'").fetchone():
            connection.execute(damage)
        connection.commit()
        connection.close()
    run(root, "next", "@SALE")
    assert (capsys.readouterr().out, hits) == (before, [])
    run(root, "next", "@SALE")
    assert hits == ["next @SALE"]


def test_old_answers_go(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_cache, "MAX_RESULTS", 2)
    answers = open_result_cache(root, make=True)
    assert answers
    for key in "abc":
        assert answers.put(root, key, CachedResult(0, key), ResultInputs((".",), (), {}, {}), time.time_ns())
    assert [answers.get(root, key) is not None for key in "abc"] == [False, True, True]
    answers.close()


@pytest.mark.parametrize("text", ["[cache]\nenable = false\n", '[prompts]\ntemplates = "none"\n'])
def test_who_wants_nothing_kept_has_nothing_kept(root: Path, text: str, hits: list[str]) -> None:
    write_files(root, {"planmark.toml": text})
    time.sleep(SETTLED_SECONDS)
    for _ in range(2):
        run(root, "next", "@SALE")
    assert bool(hits) == ("cache" not in text)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_where_a_document_is_a_link_nothing_is_kept(root: Path, hits: list[str]) -> None:
    (root / "plans/SALE/subplans/SUBPLAN_SALE_12.md").symlink_to(root / "plans/SALE/subplans/SUBPLAN_SALE_11.md")
    time.sleep(SETTLED_SECONDS)
    for _ in range(2):
        run(root, "next", "@SALE")
    assert hits == []


def test_the_same_question_has_the_same_key() -> None:
    assert command_key(["next", "@SALE", "--json"]) == command_key(["next", "--json", "SALE"])
    assert command_key(["--workspace", "x", "next", "SALE", "--budget", "9"]) == command_key(
        ["next", "--budget", "9", "SALE", "--workspace", "x"]
    )
    assert command_key(["next", "@SALE"]) != command_key(["next", "@SALE", "--quiet"])
    by_option = command_key(["next", "@SALE", "--achievement", "1.2"])
    assert (
        by_option
        == command_key(["next", "@SALE", "1.2"])
        == command_key(["next", "@SALE", "1.2", "--achievement", "1.2"])
    )
    assert len({command_key(["next", "@SALE", *rest]) for rest in ((), ("1.1",), ("1.2",), ("1.12",))}) == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["next", "@SALE", "--copy"],
        ["next", "--out", "x"],
        ["next", "plans/SALE"],
        ["next", "PLAN_SALE.md"],
        ["next", "SALE", "TOUR"],
        ["next", "SALE", "1.1", "1.2"],
        ["next", "SALE", "1.1", "--achievement", "1.2"],
        ["status", "SALE", "1.1"],
        ["next", "--budget=9"],
        ["next", "--bud", "9"],
        ["next", "--budget"],
        ["next", "--json", "--json"],
        ["next", "--help"],
        ["status", "--watch"],
        ["--work", "x", "next"],
        ["check"],
        [],
    ],
)
def test_what_is_never_kept(arguments: list[str]) -> None:
    assert command_key(arguments) is None


@pytest.mark.parametrize("command", CACHED_COMMANDS)
def test_the_table_of_options_has_every_option_of_a_cached_command(command: str) -> None:
    parser = Parser(add_help=False)
    importlib.import_module(f"planmark.cli.commands.{command}").add_arguments(parser)
    added = {option for action in parser._actions for option in action.option_strings}
    assert added == {option.name for option in CACHED_COMMANDS[command]}


def test_a_result_without_its_run_has_the_text_of_the_whole_result() -> None:
    result = StatusResult(workspaces=[], run=Run(7, 12.5, True))
    assert append_member(json_before_run(result), "run", msgspec.structs.asdict(result.run)) == json_text(result)
