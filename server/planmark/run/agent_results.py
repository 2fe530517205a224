"""The reports of agents: the figures and sentences that an agent prints about its own work.

The output is read while the agent prints it. An agent may print any amount. Only the current line and an unfinished
object are kept in memory, together at most about MAX_OBJECT_BYTES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from planmark.run.attempts import AgentTokens, ResultForm

MAX_OBJECT_BYTES = 4_000_000
"""Maximum size in bytes of a JSON object in the output of an agent; a longer object is not read."""
MAX_SENTENCE_CHARACTERS = 2_000
"""Maximum number of characters that a report keeps of a text that an agent prints."""
JsonObject = Mapping[str, Any]
"""A JSON object of the output, or an object inside it."""


class AgentReport(NamedTuple):
    """The report of an agent about its own work. A figure that the agent does not give is None.

    `is_complete` tells that the agent has printed its result, and `is_error` that it reports an error. `status` is the
    HTTP status code with which the model answered. `reason` is the agent's own name of the error. `says` is the last
    sentence of the agent. `session` is the id of the agent's session. `denied` are the tools that the agent was not
    allowed to use.
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


AddObject = Callable[[AgentReport, JsonObject], AgentReport]
"""A function that gets a report and the next JSON object of the output, and returns the report with the new values."""


class ReportReader:
    """A reader of the standard output of one agent, which gets the output piece by piece.

    `report` is the report from all pieces that were read so far.
    """

    def __init__(self, form: ResultForm) -> None:
        self.report = AgentReport()
        self._add_object = ADD_OBJECT_BY_FORM[form]
        # The current line so far, and the earlier lines of an object that has not ended.
        self._line, self._object = bytearray(), bytearray()
        self._is_line_too_long = False

    def feed(self, data: bytes) -> None:
        """Read the next piece of output."""
        if self._add_object is None:
            return
        *full_lines, last_piece = data.split(b"\n")
        for piece in full_lines:
            self._add(piece)
            self._end_line()
        self._add(last_piece)
        # An agent may print its result without a line end, and run on. Then the supervisor ends the agent.
        self._read_object()

    def _add(self, piece: bytes) -> None:
        """Add a piece of output to the current line. If the line is too long, drop it."""
        if len(self._line) + len(self._object) + len(piece) > MAX_OBJECT_BYTES:
            self._is_line_too_long = True
            self._line.clear()
            self._object.clear()
        if not self._is_line_too_long:
            self._line += piece

    def _end_line(self) -> None:
        """End the current line, and read the object that ends with it.

        If no object ends with the line, the line may be a part of an object of several lines. Then the line is kept.
        """
        if self._line.endswith(b"\r"):
            del self._line[-1:]
        self._read_object()
        if self._line.startswith(b"{"):
            self._object[:] = self._line
        elif self._object:
            self._object += b"\n" + self._line
        self._line.clear()
        self._is_line_too_long = False

    def _read_object(self) -> None:
        """Read the JSON object that ends with the current line, if there is one.

        Its first brace and its last brace are at the beginning of a line, unless the object is on one line. A line may
        also be a list of objects, which `claude --verbose` prints.
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


def _with_claude_object(report: AgentReport, values: JsonObject) -> AgentReport:
    """Return `report`, or the report of the object `values` if the object is the result of Claude.

    `claude -p --output-format json` prints the result alone. With `stream-json`, the result is the last line.
    """
    if values.get("type") != "result":
        return report
    model_usages = [entry for entry in _object_at(values, "modelUsage").values() if isinstance(entry, dict)]
    # With a spent budget, `usage` has only zeros, and `modelUsage` has the figures.
    model_tokens = AgentTokens(
        _sum_of_known(
            _count_at(entry, key) for entry in model_usages for key in ("inputTokens", "cacheCreationInputTokens")
        ),
        _sum_of_known(_count_at(entry, "cacheReadInputTokens") for entry in model_usages),
        _sum_of_known(_count_at(entry, "outputTokens") for entry in model_usages),
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


def _with_codex_event(report: AgentReport, values: JsonObject) -> AgentReport:
    """Return `report` with the values of an event that `codex exec --json` prints."""
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
        cached_tokens = _count_at(usage, "cached_input_tokens")
        tokens = AgentTokens(
            _count_without_part(_count_at(usage, "input_tokens"), cached_tokens),
            cached_tokens,
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


def _with_gemini_object(report: AgentReport, values: JsonObject) -> AgentReport:
    """Return `report`, or the report of the object `values` if it is the result that `gemini -o json` prints."""
    if not {"response", "stats", "error"} & values.keys():
        return report
    models = _object_at(_object_at(values, "stats"), "models").values()
    model_usages = [_object_at(model, "tokens") for model in models if isinstance(model, dict)]
    cached_tokens = _sum_of_known(_count_at(usage, "cached") for usage in model_usages)
    tokens = AgentTokens(
        _count_without_part(_sum_of_known(_count_at(usage, "prompt") for usage in model_usages), cached_tokens),
        cached_tokens,
        _sum_of_known(_count_at(usage, "candidates") for usage in model_usages),
        _sum_of_known(_count_at(usage, "thoughts") for usage in model_usages),
    )
    error = _object_at(values, "error")
    error_code = _count_at(error, "code")
    return AgentReport(
        is_complete=True,
        is_error=bool(error),
        status=error_code if error_code is not None and error_code >= 100 else None,
        reason=_text_at(error, "type"),
        says=_text_at(error, "message") or _text_at(values, "response"),
        tokens=_reported_tokens(tokens),
        session=_text_at(values, "session_id"),
    )


def _with_opencode_event(report: AgentReport, values: JsonObject) -> AgentReport:
    """Return `report` with the values of an event that `opencode run --format json` prints.

    The tokens and costs of all steps are added up.
    """
    session = _text_at(values, "sessionID") or report.session
    event_part = _object_at(values, "part")
    kind = values.get("type")
    if kind == "text":
        return report._replace(says=_text_at(event_part, "text") or report.says, session=session)
    if kind == "error":
        error = _object_at(values, "error")
        says = _text_at(_object_at(error, "data"), "message") or _text_at(error, "message") or _text_at(error, "name")
        status = _count_at(_object_at(error, "data"), "statusCode")
        return report._replace(is_error=True, says=says or report.says, session=session, status=status)
    if kind != "step_finish":
        return report._replace(session=session, is_complete=report.is_complete and kind != "step_start")
    token_values, cache_values = _object_at(event_part, "tokens"), _object_at(_object_at(event_part, "tokens"), "cache")
    earlier_tokens = report.tokens or AgentTokens()
    tokens = AgentTokens(
        _sum_of_known((earlier_tokens.input, _count_at(token_values, "input"), _count_at(cache_values, "write"))),
        _sum_of_known((earlier_tokens.cached, _count_at(cache_values, "read"))),
        _sum_of_known((earlier_tokens.output, _count_at(token_values, "output"))),
        _sum_of_known((earlier_tokens.reasoning, _count_at(token_values, "reasoning"))),
    )
    cost = _amount_at(event_part, "cost")
    return report._replace(
        is_complete=event_part.get("reason") == "stop",
        tokens=_reported_tokens(tokens),
        cost_usd=report.cost_usd if cost is None else (report.cost_usd or 0.0) + cost,
        turns=(report.turns or 0) + 1,
        session=session,
    )


def _with_copilot_event(report: AgentReport, values: JsonObject) -> AgentReport:
    """Return `report` with the values of an event that `copilot --output-format json` prints.

    Such events hold no numbers of tokens.
    """
    data = _object_at(values, "data")
    if values.get("type") == "assistant.message":
        return report._replace(says=_text_at(data, "content") or report.says)
    if values.get("type") != "result":
        return report
    exit_code = _count_at(values, "exitCode")
    return report._replace(is_complete=True, is_error=bool(exit_code), session=_text_at(values, "sessionId"))


ADD_OBJECT_BY_FORM: Mapping[ResultForm, AddObject | None] = {
    "claude-json": _with_claude_object,
    "codex-jsonl": _with_codex_event,
    "gemini-json": _with_gemini_object,
    "opencode-jsonl": _with_opencode_event,
    "copilot-jsonl": _with_copilot_event,
    "exit": None,
    "none": None,
}
"""Mapping from the form of a result to the function that adds a JSON object of the output to a report.

