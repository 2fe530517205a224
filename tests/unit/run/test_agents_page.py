"""The page about agents: its tables and its example are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import REPOSITORY
from planmark.run.agents import PLACEHOLDERS, AgentProgram, RunTerms, parse_agent_file
from planmark.run.attempt_classes import FOLLOW_UPS
from planmark.run.attempts import LOG_FILE, ORDER_FILE, PROMPT_FILE, RESULT_FILE, SUPERVISOR_LOG
from planmark.run.presets import PRESETS

PAGE = (REPOSITORY / "docs" / "agents.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """Return the names in the first cells of the table below a heading of columns."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_key_is_explained() -> None:
    keys = [name for name in AgentProgram.__struct_fields__ if name != "name"]
    assert first_cells("key | means | default") == keys
    assert not [name for name in RunTerms.__struct_fields__ if f"`{name}`" not in PAGE]
    assert not [name for name in PLACEHOLDERS if f"`{{{name}}}`" not in PAGE]
    assert not [name for name in PRESETS if f"`{name}`" not in PAGE]


def test_every_class_is_explained() -> None:
    assert first_cells("class | decided by | then") == list(FOLLOW_UPS)


def test_every_file_of_an_attempt_is_explained() -> None:
    assert first_cells("file in `.git/planmark/runs/RUN/N/` | has") == [
        ORDER_FILE,
        PROMPT_FILE,
        LOG_FILE,
        RESULT_FILE,
        SUPERVISOR_LOG,
    ]


def test_the_example_is_a_file_of_agents() -> None:
    (example,) = re.findall(r"(?ms)^```toml\n(.*?)^```", PAGE)
    file = parse_agent_file(example, Path("agents.toml"))
    assert list(file.agents) == ["claude"] and file.terms.max_cost_usd == 20.0
