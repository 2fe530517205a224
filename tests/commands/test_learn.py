"""`planmark learn`: for an achievement, a text or a log, and without an id."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fixture import write_files
from learnt import HOME, with_new_problem
from planmark.cli.main import main
from planmark.queries.schemas import json_schema
from planmark.workspace import case_index

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
MILL = f"{HOME}/MILL/execution"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    write_files(tmp_path, with_new_problem())

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["--workspace", str(tmp_path), *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def answer(run: Any, *arguments: str, schema: str = "learn") -> dict[str, Any]:
    code, out, _ = run("learn", *arguments, "--json")
    assert code == 0
    result: dict[str, Any] = json.loads(out)
    jsonschema.validate(result, json.loads(json_schema(schema)))
    return result


def test_achievement_gets_similar_work_and_the_failures_of_its_documents(run: Any) -> None:
    code, out, _ = run("learn", "@FORGE", "1.1")
    assert code == 0
    assert out.startswith("@FORGE 1.1: ✗ needs fix\n")
    assert "git-not-a-repository" in out and "Run it from the folder of the repository." in out
    assert f"{MILL}/feedbacks/FIX_11.md" in out
    result = answer(run, "@FORGE", "1.1")
    assert (result["feature"], result["achievement"], result["state"]) == ("FORGE", "1.1", "needs_fix")
    assert [one["id"] for one in result["failures"]] == ["git-not-a-repository"]
    assert result["similar"][0]["feature"] == "MILL"


@pytest.mark.parametrize("named", [("FORGE", "1.1"), (f"@{HOME}/FORGE/execution/feedbacks/FIX_11.md",)])
def test_achievement_may_be_named_as_elsewhere(run: Any, named: tuple[str, ...]) -> None:
    assert answer(run, *named)["achievement"] == "1.1"


def test_text_fits_in_80_columns(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for arguments in (("@FORGE", "1.1"), (), ("the sluice gate freezes and the wheel loses torque",)):
        _, out, _ = run("learn", *arguments)
        wide = [line for line in out.splitlines() if len(line) > 80 and " " in line.strip()]
        assert (arguments, wide) == (arguments, [])


def test_words_and_standard_input_are_texts(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one["id"] for one in answer(run, "npm error code EINTEGRITY")["failures"]] == ["npm-integrity"]
    found = answer(run, "sluice", "gate", "freezes", "wheel", "loses", "torque")["similar"]
    assert {one["feature"] for one in found} == {"FORGE", "MILL"}
    log = "fine\n" * 200_000 + "fatal: refusing to merge unrelated histories\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.encode() + b"\xff\xfe")))
    (failure,) = answer(run, "-")["failures"]
    assert (failure["id"], failure["line"]) == ("git-unrelated-histories", 200_001)


def test_nonsense_says_that_there_is_nothing(run: Any) -> None:
    assert run("learn", 'purple "elephants" NEAR(moon*')[:2] == (
        0,
        "Nothing similar in this workspace, and no known failure.\n",
    )


def test_credentials_of_a_log_are_masked(run: Any) -> None:
    log = f"fatal: not a git repository {SECRET} \u202e\x1b[2J"
    for arguments in ((log,), (log, "--json")):
        _, out, _ = run("learn", *arguments)
        assert "git-not-a-repository" in out
        assert SECRET not in out and "\u202e" not in out and "\x1b" not in out


def test_without_an_id_it_shows_what_recurs(run: Any) -> None:
    _, out, _ = run("learn")
    assert out.startswith("What recurs in this workspace\n")
    result = answer(run, schema="recurring")
    assert result["learnings"][0]["count"] == 4
    assert {one["feature"] for one in result["reviews"]} == {"BREW", "DOCK", "FORGE", "LOOM", "MILL"}
    of_plan = answer(run, "@MILL", schema="recurring")
    assert (of_plan["feature"], [one["feature"] for one in of_plan["reviews"]]) == ("MILL", ["MILL"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("@FORGE", "seven"), "seven is no id"),
        (("@FORGE", "7.7"), "7.7"),
        (("@NOWHERE", "1.1"), "no plan @NOWHERE"),
        (("--forget", "@FORGE"), "--forget takes nothing else"),
    ],
)
def test_wrong_arguments_are_named(run: Any, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = run("learn", *arguments)
    assert code != 0
    assert says in err


def test_python_without_full_text_search_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_index, "has_full_text_search", lambda: False)
    code, _, err = run("learn", "@FORGE", "1.1")
    assert code != 0 and "FTS5" in err
    assert run("next", "@FORGE", "1.1")[0] == 0


def test_plan_of_another_format_has_no_cases(run: Any, tmp_path: Path) -> None:
    write_files(
        tmp_path, {"specs/001-till/tasks.md": "# Tasks: Till\n\n## Phase 1: Setup\n\n- [ ] T001 Do it in src/a.py\n"}
    )
    code, _, err = run("learn", "@001-till", "T001")
    assert code != 0 and "T001 is no id" in err
    code, _, err = run("learn", "@001-till")
    assert code != 0 and "for PLANs" in err


def _resolve(root: Path, text: str) -> None:
    home = f"{HOME}/FORGE/execution/feedbacks"
    write_files(root, {f"{home}/FIX_11_RESOLUTION.md": f"# RESOLUTION\n\n**Status**: Resolved\n\n{text}\n"})


def _experience(run: Any) -> dict[str, dict[str, int]]:
    result = answer(run, "fatal: not a git repository")
    return {one["id"]: one["experience"] for one in result["failures"]}


def test_what_was_offered_used_and_followed_by_progress_is_counted(run: Any, tmp_path: Path) -> None:
    run("learn", "@FORGE", "1.1")
    run("learn", "@FORGE", "1.1")
    assert _experience(run)["git-not-a-repository"] == {"offered": 1, "used": 0, "advanced": 0}
    _resolve(tmp_path, "As git-not-a-repository says: it runs in the repository now.")
    assert _experience(run)["git-not-a-repository"] == {"offered": 1, "used": 1, "advanced": 1}
    assert "1 with progress" in run("learn", "fatal: not a git repository")[1]
    assert "Forgot" in run("learn", "--forget")[1]
    assert _experience(run)["git-not-a-repository"] == {"offered": 0, "used": 0, "advanced": 0}


def test_prompts_count_what_they_offer(run: Any, tmp_path: Path) -> None:
    fix = f"{HOME}/FORGE/execution/feedbacks/FIX_11.md"
    text = with_new_problem()[fix] + "- **Evidence**: fatal: not a git repository\n"
    write_files(tmp_path, {fix: text})
    run("next", "@FORGE", "1.1")
    assert _experience(run)["git-not-a-repository"]["offered"] == 1


def test_setting_turns_the_counting_off(run: Any, tmp_path: Path) -> None:
    write_files(tmp_path, {"planmark.toml": "[learn]\nenable = false\n"})
    run("learn", "@FORGE", "1.1")
    assert _experience(run)["git-not-a-repository"]["offered"] == 0


def test_workspace_is_never_written(run: Any, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*"))
    for arguments in (("@FORGE", "1.1"), (), ("sluice gate",), ("--forget",)):
        run("learn", *arguments)
    run("next", "@FORGE", "1.1")
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_cache_folder_that_cannot_be_written_costs_only_the_counts(run: Any, tmp_path: Path) -> None:
    expected = run("learn", "@FORGE", "1.1")[1]
    (tmp_path / "file").write_text("x", encoding="utf-8")
    os.environ["PLANMARK_CACHE"] = str(tmp_path / "file")
    assert run("learn", "@FORGE", "1.1")[1] == expected
    code, _, err = run("learn", "--forget")
    assert code != 0 and "cannot be written" in err


def test_cached_prompt_is_made_again_when_similar_work_changes(run: Any, tmp_path: Path) -> None:
    before = run("next", "@FORGE", "1.1")[1]
    fix = f"{MILL}/feedbacks/FIX_11.md"
    assert fix in before
    write_files(tmp_path, {fix: "# FIX\n\n**Status**: Needs fixes\n\nNothing is left of it.\n"})
    assert fix not in run("next", "@FORGE", "1.1")[1]
