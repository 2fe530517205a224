"""The user's cache folder, for data that Planmark can compute again. A workspace never holds such data."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "PLANMARK_CACHE"
"""The environment variable that overrides the cache folder."""


def cache_folder() -> Path:
    """Return the cache folder, which may not exist yet."""
    if folder_variable := os.environ.get(CACHE_VARIABLE):
        return Path(folder_variable)
    import platformdirs

    return platformdirs.user_cache_path("planmark", appauthor=False)


def write_cached(name: str, text: str) -> Path:
    """Write a text to the file `name` in the cache folder, and return the path of the file. Raises OSError.

    Only the user can read the file.
    """
    path = cache_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary_path = path.with_name(f".{path.name}.{os.getpid()}")
    temporary_path.write_text(text, encoding="utf-8", newline="\n")
    temporary_path.chmod(0o600)
    temporary_path.replace(path)
    return path
