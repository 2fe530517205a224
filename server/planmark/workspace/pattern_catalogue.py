"""The catalogue of failures: the TOML files in the folder `patterns` of the package, one file for each tool."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from planmark.text.failure_patterns import FailurePattern
from planmark.workspace.settings import parse_toml

CATALOGUE_FOLDER = Path(__file__).resolve().parent.parent / "patterns"


@functools.cache
def failure_patterns() -> tuple[FailurePattern, ...]:
    """Return the patterns of all files, sorted by the name of the file. Patterns of one file keep their order."""
    files = (parse_toml(file.read_text(encoding="utf-8")) for file in sorted(CATALOGUE_FOLDER.glob("*.toml")))
    return tuple(_failure_pattern(data["where"], row) for data in files for row in data["pattern"])


def _failure_pattern(tool: str, entry: dict[str, Any]) -> FailurePattern:
    """Return the failure pattern of `entry`, an entry of a file. `tool` is the tool that the file is about."""
    match = entry["match"]
    texts = (match,) if isinstance(match, str) else tuple(match)
    return FailurePattern(
        entry["id"], tool, texts, entry["says"], entry["fix"], entry.get("setting", ""), entry["source"]
    )
