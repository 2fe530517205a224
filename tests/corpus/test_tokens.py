"""The estimate of tokens on the real workspace."""

from __future__ import annotations

from pathlib import Path

from planmark.prompts.tokens import count_tokens_exactly, estimate_tokens

LOW = -0.10
MEAN = 0.05


def errors(files: list[Path]) -> list[float]:
    """Return the error of the estimate for each file, as a fraction of the exact count."""
    texts = [text for file in files if len(text := file.read_text(encoding="utf-8", errors="replace").strip()) > 0]
    return [estimate_tokens(text) / count_tokens_exactly(text) - 1 for text in texts]


def test_on_the_real_workspace(shared: Path) -> None:
    found = errors([*(shared / "context-manager").rglob("*.md"), *shared.parent.glob("seeds/*.md")])
    assert len(found) > 700
    assert min(found) > LOW
    assert sum(map(abs, found)) / len(found) < MEAN
