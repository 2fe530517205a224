"""Modules that a process loads only when it needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "planmark.metrics",
        "planmark.metrics.report",
        "planmark.metrics.trace",
        "planmark.lsp.server",
        "planmark.cli.commands.metrics",
    ],
)
def test_the_library_is_imported_only_where_text_is_exposed(module: str) -> None:
    code = f"import sys, {module}; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["planmark.cli.commands.status", "planmark.cli.commands.why", "planmark.lsp.server"])
def test_what_tells_states_does_not_load_what_renders_prompts(module: str) -> None:
    code = f"import sys, {module}; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "module", ["planmark.diagnostics.engine", "planmark.diagnostics.codes", "planmark.queries.sarif"]
)
def test_no_rule_is_imported_before_it_is_needed(module: str) -> None:
    """Neither a rule is loaded, nor another format."""
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('planmark.formats.')))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    others = [name for name in loaded if not name.startswith("planmark.formats.planmark")]
    assert [*others, *(name for name in loaded if ".rules" in name)] == ["planmark.formats.registered"]
