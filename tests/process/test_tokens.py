"""The estimate of tokens on all documents of this project."""

from __future__ import annotations

from pathlib import Path

from conftest import REPOSITORY
from planmark.prompts.tokens import count_tokens_exactly, estimate_tokens

LOW = -0.10


def errors(files: list[Path]) -> list[float]:
    """Return the error of the estimate for each file, as a fraction of the exact count."""
    texts = [text for file in files if len(text := file.read_text(encoding="utf-8", errors="replace").strip()) > 0]
    return [estimate_tokens(text) / count_tokens_exactly(text) - 1 for text in texts]


def test_on_the_documents_of_this_project() -> None:
    found = errors([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *EXAMPLES.rglob("*.md")])
    assert min(found) > LOW
    assert sum(map(abs, found)) / len(found) < 0.08


EXAMPLES = REPOSITORY / "examples"
