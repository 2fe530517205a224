"""The lenses that run steps, for clients with a command for it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lsp_client import LocalClient, recorded, with_roots

NEXT, RUN = "planmark.nextPrompt", "planmark.runUntil"


def commands(local: LocalClient, path: Path) -> list[list[dict[str, Any]]]:
    """Return the commands of the lenses of a document, one list for each line."""
    lines: dict[int, list[dict[str, Any]]] = {}
    for lens in local.request("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}}):
        command = local.request("codeLens/resolve", lens)["command"]
        lines.setdefault(lens["range"]["start"]["line"], []).append(command)
    return list(lines.values())


def begun(local: LocalClient, root: Path, **options: Any) -> None:
    local.begin(
        [], {**with_roots(recorded(), [root]), "initializationOptions": {"promptDelivery": "client", **options}}
    )


def test_a_lens_that_runs_follows_each_lens_with_the_next_prompt_of_an_achievement(
    local: LocalClient, example: Path
) -> None:
    begun(local, example, runsSteps=True)
    seen = 0
    for path in sorted(example.rglob("*.md")):
        for line in commands(local, path):
            for before, command in pairwise(line):
                if command["command"] == RUN:
                    assert command["title"] == "Run"
                    assert before["command"] == NEXT
                    assert command["arguments"] == before["arguments"]
                    assert command["arguments"][0].keys() == {"workspace", "plan", "achievement"}
                    seen += 1
                elif before["command"] == NEXT:
                    # The prompts of a plan, and those that mend problems, have no lens of their own.
                    assert "achievement" not in before["arguments"][0] or "step" in before["arguments"][0]
            assert line[0]["command"] != RUN
    assert seen > 5
    local.close()


@pytest.mark.parametrize("value", [None, "true", 1])
def test_any_other_client_has_none(local: LocalClient, example: Path, value: object) -> None:
    begun(local, example, runsSteps=value)
    lines = [line for path in sorted(example.rglob("PLAN_*.md")) for line in commands(local, path)]
    titles = [command["command"] for line in lines for command in line]
    assert NEXT in titles
    assert RUN not in titles
    local.close()
