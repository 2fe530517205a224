"""The class of an attempt: how it is decided, and what follows from it, as two tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from planmark.run.agent_results import AgentReport
from planmark.run.attempts import AttemptClass, ResultForm

EndedBy = Literal["exit", "timeout", "idle", "linger", "cancelled", "stolen", "not_started", "too_large"]
"""The cause of the end of an agent: itself, a limit, a person or the run, the loss of its lease, or no start at all."""
Retry = Literal["", "wait", "half budget", "same session", "fresh work tree", "findings", "rebase"]


class FollowUp(NamedTuple):
    """The consequences of the class of an attempt.

    `counts` tells whether the attempt counts against the maximum of its step. `retry` says how the next attempt begins,
    "" if none follows. `stops` says what ends: nothing (""), the step, or the run. `exit` is the exit code of the run
    if the step ends with this class.
    """

    counts: bool
    retry: Retry
    stops: Literal["", "step", "run"]
    exit: int


FOLLOW_UPS: Mapping[AttemptClass, FollowUp] = {
    "ok": FollowUp(True, "", "", 0),
    "rate_limited": FollowUp(False, "wait", "", 1),
    "overloaded": FollowUp(False, "wait", "", 1),
    "auth": FollowUp(False, "", "run", 5),
    "not_installed": FollowUp(False, "", "run", 5),
    "too_long": FollowUp(True, "half budget", "", 1),
    "denied": FollowUp(True, "", "step", 1),
    "budget": FollowUp(True, "same session", "", 1),
    "turns": FollowUp(True, "same session", "", 1),
    "timeout": FollowUp(True, "fresh work tree", "", 1),
    "idle": FollowUp(True, "fresh work tree", "", 1),
    "crashed": FollowUp(True, "fresh work tree", "", 1),
    "lost": FollowUp(True, "fresh work tree", "", 1),
    "cancelled": FollowUp(False, "", "step", 1),
    "stolen": FollowUp(False, "", "step", 4),
    "no_progress": FollowUp(True, "findings", "", 4),
    "conflict": FollowUp(True, "rebase", "", 1),
    "outside": FollowUp(True, "", "step", 4),
    "gone": FollowUp(False, "", "step", 0),
    "not_integrated": FollowUp(False, "", "step", 1),
}
"""Class of an attempt → what follows. The number of attempts is limited by `run.max_attempts`."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 900.0
"""First and longest wait before a new attempt with an agent that is rate limited or overloaded, in seconds."""
WAIT_SPREAD = 0.2
"""Share by which a wait is longer or shorter, so that agents do not come back at the same moment."""
MAX_WAITS = 5
"""Number of waits in a row after which an agent pauses for all steps."""


def wait_seconds(waits: int, retry_after: float | None, random_share: float) -> float:
    """Return the seconds to wait before the next attempt, after `waits` waits in a row (0 before the first).

    `retry_after` is the wait that the agent was told; it is never shortened. `random_share` is a random number from 0
    to 1.
    """
    backoff_seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(waits, 10)) * (1 + WAIT_SPREAD * (2 * random_share - 1))
    return max(min(backoff_seconds, LONGEST_WAIT), retry_after or 0.0)


class AttemptEnd(NamedTuple):
    """The end of an agent. `words` are the last lines of its output, in lower case. `form` is the form of its result.

    `exit` is as in `AttemptResult`.
    """

    ended_by: EndedBy
    exit: int | None
    form: ResultForm
    report: AgentReport
    words: str

    @property
    def has_failed(self) -> bool:
        """Whether the agent reports a failure. The exit code does not count if the supervisor ended the agent."""
        if self.ended_by == "linger":
            return self.report.is_error
        if self.form == "none":
            return self.exit is None or self.exit > SIGNALLED
        return self.exit != 0 or self.report.is_error


