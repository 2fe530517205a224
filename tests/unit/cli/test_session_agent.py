"""The name of an agent: which source comes first, and which characters it may have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.cli.session_agent import MAX_AGENT_NAME_CHARACTERS, AgentNameError, agent_name, checked_agent_name

CODEX = {"x-codex-turn-metadata": {"session_id": "0199-abcdef"}}
SESSION = {"CLAUDE_CODE_SESSION_ID": "deadbeef-1234"}
NAMED = {"PLANMARK_AGENT": "by-env"}


@pytest.mark.parametrize(
    ("given_name", "option", "environment", "client", "metadata", "wanted"),
    [
        ("by-call", "by-option", NAMED, "c", {}, "by-call"),
        (None, "by-option", NAMED, "c", {}, "by-option"),
        (None, None, {**NAMED, **SESSION}, "c", {}, "by-env"),
        (None, None, SESSION, "claude-code", {}, "claude-code-deadbe"),
        (None, None, {}, "codex", CODEX, "codex-0199-a"),
        (None, None, SESSION, "Visual Studio Code", {}, "Visual-Studio-Code-deadbe"),
        (None, None, {}, "claude-code", {}, "agent-7"),
        (None, None, SESSION, "", {}, "agent-7"),
        (None, None, {}, "codex", {"x-codex-turn-metadata": "text"}, "agent-7"),
        (None, None, SESSION, "né", {}, "n-deadbe"),
    ],
)
def test_the_nearest_name_counts(
    given_name: str | None, option: str | None, environment: dict[str, str], client: str, metadata: Any, wanted: str
) -> None:
    assert agent_name(given_name, option, environment, client, metadata, 7) == wanted


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "a\n", "é", "x" * (MAX_AGENT_NAME_CHARACTERS + 1), "$(id)"])
def test_a_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(AgentNameError, match="letters, digits"):
        checked_agent_name(name)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_derived_name_is_always_valid(client: str, session: str) -> None:
    derived = agent_name(None, None, {"CLAUDE_CODE_SESSION_ID": session}, client, {}, 7)
    assert checked_agent_name(derived) == derived
