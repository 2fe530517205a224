"""The reports of agents, in the forms in which their programs print them."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.run.agent_results import ADD_OBJECT_BY_FORM, MAX_OBJECT_BYTES, AgentReport, ReportReader
from planmark.run.attempts import AgentTokens, ResultForm

CLAUDE: dict[str, Any] = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "api_error_status": None,
    "duration_ms": 1193,
    "num_turns": 2,
    "result": "All done.",
    "session_id": "5e55",
    "total_cost_usd": 0.04264,
    "usage": {
        "input_tokens": 2468,
        "cache_creation_input_tokens": 4000,
        "cache_read_input_tokens": 6000,
        "output_tokens": 92,
    },
    "permission_denials": [],
}
ZERO = dict.fromkeys(CLAUDE["usage"], 0)
MODELS = {
    "a": {"inputTokens": 10, "outputTokens": 5, "cacheReadInputTokens": 100, "cacheCreationInputTokens": 20},
    "b": {"inputTokens": 1, "outputTokens": 2},
}


def lines(*values: dict[str, Any]) -> bytes:
    """Return JSON values as lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def report_of(form: ResultForm, output: bytes) -> AgentReport:
    """Return the report in a whole output."""
    reader = ReportReader(form)
    reader.feed(output)
    return reader.report


def claude(**more: Any) -> AgentReport:
    """Return the report of Claude Code with other values."""
    return report_of("claude-json", lines({**CLAUDE, **more}))


def test_claude_code_reports_figures() -> None:
    assert claude() == AgentReport(
        is_complete=True,
        says="All done.",
        tokens=AgentTokens(6468, 6000, 92),
        cost_usd=0.04264,
        turns=2,
        session="5e55",
    )


def test_the_figures_of_all_models_count_if_they_are_there() -> None:
    assert claude(usage=ZERO, modelUsage=MODELS).tokens == AgentTokens(31, 100, 7)
    assert claude(usage=ZERO, modelUsage={}).tokens is None


def test_denied_tools_are_named_once() -> None:
    denials = [{"tool_name": name, "tool_input": {}} for name in ("Bash", "Bash", "Edit")]
    assert claude(permission_denials=denials).denied == ("Bash", "Edit")


@pytest.mark.parametrize("subtype", ["error_max_turns", "error_max_budget_usd", "error_during_execution"])
def test_an_error_has_its_name(subtype: str) -> None:
    report = claude(subtype=subtype)
    assert report.is_error and report.reason == subtype


def test_the_last_line_of_a_stream_is_the_result() -> None:
    stream = lines({"type": "system", "subtype": "init"}, {"type": "assistant", "message": {}}, CLAUDE)
    assert report_of("claude-json", stream) == claude()
    assert not report_of("claude-json", stream.rpartition(b'{"type": "result"')[0]).is_complete


def test_the_list_of_all_messages_has_the_result() -> None:
    messages = json.dumps([{"type": "system"}, {"type": "assistant", "message": {}}, CLAUDE]).encode()
    assert report_of("claude-json", messages) == claude() == report_of("claude-json", messages + b"\n")


CODEX = lines(
    {"type": "thread.started", "thread_id": "t-1"},
    {"type": "turn.started"},
    {"type": "item.completed", "item": {"type": "command_execution", "text": "no"}},
    {"type": "item.completed", "item": {"type": "agent_message", "text": "Done."}},
    {
        "type": "turn.completed",
        "usage": {
            "input_tokens": 1000,
            "cached_input_tokens": 600,
            "output_tokens": 50,
            "reasoning_output_tokens": 20,
        },
    },
)


def test_codex_reports_no_cost_and_input_without_the_cache() -> None:
    report = report_of("codex-jsonl", CODEX)
    assert report == AgentReport(
        is_complete=True, says="Done.", tokens=AgentTokens(400, 600, 50, 20), turns=1, session="t-1"
    )


def test_a_connection_that_codex_tries_again_is_not_its_end() -> None:
    error = lines({"type": "error", "message": "Reconnecting… 1/5"})
    assert not report_of("codex-jsonl", error).is_complete
    assert report_of("codex-jsonl", error + CODEX) == report_of("codex-jsonl", CODEX)
    failed = report_of("codex-jsonl", error + lines({"type": "turn.failed", "error": {"message": "rate limit"}}))
    assert failed.is_complete and failed.is_error and failed.says == "rate limit"


GEMINI = {
    "session_id": "g-1",
    "response": "Done.",
    "stats": {
        "models": {
            "flash": {"tokens": {"prompt": 100, "candidates": 10, "cached": 40, "thoughts": 5, "total": 115}},
            "pro": {"tokens": {"prompt": 50, "candidates": 1, "cached": 0, "thoughts": 0, "total": 51}},
        }
    },
}


