"""Messages for users of an editor name its commands."""

from __future__ import annotations

import re

import pytest

from conftest import REPOSITORY
from planmark.lsp.command_titles import with_command_titles

TITLES = {"next": "<Next>", "create subplan": "<Create>", "drop": "<Drop>", "reindex": "<Reindex>", "check": "<Check>"}
SOURCES = [
    "formats/planmark/rules/*.py",
    "formats/planmark/editor/lifecycle.py",
    "formats/planmark/editor/dropping.py",
    "lsp/readiness.py",
    "lsp/server_status.py",
]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("do it (planmark next @PAY-2.0 --achievement 1.2)", "do it (<Next>)"),
        ("create it (planmark create subplan @PAY 1.2), or archive", "create it (<Create>), or archive"),
        ("drop it (planmark drop @X 1.2 --note TEXT), or not", "drop it (<Drop>), or not"),
        ("run `planmark next @X N.N`", "run <Next>"),
        ("run `planmark.reindex`", "run <Reindex>"),
        ("with planmark check and time", "with <Check> and time"),
        ("with planmark check --fix --select plan-complete", "with <Check> plan-complete"),
        ("planmark doctor says more", "planmark doctor says more"),
        ("planmark create other @X", "planmark create other @X"),
        ("planmark.nextPrompt, planmark.toml, planmark", "planmark.nextPrompt, planmark.toml, planmark"),
    ],
)
def test_a_command_line_becomes_the_title(message: str, shown: str) -> None:
    assert with_command_titles(message, TITLES) == shown
    assert with_command_titles(message, {}) == message


def test_the_extension_has_a_command_for_every_command_line_in_a_message() -> None:
    table = (REPOSITORY / "client-vscode/src/server/commandTitles.ts").read_text(encoding="utf-8")
    titles = dict.fromkeys(re.findall(r'^  "?([a-z ]+)"?: "planmark\.', table, re.MULTILINE), "<title>")
    package = REPOSITORY / "server/planmark"
    lines = [
        line
        for pattern in SOURCES
        for path in package.glob(pattern)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"planmark[ .](?!formats|check\b.*\"\"\"|toml)[a-z]", line)
        and "import" not in line
        and '"""' not in line
    ]
    assert len(lines) > 10
    left = [line for line in lines if re.search(r"planmark [a-z]", with_command_titles(line, titles))]
    assert left == []