None stands for a form without JSON objects.
"""


def _object_at(values: JsonObject, key: str) -> JsonObject:
    """Return the JSON object at a key; an empty mapping if the key has no object."""
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[JsonObject]:
    """Yield the objects in a JSON list; yield nothing if `value` is not a list."""
    yield from (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a JSON list; yield nothing if `value` is not a list."""
    yield from (entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _text_at(values: JsonObject, key: str) -> str:
    """Return the text at a key, cut to MAX_SENTENCE_CHARACTERS characters; "" if the key has no text."""
    value = values.get(key)
    return value[:MAX_SENTENCE_CHARACTERS] if isinstance(value, str) else ""


def _count_at(values: JsonObject, key: str) -> int | None:
    """Return the whole number at a key; None if the key has no whole number of 0 or more."""
    value = values.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _amount_at(values: JsonObject, key: str) -> float | None:
    """Return the number at a key, such as a cost; None if the key has no number of 0 or more."""
    value = values.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def _sum_of_known(counts: Iterator[int | None] | tuple[int | None, ...]) -> int | None:
    """Return the sum of the counts that are not None; None if all counts are None."""
    known_counts = [count for count in counts if count is not None]
    return sum(known_counts) if known_counts else None


def _count_without_part(count: int | None, part: int | None) -> int | None:
    """Return `count` minus `part`, which `count` includes; None if `count` is None."""
    return count if count is None else max(0, count - (part or 0))


def _reported_tokens(tokens: AgentTokens) -> AgentTokens | None:
    """Return `tokens` if a figure is more than 0, else None: an agent that has worked has used tokens."""
    return tokens if any((tokens.input, tokens.cached, tokens.output, tokens.reasoning)) else None
