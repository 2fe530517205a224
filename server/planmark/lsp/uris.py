"""The conversion between `file:` URIs and paths. Functions that build a URI keep the client's spelling of the URI from
which they start.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from planmark.text.lazy_pattern import lazy_pattern

ON_WINDOWS = sys.platform == "win32"
_WINDOWS_DRIVE = lazy_pattern(r"/[A-Za-z]:(?=[/\\]|$)")
"""A drive of Windows at the beginning of a path in a URI, such as `/C:`."""


def to_path(uri: str) -> Path | None:
    """Return the path of a `file:` URI; None if the scheme differs, or if the path is not valid on this system."""
    path = path_text_of_uri(uri, is_windows=ON_WINDOWS)
    return Path(path) if path else None


def path_text_of_uri(uri: str, *, is_windows: bool) -> str | None:
    """Return the path of a `file:` URI as text; None if the scheme differs, or if the path is not valid.

    `is_windows` tells whether the path must be valid on Windows, and not on a different system.
    """
    try:
        uri_parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(uri_parts.path)
    if uri_parts.scheme.casefold() != "file" or "\0" in path or any("\ud800" <= c <= "\udfff" for c in path):
        return None
    if not is_windows:
        return path if path.startswith("/") and uri_parts.netloc in ("", "localhost") else None
    host = uri_parts.netloc if uri_parts.netloc != "localhost" else ""
    drive = _WINDOWS_DRIVE.match(path) if not host else None
    path = path[1:] if drive else path
    # A second colon would name a different drive, or a stream of the file.
    if not path or ":" in path[2 if drive else 0 :] or not (drive or path.startswith("/")):
        return None
    # Devices (`//./`, `//?/`) are not files, and two leading slashes would name a host that the URI does not name.
    if host in (".", "?") or (not host and path.replace("\\", "/").startswith("//")):
        return None
    return f"//{host}{path}" if host else path


def child_uri(parent_uri: str, path: str) -> str:
    """Return the URI of a file or folder. `path` is relative to the folder `parent_uri`, with `/` as separator."""
    return f"{parent_uri.rstrip('/')}/{quote(path)}" if path else parent_uri


def relative_path(parent_uri: str, uri: str, *, is_windows: bool = ON_WINDOWS) -> str | None:
    """Return the path of `uri` relative to the URI of a folder; None if `uri` does not begin with the folder's URI.

    Also return None for a path that leaves the folder: by `..` in any spelling, or on Windows by a different drive.
    """
    prefix = f"{parent_uri.rstrip('/')}/"
    if not uri.startswith(prefix):
        return None
    path = unquote(uri[len(prefix) :])
    path_parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in path_parts):
        return None
    return None if is_windows and any(character in path for character in "\\:") else path


@functools.lru_cache(maxsize=64)
def folder_uri(folder: Path) -> str:
    """Return the URI of a folder as this system spells it."""
    return folder.as_uri()


def ancestor_uri(uri: str, levels: int) -> str:
    """Return the URI of the folder `levels` above `uri`."""
    return uri.rsplit("/", levels)[0]
