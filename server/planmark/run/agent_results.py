"""The reports of agents: their own figures and sentences, read from their output while it comes.

An agent may print any amount. At most two lines or objects of MAX_OBJECT_BYTES are kept of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.run.attempts import AgentTokens, ResultForm

MAX_OBJECT_BYTES = 4_000_000
"""Maximum bytes of one JSON object of a report; a longer one is not read."""
MAX_SENTENCE = 2_000
"""Maximum characters that are kept of a sentence of an agent."""
Values = Mapping[str, Any]


class AgentReport(NamedTuple):
    """An agent's own report of its work. A figure that the agent does not give is None.

    `is_complete` tells that the agent has printed its result. `status` is the HTTP status of its model, and `reason`
    its own name of an error. `denied` are the tools that it was not allowed to use.
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


Take = Callable[[AgentReport, Values], AgentReport]
"""A function that adds a JSON object of the output to the report of the objects before it."""


class ReportReader:
    """The reader of the standard output of one agent, piece by piece. `report` is that of the output so far."""

    def __init__(self, form: ResultForm) -> None:
        self.report = AgentReport()
        self._take = FORMS[form]
        self._line, self._object = bytearray(), bytearray()
        self._is_too_long = False

    def feed(self, data: bytes) -> None:
        """Read the next piece of output."""
        if self._take is None:
            return
        *full_lines, rest = data.split(b"\n")
        for piece in full_lines:
            self._add(piece)
            self._end_line()
        self._add(rest)
        # An agent that prints no last line end may stay, and is to be ended then.
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
        """Take the object that ends with the current line, if one does. An object begins and ends at the margin.

        A list of objects on one line counts as its objects: `claude --verbose` prints one.
        """
        line = self._line
        if self._take is None or not line.endswith((b"}", b"]")) or not line.startswith((b"{", b"}", b"[")):
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
                self.report = self._take(self.report, entry)


def _claude(report: AgentReport, values: Values) -> AgentReport:
    """Read the object of `claude -p --output-format json`, or the last line of `stream-json`."""
    if values.get("type") != "result":
        return report
    usages = [one for one in _values(values, "modelUsage").values() if isinstance(one, dict)]
    # With a spent budget, `usage` has only zeros, and `modelUsage` has the figures.
    by_model = AgentTokens(
        _sum(_count(one, key) for one in usages for key in ("inputTokens", "cacheCreationInputTokens")),
        _sum(_count(one, "cacheReadInputTokens") for one in usages),
        _sum(_count(one, "outputTokens") for one in usages),
    )
    usage = _values(values, "usage")
    total = AgentTokens(
        _sum((_count(usage, "input_tokens"), _count(usage, "cache_creation_input_tokens"))),
        _count(usage, "cache_read_input_tokens"),
        _count(usage, "output_tokens"),
    )
    subtype = _text(values, "subtype")
    return AgentReport(
        is_complete=True,
        is_error=values.get("is_error") is True or subtype.startswith("error"),
        status=_count(values, "api_error_status"),
        reason="" if subtype == "success" else subtype,
        says=_text(values, "result") or " ".join(_texts(values.get("errors"))),
        tokens=_reported_tokens(by_model) or _reported_tokens(total),
        cost_usd=_amount(values, "total_cost_usd"),
        turns=_count(values, "num_turns"),
        session=_text(values, "session_id"),
        denied=tuple(dict.fromkeys(_text(one, "tool_name") for one in _dicts(values.get("permission_denials")))),
    )


def _codex(report: AgentReport, values: Values) -> AgentReport:
    """Read an event of `codex exec --json`."""
    kind = values.get("type")
    if kind == "thread.started":
        return report._replace(session=_text(values, "thread_id"))
    if kind == "item.completed":
        item = _values(values, "item")
        return report._replace(says=_text(item, "text")) if item.get("type") == "agent_message" else report
    if kind == "turn.started":
        return report._replace(is_complete=False, is_error=False)
    if kind == "turn.completed":
        usage = _values(values, "usage")
        cached = _count(usage, "cached_input_tokens")
        tokens = AgentTokens(
            _count_without_part(_count(usage, "input_tokens"), cached),
            cached,
            _count(usage, "output_tokens"),
            _count(usage, "reasoning_output_tokens"),
        )
        return report._replace(
            is_complete=True, is_error=False, tokens=_reported_tokens(tokens), turns=(report.turns or 0) + 1
        )
    if kind == "turn.failed":
        message = _text(_values(values, "error"), "message") or _text(values, "message")
        return report._replace(is_complete=True, is_error=True, says=message or report.says)
    if kind == "error":
        # Codex also reports a try to connect again as an error, and goes on.
        return report._replace(is_error=True, says=_text(values, "message") or report.says)
    return report


