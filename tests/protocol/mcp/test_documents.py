"""No answer of a tool, a resource or a prompt holds text that controls a host, or a credential."""

from __future__ import annotations

import functools
import random
import string
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from doors import PLAN, planted
from planmark.mcp.prompt_table import PROMPTS, checked_prompt
from planmark.mcp.server import AgentServer, ServerOptions, ToolCall
from planmark.mcp.tool_table import TOOLS
from planmark.mcp.verdicts import verdict_question

TOKEN = "ghp_" + "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=36))
CONTROL = "\x1b]52;c;cm0=\x07\x1b[2J\x9b2J\x9c\x7f\x08\u202e\u2066\u200f\u061c\u2028\u2029\x85\x0b\x0c\x1c evil"
IDS = [f"1.{number}" for number in range(1, 14)]
ABOUT = {"feature": "PAY"}
GIVEN: dict[str, list[dict[str, object]]] = {
    "status": [{}, ABOUT, *({**ABOUT, "achievement": one} for one in IDS)],
    "next": [
        *({}, ABOUT, {"feature": PLAN}, {"role": "reviewer"}, {"take": True}, {**ABOUT, "budget": 700}),
        *({**ABOUT, "achievement": one} for one in IDS),
        *({"feature": feature} for feature in ("TILL", "WISH", "DONE", "ODD", "NOPE")),
    ],
    "lease": [{"action": "release", **ABOUT, "achievement": "1.7"}, {"action": "renew", "lease": "lse_x"}],
    "record": [
        {"kind": "subplan", **ABOUT, "achievement": "1.7"},
        {"kind": "subplan", **ABOUT, "achievement": "1.1"},
        {"kind": "execution", **ABOUT, "achievement": "1.9"},
        {"kind": "resolution", **ABOUT, "achievement": "1.2", "text": "done"},
        {"kind": "tick", **ABOUT, "achievement": "1.7"},
        *({"kind": "iteration", **ABOUT, "achievement": one, "text": "done"} for one in IDS),
    ],
    "find": [{"query": query, "limit": 100} for query in ("plan:PAY", "-type:note", "x", "colour:x")],
    "check": [{}, ABOUT, {"path": PLAN}, *({"text": text} for text in ("fatal: not a git repository", "-", "@PAY"))],
}
"""Tool → the arguments with which it is called."""


def answers(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every answer, in order."""
    state = AgentServer(ServerOptions(str(root), "agent", False), {})
    assert GIVEN.keys() == TOOLS.keys() - {"verdict"}

    def answered(work: Callable[[], str]) -> str:
        try:
            return anyio.run(state.run_on_engine, work)
        except Exception as error:
            return state.failure(error)

    for tool, calls in GIVEN.items():
        for given in calls:
            call, function = ToolCall(given, lambda: "agent", None), state.functions[tool]
            yield f"{tool} {given}", answered(functools.partial(function, call))
    for name in PROMPTS:
        prompt, values = checked_prompt(
            name, {"feature": "PAY", **({"achievement": "1.6"} if name == "review" else {})}
        )
        yield name, answered(functools.partial(prompt.message, state.workspace, values))
    asked = {"feature": "PAY", "achievement": "1.6", "note": "a note"}
    yield "verdict", answered(lambda: verdict_question(state.workspace, asked).message)
    assert state.engine.stop(60)


def test_no_answer_controls_a_host(tmp_path: Path) -> None:
    said = list(answers(planted(tmp_path / "ws", CONTROL)))
    assert [name for name, text in said if "Planmark failed" in text] == []
    for name, text in said:
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n", "\t"}
        assert odd <= {"\ufe0f", "\u200d"}, (name, odd)
    assert sum("evil" in text for _, text in said) > 20


def test_no_answer_has_a_credential(tmp_path: Path) -> None:
    said = list(answers(planted(tmp_path / "ws", f"the token {TOKEN} is")))
    assert [name for name, text in said if TOKEN in text] == []
    assert len(said) > 50


@pytest.mark.parametrize("name", TOOLS)
def test_each_argument_of_a_tool_is_tried_or_is_for_the_caller(name: str) -> None:
    tried = {argument for given in GIVEN.get(name, []) for argument in given}
    assert TOOLS[name].arguments.keys() - tried <= {"agent", "since", "lease", "feature", "achievement", "note"}
