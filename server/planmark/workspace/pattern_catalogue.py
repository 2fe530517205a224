"""The catalogue of failure patterns: the TOML files of the package, one for each tool."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from planmark.text.failure_patterns import FailurePattern
from planmark.workspace.settings import parse_toml

FOLDER = Path(__file__).resolve().parent.parent / "patterns"


@functools.cache
def failure_patterns() -> tuple[FailurePattern, ...]:
    """Return all patterns: the files by name, and in each file the patterns in the order of the file."""
    files = (parse_toml(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml")))
    return tuple(_pattern(data["where"], row) for data in files for row in data["pattern"])


def _pattern(where: str, row: dict[str, Any]) -> FailurePattern:
    match = row["match"]
    texts = (match,) if isinstance(match, str) else tuple(match)
    return FailurePattern(row["id"], where, texts, row["says"], row["fix"], row.get("setting", ""), row["source"])
