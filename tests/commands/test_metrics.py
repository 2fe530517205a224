"""`planmark metrics` and `planmark profile`, and the records that every other command writes for them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from command_line import Run, runner
from conftest import REPOSITORY
from fixture import settle, write_files
from planmark.cli.main import main
from planmark.formats.planmark.documents import document
from planmark.formats.planmark.prompts import next_prompt as prompt_module
from planmark.markdown.parsed_source import clear_caches
from planmark.metrics import get_performance_stats
from planmark.metrics.events import records_in_lines
from planmark.metrics.recorder import Recorder
from planmark.metrics.trace import current_trace
from planmark.queries import profile as profile_module
from planmark.queries.profile import GATE_SECONDS, GOAL_SECONDS, STAGE_ADVICE, STAGE_OF_PART, ProfileTarget, profile
from planmark.queries.schemas import json_schema
from planmark.storage.file_lock import hold_lock
from planmark.storage.metrics_endpoints import forget_endpoint, remember_endpoint, running_endpoints
from planmark.workspace.event_log import RECORDS_FILE, RECORDS_LOCK_FILE, append_lines, read_records, records_folder
from planmark.workspace.index import Index
from prometheus_text import read_text

PLAN = "# PLAN\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n"
WORKSPACE = {
    "plans/DONE/PLAN_DONE.md": PLAN,
    "plans/DONE/execution/feedbacks/APPROVED_11.md": "x",
    "plans/DONE/execution/feedbacks/APPROVED_12.md": "x",
    "plans/SEARCH/PLAN_SEARCH.md": PLAN,
    "plans/SEARCH/subplans/SUBPLAN_SEARCH_11.md": "## Objective\n\nx\n",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A runner of commands in the small workspace above."""
    write_files(tmp_path, WORKSPACE)
    monkeypatch.chdir(tmp_path)
    return runner(capsys, "--workspace", str(tmp_path))


def validate(name: str, data: Any) -> None:
    jsonschema.Draft202012Validator(json.loads(json_schema(name))).validate(data)


def lines() -> Any:
    return records_in_lines(read_records())


def kinds() -> list[tuple[str, str, str | None]]:
    return [(known.kind, known.name, known.feature) for known in lines().records if known.kind != "cache"]


def test_a_command_leaves_what_it_took(run: Run) -> None:
    assert run("next", "@SEARCH").code == 0
    assert kinds() == [
        ("look", "cold", None),
        ("prompt", "create_execution", "SEARCH"),
        ("command", "next", "SEARCH"),
    ]
    prompt, command = lines().records[1:3]
    assert prompt.tokens > 100 and prompt.cache_hit is False and prompt.success
    assert {"index/parse", "index/read", "generate/context/render"} <= command.parts.keys()
    assert sum(command.parts.values()) <= command.duration + 1e-5
    caches = {known.name: known.counts for known in lines().records if known.kind == "cache"}
    assert (caches["plans"]["hits"], caches["plans"]["misses"]) == (0, 2)


def test_measuring_changes_no_result(run: Run, tmp_path: Path) -> None:
    kept = run("next", "@SEARCH"), run("status", "@SEARCH"), run("check")
    write_files(tmp_path, {"planmark.toml": "[metrics]\nfile = false\n"})
    number = len(lines().records)
    assert (run("next", "@SEARCH"), run("status", "@SEARCH"), run("check")) == kept
    assert len(lines().records) == number > 3


def test_a_command_that_fails_is_a_failure(run: Run) -> None:
    assert run("next", "@NOT-THERE").code == 2
    assert run("next", "@SEARCH", "--budget", "1").code == 2
    commands = [known for known in lines().records if known.kind in ("command", "prompt")]
    assert [(known.kind, known.name, known.outcome, known.success) for known in commands] == [
        ("command", "next", "error", False),
        ("prompt", "create_execution", "error", False),
        ("command", "next", "error", False),
    ]


def test_the_stats_are_those_of_the_last_command(run: Run) -> None:
    run("next", "@SEARCH")
    stats = get_performance_stats()
    assert (stats["total_calls"], stats["generations"], stats["errors"]) == (1, 1, 0)
    assert stats["documents_parsed"] == 5
    assert stats["avg_parse_time"] > 0 and stats["avg_generation_time"] > 0
    assert stats["cache_hit_rates"].keys() >= {"blocks", "documents", "plans", "prompts"}


@pytest.mark.parametrize("command", ["metrics", "schema", "doctor"])
def test_who_only_looks_leaves_nothing(run: Run, command: str) -> None:
    run(command)
    assert kinds() == []


def test_a_workspace_can_be_left_alone(run: Run, tmp_path: Path) -> None:
    write_files(tmp_path, {"planmark.toml": "[metrics]\nfile = false\n"})
    assert run("next", "@SEARCH").code == 0
    assert not records_folder().exists()


