"""The reports of agents: their own figures and sentences, read from their output while it comes.

An agent may print any amount. At most two lines or objects of MAX_OBJECT_BYTES are kept of its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.run.attempts import AgentTokens, ResultForm

MAX_OBJECT_BYTES = 4_000_000
"""Maximum bytes of one JSON object of a report; a longer object is not read."""
MAX_SENTENCE_CHARACTERS = 2_000
"""Maximum characters that are kept of a sentence of an agent."""
Values = Mapping[str, Any]


class AgentReport(NamedTuple):
    """An agent's own report of its work. A figure that the agent does not give is None.

    `is_complete` tells that the agent has printed its result. `status` is the HTTP status of its model, and `reason`
    the agent's own name of an error. `denied` are the tools that the agent was not allowed to use.
    """

    is_complete: bool = False
    is_error: bool = False
    status: int | None = None
    reason: str = ""
    says: str = ""
    tokens: AgentTokens | None = None
    cost_usd: float | None = None
    turns: int | None = None
    session: str = ""
    denied: tuple[str, ...] = ()


AddObject = Callable[[AgentReport, Values], AgentReport]
"""A function that adds a JSON object of the output to the report of the objects before it."""


class ReportReader:
    """The reader of the standard output of one agent, piece by piece. `report` is the report of the output so far."""

    def __init__(self, form: ResultForm) -> None:
        self.report = AgentReport()
        self._add_object = READER_BY_FORM[form]
        self._line, self._object = bytearray(), bytearray()
        self._is_too_long = False

    def feed(self, data: bytes) -> None:
        """Read the next piece of output."""
        if self._add_object is None:
            return
        *full_lines, last_piece = data.split(b"\n")
        for piece in full_lines:
            self._add(piece)
            self._end_line()
        self._add(last_piece)
        # An agent may print its result without a line end, and stay. The supervisor ends it then.
        self._read_object()

    def _add(self, piece: bytes) -> None:
        if len(self._line) + len(self._object) + len(piece) > MAX_OBJECT_BYTES:
            self._is_too_long = True
            self._line.clear()
            self._object.clear()
        if not self._is_too_long:
            self._line += piece

    def _end_line(self) -> None:
        if self._line.endswith(b"\r"):
            del self._line[-1:]
        self._read_object()
        if self._line.startswith(b"{"):
            self._object[:] = self._line
        elif self._object:
            self._object += b"\n" + self._line
        self._line.clear()
        self._is_too_long = False

    def _read_object(self) -> None:
        """Read the object that ends with the current line, if there is one. An object begins and ends at the margin.

        A list of objects on one line counts as its objects: `claude --verbose` prints one.
        """
        line = self._line
        if self._add_object is None or not line.endswith((b"}", b"]")) or not line.startswith((b"{", b"}", b"[")):
            return
        data = self._object + b"\n" + line if line.startswith(b"}") else line
        try:
            values = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            return
        self._line.clear()
        self._object.clear()
        for entry in values if isinstance(values, list) else [values]:
            if isinstance(entry, dict):
                self.report = self._add_object(self.report, entry)


def _with_claude_object(report: AgentReport, values: Values) -> AgentReport:
    """Return the report with the object of `claude -p --output-format json`, or the last line of `stream-json`."""
    if values.get("type") != "result":
        return report
    usages = [entry for entry in _object_at(values, "modelUsage").values() if isinstance(entry, dict)]
    # With a spent budget, `usage` has only zeros, and `modelUsage` has the figures.
    model_tokens = AgentTokens(
        _sum_of_known(_count_at(entry, key) for entry in usages for key in ("inputTokens", "cacheCreationInputTokens")),
        _sum_of_known(_count_at(entry, "cacheReadInputTokens") for entry in usages),
        _sum_of_known(_count_at(entry, "outputTokens") for entry in usages),
    )
    usage = _object_at(values, "usage")
    total_tokens = AgentTokens(
        _sum_of_known((_count_at(usage, "input_tokens"), _count_at(usage, "cache_creation_input_tokens"))),
        _count_at(usage, "cache_read_input_tokens"),
        _count_at(usage, "output_tokens"),
    )
    subtype = _text_at(values, "subtype")
    return AgentReport(
        is_complete=True,
        is_error=values.get("is_error") is True or subtype.startswith("error"),
        status=_count_at(values, "api_error_status"),
        reason="" if subtype == "success" else subtype,
        says=_text_at(values, "result") or " ".join(_texts(values.get("errors"))),
        tokens=_reported_tokens(model_tokens) or _reported_tokens(total_tokens),
        cost_usd=_amount_at(values, "total_cost_usd"),
        turns=_count_at(values, "num_turns"),
        session=_text_at(values, "session_id"),
        denied=tuple(dict.fromkeys(_text_at(entry, "tool_name") for entry in _dicts(values.get("permission_denials")))),
    )


def _with_codex_event(report: AgentReport, values: Values) -> AgentReport:
    """Return the report with an event of `codex exec --json`."""
    kind = values.get("type")
    if kind == "thread.started":
        return report._replace(session=_text_at(values, "thread_id"))
    if kind == "item.completed":
        item = _object_at(values, "item")
        return report._replace(says=_text_at(item, "text")) if item.get("type") == "agent_message" else report
    if kind == "turn.started":
        return report._replace(is_complete=False, is_error=False)
    if kind == "turn.completed":
        usage = _object_at(values, "usage")
        cached = _count_at(usage, "cached_input_tokens")
        tokens = AgentTokens(
            _count_without_part(_count_at(usage, "input_tokens"), cached),
            cached,
            _count_at(usage, "output_tokens"),
            _count_at(usage, "reasoning_output_tokens"),
        )
        return report._replace(
            is_complete=True, is_error=False, tokens=_reported_tokens(tokens), turns=(report.turns or 0) + 1
        )
    if kind == "turn.failed":
        message = _text_at(_object_at(values, "error"), "message") or _text_at(values, "message")
        return report._replace(is_complete=True, is_error=True, says=message or report.says)
    if kind == "error":
        # Codex also reports a try to connect again as an error, and goes on.
        return report._replace(is_error=True, says=_text_at(values, "message") or report.says)
    return report


def _with_gemini_object(report: AgentReport, values: Values) -> AgentReport:
    """Return the report with what the JSON object from `gemini -o json` adds."""
    if not {"response", "stats", "error"} & values.keys():
        return report
    models = _object_at(_object_at(values, "stats"), "models").values()
    usages = [_object_at(model, "tokens") for model in models if isinstance(model, dict)]
    cached = _sum_of_known(_count_at(model, "cached") for model in usages)
    tokens = AgentTokens(
        _count_without_part(_sum_of_known(_count_at(model, "prompt") for model in usages), cached),
        cached,
        _sum_of_known(_count_at(model, "candidates") for model in usages),
        _sum_of_known(_count_at(model, "thoughts") for model in usages),
    )
    error = _object_at(values, "error")
    code = _count_at(error, "code")
    return AgentReport(
        is_complete=True,
        is_error=bool(error),
        status=code if code is not None and code >= 100 else None,
        reason=_text_at(error, "type"),
        says=_text_at(error, "message") or _text_at(values, "response"),
        tokens=_reported_tokens(tokens),
        session=_text_at(values, "session_id"),
    )


def _with_opencode_event(report: AgentReport, values: Values) -> AgentReport:
    """Return the report with an event of `opencode run --format json`. The figures of all steps are added up."""
    session = _text_at(values, "sessionID") or report.session
    part = _object_at(values, "part")
    kind = values.get("type")
    if kind == "text":
        return report._replace(says=_text_at(part, "text") or report.says, session=session)
    if kind == "error":
        error = _object_at(values, "error")
        says = _text_at(_object_at(error, "data"), "message") or _text_at(error, "message") or _text_at(error, "name")
        status = _count_at(_object_at(error, "data"), "statusCode")
        return report._replace(is_error=True, says=says or report.says, session=session, status=status)
    if kind != "step_finish":
        return report._replace(session=session, is_complete=report.is_complete and kind != "step_start")
    token_values, cache = _object_at(part, "tokens"), _object_at(_object_at(part, "tokens"), "cache")
    earlier_tokens = report.tokens or AgentTokens()
    tokens = AgentTokens(
        _sum_of_known((earlier_tokens.input, _count_at(token_values, "input"), _count_at(cache, "write"))),
        _sum_of_known((earlier_tokens.cached, _count_at(cache, "read"))),
        _sum_of_known((earlier_tokens.output, _count_at(token_values, "output"))),
        _sum_of_known((earlier_tokens.reasoning, _count_at(token_values, "reasoning"))),
    )
    cost = _amount_at(part, "cost")
    return report._replace(
        is_complete=part.get("reason") == "stop",
        tokens=_reported_tokens(tokens),
        cost_usd=report.cost_usd if cost is None else (report.cost_usd or 0.0) + cost,
        turns=(report.turns or 0) + 1,
        session=session,
    )


def _with_copilot_event(report: AgentReport, values: Values) -> AgentReport:
    """Return the report with an event of `copilot --output-format json`. An event has no figures of tokens."""
    data = _object_at(values, "data")
    if values.get("type") == "assistant.message":
        return report._replace(says=_text_at(data, "content") or report.says)
    if values.get("type") != "result":
        return report
    code = _count_at(values, "exitCode")
    return report._replace(is_complete=True, is_error=bool(code), session=_text_at(values, "sessionId"))


READER_BY_FORM: Mapping[ResultForm, AddObject | None] = {
    "claude-json": _with_claude_object,
    "codex-jsonl": _with_codex_event,
    "gemini-json": _with_gemini_object,
    "opencode-jsonl": _with_opencode_event,
    "copilot-jsonl": _with_copilot_event,
    "exit": None,
    "none": None,
}
"""Form of a result → how its objects are read; None for an agent that reports nothing."""


def _object_at(values: Values, key: str) -> Values:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[Values]:
    yield from (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def _texts(value: object) -> Iterator[str]:
    yield from (entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _text_at(values: Values, key: str) -> str:
    value = values.get(key)
    return value[:MAX_SENTENCE_CHARACTERS] if isinstance(value, str) else ""


def _count_at(values: Values, key: str) -> int | None:
    value = values.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _amount_at(values: Values, key: str) -> float | None:
    value = values.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def _sum_of_known(counts: Iterator[int | None] | tuple[int | None, ...]) -> int | None:
    """Return the sum of the known counts; None if no count is known."""
    known_counts = [count for count in counts if count is not None]
    return sum(known_counts) if known_counts else None


def _count_without_part(count: int | None, part: int | None) -> int | None:
    """Return a count without a part that it includes; None for an unknown count."""
    return count if count is None else max(0, count - (part or 0))


def _reported_tokens(tokens: AgentTokens) -> AgentTokens | None:
    """Return the tokens; None if no figure is given, or if all are zero, because an agent that worked has used some."""
    return tokens if any((tokens.input, tokens.cached, tokens.output, tokens.reasoning)) else None
