"""The catalogue of codes: the sum over the core and the formats, which nothing imports before it is asked for."""

from __future__ import annotations

import re
import sys
import types

import pytest

from planmark.diagnostics import codes
from planmark.formats import registered as registered_formats
from planmark.plans.diagnostic import DiagnosticCode
from planmark.plans.registry import RegisteredFormat


def test_the_catalogue_has_the_codes_of_the_registered_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("own_codes")
    again, own = DiagnosticCode("merge-conflict", "hint", "x"), DiagnosticCode("own-code", "hint", "a code of its own")
    module.__dict__["CODES"] = (again, own)
    monkeypatch.setitem(sys.modules, "own_codes", module)
    registered = (
        RegisteredFormat("own", "own", re.compile("own/"), "own_codes"),
        RegisteredFormat("plain", "plain", re.compile("plain/")),
    )
    monkeypatch.setattr(registered_formats, "FORMATS", registered)
    found = codes.catalogue.__wrapped__()
    assert found["own-code"] is own
    assert found["merge-conflict"].severity == "error", "the methodology describes a code that it shares"
    assert found["configuration"] is codes.CONFIGURATION
    assert [*found][-1] == "own-code"
