"""`planmark status --brief`: a few lines for the begin of an agent's session."""

from __future__ import annotations

import json
from pathlib import Path

import bpe_openai  # type: ignore[import-untyped, import-not-found, unused-ignore]
import pytest

from command_line import Run, runner
from fixture import write_files

NAME = "A-FEATURE-WITH-A-RATHER-LONG-NAME-THAT-SOME-TEAM-HAS-CHOSEN-FOR-ITS-PLAN"
TITLE = "an achievement whose title is long, " * 20


def tokens(text: str) -> int:
    return len(bpe_openai.get_encoding("o200k_base").encode_ordinary(text))


@pytest.fixture
def planmark(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """A command in a workspace with one plan, with long names."""
    text = f"# PLAN: {NAME}\n\n**Status**: Active\n\n**Achievement 1.1**: {TITLE}\n\n**Achievement 1.2**: B\n"
    write_files(tmp_path, {"planmark.toml": "", f"work-space/plans/{NAME}/PLAN_{NAME}.md": text})
    return runner(capsys, "--workspace", str(tmp_path))


def test_it_says_what_the_agent_holds_and_how_to_ask(planmark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = planmark("status", "--brief")
    assert before.code == 0
    assert "hold" not in before.out
    assert before.out.endswith("no other agent gets it\n")
    monkeypatch.setenv("PLANMARK_AGENT", "an-agent-with-a-long-name-" + "x" * 30)
    assert planmark("next", "--lease").code == 0
    said = planmark("status", "--brief").out
    assert said.startswith("You (an-agent-with-a-long-name-")
    assert tokens(said) <= 150
    monkeypatch.setenv("PLANMARK_AGENT", "other")
    assert "hold" not in planmark("status", "--brief").out


def test_a_hook_gets_its_form_and_the_name_of_its_session(planmark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANMARK_AGENT", raising=False)
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "abcdef012345")
    assert planmark("next", "--lease", "--agent", "claude-code-abcdef").code == 0
    shown = planmark("status", "--brief", "--hook", "claude").data["hookSpecificOutput"]
    assert shown["hookEventName"] == "SessionStart"
    assert shown["additionalContext"].startswith("You (claude-code-abcdef) hold @")


def test_a_hook_says_nothing_without_plans(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "planmark.toml").touch()
    planmark = runner(capsys, "--workspace", str(tmp_path))
    assert planmark("status", "--brief", "--hook", "claude") == (0, "", "")
    gone = runner(capsys, "--workspace", str(tmp_path / "gone"))
    assert gone("status", "--brief", "--hook", "claude") == (0, "", "")
    assert gone("status", "--brief").code == 5


@pytest.mark.parametrize("arguments", [["--hook", "claude"], ["--brief", "--hook", "nohost"]])
def test_wrong_options_are_refused(planmark: Run, arguments: list[str]) -> None:
    refused = planmark("status", *arguments)
    assert refused.code == 2
    assert json.dumps(refused.out) == '""'