@pytest.mark.parametrize("indent", [None, 2])
def test_gemini_reports_tokens_of_all_models(indent: int | None) -> None:
    output = b"Loaded cached credentials.\n" + json.dumps(GEMINI, indent=indent).encode()
    assert report_of("gemini-json", output) == AgentReport(
        is_complete=True, says="Done.", tokens=AgentTokens(110, 40, 11, 5), session="g-1"
    )


def test_an_error_of_gemini_has_a_type_and_a_status() -> None:
    error = {"session_id": "g", "error": {"type": "ApiError", "message": "quota exceeded", "code": 429}}
    report = report_of("gemini-json", lines(error))
    assert (report.is_error, report.status, report.reason, report.says, report.tokens) == (
        True,
        429,
        "ApiError",
        "quota exceeded",
        None,
    )


def test_opencode_reports_steps_that_are_added_up() -> None:
    used = {"input": 100, "output": 10, "reasoning": 3, "cache": {"read": 40, "write": 7}}
    events = [
        {"type": "step_start", "sessionID": "ses_1", "part": {}},
        {"type": "step_finish", "part": {"reason": "tool-calls", "tokens": used, "cost": 0.5}},
        {"type": "text", "part": {"text": "Done."}},
        {"type": "step_finish", "part": {"reason": "stop", "tokens": used, "cost": 0.25}},
    ]
    assert not report_of("opencode-jsonl", lines(*events[:3])).is_complete
    assert not report_of("opencode-jsonl", lines(*events, {"type": "step_start", "part": {}})).is_complete
    assert report_of("opencode-jsonl", lines(*events)) == AgentReport(
        is_complete=True,
        says="Done.",
        tokens=AgentTokens(214, 80, 20, 6),
        cost_usd=0.75,
        turns=2,
        session="ses_1",
    )


def test_copilot_reports_an_exit_code() -> None:
    events = lines(
        {"type": "assistant.message", "data": {"content": "Done."}},
        {"type": "result", "sessionId": "c-1", "exitCode": 0},
    )
    assert report_of("copilot-jsonl", events) == AgentReport(is_complete=True, says="Done.", session="c-1")


@pytest.mark.parametrize("form", get_args(ResultForm))
def test_a_figure_that_is_missing_or_of_a_wrong_type_is_none(form: ResultForm) -> None:
    wrong: list[Any] = [None, "7", -1, True, [], {}]
    for value in wrong:
        usage = {"input_tokens": value, "output_tokens": value, "prompt": value, "input": value}
        for kind in ("result", "turn.completed", "step_finish"):
            part = {"tokens": usage, "cost": value}
            stats = {"models": {"m": {"tokens": usage}}}
            object_ = {"type": kind, "usage": usage, "part": part, "stats": stats, "total_cost_usd": value}
            report = report_of(form, lines(object_, {"type": kind, "usage": value, "part": value, "stats": value}))
            assert report.tokens is None and report.cost_usd is None


@given(st.lists(st.integers(1, 4000), max_size=20), st.booleans())
def test_a_report_does_not_depend_on_the_pieces_of_the_output(sizes: list[int], ends: bool) -> None:
    whole = b"noise {\n" + CODEX + json.dumps(GEMINI, indent=1).encode() + b"\r\n" + lines(CLAUDE)
    whole = whole if ends else whole[:-1]
    for form in ADD_OBJECT_BY_FORM:
        reader, rest = ReportReader(form), whole
        for size in sizes:
            reader.feed(rest[:size])
            rest = rest[size:]
        reader.feed(rest)
        assert reader.report == report_of(form, whole)
    assert report_of("claude-json", whole) == claude()


@given(st.binary(max_size=400), st.sampled_from(get_args(ResultForm)))
def test_no_output_is_an_error(output: bytes, form: ResultForm) -> None:
    report_of(form, output + b'\n{"type": [}\n{"type": "result"\n\xff{}\n[]\n{"a": 1}}\n')


PIECES = (b"x" * 65_536, b"{" + b"x" * 65_535, (b"x" * 4_095 + b"\n") * 16, b"{}" * 32_768 + b"\n")
"""Pieces of output that are no report."""


@pytest.mark.parametrize("form", ["claude-json", "gemini-json", "exit"])
@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_the_memory_does_not_grow_with_the_output(form: ResultForm, piece: bytes) -> None:
    reader, kept = ReportReader(form), 0
    reader.feed(b"{\n")
    for _ in range(3 * MAX_OBJECT_BYTES // len(piece)):
        reader.feed(piece)
        kept = max(kept, len(reader._line) + len(reader._object))
    assert kept <= MAX_OBJECT_BYTES
    reader.feed(b"\n" + lines(CLAUDE))
    if form == "claude-json":
        assert reader.report == claude()
