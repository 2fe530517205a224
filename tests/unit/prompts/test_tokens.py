"""The estimate compared with the exact count."""

from __future__ import annotations

import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from conftest import REPOSITORY
from planmark.prompts.tokens import NoExactCounterError, estimate, exact

LOW = -0.10
MEAN = 0.05


def test_an_empty_text_has_none_and_more_text_has_more() -> None:
    assert estimate("") == exact("") == 0
    assert exact("a plan") == 2
    assert estimate("a plan " * 50) > estimate("a plan " * 10)


@given(st.text(max_size=300))
def test_any_text_can_be_estimated(text: str) -> None:
    assert 0 <= estimate(text) <= 4 * len(text)


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    assert estimate("a plan") == 2
    with pytest.raises(NoExactCounterError, match=r'pip install "planmark\[tokens\]"'):
        exact("a plan")


def errors(files: list[Path]) -> list[float]:
    """Return the error of the estimate for each file, as a fraction of the exact count."""
    texts = [text for file in files if len(text := file.read_text(encoding="utf-8", errors="replace").strip()) > 0]
    return [estimate(text) / exact(text) - 1 for text in texts]


def test_on_the_documents_of_this_project() -> None:
    found = errors([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *EXAMPLES.rglob("*.md")])
    assert min(found) > LOW
    assert sum(map(abs, found)) / len(found) < 0.08


EXAMPLES = REPOSITORY / "examples"


def test_on_the_real_workspace(shared: Path) -> None:
    found = errors([*(shared / "context-manager").rglob("*.md"), *shared.parent.glob("seeds/*.md")])
    assert len(found) > 700
    assert min(found) > LOW
    assert sum(map(abs, found)) / len(found) < MEAN
