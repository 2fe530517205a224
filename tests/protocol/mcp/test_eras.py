"""Each method in both eras of the protocol, through the SDK's client over standard input and output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from mcp_clients import MODES, environment, error_of, talk, text_of
from planmark.mcp.tool_table import INSTRUCTIONS, TOOLS

FEEDBACKS = "work-space/plans/CHECKOUT/execution/feedbacks"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """A mode of the SDK's client: the newest era, the oldest, or a fixed revision."""
    name: str = request.param
    return name


def printed(root: Path, *arguments: str) -> str:
    """Return what the command line prints."""
    command = [sys.executable, "-m", "planmark", *arguments]
    ended = subprocess.run(command, cwd=root, capture_output=True, check=True, env=environment())
    return ended.stdout.decode("utf-8")


def test_tools_are_listed_in_one_order_with_hints(example: Path, mode: str) -> None:
    async def ask(client: Client) -> None:
        # A fixed revision asks the server for nothing before the first request.
        assert client.instructions == (None if mode == "2026-07-28" else INSTRUCTIONS)
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == list(TOOLS)
        for tool in listed:
            assert tool.output_schema is None
            assert tool.input_schema["additionalProperties"] is False
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is TOOLS[tool.name].read_only
            assert tool.annotations.open_world_hint is False

    talk(example, mode, ask)


def test_next_is_the_prompt_of_the_command_line_after_two_lines(example: Path, mode: str) -> None:
    wanted = printed(example, "next", "@CHECKOUT")
    of_achievement = printed(example, "next", "@CHECKOUT", "2.1")

    async def ask(client: Client) -> None:
        first, since, prompt = (await text_of(client, "next", feature="CHECKOUT")).split("\n", 2)
        assert prompt == wanted
        assert since == ""
        assert first.startswith("prompt p_")
        assert "tier 2" in first
        name = first.split()[1]
        again = (await text_of(client, "next", feature="CHECKOUT", since=name)).split("\n", 2)
        assert again == [first, f"since {name}: nothing changed", wanted]
        other = (await text_of(client, "next", feature="@CHECKOUT", achievement="2.1")).split("\n", 2)[2]
        assert other == of_achievement

    talk(example, mode, ask)


def test_status_and_check_say_what_the_command_line_says(example: Path, mode: str) -> None:
    table, of_plan, why = (
        printed(example, *arguments) for arguments in (["status"], ["status", "@CHECKOUT"], ["why", "@CHECKOUT", "1.2"])
    )

    async def ask(client: Client) -> None:
        assert (await text_of(client, "status")).startswith(table)
        assert await text_of(client, "status", feature="CHECKOUT") == of_plan
        assert await text_of(client, "status", feature="CHECKOUT", achievement="1.2") == why
        found = await text_of(client, "check", feature="RETURNS")
        assert found.startswith("work-space/plans/RETURNS/PLAN_RETURNS.md:9 error no-achievements: ")
        assert "\n  fix: Write " in found
        assert await text_of(client, "check", path="shop") == "no diagnostics\n"

    talk(example, mode, ask)


def test_errors_say_what_to_do(example: Path, mode: str) -> None:
    async def ask(client: Client) -> None:
        assert "CHECKOUT" in await error_of(client, "next", feature="CHEKOUT")
        assert "It has: 0.1" in await error_of(client, "next", feature="CHECKOUT", achievement="9.9")
        assert await error_of(client, "status", achievement="1.2") == (
            "`achievement` needs `feature`: name its plan too"
        )
        assert "did you mean `feature`?" in await error_of(client, "next", featur="X")
        assert await error_of(client, "next", budget=10) == "`budget` is at least 500"
        assert "of the type string" in await error_of(client, "next", feature=7)
        with pytest.raises(MCPError, match="did you mean `next`") as unknown:
            await client.call_tool("nexd", {})
        assert unknown.value.error.code == -32602

    talk(example, mode, ask)


def test_a_complete_plan_is_an_answer(pay: Path, mode: str) -> None:
    plan = next(pay.rglob("PLAN_PAY.md"))
    plan.write_text("# PLAN: PAY\n\n**Status**: Active\n\n- Achievement 1.1: A\n\n**Achievement 1.1**: A\n", "utf-8")
    (plan.parent / "execution/feedbacks/APPROVED_11.md").write_text("# APPROVED: Achievement 1.1\n", "utf-8")

    async def ask(client: Client) -> str:
        return await text_of(client, "next", feature="PAY", achievement="1.1")

    assert talk(pay, mode, ask).startswith("complete · ask again when the plan has changed\n\n")


def test_resources_are_the_texts_of_status(example: Path, mode: str) -> None:
    async def ask(client: Client) -> None:
        assert [known.uri for known in (await client.list_resources()).resources] == ["planmark:///status"]
        templates = (await client.list_resource_templates()).resource_templates
        assert [known.uri_template for known in templates] == [
            "planmark:///plans/{feature}",
            "planmark:///plans/{feature}/{achievement}",
        ]
        for uri, given in (
            ("planmark:///status", {}),
            ("planmark:///plans/CHECKOUT", {"feature": "CHECKOUT"}),
            ("planmark:///plans/GIFT%2DCARDS", {"feature": "GIFT-CARDS"}),
            ("planmark:///plans/CHECKOUT/1.2", {"feature": "CHECKOUT", "achievement": "1.2"}),
        ):
            (content,) = (await client.read_resource(uri)).contents
            assert content.mime_type == "text/plain"
            assert content.text == await text_of(client, "status", **given)  # type: ignore[union-attr]
        missing = -32602 if client.protocol_version == "2026-07-28" else -32002
        for uri in ("planmark:///nothing", "planmark:///plans/NOPE", "file:///etc/passwd"):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(uri)
            assert refused.value.error.code == missing

    talk(example, mode, ask)
