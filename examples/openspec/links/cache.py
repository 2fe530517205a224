"""The answers of servers, kept in a JSON file."""

from __future__ import annotations

import json
from pathlib import Path


def read(path: Path) -> dict[str, int]:
    """Return the kept status of each link."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(path: Path, answers: dict[str, int]) -> None:
    """Keep the status of each link."""
    path.write_text(json.dumps(answers, sort_keys=True), encoding="utf-8")
