"""The return of freed memory to the system."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from planmark.lsp import malloc


@pytest.fixture(autouse=True)
def _no_function_is_kept() -> Iterator[None]:
    malloc._malloc_trim.cache_clear()
    yield
    malloc._malloc_trim.cache_clear()


def test_glibc_is_asked_to_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_bytes: list[int] = []
    monkeypatch.setattr(malloc.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=kept_bytes.append))
    malloc.return_freed_memory()
    malloc.return_freed_memory()
    assert kept_bytes == [0, 0]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_a_c_library_without_the_function_is_left_alone(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(malloc.sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    malloc.return_freed_memory()
    assert malloc._malloc_trim() is None


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the function")
def test_glibc_has_the_function() -> None:
    trim = malloc._malloc_trim()
    assert trim is not None
    assert trim(0) in (0, 1)
