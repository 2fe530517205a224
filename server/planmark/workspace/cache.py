"""Where Planmark keeps what it can make again: the user's cache folder, never a workspace."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "PLANMARK_CACHE"
"""The environment variable that names another folder."""


def cache_folder() -> Path:
    """The cache folder; it need not exist yet."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("planmark", appauthor=False)


def write_cached(name: str, text: str) -> Path:
    """Writes a text under the cache folder, readable by the user alone; returns its path. Raises OSError."""
    path = cache_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.chmod(0o600)
    temporary.replace(path)
    return path
