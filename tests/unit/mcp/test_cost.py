"""The tokens (of o200k) that the tools cost an agent before it calls one."""

from __future__ import annotations

import json

import pytest

from planmark.mcp.tool_table import INSTRUCTIONS, TOOLS, Tool, input_schema, offered_tools

ORDER = ["status", "next", "lease", "record", "check", "find", "verdict"]


def tokens(text: str) -> int:
    import bpe_openai  # type: ignore[import-untyped, import-not-found, unused-ignore]  # It takes a second.

    return len(bpe_openai.get_encoding("o200k_base").encode_ordinary(text))


def cost(tool: Tool) -> int:
    return tokens(json.dumps([tool.name, tool.description, input_schema(tool)], separators=(",", ":")))


def test_all_tools_cost_at_most_900_tokens() -> None:
    assert sum(map(cost, TOOLS.values())) <= 900


def test_the_instructions_cost_at_most_80_tokens() -> None:
    assert tokens(INSTRUCTIONS) <= 80


@pytest.mark.parametrize("tool", TOOLS.values(), ids=list(TOOLS))
def test_a_tool_has_a_short_description_and_closed_arguments(tool: Tool) -> None:
    schema = input_schema(tool)
    assert 0 < len(tool.description) <= 300
    assert schema["additionalProperties"] is False
    assert all(known["type"] in ("string", "boolean", "integer") for known in schema["properties"].values())


def test_the_order_is_fixed() -> None:
    assert list(TOOLS) == ORDER


def test_a_server_that_only_reads_has_no_tool_and_no_argument_that_writes() -> None:
    offered = offered_tools(read_only=True)
    assert [tool.name for tool in offered] == ["status", "next", "check", "find"]
    assert all(tool.read_only for tool in offered)
    assert [name for tool in offered for name in tool.arguments if name in TOOLS[tool.name].writing_arguments] == []
