"""Similar work on a real workspace: the hit rate, nonsense queries, and the references in its prompts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.learning import NONSENSE, added_tokens, hit_rate, nonsense_found, opened
from planmark.queries.workspace_view import View

MAX_ADDED_TOKENS = 300
"""Maximum number of tokens that two cases, two known failures and their heading may add to a prompt."""


@pytest.fixture(scope="module")
def view(shared: Path) -> View:
    return opened(shared / "context-manager")


def test_documents_of_an_achievement_are_found(view: View) -> None:
    rate = hit_rate(view)
    assert rate.queries >= 300
    assert rate.hits / rate.queries >= 0.45
    assert rate.hits / rate.queries >= 5 * rate.by_chance


def test_nonsense_finds_nothing(view: View) -> None:
    assert len(NONSENSE) == 20
    assert nonsense_found(view) == 0


def test_references_are_short(view: View) -> None:
    assert all(0 <= tokens <= MAX_ADDED_TOKENS for tokens in added_tokens(view))
