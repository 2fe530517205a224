"""The page about performance: every goal has its row, and the page matches the measurements."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from benchmarks.plots import plot
from benchmarks.report import PAGE, RESULTS, pages, results_of
from benchmarks.report_race import race
from benchmarks.report_sections import git_load, runs
from benchmarks.run import SCENARIOS
from benchmarks.targets import GOALS, Check, Goal, UnknownKeyError, is_met, judge, verdict
from benchmarks.targets import SCENARIOS as MEASURED


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return results_of("full")


def test_the_page_is_what_the_figures_give(measured: dict[str, Any]) -> None:
    for path, text in pages(measured, results_of("before"), results_of("gate")).items():
        assert path.read_text(encoding="utf-8") == text, "run python -m benchmarks.report"


TIMES = {"n": 3, "p50_ms": 20.0, "p99_ms": 30.0, "max_ms": 30.0}
RACED = {"initialize_s": 0.5, "ready_s": 0.6, "edit_to_diagnostics": TIMES, "hover_after_edit": TIMES}
ABSENT = "there is no markdown-oxide on the path"


@pytest.mark.parametrize(
    ("oxide", "said", "grown", "lines"),
    [
        (None, "of a heading in the other two.", None, 0),
        ({"absent": ABSENT}, f"markdown-oxide at 1,000 files: {ABSENT}.", "| markdown-oxide | – | – | – |", 0),
        (RACED, "of a heading in the other three.", "| markdown-oxide | 1.0 × | 1.0 × | – |", 3),
        (
            {"initialize_s": 9.0, "gave_up": "late"},
            "markdown-oxide at 50,000 files: late.",
            "| markdown-oxide | – | – | – |",
            0,
        ),
    ],
)
def test_a_contestant_may_be_missing_absent_or_measured(
    measured: dict[str, Any], oxide: dict[str, Any] | None, said: str, grown: str | None, lines: int
) -> None:
    sizes = {
        size: {
            **{name: of_one for name, of_one in found.items() if name != "oxide"},
            **({} if oxide is None else {"oxide": oxide}),
        }
        for size, found in measured["results"]["race"].items()
    }
    results = {**measured["results"], "race": sizes}
    section = race(results)
    assert said in "\n".join(section)
    assert [line for line in section if line.startswith("| markdown-oxide |")] == [grown] * (grown is not None)
    written = pages({**measured, "results": results}, results_of("before"), results_of("gate"))
    assert sum(text.count(">markdown-oxide") for path, text in written.items() if path != PAGE) == lines


def test_a_goal_about_a_contestant_that_gave_up_is_not_measured(measured: dict[str, Any]) -> None:
    gave_up = {"initialize_s": 9.0, "gave_up": "late"}
    sizes = {size: {**found, "markdown": gave_up} for size, found in measured["results"]["race"].items()}
    results = {**measured["results"], "race": sizes}
    unknown = [goal.what for goal in GOALS if is_met(judge(goal, results)) is None]
    assert unknown == ["cold: every plan's state answered, middle size"]


def test_every_goal_has_its_measurement_and_its_row(measured: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for goal in GOALS:
        assert is_met(judge(goal, measured["results"])) is not None, goal.what
        assert f"| {goal.what} | {goal.promise} |" in page
        if is_met(judge(goal, measured["results"])) is False:
            assert goal.tried, f"what was tried about: {goal.what}"


def test_it_was_measured_in_full(measured: dict[str, Any]) -> None:
    assert measured["profile"] == "full"
    assert set(measured["results"]) == {one.name for one in SCENARIOS}


def test_the_figures_name_no_machine(measured: dict[str, Any]) -> None:
    text = (RESULTS / "full.json").read_text(encoding="utf-8")
    assert not re.search(r'"[^"]*(/home/|/root|/tmp/|/Users/|[A-Z]:\\\\)', text)
    assert set(measured["machine"]) == {"system", "architecture", "cores", "memory_gb", "python", "node"}


def test_sections_show_what_a_scenario_measures() -> None:
    times = {"n": 2, "p50_ms": 900.0, "p99_ms": 1200.0, "max_ms": 1300.0}
    load = {"at_once": 4, "begin": times, "commit": times, "not_integrated": 0, "bytes_a_commit": 2048}
    one = {
        "loads": {"5": load},
        "conflict": times,
        "growth": 1.1,
        "switch": {"git": times, "states": times},
        "damage": 0,
    }
    results = {
        "git": {"tasks": {"100": one, "1000": one}},
        "runs": {
            "throughput": {
                "agents": 10,
                "tasks": 200,
                "seconds": 90.0,
                "not_done": 0,
                "out_of_order": 0,
                "trees_left": 0,
            },
            "starts": {"agents": 20, "files": 1000, "seconds": 12.0, "not_started": 0},
            "overhead": times,
            "changes": {"changes": 1000, "seconds": 20.0, "wrong": 0},
            "planned": {"tasks": 500, "seconds": 30.0, "prompts": 400, "waves": 40},
        },
    }
    text = "\n".join([*git_load(results), *runs(results)])
    assert "| 1000 | 5 | 4 | 900 / 1,200 | 900 / 1,200 | 0 | 2 KiB |" in text
    assert "| overhead of a step, p50 / p99 | 0.90 / 1.20 s | 2 steps |" in text
    assert git_load({}) == [] == runs({})
    goals = [goal for goal in GOALS if is_met(judge(goal, results)) is not None]
    assert len(goals) == 4 and all(is_met(judge(goal, results)) for goal in goals)


CHECKS = (
    Check("time", "{:.0f} ms", 10, lambda r: r["time"]),
    Check("rate", "{:.0f}/s", 100, lambda r: r["rate"], least=True),
    Check("wrong", "{:.0f} wrong", 0, lambda r: r["counts"]),
)


@pytest.mark.parametrize(
    ("results", "met", "beyond"),
    [
        ({"time": 5, "rate": 200, "counts": 0}, True, [0.5, 0.5, 1.0]),
        ({"time": 20, "rate": 200, "counts": 0}, False, [2.0, 0.5, 1.0]),
        ({"time": 5, "rate": 50, "counts": 0}, False, [0.5, 2.0, 1.0]),
        ({"time": 5, "rate": 200, "counts": 1}, False, [0.5, 0.5, float("inf")]),
        ({"time": 5, "rate": 200}, None, [0.5, 0.5, None]),
    ],
)
def test_a_goal_is_met_where_all_its_limits_are_kept(
    results: dict[str, float], met: bool | None, beyond: list[float | None]
) -> None:
    goal = Goal("it", "fast", CHECKS)
    judged = judge(goal, results)
    assert is_met(judged) is met
    assert [one.beyond for one in judged] == beyond
    assert verdict(goal, results).startswith({True: "met ", False: "MISSED ", None: "not measured "}[met])


def test_a_misspelt_key_is_an_error() -> None:
    with pytest.raises(UnknownKeyError, match="time: no run has 'tine'"):
        judge(Goal("it", "fast", (Check("time", "{:.0f} ms", 10, lambda r: r["tine"]),)), {"time": 5})


def test_goals_read_the_scenarios_that_run() -> None:
    assert {one.name for one in SCENARIOS if one.run} >= MEASURED


def test_a_plot_is_a_picture_with_every_line() -> None:
    lines = {"one & two": [(10.0, 1.0), (1000.0, 30.0)], "the floor": [(10.0, 0.1)]}
    svg = plot("Title", "files", "ms", lines)
    assert svg == plot("Title", "files", "ms", lines)
    root = ET.fromstring(svg)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Title", "files", "ms", "one & two", "the floor", "10", "1,000"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 3
    with pytest.raises(ValueError, match="nothing to draw"):
        plot("Title", "files", "ms", {})
