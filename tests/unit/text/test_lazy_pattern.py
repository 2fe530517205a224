"""Patterns that are compiled at their first use."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re

import pytest

import planmark
from planmark.text import lazy_pattern as module
from planmark.text.lazy_pattern import lazy_pattern


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the sources that are compiled from now on, in order."""
    sources: list[str] = []
    real_compile = re.compile

    def recorded(source: str, flags: int = 0) -> re.Pattern[str]:
        sources.append(source)
        return real_compile(source, flags)

    monkeypatch.setattr(module.re, "compile", recorded)
    return sources


def test_the_first_use_compiles_a_pattern_once(compiled: list[str]) -> None:
    pattern = lazy_pattern(r"(?P<number>\d+)")
    assert pattern.pattern == r"(?P<number>\d+)"
    assert compiled == []
    match = pattern.search("step 12")
    assert match and match["number"] == "12"
    assert [match[0] for match in pattern.finditer("1 and 22")] == ["1", "22"]
    assert pattern.sub("#", "3 or 4") == "# or #"
    assert compiled == [r"(?P<number>\d+)"]


def test_flags_apply() -> None:
    pattern = lazy_pattern("plan$", re.IGNORECASE | re.MULTILINE)
    assert pattern.findall("PLAN\nPlan of\nplan") == ["PLAN", "plan"]


def test_an_attribute_that_no_caller_needs_is_missing() -> None:
    with pytest.raises(AttributeError, match="groupindex"):
        _ = lazy_pattern("a").groupindex


def test_an_invalid_pattern_raises_at_its_first_use() -> None:
    pattern = lazy_pattern("(")
    with pytest.raises(re.error, match="unterminated"):
        pattern.match("")


def test_every_pattern_of_the_package_is_valid() -> None:
    for found in pkgutil.walk_packages(planmark.__path__, "planmark."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    patterns = [value for value in gc.get_objects() if isinstance(value, module._LazyPattern)]
    for pattern in patterns:
        pattern.match("")
    assert len(patterns) > 300