def test_the_table_by_name_and_the_slowest(run: Run) -> None:
    for _ in range(3):
        run("next", "@SEARCH")
    run("status")
    result = run("metrics")
    rows = {tuple(line.split()[:2]): line.split() for line in result.out.splitlines() if line[:1].islower()}
    assert rows["command", "next"][2:4] == ["3", "0"]
    assert rows["prompt", "create_execution"][2] == "3"
    assert rows["look", "cold"][2] == "4"
    assert len(result.out.split("Slowest:\n")[1].splitlines()) == 3
    assert f"from {records_folder() / RECORDS_FILE}" in result.err


def test_no_records_yet(run: Run) -> None:
    result = run("metrics")
    assert result.code == 0
    assert "no records in" in result.err and "`metrics.file`" in result.err
    assert run("metrics", "--quiet").err == ""


def test_as_json_it_is_what_the_editor_gets(run: Run, tmp_path: Path) -> None:
    settle(tmp_path)
    run("next", "@SEARCH")
    run("next", "@NOT-THERE")
    data = run("metrics", "--json").data
    validate("metrics", data)
    assert data["schema"] == "planmark.metrics/1"
    assert [(known["method"], known["count"], known["errors"]) for known in data["commands"]] == [("next", 2, 1)]
    assert [(known["step"], known["count"]) for known in data["prompts"]] == [("create_execution", 1)]
    assert (data["index"]["documents"], data["index"]["plans"], data["index"]["documentsRead"]) == (5, 2, 5)
    # The second command finds in the store what the first has read.
    plans = next(known for known in data["caches"] if known["name"] == "plans")
    assert (plans["hits"], plans["misses"]) == (2, 2)
    assert data["records"]["read"] == len(lines().records)
    assert data["uptimeSeconds"] >= 0


def test_for_prometheus(run: Run) -> None:
    run("next", "@SEARCH")
    result = run("metrics", "--prometheus")
    families = read_text(result.out)
    made = {"workflow": "create_execution", "status": "success"}
    assert families["prompt_generation_total"].value("prompt_generation_total", **made) == 1
    assert families["planmark_index_documents"].value("planmark_index_documents") == 5
    assert run("metrics", "--json", "--prometheus").code == 2


def test_broken_lines_are_named_and_not_counted(run: Run) -> None:
    run("next", "@SEARCH")
    with (records_folder() / RECORDS_FILE).open("ab") as stream:
        stream.write(b"{broken\n\xff\n")
    result = run("metrics")
    assert "2 lines of it cannot be read" in result.err
    assert "Traceback" not in result.err
    assert run("metrics", "--json").data["records"]["broken"] == 2


def test_records_that_cannot_be_written_change_no_command(run: Run, cache: Path) -> None:
    cache.mkdir()
    (cache / "metrics").write_text("x", encoding="utf-8")
    result = run("next", "@SEARCH")
    assert result.code == 0
    assert re.fullmatch(r"prompt p_[0-9a-f]+: .* tokens, of them .* to read\n", result.err)
    assert "SUBPLAN_SEARCH_11.md" in result.out
    assert get_performance_stats()["lost"] == 7
    assert "cannot write" in run("metrics").err


def test_a_lock_that_is_kept_changes_no_command(run: Run, tmp_path: Path) -> None:
    assert run("metrics").code == 0
    append_lines(b"", 100)
    with hold_lock(records_folder() / RECORDS_LOCK_FILE, 1.0):
        codes: list[int] = []
        thread = threading.Thread(target=lambda: codes.append(main(["--workspace", str(tmp_path), "next", "@SEARCH"])))
        thread.start()
        thread.join(60)
    assert codes == [0]
    assert kinds() == []


def test_a_server_that_can_be_asked_is_named(run: Run) -> None:
    remember_endpoint(os.getpid(), "http://127.0.0.1:9000/metrics")
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    remember_endpoint(gone.pid, "http://127.0.0.1:9001/metrics")
    said = run("metrics").err
    assert f"the server in process {os.getpid()} serves its current metrics at http://127.0.0.1:9000/metrics" in said
    assert "9001" not in said
    forget_endpoint(os.getpid())
    (records_folder() / f"{os.getpid()}.url").mkdir()
    assert list(running_endpoints()) == []


def test_every_field_of_the_result_is_in_the_schema_of_the_package() -> None:
    """Compare with the one checked file that tests, docs and clients share."""
    for name in ("metrics", "profile"):
        kept = REPOSITORY / "server" / "planmark" / "schemas" / f"{name}.schema.json"
        assert kept.read_text(encoding="utf-8") == json_schema(name)
        jsonschema.Draft202012Validator.check_schema(json.loads(json_schema(name)))


# Where the time of a cycle goes