def _gemini(report: AgentReport, values: Values) -> AgentReport:
    """Read the object of `gemini -o json`."""
    if not {"response", "stats", "error"} & values.keys():
        return report
    models = _values(_values(values, "stats"), "models").values()
    usages = [_values(model, "tokens") for model in models if isinstance(model, dict)]
    cached = _sum(_count(model, "cached") for model in usages)
    tokens = AgentTokens(
        _count_without_part(_sum(_count(model, "prompt") for model in usages), cached),
        cached,
        _sum(_count(model, "candidates") for model in usages),
        _sum(_count(model, "thoughts") for model in usages),
    )
    error = _values(values, "error")
    code = _count(error, "code")
    return AgentReport(
        is_complete=True,
        is_error=bool(error),
        status=code if code is not None and code >= 100 else None,
        reason=_text(error, "type"),
        says=_text(error, "message") or _text(values, "response"),
        tokens=_reported_tokens(tokens),
        session=_text(values, "session_id"),
    )


def _opencode(report: AgentReport, values: Values) -> AgentReport:
    """Read an event of `opencode run --format json`. The figures of all steps are added up."""
    session = _text(values, "sessionID") or report.session
    part = _values(values, "part")
    kind = values.get("type")
    if kind == "text":
        return report._replace(says=_text(part, "text") or report.says, session=session)
    if kind == "error":
        error = _values(values, "error")
        says = _text(_values(error, "data"), "message") or _text(error, "message") or _text(error, "name")
        status = _count(_values(error, "data"), "statusCode")
        return report._replace(is_error=True, says=says or report.says, session=session, status=status)
    if kind != "step_finish":
        return report._replace(session=session, is_complete=report.is_complete and kind != "step_start")
    token_values, cache = _values(part, "tokens"), _values(_values(part, "tokens"), "cache")
    before = report.tokens or AgentTokens()
    tokens = AgentTokens(
        _sum((before.input, _count(token_values, "input"), _count(cache, "write"))),
        _sum((before.cached, _count(cache, "read"))),
        _sum((before.output, _count(token_values, "output"))),
        _sum((before.reasoning, _count(token_values, "reasoning"))),
    )
    cost = _amount(part, "cost")
    return report._replace(
        is_complete=part.get("reason") == "stop",
        tokens=_reported_tokens(tokens),
        cost_usd=report.cost_usd if cost is None else (report.cost_usd or 0.0) + cost,
        turns=(report.turns or 0) + 1,
        session=session,
    )


def _copilot(report: AgentReport, values: Values) -> AgentReport:
    """Read an event of `copilot --output-format json`. It has no figures of tokens."""
    data = _values(values, "data")
    if values.get("type") == "assistant.message":
        return report._replace(says=_text(data, "content") or report.says)
    if values.get("type") != "result":
        return report
    code = _count(values, "exitCode")
    return report._replace(is_complete=True, is_error=bool(code), session=_text(values, "sessionId"))


FORMS: Mapping[ResultForm, Take | None] = {
    "claude-json": _claude,
    "codex-jsonl": _codex,
    "gemini-json": _gemini,
    "opencode-jsonl": _opencode,
    "copilot-jsonl": _copilot,
    "exit": None,
    "none": None,
}
"""Form of a result → how its objects are read; None for an agent that reports nothing."""


def _values(values: Values, key: str) -> Values:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[Values]:
    yield from (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def _texts(value: object) -> Iterator[str]:
    yield from (entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    return value[:MAX_SENTENCE] if isinstance(value, str) else ""


def _count(values: Values, key: str) -> int | None:
    value = values.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _amount(values: Values, key: str) -> float | None:
    value = values.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def _sum(counts: Iterator[int | None] | tuple[int | None, ...]) -> int | None:
    """Return the sum of the counts that are given; None if none is."""
    known_counts = [count for count in counts if count is not None]
    return sum(known_counts) if known_counts else None


def _count_without_part(count: int | None, part: int | None) -> int | None:
    """Return a count without its part."""
    return count if count is None else max(0, count - (part or 0))


def _reported_tokens(tokens: AgentTokens) -> AgentTokens | None:
    """Return the tokens; None if no figure is given, or if all are zero, because an agent that worked has used some."""
    return tokens if any((tokens.input, tokens.cached, tokens.output, tokens.reasoning)) else None
