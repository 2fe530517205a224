"""Each method in both eras of the protocol, through the SDK's client over standard input and output."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import ElicitResult, PromptReference, ResourceUpdatedNotification

from conftest import REPOSITORY
from mcp_clients import MODES, environment, error_of, talk, text_of
from planmark.mcp.tool_table import INSTRUCTIONS, TOOLS

REFERENCE = PromptReference(name="next")
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
        assert again[0] == first
        assert re.fullmatch(rf"since {name}: [\d,]+ of [\d,]+ tokens are new", again[1])
        assert "## You have this already" in again[2]
        assert len(again[2]) < len(wanted) / 2
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


def test_record_writes_each_kind_and_never_over_a_file(example: Path, mode: str) -> None:
    task = example / "work-space/plans/CHECKOUT/execution/EXECUTION_TASK_CHECKOUT_21_01.md"

    async def ask(client: Client) -> None:
        subplan = {"kind": "subplan", "feature": "SEARCH", "achievement": "3.1"}
        path = (await text_of(client, "record", **subplan, text="# SUBPLAN\n\nbody")).rstrip("\n")
        assert (example / path).read_text("utf-8") == "# SUBPLAN\n\nbody\n"
        refused = await error_of(client, "record", **subplan, text="something else")
        assert path.rpartition("/")[2] in refused
        assert (example / path).read_text("utf-8") == "# SUBPLAN\n\nbody\n"
        resolution = {"kind": "resolution", "feature": "CHECKOUT", "achievement": "1.2", "text": "the cause is gone"}
        resolved = (await text_of(client, "record", **resolution)).rstrip("\n")
        assert "the cause is gone" in (example / resolved).read_text("utf-8")
        before = task.read_text("utf-8")
        about = {"kind": "iteration", "feature": "CHECKOUT", "achievement": "2.1"}
        logged = await text_of(client, "record", **about, text="**Result**: mails are queued\n")
        assert logged == f"{task.relative_to(example).as_posix()}\n"
        now = task.read_text("utf-8")
        added = "### Iteration 3\n\n**Result**: mails are queued\n\n"
        assert now == before.replace("---\n\n## 📚", f"{added}---\n\n## 📚")
        assert "headings of a lower level" in await error_of(client, "record", **about, text="## Completion\n\ndone")
        assert task.read_text("utf-8") == now
        assert "needs its text" in await error_of(client, "record", **about)
        assert "no EXECUTION_TASK" in await error_of(client, "record", **{**about, "achievement": "2.2"}, text="x")

    talk(example, mode, ask)


def test_record_ticks_a_task_of_a_plan_with_boxes(tmp_path: Path, mode: str) -> None:
    root = Path(shutil.copytree(REPOSITORY / "examples" / "openspec", tmp_path / "site"))
    tasks = root / "openspec/changes/add-html-report/tasks.md"

    async def ask(client: Client) -> str:
        (feature,) = (await client.complete(REFERENCE, {"name": "feature", "value": "add-html"})).completion.values
        known = {"feature": feature}
        ids = (
            await client.complete(REFERENCE, {"name": "achievement", "value": ""}, context_arguments=known)
        ).completion
        about = {"kind": "tick", "feature": feature}
        assert "is a PLAN" not in await error_of(client, "record", **about, achievement="99.99")
        return await text_of(client, "record", **about, achievement=ids.values[-1])

    assert "- [ ] 2.2 " in tasks.read_text("utf-8")
    assert talk(root, mode, ask).startswith("openspec/changes/add-html-report/tasks.md:10 2.2 ")
    assert "- [x] 2.2 " in tasks.read_text("utf-8")


@pytest.mark.parametrize(
    ("answer", "written", "says"),
    [
        (ElicitResult(action="accept", content={"decision": "approve", "reviewer": "Ada"}), "APPROVED_13.md", ""),
        (ElicitResult(action="accept", content={"decision": "fix", "reviewer": "Ada"}), "FIX_13_02.md", ""),
        (ElicitResult(action="accept", content={"decision": "later", "reviewer": "Ada"}), "", "decides later"),
        (ElicitResult(action="decline"), "", "the person chose decline"),
        (ElicitResult(action="cancel"), "", "the person chose cancel"),
        (None, "", "this client shows no forms"),
    ],
)
def test_only_a_person_gives_a_verdict(
    example: Path, mode: str, answer: ElicitResult | None, written: str, says: str
) -> None:
    folder = example / FEEDBACKS
    before = sorted(folder.iterdir())
    asked: list[str] = []

    async def person(_context: object, params: Any) -> ElicitResult:
        asked.append(params.message)
        assert answer is not None
        return answer

    async def ask(client: Client) -> str:
        return await text_of(client, "verdict", feature="CHECKOUT", achievement="1.3", note="declines are explained")

    text = talk(example, mode, ask, **({"elicitation_callback": person} if answer else {}))
    assert len(asked) == bool(answer)
    for message in asked:
        assert "@CHECKOUT 1.3" in message
        assert "The agent says: > declines are explained" in message
    new = [path.name for path in sorted(folder.iterdir()) if path not in before]
    if written:
        assert [text] == [f"{FEEDBACKS}/{name}\n" for name in new]
        assert new[0].startswith(written.partition("_")[0])
        assert "Ada" in (folder / new[0]).read_text("utf-8")
    else:
        assert new == []
        assert says in text
        assert "planmark verdict approve @CHECKOUT 1.3 --reviewer NAME" in text


def test_a_server_that_only_reads_offers_nothing_that_writes(example: Path, mode: str) -> None:
    async def ask(client: Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["status", "next", "check", "find"]
        with pytest.raises(MCPError, match="Unknown tool: record"):
            await client.call_tool("record", {"kind": "tick", "feature": "X", "achievement": "1"})

    talk(example, mode, ask, "--read-only")


def test_prompts_are_one_message_of_the_user(example: Path, mode: str) -> None:
    wanted = printed(example, "next", "@CHECKOUT", "2.1")

    async def ask(client: Client) -> None:
        listed = (await client.list_prompts()).prompts
        assert {known.name: [of.name for of in known.arguments or []] for known in listed} == {
            "next": ["feature", "achievement"],
            "review": ["feature", "achievement"],
            "batch": ["feature", "count"],
        }
        texts = {}
        for name, given in (
            ("next", {"feature": "CHECKOUT", "achievement": "2.1"}),
            ("review", {"feature": "CHECKOUT", "achievement": "1.3"}),
            ("batch", {"feature": "CHECKOUT", "count": "2"}),
        ):
            (message,) = (await client.get_prompt(name, given)).messages
            assert message.role == "user"
            texts[name] = message.content.text  # type: ignore[union-attr]
        assert texts["next"] == wanted
        assert "Failed payments explained" in texts["review"]
        assert texts["batch"].startswith("2 steps of @CHECKOUT are ready.")
        for name, given, says in (
            ("nexd", {}, "did you mean `next`"),
            ("review", {"feature": "CHECKOUT"}, "needs `achievement`"),
            ("batch", {"feature": "CHECKOUT", "count": "7"}, "from 1 to 6"),
            ("next", {"feature": "NOPE"}, "no plan NOPE"),
        ):
            with pytest.raises(MCPError, match=says) as refused:
                await client.get_prompt(name, given)
            assert refused.value.error.code == -32602

    talk(example, mode, ask)


def test_completion_knows_features_and_ids(example: Path, mode: str) -> None:
    async def ask(client: Client) -> None:
        async def values(name: str, typed: str, **chosen: str) -> list[str]:
            found = await client.complete(REFERENCE, {"name": name, "value": typed}, context_arguments=chosen or None)
            return list(found.completion.values)

        assert await values("feature", "CH") == ["CHECKOUT", "SEARCH"]
        assert await values("achievement", "2.", feature="CHECKOUT") == ["2.1", "2.2"]
        assert await values("achievement", "2.") == []
        assert await values("achievement", "", feature="NOPE") == []
        assert await values("count", "") == []

    talk(example, mode, ask)


def test_the_first_scan_tells_its_progress(example: Path, mode: str) -> None:
    told: list[tuple[float, float | None]] = []

    async def progress(done: float, of: float | None, _message: str | None) -> None:
        told.append((done, of))

    async def ask(client: Client) -> None:
        await client.call_tool("check", {}, progress_callback=progress)
        first = list(told)
        assert first == sorted(first)
        assert len(first) > 1
        await client.call_tool("check", {}, progress_callback=progress)
        assert told == first

    talk(example, mode, ask)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
def test_each_change_is_told_once_to_a_client_that_subscribed(example: Path, mode: str) -> None:
    """Change one of two resources after the other, so that a superfluous notification would be seen."""
    first, second = "planmark:///plans/CHECKOUT/1.3", "planmark:///plans/SEARCH"
    changes = {
        first: example / FEEDBACKS / "APPROVED_13.md",
        second: example / "work-space/plans/SEARCH/execution/feedbacks/APPROVED_12.md",
    }
    updated: list[str] = []

    def change(uri: str) -> None:
        number = changes[uri].stem[-2:]
        changes[uri].write_text(f"# APPROVED: Achievement {number[0]}.{number[1]}\n\n**Reviewer**: Ada\n", "utf-8")

    async def ask(client: Client) -> None:
        if client.protocol_version == "2026-07-28":
            async with client.listen(resource_subscriptions=[first, second]) as events:
                for uri in (first, second):
                    change(uri)
                    event = await anext(events)
                    assert isinstance(event, ResourceUpdated)
                    updated.append(event.uri)
            return
        for uri in (first, second, "planmark:///status"):
            await client.subscribe_resource(uri)
        await client.unsubscribe_resource("planmark:///status")
        with pytest.raises(MCPError, match="no resource"):
            await client.subscribe_resource("planmark:///nothing")
        for uri in (first, second):
            change(uri)
            updated.append(await told.get())

    class Told:
        """The notifications of the earlier era, in their order."""

        def __init__(self) -> None:
            self.uris: list[str] = []
            self.more = anyio.Event()

        async def take(self, message: object) -> None:
            if isinstance(message, ResourceUpdatedNotification):
                self.uris.append(str(message.params.uri))
                self.more.set()

        async def get(self) -> str:
            await self.more.wait()
            self.more = anyio.Event()
            return self.uris.pop(0)

    told = Told()
    talk(example, mode, ask, message_handler=told.take)
    assert updated == [first, second]