class Clock:
    """A clock that stands still until the test makes a function slow."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def slow(self, function: Any, seconds: float) -> Any:
        """Return `function`, delayed on this clock by `seconds`."""

        def slowed(*args: Any, **kwargs: Any) -> Any:
            self.now += seconds
            return function(*args, **kwargs)

        return slowed


@pytest.fixture
def clock() -> Clock:
    return Clock()


def profiled_cycle(root: Path, clock: Clock, persist: Any = lambda _: None) -> profile_module.ProfileResult:
    clear_caches()
    wanted = ProfileTarget(lambda view: view.snapshot.plans[-1], None, persist)
    return profile(Index(root), wanted, Recorder(clock), 0.25)


SLOW: dict[str, tuple[Any, str]] = {
    "parse": (document, "_parse_document"),
    "detect": (profile_module, "build_view"),
    "context": (prompt_module, "template_variables"),
}


@pytest.mark.parametrize("stage", ["parse", "detect", "context", "prompt", "persist"])
def test_a_component_that_is_made_slow_is_named_first(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    write_files(tmp_path, WORKSPACE)
    persist: Any = lambda _: None  # noqa: E731
    if stage == "persist":
        persist = clock.slow(persist, 1.5)
    elif stage == "prompt":
        from planmark.prompts import render

        monkeypatch.setattr(render, "render_template", clock.slow(render.render_template, 1.5))
    else:
        module, name = SLOW[stage]
        monkeypatch.setattr(module, name, clock.slow(getattr(module, name), 1.5))
    run = profiled_cycle(tmp_path, clock, persist).run
    assert run.bottleneck == run.stages[0].stage == stage
    assert run.stages[0].cold_share == 1.0
    assert run.stages[0].priority in ("high", "critical")
    assert run.cold.ms == pytest.approx(sum(known.cold_ms for known in run.stages))
    assert run.within == ("gate" if run.cold.ms <= GATE_SECONDS * 1000 else "neither")
    # Cached work is not repeated, but evaluating and persisting are.
    warm = {known.stage: known.warm_ms for known in run.stages}
    assert warm[stage] == (1500.0 if stage in ("detect", "persist") else 0.0)


def test_the_shares_add_up_and_the_second_cycle_reads_nothing(run: Run) -> None:
    clear_caches()
    result = run("profile", "@SEARCH", "--json")
    validate("profile", result.data)
    found = result.data["run"]
    assert {known["stage"] for known in found["stages"]} == set(STAGE_ADVICE)
    for temperature in ("cold", "warm"):
        assert sum(known[f"{temperature}Share"] for known in found["stages"]) == pytest.approx(1.0, abs=0.002)
        total = sum(known[f"{temperature}Ms"] for known in found["stages"])
        assert total == pytest.approx(found[temperature]["ms"], abs=0.01)
    assert found["cold"]["documentsRead"] == 5 and found["cold"]["sectionsParsed"] >= 5
    assert found["cold"]["promptsMade"] == 1
    warm = found["warm"]
    assert (warm["documentsRead"], warm["sectionsParsed"], warm["promptsMade"]) == (0, 0, 0)
    for known in found["stages"]:
        assert sum(known["parts"].values()) <= known["coldMs"] + 0.01


def test_what_differs_from_run_to_run_stands_under_run(run: Run) -> None:
    first, second = run("profile", "@SEARCH", "--json").data, run("profile", "@SEARCH", "--json").data
    assert {**first, "run": None} == {**second, "run": None}
    assert (first["gateMs"], first["goalMs"]) == (GATE_SECONDS * 1000, GOAL_SECONDS * 1000)


def test_the_table_names_the_bottleneck_and_what_to_do(run: Run) -> None:
    result = run("profile", "@SEARCH")
    stages = [line.split()[0] for line in result.out.splitlines()[3 : 3 + len(STAGE_ADVICE)]]
    assert set(stages) == set(STAGE_ADVICE)
    assert f"Bottleneck: {stages[0]}, " in result.out and STAGE_ADVICE[stages[0]] in result.out  # type: ignore[index]
    assert "Warm: 0 documents read, 0 sections parsed, 0 prompts rendered" in result.out
    assert current_trace() is None


def test_a_profile_of_what_is_not_there(run: Run, cache: Path) -> None:
    assert run("profile", "@NOT-THERE").code == 2
    assert run("profile", "@SEARCH", "--achievement", "9.9").code == 2
    assert run("profile", "@DONE", "--achievement", "1.1").code == 3
    cache.mkdir(exist_ok=True)
    (cache / "prompts").write_text("x", encoding="utf-8")
    result = run("profile", "@SEARCH")
    assert result.code == 5 and "cannot write the prompt to the cache folder" in result.err


def test_every_part_has_a_stage() -> None:
    assert set(STAGE_OF_PART.values()) == set(STAGE_ADVICE) - {"other"}