SIGNALLED = 128
"""An exit code above this number tells that a signal ended the process."""
AUTH_PATTERN = re.compile(
    r"\bnot (?:logged|signed) in\b|\b(?:please|must|need to)\b.{0,20}(?:log|sign)[ -]?in\b|\brun .{0,30}\blogin\b"
    r"|\bunauthori[sz]ed\b"
    r"|\binvalid (?:x-)?api[ -]key\b|\bauthentication (?:failed|error|required|is required)\b|\bno api key\b"
)
OVERLOADED_PATTERN = re.compile(r"\boverloaded|\bservice unavailable\b|\bat capacity\b")
RATE_LIMITED_PATTERN = re.compile(
    r"\brate[ -_]limit|\btoo many requests\b|\b(?:usage|quota) (?:limit|exceeded)|\bquota\b.*\bexceeded\b"
)
TOO_LONG_PATTERN = re.compile(
    r"\b(?:prompt|input|context)\b.{0,40}\btoo (?:long|large)\b|\bcontext[ _](?:length|window)[ _]?(?:is )?exceeded\b"
    r"|\bmaximum context length\b|\bexceeds the context\b"
)
DENIED_PATTERN = re.compile(
    r"\brequires? (?:your )?approval\b|\bapproval (?:is )?required\b|\bpermission to use .{1,80} denied\b"
)


def _is_exit_of_gemini(end: AttemptEnd, code: int) -> bool:
    return end.form == "gemini-json" and end.exit == code


def _words_match(end: AttemptEnd, pattern: re.Pattern[str]) -> bool:
    """Tell whether the words of a failed agent match a pattern. The words of other agents are only about their work."""
    if not end.has_failed:
        return False
    return bool(pattern.search(end.report.says.lower() if end.report.is_error and end.report.says else end.words))


RULES: tuple[tuple[AttemptClass, Callable[[AttemptEnd], bool]], ...] = (
    ("not_installed", lambda end: end.ended_by == "not_started"),
    ("too_long", lambda end: end.ended_by == "too_large"),
    ("stolen", lambda end: end.ended_by == "stolen"),
    ("cancelled", lambda end: end.ended_by == "cancelled"),
    ("timeout", lambda end: end.ended_by == "timeout"),
    ("idle", lambda end: end.ended_by == "idle"),
    ("denied", lambda end: bool(end.report.denied)),
    ("auth", lambda end: end.report.status in (401, 403)),
    ("rate_limited", lambda end: end.report.status == 429),
    ("overloaded", lambda end: end.report.status in (503, 529)),
    ("budget", lambda end: "max_budget" in end.report.reason),
    ("turns", lambda end: "max_turns" in end.report.reason or "turnlimit" in end.report.reason.lower()),
    ("auth", lambda end: _is_exit_of_gemini(end, 41)),
    ("turns", lambda end: _is_exit_of_gemini(end, 53)),
    ("denied", lambda end: _is_exit_of_gemini(end, 54)),
    ("overloaded", lambda end: _words_match(end, OVERLOADED_PATTERN)),
    ("rate_limited", lambda end: _words_match(end, RATE_LIMITED_PATTERN)),
    ("too_long", lambda end: _words_match(end, TOO_LONG_PATTERN)),
    ("auth", lambda end: _words_match(end, AUTH_PATTERN)),
    ("denied", lambda end: _words_match(end, DENIED_PATTERN)),
    ("crashed", lambda end: end.has_failed),
)
"""The first rule that applies decides the class of an attempt. If no rule applies, the class is "ok"."""


def class_of(end: AttemptEnd) -> AttemptClass:
    """Return the class of an attempt. The classes that depend on files are not decided here."""
    return next((kind for kind, applies in RULES if applies(end)), "ok")


_RETRY_AFTER = re.compile(
    r"(?:retry[- ]after|try again in|resets? in)\W{0,3}(\d+(?:\.\d+)?) ?(ms|s|sec|m|min|h|hour)?", re.I
)
_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "hour": 3600.0}
MAX_RETRY_AFTER = 86_400.0


def retry_after(words: str) -> float | None:
    """Return the seconds after which an agent is told to try again; None if it is not told."""
    match = _RETRY_AFTER.search(words)
    if match is None:
        return None
    return min(MAX_RETRY_AFTER, float(match[1]) * _UNITS[(match[2] or "s").lower()])
