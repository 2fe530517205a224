"""`file:` URIs and the paths that they mean. What a client spells in its own way it gets back so."""

from __future__ import annotations

import functools
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

ON_WINDOWS = sys.platform == "win32"
_DRIVE = re.compile(r"/[A-Za-z]:(?=[/\\]|$)")


def to_path(uri: str) -> Path | None:
    """The path that a `file:` URI means; None for another scheme, or what is no path of this system."""
    path = path_text(uri, windows=ON_WINDOWS)
    return Path(path) if path else None


def path_text(uri: str, *, windows: bool) -> str | None:
    """The path that a `file:` URI means on a system of the kind, as text; None where it means none there."""
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
    # A colon behind the drive names another drive, or a stream of the file.
    if not path or ":" in path[2 if drive else 0 :] or not (drive or path.startswith("/")):
        return None
    # Devices (`//./`, `//?/`) are no files, and what begins with two slashes names a host that nobody has named.
    if host in (".", "?") or (not host and path.replace("\\", "/").startswith("//")):
        return None
    return f"//{host}{path}" if host else path


def below(folder: str, path: str) -> str:
    """The URI of a relative path (with `/`) under the URI of a folder."""
    return f"{folder.rstrip('/')}/{quote(path)}" if path else folder


def inside(folder: str, uri: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """The relative path of `uri` under the URI of a folder where both are spelled alike, else None.

    None as well for what a system would take out of the folder: `..` in any spelling; on Windows another drive.
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
def uri_of(folder: Path) -> str:
    """The URI of a folder as this system spells it."""
    return folder.as_uri()


def above(uri: str, levels: int) -> str:
    """The URI of the folder `levels` above what `uri` means."""
    return uri.rsplit("/", levels)[0]
