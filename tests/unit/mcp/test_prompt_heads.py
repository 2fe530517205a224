"""The prompts that an agent may name: for a day, in memory or in the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from planmark.mcp.prompt_heads import PromptHeads
from planmark.storage.result_cache import PROMPT_SECONDS, ResultCache

TEXT = "# A\n\n## Goal\n\none\n\n## Code\n\ntwo\n"


def test_the_cache_keeps_a_prompt_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    name = PromptHeads(lambda: cache).remember(TEXT)
    later = PromptHeads(lambda: cache)
    now += PROMPT_SECONDS
    assert later.since(name, TEXT.replace("two", "three")) == f"since {name}: unchanged: the beginning, Goal"
    now += 1
    assert "read all of it" in later.since(name, TEXT)
    other = later.remember("# B\n")
    assert cache.kept_prompt(name, 0.0) == ""
    assert cache.kept_prompt(other, now)


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"Goal": 1}', '{"Goal": "no digits"}', "null"])
def test_damaged_sections_make_the_agent_read_everything(tmp_path: Path, kept: str) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    cache.keep_prompt("p_1", kept, 1e12)
    assert PromptHeads(lambda: cache).since("p_1", TEXT).endswith("read all of it")


def test_without_a_cache_the_server_knows_its_own() -> None:
    prompts = PromptHeads(lambda: None)
    name = prompts.remember(TEXT)
    assert prompts.since(name, TEXT) == f"since {name}: nothing changed"
    assert "read all of it" in PromptHeads(lambda: None).since(name, TEXT)
