"""`file:` URIs and the paths that they mean. What a client spells in its own way it gets back so."""

from __future__ import annotations

import functools
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:")


def to_path(uri: str) -> Path | None:
    """The path that a `file:` URI means; None for another scheme, or what is no path of this system."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme.casefold() != "file" or "\0" in path or any("\ud800" <= c <= "\udfff" for c in path):
        return None
    if sys.platform == "win32":
        host = f"//{parts.netloc}" if parts.netloc else ""
        path = path[1:] if _DRIVE.match(path) else path
        return Path(f"{host}{path}") if path else None
    return Path(path) if path.startswith("/") and parts.netloc in ("", "localhost") else None


def below(folder: str, path: str) -> str:
    """The URI of a relative path (with `/`) under the URI of a folder."""
    return f"{folder.rstrip('/')}/{quote(path)}" if path else folder


def inside(folder: str, uri: str) -> str | None:
    """The relative path of `uri` under the URI of a folder where both are spelled alike, else None."""
    prefix = f"{folder.rstrip('/')}/"
    if not uri.startswith(prefix):
        return None
    path = unquote(uri[len(prefix) :])
    parts = path.split("/")
    return None if "\0" in path or any(part in ("", ".", "..") for part in parts) else path


@functools.lru_cache(maxsize=64)
def uri_of(folder: Path) -> str:
    """The URI of a folder as this system spells it."""
    return folder.as_uri()


def above(uri: str, levels: int) -> str:
    """The URI of the folder `levels` above what `uri` means."""
    return uri.rsplit("/", levels)[0]
