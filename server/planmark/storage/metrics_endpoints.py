"""The addresses of running servers that expose metrics. Each server has one file in the cache folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import psutil

from planmark.storage.cache_dir import cache_folder, write_cached

URL_SUFFIX = ".url"
"""The end of the name of a file with an address; the process number precedes it."""


class ServerAddress(NamedTuple):
    """The process number of a server, and the address at which the server exposes its metrics."""

    pid: int
    url: str


def remember_endpoint(pid: int, url: str) -> None:
    """Write the address of a server to its file. Raises OSError."""
    write_cached(f"metrics/{pid}{URL_SUFFIX}", url + "\n")


def forget_endpoint(pid: int) -> None:
    """Remove the file with the address of a server that has stopped."""
    with contextlib.suppress(OSError):
        (cache_folder() / "metrics" / f"{pid}{URL_SUFFIX}").unlink()


def running_endpoints() -> Iterator[ServerAddress]:
    """Yield the addresses of all running servers.

    If a server has ended without removing its file, remove the file.
    """
    try:
        address_files = sorted((cache_folder() / "metrics").glob(f"*{URL_SUFFIX}"))
    except OSError:
        return
    for address_file in address_files:
        if not address_file.stem.isdecimal() or not address_file.is_file():
            continue
        if not psutil.pid_exists(int(address_file.stem)):
            forget_endpoint(int(address_file.stem))
            continue
        with contextlib.suppress(OSError, UnicodeDecodeError):
            yield ServerAddress(int(address_file.stem), address_file.read_text(encoding="utf-8").strip())
