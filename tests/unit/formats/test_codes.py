"""The codes of the formats beside the methodology: each one that a rule reports is in the catalogue, and no other is."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from conftest import REPOSITORY
from planmark.diagnostics.codes import catalogue
from planmark.formats.registered import FORMATS
from planmark.plans.diagnostic import SEVERITIES

PACKAGE = REPOSITORY / "server" / "planmark" / "formats"


def constants(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield every text in the modules of a folder, and whether it follows a severity in the arguments of a call."""
    for path in sorted(folder.glob("*.py")):
        if path.name == "codes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                values = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
                for before, value in zip([None, *values], values, strict=False):
                    if isinstance(value, str):
                        yield value, before in SEVERITIES


def test_the_formats_report_the_codes_that_they_list() -> None:
    folders = {PACKAGE / known.module.rpartition(".")[2] for known in FORMATS}
    used = [text for folder in (PACKAGE / "checkbox", *sorted(folders)) for text in constants(folder)]
    assert {code for code, reported in used if reported} <= set(catalogue())
    listed = {
        check.code
        for known in FORMATS
        if known.codes_module
        for check in importlib.import_module(known.codes_module).CODES
    }
    assert listed <= {code for code, _ in used}
