"""`file:` URIs and their paths. The client's own spelling of a URI is kept."""

from __future__ import annotations

import functools
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

ON_WINDOWS = sys.platform == "win32"
_DRIVE = re.compile(r"/[A-Za-z]:(?=[/\\]|$)")


def to_path(uri: str) -> Path | None:
    """Return the path of a `file:` URI; None for a different scheme, or if the URI has no valid path of this system."""
    path = path_text(uri, windows=ON_WINDOWS)
    return Path(path) if path else None


def path_text(uri: str, *, windows: bool) -> str | None:
    """Return the path of a `file:` URI on Windows or elsewhere, as text; None if the path is invalid on that system."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme.casefold() != "file" or "\0" in path or any("\ud800" <= c <= "\udfff" for c in path):
        return None
    if not windows:
        return path if path.startswith("/") and parts.netloc in ("", "localhost") else None
    host = parts.netloc if parts.netloc != "localhost" else ""
    drive = _DRIVE.match(path) if not host else None
    path = path[1:] if drive else path
    # A second colon would name a different drive, or a stream of the file.
    if not path or ":" in path[2 if drive else 0 :] or not (drive or path.startswith("/")):
        return None
    # Devices (`//./`, `//?/`) are not files, and two leading slashes would name a host that the URI does not name.
    if host in (".", "?") or (not host and path.replace("\\", "/").startswith("//")):
        return None
    return f"//{host}{path}" if host else path


def child_uri(folder: str, path: str) -> str:
    """Return the URI of a relative path (with `/`) below the URI of a folder."""
    return f"{folder.rstrip('/')}/{quote(path)}" if path else folder


def relative_path(folder: str, uri: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """Return the path of `uri` relative to the URI of a folder if both have the same spelling, else None.

    Return None for a path outside the folder too: `..` in any spelling; on Windows, a different drive.
    """
    prefix = f"{folder.rstrip('/')}/"
    if not uri.startswith(prefix):
        return None
    path = unquote(uri[len(prefix) :])
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        return None
    return None if windows and any(sign in path for sign in "\\:") else path


@functools.lru_cache(maxsize=64)
def folder_uri(folder: Path) -> str:
    """Return the URI of a folder as this system spells it."""
    return folder.as_uri()


def ancestor_uri(uri: str, levels: int) -> str:
    """Return the URI of the folder `levels` above `uri`."""
    return uri.rsplit("/", levels)[0]
